package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Receiver;
import org.listserv.reception.Submission;

/// Stock James keeps every message in memory while it arrives. Here 32 sessions of 25 MB, 800 MB in all, go through a heap of 256 MB.
@Tag("large")
class LargeMessagesTest {

    private static final int SESSIONS = 32;
    private static final int BLOCKS = 399;
    private static final byte[] BLOCK = ("x".repeat(62) + "\r\n").repeat(1024).getBytes(StandardCharsets.US_ASCII);

    /// Runs in a process of its own. Prints its port, then the digest of each message.
    static final class Forked implements Receiver {

        public static void main(String[] arguments) throws IOException {
            try (var server = MailServer.start(new Settings().done(), new Forked())) {
                System.out.println(server.addresses().getFirst().getPort());
                // Until the test closes its end, or dies.
                System.in.transferTo(System.out);
            }
        }

        @Override
        public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
            return Reply.ok("2.1.5", "ok");
        }

        @Override
        public List<Reply> receive(Submission submission) {
            System.out.println(digest(submission.octets()));
            return Collections.nCopies(submission.recipients().size(), Reply.ok("taken"));
        }

        @Override
        public Optional<String> refusing() {
            return Optional.empty();
        }
    }

    @Test
    @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void thirty_two_sessions_of_25_MB_fit_into_256_MB() throws Exception {
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError", "-cp", System.getProperty("java.class.path"), Forked.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
                var sessions = Executors.newVirtualThreadPerTaskExecutor()) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(output.readLine()));
            var sending = new ArrayList<Callable<String>>();
            for (int i = 0; i < SESSIONS; i++) {
                var first = "Subject: " + i + "\r\n\r\n";
                sending.add(() -> send(address, first));
            }
            var sent = new ArrayList<String>();
            for (var session : sessions.invokeAll(sending)) {
                sent.add(session.get());
            }
            process.getOutputStream().close();
            assertThat(output.lines()).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    /// @return the digest of what was sent and answered 250
    private static String send(InetSocketAddress address, String first) throws IOException, NoSuchAlgorithmException {
        var digest = MessageDigest.getInstance("SHA-256");
        digest.update(first.getBytes(StandardCharsets.US_ASCII));
        try (var conversation = Conversation.greeted(address, "EHLO").patient()) {
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    """).send(first);
            for (int block = 0; block < BLOCKS; block++) {
                conversation.send(BLOCK);
                digest.update(BLOCK);
            }
            conversation.send(".\r\n").expect("250 2.0.0 taken").say("QUIT").expect("221");
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String digest(byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
