package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.smtp.SmtpSettings.Dialect;

/// Listeners behind HAProxy: who really connects stands in a header before the first word of SMTP, and is trusted or not like anybody.
class ProxyTest {

    /// `\r\n\r\n\0\r\nQUIT\n`
    private static final String V2 = "0d0a0d0a000d0a515549540a";

    private final Letterbox letterbox = new Letterbox();
    private MailServer server;

    private void start(String proxyFrom) throws IOException {
        server = MailServer.start(new Settings().listeners(Settings.listener(Dialect.SMTP, true), Settings.listener(Dialect.LMTP, true))
                .trusted("192.0.2.0/24,2001:db8::/32").proxyFrom(proxyFrom).done(), letterbox);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            PROXY TCP4 192.0.2.77 198.51.100.1 56324 25            | 192.0.2.77
            PROXY TCP6 2001:db8::77 2001:db8::1 56324 25           | 2001:db8:0:0:0:0:0:77
            PROXY UNKNOWN                                          | 127.0.0.1
            PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65 | 127.0.0.1
            """)
    void version_1_says_whose_connection_it_is(String header, String address) throws IOException {
        delivers((header + "\r\n").getBytes(StandardCharsets.US_ASCII), address);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            21 11 000c c000024d c6336401 dc04 0019                                                                   | 192.0.2.77
            21 11 0013 c000024d c6336401 dc04 0019 04 0004 00000000                                                  | 192.0.2.77
            21 21 0024 20010db8000000000000000000000077 20010db8000000000000000000000001 dc04 0019                   | 2001:db8:0:0:0:0:0:77
            20 00 0000                                                                                               | 127.0.0.1
            20 11 000c c000024d c6336401 dc04 0019                                                                   | 127.0.0.1
            21 00 0000                                                                                               | 127.0.0.1
            """)
    void version_2_says_whose_connection_it_is(String header, String address) throws IOException {
        delivers(HexFormat.of().parseHex(V2 + header.replace(" ", "")), address);
    }

    private void delivers(byte[] header, String address) throws IOException {
        start("127.0.0.1");
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.send(header).script("""
                    S: 220
                    C: EHLO client.example
                    S: 250
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    C: .
                    S: 250
                    """);
        }
        assertThat(letterbox.only().client().address()).isEqualTo(address);
    }

    @Test
    void lmtp_can_stand_behind_a_proxy_too() throws IOException {
        start("127.0.0.1");
        try (var conversation = new Conversation(server.addresses().getLast())) {
            conversation.say("PROXY TCP4 192.0.2.77 198.51.100.1 56324 24").expect("220").say("LHLO client.example").expect("250");
        }
    }

    @Test
    void who_is_not_trusted_is_sent_away_behind_a_proxy_too() throws IOException {
        start("127.0.0.1");
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.say("PROXY TCP4 203.0.113.9 198.51.100.1 56324 25").expect("554 5.7.1 203.0.113.9").expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO client.example\r\n", "PROXY TCP4 192.0.2.77\r\n", "PROXY TCP4 host.example 198.51.100.1 1 25\r\n",
            "PROXY UDP4 192.0.2.77 198.51.100.1 1 25\r\n",
            "PROXY TCP4 192.0.2.77 198.51.100.1 1 25 and so on, for much longer than a header of "
                    + "the first version may ever be\r\n"})
    void without_a_header_there_is_no_answer(String instead) throws IOException {
        start("127.0.0.1");
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.send(instead).expectClosed();
        }
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            31 11 000c c000024d c6336401 dc04 0019 | version 3
            2f 11 000c c000024d c6336401 dc04 0019 | no such command
            21 12 000c c000024d c6336401 dc04 0019 | UDP
            21 11 0004 c000024d                    | too short
            """)
    void a_damaged_binary_header_has_no_answer(String header, String why) throws IOException {
        start("127.0.0.1");
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.send(HexFormat.of().parseHex(V2 + header.replace(" ", ""))).expectClosed();
        }
    }

    @Test
    void only_the_proxy_may_say_such_things() throws IOException {
        start("198.51.100.7");
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.say("PROXY TCP4 192.0.2.77 198.51.100.1 56324 25").expectClosed();
        }
        assertThat(server.counts().sessions()).isEqualTo(1);
    }

    @Test
    void without_the_listener_a_header_is_no_command() throws IOException {
        server = MailServer.start(new Settings().proxyFrom("127.0.0.1").done(), letterbox);
        try (var conversation = new Conversation(server.addresses().getFirst())) {
            conversation.expect("220").say("PROXY TCP4 192.0.2.77 198.51.100.1 56324 25").expect("500 5.5.1");
        }
    }
}
