package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Limits;
import org.listserv.smtp.SmtpSettings.TimeOuts;
import org.listserv.store.DatabaseUnavailable;

/// What one client may take from the others, and what it reads when that is enough.
class LimitsTest {

    private static final long MAX_MESSAGE = 64 * 1024;

    private final Letterbox letterbox = new Letterbox();
    private MailServer server;

    private MailServer start(Settings settings) throws IOException {
        server = MailServer.start(settings.done(), letterbox);
        return server;
    }

    /// 64 kB, 3 recipients, 50 Received fields, 2 unknown commands, 512 octets a line, `connections` in all, `perClient` of each.
    private static Limits small(int connections, int perClient) {
        return new Limits(MAX_MESSAGE, 3, 50, 2, 512, connections, perClient, 16 * 1024, 1024 * 1024);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Conversation ready() throws IOException {
        return Conversation.greeted(server.addresses().getFirst(), "EHLO").script("""
                C: MAIL FROM:<a@example.org>
                S: 250
                C: RCPT TO:<dev@example.org>
                S: 250
                C: DATA
                S: 354
                """);
    }

    @Test
    void who_is_not_trusted_is_sent_away() throws IOException {
        start(new Settings().trusted("192.0.2.0/24"));
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.expect("554 5.7.1 127.0.0.1").expectClosed();
        }
        assertThat(server.counts().refused()).containsEntry(554, 1L);
    }

