package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Receiver;
import org.listserv.reception.Submission;
import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Listener;
import org.listserv.smtp.SmtpSettings.TimeOuts;

class ShutdownTest {

    /// Commits when the test says so.
    private static final class SlowCommit implements Receiver {

        private final CountDownLatch began = new CountDownLatch(1);
        private final CountDownLatch commit = new CountDownLatch(1);

        @Override
        public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
            return Reply.ok("2.1.5", "ok");
        }

        @Override
        public List<Reply> receive(Submission submission) {
            began.countDown();
            try {
                commit.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Collections.nCopies(submission.recipients().size(), Reply.ok("taken"));
        }

        @Override
        public Optional<String> refusing() {
            return Optional.empty();
        }
    }

    private static Conversation inData(MailServer server) throws IOException {
        return Conversation.greeted(server.addresses().getFirst(), "EHLO").script("""
                C: MAIL FROM:<a@example.org>
                S: 250
                C: RCPT TO:<dev@example.org>
                S: 250
                C: DATA
                S: 354
                """);
    }

    private static Thread closing(MailServer server) {
        return Thread.ofVirtual().start(server::close);
    }

    @Test
    void a_session_between_two_commands_ends_at_once() throws Exception {
        var server = MailServer.start(new Settings().done(), new Letterbox());
        Thread closing;
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            closing = closing(server);
            conversation.expect("421 4.3.2").expectClosed();
        }
        closing.join(Settings.LONG);
        assertThat(server.counts().open()).isZero();
    }

    @Test
    void a_message_under_way_is_taken_to_its_end() throws Exception {
        var letterbox = new Letterbox();
        var server = MailServer.start(new Settings().done(), letterbox);
        Thread closing;
        try (var conversation = inData(server).send("Subject: first half\r\n")) {
            closing = closing(server);
            await().until(() -> isRefused(server.addresses().getFirst()));
            conversation.send("\r\nsecond half\r\n.\r\n").expect("250 2.0.0").expect("421 4.3.2").expectClosed();
        }
        closing.join(Settings.LONG);
        assertThat(letterbox.only().octets()).asString().endsWith("second half\r\n");
    }

    @Test
    void a_commit_under_way_is_answered() throws Exception {
        var slow = new SlowCommit();
        var server = MailServer.start(new Settings().done(), slow);
        Thread closing;
        try (var conversation = inData(server).say(".")) {
            slow.began.await();
            closing = closing(server);
            await().until(() -> isRefused(server.addresses().getFirst()));
            slow.commit.countDown();
            conversation.expect("250 2.0.0").expect("421 4.3.2").expectClosed();
        }
        closing.join(Settings.LONG);
    }

    @Test
    void who_does_not_finish_in_time_is_cut_off_without_an_answer() throws Exception {
        var letterbox = new Letterbox();
        var server = MailServer.start(
                new Settings().timeOuts(new TimeOuts(Settings.LONG, Settings.LONG, Settings.LONG, Duration.ofMillis(200))).done(),
                letterbox);
        try (var conversation = inData(server).send("Subject: never ends\r\n")) {
            server.close();
            conversation.expectClosed();
        }
        assertThat(server.counts().open()).isZero();
        assertThat(letterbox.taken).isEmpty();
    }

    @Test
    void a_taken_address_ends_the_start_and_is_named() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var free = Settings.listener(Dialect.SMTP, false);
            var listener = new Listener(new InetSocketAddress(taken.getInetAddress(), taken.getLocalPort()), Dialect.LMTP, true);
            assertThatExceptionOfType(ListenException.class)
                    .isThrownBy(() -> MailServer.start(new Settings().listeners(free, listener).done(), new Letterbox()).close())
                    .withMessageContaining("listserv.lmtp.proxy-listen").withMessageContaining(":" + taken.getLocalPort())
                    .withMessageContaining("in use");
        }
    }

    @Test
    void a_server_without_listeners_is_one_that_receives_nothing() throws IOException {
        try (var server = MailServer.start(new Settings().listeners().done(), new Letterbox())) {
            assertThat(server.addresses()).isEmpty();
        }
    }

    private static boolean isRefused(InetSocketAddress address) throws IOException {
        try {
            new Conversation(address).close();
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }
}
