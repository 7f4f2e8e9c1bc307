package org.listserv.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;

import org.apache.james.protocols.api.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.mail.Reply;
import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Listener;

/// One client from its connection to its end: a blocking conversation on a virtual thread of its own. So a commit that takes its time
/// keeps nobody else waiting, and a client is read from only when its octets are wanted.
///
/// Two others touch it, the watch over time-outs and the closing of the server. They may end it only while it waits for the client;
/// [Phase] says whose turn it is.
final class Connection implements Runnable, ClientInput.Waiting {

    /// What the connections of a server have in common.
    record Shared(SmtpSettings settings, MailProtocol smtp, MailProtocol lmtp, DataHook hook, Certificates certificates,
            MemoryBudget memory,
            Connections connections, Counters counters) {}

    private enum Phase {
        /// Its own thread works, or writes a reply.
        WORKING,
        /// Its thread waits for a command: it may be ended at any time.
        AWAITING_COMMAND,
        /// Its thread waits for more of a message: it may be ended for taking too long.
        AWAITING_DATA,
        /// Somebody else has ended it.
        ENDING
    }

    /// The server closes, and this connection has nothing under way.
    private static final class Finishing extends IOException {
        private static final long serialVersionUID = 1;
    }

    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    private static final long NEVER = Long.MAX_VALUE;

