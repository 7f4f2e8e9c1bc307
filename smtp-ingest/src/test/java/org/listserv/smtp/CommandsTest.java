package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.ReversePath;
import org.listserv.smtp.SmtpSettings.Dialect;

/// Commands and replies. `/` in a column of commands stands between those said one after the other; the reply is that to the last.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandsTest {

    private final Letterbox letterbox = new Letterbox();
    private MailServer server;

    @BeforeAll
    void start() throws IOException {
        server = MailServer.start(
                new Settings().listeners(Settings.listener(Dialect.SMTP, false), Settings.listener(Dialect.LMTP, false)).done(), letterbox);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            HELO client.example                                              | 250 mx.example.org
            EHLO client.example                                              | 250 ENHANCEDSTATUSCODES
            ehlo client.example                                              | 250 ENHANCEDSTATUSCODES
            EHLO _odd.name_                                                  | 250 ENHANCEDSTATUSCODES
            EHLO [192.0.2.1]                                                 | 250 ENHANCEDSTATUSCODES
            EHLO two words                                                   | 250 ENHANCEDSTATUSCODES
            EHLO                                                             | 501 5.5.4
            HELO                                                             | 501 5.5.4
            LHLO client.example                                              | 500 5.5.1
            NOOP                                                             | 250 2.0.0
            NOOP with words                                                  | 250 2.0.0
            RSET                                                             | 250 2.0.0
            HELP                                                             | 214 2.0.0
            VRFY dev                                                         | 252 2.0.0
            EXPN dev                                                         | 502 5.5.1
            AUTH PLAIN AGEAYg==                                              | 500 5.5.1
            BDAT 10 LAST                                                     | 500 5.5.1
            STARTTLS                                                         | 502 5.5.1
            no such command                                                  | 500 5.5.1
            QUIT                                                             | 221 2.0.0
            MAIL FROM:<a@example.org>                                        | 503 5.5.1
            RCPT TO:<dev@example.org>                                        | 503 5.5.1
            DATA                                                             | 503 5.5.1
            EHLO c / MAIL FROM:<a@example.org>                               | 250 2.1.0
            EHLO c / mail from:<a@example.org>                               | 250 2.1.0
            EHLO c / MAIL FROM: <a@example.org>                              | 250 2.1.0
            EHLO c / MAIL FROM:<>                                            | 250 2.1.0
            EHLO c / MAIL FROM:<@relay.example,@other.example:a@example.org> | 250 2.1.0
            EHLO c / MAIL FROM:<"a > b"@example.org>                         | 250 2.1.0
            EHLO c / MAIL FROM:<a@[192.0.2.1]>                               | 250 2.1.0
            EHLO c / MAIL FROM:<a@example.org> SIZE=1000                     | 250 2.1.0
            EHLO c / MAIL FROM:<a@example.org> size=1000 body=8bitmime       | 250 2.1.0
            EHLO c / MAIL FROM:<a@example.org> BODY=7BIT                     | 250 2.1.0
            EHLO c / MAIL FROM:<a@example.org> SMTPUTF8                      | 250 2.1.0
            EHLO c / MAIL FROM:<ä@example.org> SMTPUTF8                      | 250 2.1.0
            EHLO c / MAIL FROM:<ä@example.org>                               | 553 5.6.7
            EHLO c / MAIL FROM:<a@example.org> SIZE=26214401                 | 552 5.3.4
            EHLO c / MAIL FROM:<a@example.org> SIZE=99999999999999999999     | 552 5.3.4
            EHLO c / MAIL FROM:<a@example.org> SIZE=                         | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org> SIZE=many                     | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org> SIZE=1 SIZE=1                 | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org> BODY=BINARYMIME               | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org> SMTPUTF8=yes                  | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org> AUTH=<>                       | 555 5.5.4
            EHLO c / MAIL FROM:<a@example.org> RET=HDRS                      | 555 5.5.4
            EHLO c / MAIL FROM:<a@example.org> XYZZY                         | 555 5.5.4
            EHLO c / MAIL                                                    | 501 5.5.4
            EHLO c / MAIL FROM:                                              | 501 5.5.4
            EHLO c / MAIL FROM:a@example.org                                 | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org                                | 501 5.5.4
            EHLO c / MAIL FROM:<a@example.org>SIZE=1                         | 501 5.5.4
            EHLO c / MAIL TO:<a@example.org>                                 | 501 5.5.4
            EHLO c / MAIL FROM:<a b@example.org>                             | 501 5.1.7
            EHLO c / MAIL FROM:<@example.org>                                | 501 5.1.7
            EHLO c / MAIL FROM:<a@-example.org>                              | 501 5.1.7
            EHLO c / MAIL FROM:<> / MAIL FROM:<>                             | 503 5.5.1
            EHLO c / MAIL FROM:<> / EHLO c / MAIL FROM:<>                    | 250 2.1.0
            EHLO c / MAIL FROM:<> / RSET / RCPT TO:<dev@example.org>         | 503 5.5.1
            EHLO c / MAIL FROM:<> / RCPT TO:<dev@example.org>                | 250 2.1.5
            EHLO c / MAIL FROM:<> / RCPT TO: <dev@example.org>               | 250 2.1.5
            EHLO c / MAIL FROM:<> / RCPT TO:<@relay.example:dev@example.org> | 250 2.1.5
            EHLO c / MAIL FROM:<> / RCPT TO:<Postmaster>                     | 250 2.1.5
            EHLO c / MAIL FROM:<> / RCPT TO:<nobody@example.org>             | 550 5.1.1
            EHLO c / MAIL FROM:<> / RCPT TO:<nodatabase@example.org>         | 451 4.3.0
            EHLO c / MAIL FROM:<> / RCPT TO:<dev>                            | 501 5.1.3
            EHLO c / MAIL FROM:<> / RCPT TO:<>                               | 501 5.1.3
            EHLO c / MAIL FROM:<> / RCPT TO:<ä@example.org>                  | 553 5.6.7
            EHLO c / MAIL FROM:<> SMTPUTF8 / RCPT TO:<ä@example.org>         | 250 2.1.5
            EHLO c / MAIL FROM:<> / RCPT TO:<dev@example.org> NOTIFY=NEVER   | 555 5.5.4
            EHLO c / MAIL FROM:<> / RCPT TO:<dev@example.org> ORCPT=x        | 555 5.5.4
            EHLO c / MAIL FROM:<> / RCPT FROM:<dev@example.org>              | 501 5.5.4
            EHLO c / MAIL FROM:<> / DATA                                     | 554 5.5.1
            EHLO c / MAIL FROM:<> / RCPT TO:<nobody@example.org> / DATA      | 554 5.5.1
            EHLO c / MAIL FROM:<> / RCPT TO:<dev@example.org> / DATA now     | 501 5.5.4
            EHLO c / MAIL FROM:<> / RCPT TO:<dev@example.org> / DATA         | 354 end
            EHLO c / MAIL FROM:<> / XCLIENT ADDR=192.0.2.1                   | 503 5.5.1
            XCLIENT ADDR=192.0.2.1                                           | 220 mx.example.org
            XCLIENT ADDR=[UNAVAILABLE]                                       | 220 mx.example.org
            XCLIENT                                                          | 501 5.5.4
            XCLIENT ADDR                                                     | 501 5.5.4
            XCLIENT ADDR=host.example                                        | 501 5.5.4
            XCLIENT PROTO=HTTP                                               | 501 5.5.4
            XCLIENT HELO=a+0                                                 | 501 5.5.4
            XCLIENT HELO=a+0Db                                               | 501 5.5.4
            XCLIENT LOGIN=somebody                                           | 501 5.5.4
            """)
    void has_the_reply(String commands, String reply) throws IOException {
        answers(Dialect.SMTP, commands, reply);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            LHLO client.example                                              | 250 ENHANCEDSTATUSCODES
            EHLO client.example                                              | 500 5.5.1
            HELO client.example                                              | 500 5.5.1
            LHLO                                                             | 501 5.5.4
            MAIL FROM:<a@example.org>                                        | 503 5.5.1
            LHLO c / MAIL FROM:<> / RCPT TO:<nobody@example.org> / DATA      | 503 5.5.1
            LHLO c / MAIL FROM:<> / RCPT TO:<dev@example.org> / DATA         | 354 end
            """)
    void has_the_reply_in_lmtp(String commands, String reply) throws IOException {
        answers(Dialect.LMTP, commands, reply);
    }

    private void answers(Dialect dialect, String commands, String reply) throws IOException {
        try (var conversation = new Conversation(server.addresses().get(dialect.ordinal()))) {
            conversation.expect("220");
            var said = commands.split(" / ");
            for (int i = 0; i < said.length - 1; i++) {
                conversation.say(said[i]).reply();
            }
            conversation.say(said[said.length - 1]).expect(reply);
        }
    }

    @Test
    void ehlo_offers_exactly_this() throws IOException {
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            assertThat(conversation.reply()).containsExactly("220 mx.example.org ESMTP listserv");
            assertThat(conversation.say("EHLO client.example").reply()).containsExactly("250-mx.example.org", "250-PIPELINING",
                    "250-SIZE 26214400", "250-8BITMIME", "250-SMTPUTF8", "250-XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT",
                    "250 ENHANCEDSTATUSCODES");
        }
    }

    @Test
    void a_message_arrives_as_it_was_sent_without_the_dots() throws IOException {
        letterbox.taken.clear();
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.script("""
                    S: 220
                    C: EHLO client.example
                    S: 250
                    C: MAIL FROM:<author@example.org> BODY=8BITMIME SIZE=100
                    S: 250 2.1.0
                    C: RCPT TO:<dev@lists.example.org>
                    S: 250 2.1.5
                    C: DATA
                    S: 354
                    C: Subject: dots
                    C:\s
                    C: ..
                    C: ..one
                    C: .two
                    C: grün\0
                    C: .
                    S: 250 2.0.0 taken
                    C: QUIT
                    S: 221 2.0.0
                    """).expectClosed();
        }
        var submission = letterbox.only();
        assertThat(submission.octets()).asString().isEqualTo("Subject: dots\r\n\r\n.\r\n.one\r\ntwo\r\ngrün\0\r\n");
        assertThat(submission.reversePath()).hasToString("author@example.org");
        assertThat(submission.recipients()).hasToString("[dev@lists.example.org]");
        assertThat(submission.smtpUtf8()).isFalse();
        assertThat(submission.client().address()).isEqualTo("127.0.0.1");
        assertThat(submission.client().helo()).isEqualTo("client.example");
        assertThat(submission.client().protocol()).isEqualTo("ESMTP");
    }

    @Test
    void the_null_sender_is_a_sender() throws IOException {
        letterbox.taken.clear();
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "HELO")) {
            conversation.script("""
                    C: MAIL FROM:<>
                    S: 250 2.1.0
                    C: RCPT TO:<dev-return-17@lists.example.org>
                    S: 250 2.1.5
                    C: DATA
                    S: 354
                    C: .
                    S: 250 2.0.0
                    """);
        }
        assertThat(letterbox.only().reversePath()).isEqualTo(new ReversePath.Null());
        assertThat(letterbox.only().octets()).isEmpty();
        assertThat(letterbox.only().client().protocol()).isEqualTo("SMTP");
    }

    @Test
    void utf8_goes_through_envelope_and_message() throws IOException {
        letterbox.taken.clear();
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.script("""
                    C: MAIL FROM:<грета@пример.example> SMTPUTF8
                    S: 250 2.1.0
                    C: RCPT TO:<liste-für-alle@lists.example.org>
                    S: 250 2.1.5
                    C: DATA
                    S: 354
                    C: Subject: 你好
                    C: .
                    S: 250 2.0.0
                    """);
        }
        var submission = letterbox.only();
        assertThat(submission.reversePath()).hasToString("грета@пример.example");
        assertThat(submission.recipients()).hasToString("[liste-für-alle@lists.example.org]");
        assertThat(submission.octets()).asString().isEqualTo("Subject: 你好\r\n");
        assertThat(submission.smtpUtf8()).isTrue();
        assertThat(submission.client().protocol()).isEqualTo("UTF8SMTP");
    }

    @Test
    void a_command_that_is_not_utf8_is_refused() throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.send(new byte[]{'M', 'A', 'I', 'L', ' ', 'F', 'R', 'O', 'M', ':', '<', (byte) 0xe9, '@', 'x', '>', '\r', '\n'})
                    .expect("500 5.5.2");
            conversation.send("NOOP \0\r\n").expect("500 5.5.2");
            conversation.say("NOOP").expect("250 2.0.0");
        }
    }

    @Test
    void our_own_long_addresses_are_addresses() throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.say("MAIL FROM:<" + "b".repeat(255) + "@example.org>").expect("250 2.1.0");
            conversation.say("RCPT TO:<" + "v".repeat(255) + "@lists.example.org>").expect("250 2.1.5");
            conversation.say("RCPT TO:<" + "v".repeat(256) + "@lists.example.org>").expect("501 5.1.3");
        }
    }

    @Test
    void a_postmaster_without_domain_is_that_of_this_host() throws IOException {
        letterbox.asked.clear();
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.say("MAIL FROM:<>").expect("250").say("RCPT TO:<postMaster>").expect("250 2.1.5");
        }
        assertThat(letterbox.asked).hasToString("[postmaster@mx.example.org]");
    }

    @Test
    void xclient_speaks_for_somebody_else_and_starts_anew() throws IOException {
        letterbox.taken.clear();
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.script("""
                    C: XCLIENT NAME=spike.example ADDR=IPV6:2001:db8::7 PORT=4711 PROTO=SMTP HELO=spike+2Eexample DESTADDR=192.0.2.9
                    S: 220 mx.example.org
                    C: MAIL FROM:<a@example.org>
                    S: 503 5.5.1
                    C: EHLO proxy.example
                    S: 250
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@lists.example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 250
                    """);
        }
        var client = letterbox.only().client();
        assertThat(client.address()).isEqualTo("2001:db8:0:0:0:0:0:7");
        assertThat(client.helo()).isEqualTo("spike.example");
        assertThat(client.protocol()).isEqualTo("SMTP");
    }

    @Test
    void a_group_of_commands_in_one_segment_is_answered_in_order() throws IOException {
        letterbox.taken.clear();
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.send("MAIL FROM:<a@example.org>\r\nRCPT TO:<dev@example.org>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\n");
            conversation.expect("250 2.1.0").expect("250 2.1.5").expect("550 5.1.1").expect("354");
            // RFC 2920 §3.1: the end of data may be followed by the next group.
            conversation.send("one\r\n.\r\nMAIL FROM:<b@example.org>\r\nRCPT TO:<dev@example.org>\r\nDATA\r\n");
            conversation.expect("250 2.0.0").expect("250 2.1.0").expect("250 2.1.5").expect("354");
            conversation.send("two\r\n.\r\nQUIT\r\n").expect("250 2.0.0").expect("221 2.0.0").expectClosed();
        }
        assertThat(letterbox.taken).extracting(submission -> new String(submission.octets(), StandardCharsets.UTF_8))
                .containsExactly("one\r\n", "two\r\n");
    }

    @Test
    void a_message_that_does_not_wait_for_354_is_not_read() throws IOException {
        letterbox.taken.clear();
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.say("MAIL FROM:<a@example.org>").expect("250").say("RCPT TO:<dev@example.org>").expect("250");
            conversation.send("DATA\r\nSubject: early\r\n\r\n.\r\n").expect("503 5.5.1").expectClosed();
        }
        assertThat(letterbox.taken).isEmpty();
    }
}
