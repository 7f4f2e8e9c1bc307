package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.listserv.smtp.SmtpSettings.Dialect;

/// RFC 2033: after the end of data one reply for each recipient that was accepted, in the order of the RCPT commands.
class LmtpTest {

    private final Letterbox letterbox = new Letterbox();
    private MailServer server;

    @BeforeEach
    void start() throws IOException {
        server = MailServer.start(
                new Settings().listeners(Settings.listener(Dialect.LMTP, false), Settings.listener(Dialect.SMTP, false)).done(), letterbox);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void each_recipient_has_its_own_reply() throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "LHLO")) {
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250 2.1.0
                    C: RCPT TO:<closed@example.org>
                    S: 250 2.1.5
                    C: RCPT TO:<nobody@example.org>
                    S: 550 5.1.1
                    C: RCPT TO:<dev@example.org>
                    S: 250 2.1.5
                    C: RCPT TO:<full@example.org>
                    S: 250 2.1.5
                    C: DATA
                    S: 354
                    C: Subject: three
                    C: .
                    S: 550 5.7.1 closed
                    S: 250 2.0.0 taken
                    S: 452 4.2.2 mailbox full
                    C: NOOP
                    S: 250 2.0.0
                    """);
        }
        assertThat(letterbox.only().recipients()).hasToString("[closed@example.org, dev@example.org, full@example.org]");
        assertThat(letterbox.only().client().protocol()).isEqualTo("LMTP");
    }

    @Test
    void a_recipient_named_twice_gets_one_copy_and_two_replies() throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "LHLO")) {
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: RCPT TO:<closed@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 250
                    S: 550
                    S: 250
                    C: NOOP
                    S: 250 2.0.0
                    """);
        }
        assertThat(letterbox.only().recipients()).hasToString("[dev@example.org, closed@example.org]");
    }

    @Test
    void without_a_database_everybody_comes_again() throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "LHLO")) {
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: RCPT TO:<losesdatabase@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 451 4.3.0
                    S: 451 4.3.0
                    """);
        }
        assertThat(letterbox.taken).isEmpty();
    }

    @Test
    void smtp_folds_the_replies_into_one() throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getLast(), "EHLO")) {
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<closed@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 250 2.0.0 taken
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<losesdatabase@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 451 4.3.0
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<breaks@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 451 4.3.0
                    C: NOOP
                    S: 250 2.0.0
                    """);
        }
        assertThat(server.counts().messages()).isEqualTo(1);
        assertThat(server.counts().refused()).containsEntry(451, 2L);
    }
}