    /// After the last reply, for a client that is still sending.
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final Shared shared;
    private final Listener listener;
    private final Socket socket;
    private final MailProtocol protocol;
    private final BlockingTransport transport;
    private final ClientInput input;

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WORKING);
    private volatile boolean finishing;
    /// In the time of [System#nanoTime].
    private volatile long deadline = NEVER;
    private Duration patience;
    private Phase waitingIs = Phase.AWAITING_COMMAND;

    private boolean refused;

    Connection(Shared shared, Listener listener, Socket socket, String id) throws IOException {
        this.shared = shared;
        this.listener = listener;
        this.socket = socket;
        protocol = listener.dialect() == Dialect.LMTP ? shared.lmtp() : shared.smtp();
        transport = new BlockingTransport(socket, id, shared.certificates().isConfigured());
        input = new ClientInput(socket.getInputStream(), this);
        patience = shared.settings().timeOuts().opening();
    }

    @Override
    public void run() {
        try (socket) {
            open();
        } catch (EOFException | SocketException e) {
            log.debug("{}: {}", transport.getId(), e.getMessage());
        } catch (IOException e) {
            log.info("{}: ended, {}", transport.getId(), e.getMessage());
        } catch (RuntimeException | Error e) {
            log.error("{}: ended by a failure of ours", transport.getId(), e);
        } finally {
            shared.connections().closed(this);
        }
    }

    private void open() throws IOException {
        var session = identify();
        if (session == null) {
            return;
        }
        patience = shared.settings().timeOuts().command();
        try {
            respond(session, protocol.welcome(session));
            while (!transport.isEnded()) {
                converse(session);
            }
        } catch (Finishing e) {
            respond(session, Replies.last(421, "4.3.2", "closing, come back later"));
        }
        transport.flush();
        if (refused) {
            shared.connections().refused(this);
            if (shared.connections().mayLinger()) {
                try {
                    linger();
                } finally {
                    shared.connections().lingered();
                }
            }
        }
    }

    /// @return null when a PROXY header was due from somebody who may not speak it; that protocol allows no answer
    private @Nullable Session identify() throws IOException {
        var peer = transport.getRemoteAddress().getAddress();
        boolean trusted = shared.settings().trusted().contains(peer);
        if (listener.proxied()) {
            if (!shared.settings().proxyFrom().contains(peer)) {
                log.info("{}: {} may not speak the PROXY protocol", transport.getId(), Session.literal(peer));
                return null;
            }
            switch (ProxyHeader.read(input)) {
                case ProxyHeader.Local() -> trusted = true;
                case ProxyHeader.Proxied(var real) -> {
                    peer = real;
                    trusted = shared.settings().trusted().contains(real);
                }
            }
        }
        if (trusted) {
            shared.connections().admitted(this, peer);
        }
        return protocol.newSession(transport, peer, trusted);
    }

    private void converse(Session session) throws IOException {
        switch (input.readLine(shared.settings().limits().maxCommandOctets())) {
            case ClientInput.Line.Command(var octets) -> {
                respond(session, protocol.command(session, octets));
                if (transport.isTlsAsked()) {
                    startTls(session);
                } else if (session.isDataExpected()) {
                    receive(session);
                }
            }
            case ClientInput.Line.TooLong() -> respond(session, Replies.of(500, "5.5.2", "line too long"));
            case ClientInput.Line.BareLineEnd() -> respond(session, Replies.last(500, "5.5.2", "a line ends with CRLF"));
        }
    }

    private void respond(Session session, Response response) {
        var code = response.getRetCode();
        if (code.charAt(0) >= '4') {
            shared.counters().refusal(Integer.parseInt(code));
            refused |= response.isEndSession();
            log.info("{}: {} {}", transport.getId(), Session.literal(session.peer()), response.getLines().getLast());
        }
        transport.writeResponse(response, session);
    }

    /// What came behind STARTTLS in the clear would be taken for something said under TLS (RFC 3207 §6, CVE-2011-0411).
    private void startTls(Session session) throws IOException {
        if (input.isPending()) {
            transport.takeBack();
            respond(session, Replies.last(554, "5.5.1", "nothing may come behind STARTTLS"));
            return;
        }
        transport.flush();
        deadline = System.nanoTime() + shared.settings().timeOuts().opening().toNanos();
        var factory = shared.certificates().current().getSocketFactory();
        var secured = (SSLSocket) factory.createSocket(socket, null, true);
        secured.startHandshake();
        deadline = NEVER;
        input.replace(secured.getInputStream());
        transport.secured(secured.getOutputStream());
        session.secure();
    }

    private void receive(Session session) throws IOException {
        if (input.isPending()) {
            // RFC 2920 §3.1: DATA is the last command of a group. Whoever goes on regardless is not listening to us.
            transport.takeBack();
            respond(session, Replies.last(503, "5.5.1", "wait for 354"));
            return;
        }
        var limits = shared.settings().limits();
        try (var message = new MessageBuffer(shared.memory(), limits.spillAboveOctets(), shared.settings().spillDirectory())) {
            var result = read(message);
            if (result instanceof DataReader.Result.Ambiguous(var why)) {
                respond(session, Replies.last(550, "5.5.2", why + ": a line ends with CRLF and nothing else"));
                return;
            }
            var replies = judge(session, result, message);
            if (replies.stream().anyMatch(Reply::isPositive)) {
                shared.counters().message();
            }
            session.resetState();
            for (var reply : session.dialect() == Dialect.LMTP ? replies : List.of(SmtpFolding.fold(replies))) {
                respond(session, Replies.of(reply));
            }
        }
    }

    private DataReader.Result read(MessageBuffer message) throws IOException {
        waitingIs = Phase.AWAITING_DATA;
        patience = shared.settings().timeOuts().data();
        try {
            return new DataReader(input, message, shared.settings().limits().maxMessageOctets()).read();
        } finally {
            waitingIs = Phase.AWAITING_COMMAND;
            patience = shared.settings().timeOuts().command();
        }
    }

    private List<Reply> judge(Session session, DataReader.Result result, MessageBuffer message) {
        return switch (result) {
            case DataReader.Result.Complete() -> shared.hook().onMessage(session, message);
            case DataReader.Result.TooLarge() -> DataHook.toAll(session, new Reply(552, "5.3.4",
                    "a message may have " + shared.settings().limits().maxMessageOctets() + " octets here"));
            case DataReader.Result.NotWritten(var cause) -> {
                log.error("{}: cannot write to {}, the sender keeps the message", transport.getId(), shared.settings().spillDirectory(),
                        cause);
                yield DataHook.toAll(session, DataHook.FULL);
            }
            case DataReader.Result.Ambiguous(var why) -> throw new IllegalStateException(why);
        };
    }

    /// A socket closed over unread octets takes back what was written last, so a client in the middle of sending
    /// would never read why it was refused.
    private void linger() throws IOException {
        deadline = System.nanoTime() + LINGER.toNanos();
        socket.shutdownOutput();
        var unread = socket.getInputStream();
        var sink = new byte[8 * 1024];
        for (int octets = 0; octets >= 0;) {
            octets = unread.read(sink);
        }
    }

    @Override
    public void before() throws IOException {
        deadline = System.nanoTime() + patience.toNanos();
        transport.flush();
        if (!phase.compareAndSet(Phase.WORKING, waitingIs)) {
            throw new SocketException("ended");
        }
        if (finishing && waitingIs == Phase.AWAITING_COMMAND && phase.compareAndSet(waitingIs, Phase.WORKING)) {
            throw new Finishing();
        }
    }

    @Override
    public void after() throws IOException {
        deadline = NEVER;
        if (!phase.compareAndSet(waitingIs, Phase.WORKING)) {
            throw new SocketException("ended");
        }
    }

    void endIfOverdue(long now) {
        long limit = deadline;
        if (limit == NEVER || now - limit < 0) {
            return;
        }
        if (phase.compareAndSet(Phase.AWAITING_COMMAND, Phase.ENDING) || phase.compareAndSet(Phase.AWAITING_DATA, Phase.ENDING)) {
            end("4.4.2", "you took too long");
        } else {
            // It cannot even be written to, or was told before.
            abort();
        }
    }

    void finish() {
        finishing = true;
        if (phase.compareAndSet(Phase.AWAITING_COMMAND, Phase.ENDING)) {
            end("4.3.2", "closing, come back later");
        }
    }

    /// Its own thread is in a read and does not write, so another may.
    private void end(String enhanced, String text) {
        deadline = System.nanoTime() + LINGER.toNanos();
        Thread.ofVirtual().start(() -> {
            try (socket) {
                shared.counters().refusal(421);
                transport.writeLast("421 " + enhanced + " " + text + "\r\n");
            } catch (IOException e) {
                log.debug("{}: {}", transport.getId(), e.getMessage());
            }
        });
    }

    void abort() {
        try {
            socket.close();
        } catch (IOException e) {
            log.debug("{}: {}", transport.getId(), e.getMessage());
        }
    }
}
