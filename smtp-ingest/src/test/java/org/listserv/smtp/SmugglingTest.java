package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.smtp.SmtpSettings.Dialect;

/// A second message hidden in the first (CVE-2023-51764, -51765, -51766): whatever another server may take for the end of data, we
/// refuse the whole and hang up. RFC 5321 §2.3.8, §4.1.1.4.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmugglingTest {

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

    @BeforeEach
    void empty() {
        letterbox.taken.clear();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"LF.LF", "LF.CR", "CR.LF", "CR.CR", "LF.CRLF", "CR.CRLF", "CRLF.CRCRLF", "CRCRLF.CRCRLF", "CRLF NUL.CRLF",
            // and some more that nobody should take for the end
            "CRLF.LF", "CRLF.CR.", "CRLF NUL NUL.CRLF", "CRLF.NULCRLF"})
    void is_no_end_of_data_but_the_end_of_the_session(String sequence) throws IOException {
        var octets = sequence.replace(" ", "").replace("CR", "\r").replace("LF", "\n").replace("NUL", "\0");
        for (var dialect : Dialect.values()) {
            try (var conversation = ready(dialect)) {
                conversation.send(
                        "Subject: outer\r\n\r\ntext" + octets + "MAIL FROM:<admin@example.org>\r\nRCPT TO:<dev@example.org>\r\nDATA\r\n"
                                + "Subject: inner\r\n\r\nsmuggled\r\n.\r\n");
                conversation.expect("550 5.5.2").expectClosed();
            }
        }
        assertThat(letterbox.taken).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"LF.LF", "CR.CR", "CRLF.CRCRLF", "CRLF NUL.CRLF"})
    void is_seen_octet_by_octet_too(String sequence) throws IOException {
        var octets = sequence.replace(" ", "").replace("CR", "\r").replace("LF", "\n").replace("NUL", "\0");
        try (var conversation = ready(Dialect.SMTP)) {
            for (char octet : ("text" + octets).toCharArray()) {
                conversation.send(Character.toString(octet));
            }
            conversation.expect("550 5.5.2").expectClosed();
        }
        assertThat(letterbox.taken).isEmpty();
    }

    @Test
    void other_nuls_and_dots_are_text() throws IOException {
        var text = "\0\r\n\0..\r\n...\r\n.x\r\nx.\r\n. \r\n\0.x\0\r\na\0b\r\n";
        try (var conversation = ready(Dialect.SMTP)) {
            conversation.send(text + ".\r\n").expect("250 2.0.0");
        }
        assertThat(letterbox.only().octets()).asString().isEqualTo("\0\r\n\0..\r\n..\r\nx\r\nx.\r\n \r\n\0.x\0\r\na\0b\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP\n", "NOOP\rNOOP\r\n", "NOOP\r\r\n", "\n"})
    void commands_end_with_crlf_too(String line) throws IOException {
        try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
            conversation.send(line).expect("500 5.5.2").expectClosed();
        }
    }

    /// The refusal must be readable even while the client is still sending.
    @Test
    void the_refusal_is_read_by_a_client_that_goes_on_sending() throws IOException {
        var rest = "all work and no play makes Jack a dull boy\r\n".repeat(20_000);
        try (var conversation = ready(Dialect.SMTP)) {
            conversation.send("text\n.\n" + rest);
            conversation.expect("550 5.5.2").expectClosed();
        }
    }

    private Conversation ready(Dialect dialect) throws IOException {
        return Conversation.greeted(server.addresses().get(dialect.ordinal()), dialect == Dialect.LMTP ? "LHLO" : "EHLO").script("""
                C: MAIL FROM:<a@example.org>
                S: 250
                C: RCPT TO:<dev@example.org>
                S: 250
                C: DATA
                S: 354
                """);
    }
}