    @Test
    void an_overloaded_node_says_come_back_later() throws IOException {
        start(new Settings());
        letterbox.refusing = () -> Optional.of("deliveries are behind");
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.expect("421 4.3.2 deliveries are behind").expectClosed();
        }
        letterbox.refusing = () -> {
            throw new DatabaseUnavailable("no primary", null);
        };
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.expect("421 4.3.0").expectClosed();
        }
        letterbox.refusing = Optional::empty;
        Conversation.greeted(server.addresses().getFirst(), "EHLO").close();
    }

    @Test
    void a_node_has_so_many_connections() throws IOException {
        start(new Settings().limits(small(2, 10)));
        try (var first = Conversation.greeted(server.addresses().getFirst(), "EHLO");
                var second = Conversation.greeted(server.addresses().getFirst(), "EHLO");
                var third = new Conversation(server.addresses().getFirst())) {
            third.expect("421 4.3.2").expectClosed();
            first.say("NOOP").expect("250");
            second.say("NOOP").expect("250");
        }
        await().until(() -> server.counts().open() == 0);
        Conversation.greeted(server.addresses().getFirst(), "EHLO").close();
    }

    @Test
    void strangers_who_stay_after_their_554_take_nobodys_place() throws IOException {
        start(new Settings().listeners(Settings.listener(Dialect.SMTP, true)).trusted("192.0.2.0/24").proxyFrom("127.0.0.1")
                .limits(small(2, 10)));
        try (var one = from("198.51.100.1"); var another = from("198.51.100.2"); var third = from("198.51.100.3")) {
            for (var stranger : List.of(one, another, third)) {
                stranger.expect("554 5.7.1");
            }
            assertThat(server.counts().open()).as("they have not hung up yet").isEqualTo(3);
            // One after the other: which of several at once is the last, is chance.
            try (var first = from("192.0.2.1").expect("220"); var second = from("192.0.2.2")) {
                second.expect("220");
                try (var tooMany = from("192.0.2.3")) {
                    tooMany.expect("421 4.3.2");
                }
                first.say("QUIT").expect("221").expectClosed();
                await().untilAsserted(() -> {
                    try (var next = from("192.0.2.4")) {
                        next.expect("220");
                    }
                });
            }
        }
    }

    private Conversation from(String client) throws IOException {
        return new Conversation(server.addresses().getFirst()).send("PROXY TCP4 " + client + " 192.0.2.25 4000 25\r\n");
    }

    @Test
    void a_client_has_so_many_connections() throws IOException {
        start(new Settings().limits(small(10, 1)));
        try (var first = Conversation.greeted(server.addresses().getFirst(), "EHLO");
                var second = new Conversation(server.addresses().getFirst())) {
            second.expect("421 4.7.0 too many connections from 127.0.0.1").expectClosed();
            first.say("NOOP").expect("250");
        }
        await().until(() -> server.counts().open() == 0);
        Conversation.greeted(server.addresses().getFirst(), "EHLO").close();
    }

    @Test
    void further_recipients_come_in_the_next_transaction() throws IOException {
        start(new Settings().limits(small(10, 10)));
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<one@example.org>
                    S: 250
                    C: RCPT TO:<nobody@example.org>
                    S: 550
                    C: RCPT TO:<two@example.org>
                    S: 250
                    C: RCPT TO:<three@example.org>
                    S: 250
                    C: RCPT TO:<four@example.org>
                    S: 452 4.5.3
                    C: DATA
                    S: 354
                    C: .
                    S: 250
                    """);
        }
        assertThat(letterbox.only().recipients()).hasSize(3);
    }

    @Test
    void a_session_ends_after_many_commands_that_are_none() throws IOException {
        start(new Settings().limits(small(10, 10)));
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.script("""
                    C: GET / HTTP/1.1
                    S: 500 5.5.1
                    C: Host: example.org
                    S: 500 5.5.1
                    C: NOOP
                    S: 250
                    C: Accept: text/html
                    S: 421 4.7.0
                    """).expectClosed();
        }
    }

    @Test
    void a_long_line_is_refused_and_skipped() throws IOException {
        start(new Settings().limits(small(10, 10)));
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.say("NOOP " + "x".repeat(505)).expect("250");
            conversation.say("NOOP " + "x".repeat(506)).expect("500 5.5.2 line too long");
            conversation.say("NOOP " + "x".repeat(20_000)).expect("500 5.5.2 line too long");
            conversation.say("NOOP").expect("250");
            conversation.send("x".repeat(200_000)).expect("500 5.5.2").expectClosed();
        }
    }

    @Test
    void a_message_too_large_is_refused_at_mail_and_at_the_end() throws IOException {
        start(new Settings().limits(small(10, 10)));
        var line = "x".repeat(62) + "\r\n";
        try (var conversation = ready()) {
            conversation.send(line.repeat(1024) + ".\r\n").expect("250");
            assertThat(letterbox.only().octets()).hasSize((int) MAX_MESSAGE);
            conversation.say("MAIL FROM:<a@example.org> SIZE=" + MAX_MESSAGE).expect("250").say("RSET").expect("250");
            conversation.say("MAIL FROM:<a@example.org> SIZE=" + (MAX_MESSAGE + 1)).expect("552 5.3.4");
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    """);
            conversation.send("y\r\n" + line.repeat(1024) + ".\r\n").expect("552 5.3.4");
            conversation.say("NOOP").expect("250");
        }
        assertThat(letterbox.taken).hasSize(1);
    }

    @ParameterizedTest(name = "{1} times {0} is {2}")
    @CsvSource(delimiter = '|', textBlock = """
            Received: from a by b   | 50 | 250
            Received: from a by b   | 51 | 554 5.4.6
            RECEIVED : from a by b  | 51 | 554 5.4.6
            Received-SPF: pass      | 99 | 250
            X-Received: by b        | 99 | 250
            """)
    void a_message_in_a_loop_ends_here(String field, int times, String reply) throws IOException {
        start(new Settings());
        try (var conversation = ready()) {
            conversation.send((field + "\r\n  ; some time\r\n").repeat(times) + "\r\n" + "Received: in the body\r\n".repeat(60) + ".\r\n");
            conversation.expect(reply).say("NOOP").expect("250");
        }
    }

    @Test
    void who_says_nothing_is_told_and_hung_up_on() throws IOException {
        start(new Settings().timeOuts(new TimeOuts(Settings.LONG, Duration.ofSeconds(2), Settings.LONG, Settings.LONG)));
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.expect("421 4.4.2").expectClosed();
        }
        await().until(() -> server.counts().open() == 0);
        assertThat(server.counts().refused()).containsEntry(421, 1L);
    }

    @Test
    void who_stops_in_the_middle_of_a_message_is_told_and_hung_up_on() throws IOException {
        start(new Settings().timeOuts(new TimeOuts(Settings.LONG, Settings.LONG, Duration.ofSeconds(2), Settings.LONG)));
        try (var conversation = ready()) {
            conversation.send("Subject: half\r\n").expect("421 4.4.2").expectClosed();
        }
        assertThat(letterbox.taken).isEmpty();
    }

    @Test
    void who_does_not_read_our_replies_is_hung_up_on() throws IOException {
        start(new Settings().timeOuts(new TimeOuts(Settings.LONG, Duration.ofSeconds(2), Settings.LONG, Settings.LONG)));
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            var group = "NOOP\r\n".repeat(10_000);
            // Until the server has closed it; a client that never reads would fill any buffer.
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                try {
                    conversation.send(group);
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
        }
        await().until(() -> server.counts().open() == 0);
    }

    @Test
    void a_message_cut_off_is_no_message() throws IOException {
        start(new Settings());
        try (var conversation = ready()) {
            conversation.send("Subject: half\r\n\r\ntext\r\n.\r");
        }
        await().until(() -> server.counts().open() == 0);
        assertThat(letterbox.taken).isEmpty();
    }
}
