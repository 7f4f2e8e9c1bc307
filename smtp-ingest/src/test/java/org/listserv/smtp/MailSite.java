package org.listserv.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.listserv.delivery.SendingNode;
import org.listserv.delivery.SmtpSink;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.Reply;
import org.listserv.reception.Site;
import org.listserv.reception.Upstream;

/// A site as people see it: three nodes that take mail by SMTP, each message goes to the next of them, and a relay that keeps what
/// comes out. After each message everything that follows from it is sent before the next one goes in.
public final class MailSite extends Site {
    public static final int NODES = 3;

    private final List<MailServer> nodes = new ArrayList<>();
    private final SmtpSink relay = SmtpSink.start();
    private final SendingNode courier;
    private final AtomicInteger turn = new AtomicInteger();

    public MailSite() {
        try {
            nodes.add(MailServer.start(new Settings().done(), reception(Upstream.QUEUED)));
            while (nodes.size() < NODES) {
                nodes.add(MailServer.start(new Settings().done(), anotherNode()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        courier = new SendingNode(this, "courier", 4, 64, relay);
    }

    @Override
    public List<Reply> send(Upstream upstream, String protocol, String reversePath, byte[] octets, String... to) {
        var replies = List.of(hand(turn.getAndIncrement() % NODES, reversePath, octets, to));
        untilIdle();
        return replies;
    }

    /// Hands a message to one node and waits for its answer only.
    public Reply hand(int node, String reversePath, byte[] octets, String... to) {
        try (var conversation = Conversation.greeted(nodes.get(node).addresses().getFirst(), "EHLO")) {
            conversation.say("MAIL FROM:<" + reversePath + ">").expect("250");
            for (var recipient : to) {
                conversation.say("RCPT TO:<" + recipient + ">");
                var reply = reply(conversation);
                if (reply.code() != 250) {
                    return reply;
                }
            }
            conversation.say("DATA").expect("354").send(dotted(octets));
            var reply = reply(conversation);
            conversation.say("QUIT").expect("221");
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same for a text, then until everything that follows from it is sent.
    public Reply sendTo(int node, String reversePath, String message, String... to) {
        var reply = hand(node, reversePath, message.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(UTF_8), to);
        untilIdle();
        return reply;
    }

    private static Reply reply(Conversation conversation) throws IOException {
        return Reply.parse(conversation.reply());
    }

    private static byte[] dotted(byte[] octets) {
        var out = new ByteArrayOutputStream();
        var lineStart = true;
        for (var octet : octets) {
            if (lineStart && octet == '.') {
                out.write('.');
            }
            out.write(octet);
            lineStart = octet == '\n';
        }
        out.writeBytes((lineStart ? ".\r\n" : "\r\n.\r\n").getBytes(UTF_8));
        return out.toByteArray();
    }

    /// Until every node knows what settings changed: these listen to nobody, and remember for a second.
    public void settingsKnown() {
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
    }

    private void untilIdle() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(3)).atMost(Duration.ofSeconds(60))
                .until(() -> ask("select count(*) from batch").equals("0"));
    }

    /// What programs of ours wrote and the relay took for an address, oldest first.
    @Override
    public List<Letter> letters(String to) {
        return letters(to, true);
    }

    /// Posts and other people's mail that the relay took for an address, oldest first.
    public List<Letter> copies(String to) {
        return letters(to, false);
    }

    private List<Letter> letters(String to, boolean ours) {
        untilIdle();
        return relay.received().stream().filter(received -> received.forwardPath().equalsIgnoreCase(to))
                .filter(received -> HeaderSection.parse(received.octets()).first("Auto-Submitted").isPresent() == ours)
                .map(received -> new Letter(received.reversePath(), new String(received.octets(), UTF_8))).toList();
    }

    @Override
    public void close() {
        nodes.forEach(MailServer::close);
        courier.isSettled();
        courier.close();
        relay.close();
        super.close();
    }
}
