package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Receiver;
import org.listserv.reception.Submission;

/// Stock James runs hooks on its few network threads, so that a commit of 20 ms keeps everybody waiting. Here each session waits for
/// its own commit only.
class ConcurrencyTest {

    private static final int SESSIONS = 200;

    /// Answers nobody before all are there, and notes what kind of thread asks.
    private static final class Meeting implements Receiver {

        private final CountDownLatch everybody = new CountDownLatch(SESSIONS);
        private final AtomicInteger onPlatformThreads = new AtomicInteger();

        @Override
        public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
            note();
            return Reply.ok("2.1.5", "ok");
        }

        @Override
        public List<Reply> receive(Submission submission) {
            note();
            everybody.countDown();
            try {
                everybody.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Collections.nCopies(submission.recipients().size(), Reply.ok("taken"));
        }

        @Override
        public Optional<String> refusing() {
            note();
            return Optional.empty();
        }

        private void note() {
            if (!Thread.currentThread().isVirtual()) {
                onPlatformThreads.incrementAndGet();
            }
        }
    }

    @Test
    void two_hundred_commits_are_under_way_at_once_on_virtual_threads() throws IOException {
        var meeting = new Meeting();
        var conversations = new ArrayList<Conversation>();
        try (var server = MailServer.start(new Settings().done(), meeting)) {
            for (int i = 0; i < SESSIONS; i++) {
                var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO");
                conversations.add(conversation);
                conversation.send("MAIL FROM:<a@example.org>\r\nRCPT TO:<dev@example.org>\r\nDATA\r\n").expect("250").expect("250")
                        .expect("354");
                conversation.send("Subject: " + i + "\r\n\r\n.\r\n");
            }
            // One by one the last of them would never have come.
            for (var conversation : conversations) {
                conversation.expect("250 2.0.0 taken").say("QUIT").expect("221").close();
            }
            assertThat(server.counts().messages()).isEqualTo(SESSIONS);
            await().until(() -> server.counts().open() == 0);
        }
        assertThat(meeting.onPlatformThreads).hasValue(0);
    }
}
