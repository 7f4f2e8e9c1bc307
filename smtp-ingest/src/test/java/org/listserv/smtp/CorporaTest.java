package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.mail.Corpora;

/// Real and broken mail as a relay would hand it over: with CRLF, whatever else is wrong with it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorporaTest {

    private final Letterbox letterbox = new Letterbox();
    private MailServer server;

    @BeforeAll
    void start() throws IOException {
        server = MailServer.start(new Settings().done(), letterbox);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auth", "bounces", "dmarc", "eai", "lists", "mime", "replies", "spam"})
    @Timeout(120)
    void every_file_is_taken_octet_by_octet_or_refused_for_a_reason(String folder) throws IOException {
        for (var file : Corpora.files(folder)) {
            var octets = withCrlf(Corpora.octets(file));
            letterbox.taken.clear();
            try (var conversation = Conversation.greeted(server.addresses().getFirst(), "EHLO")) {
                conversation.send("MAIL FROM:<>\r\nRCPT TO:<dev@example.org>\r\nDATA\r\n").expect("250").expect("250").expect("354");
                conversation.send(stuffed(octets)).send(".\r\n");
                if (hasBareCr(octets)) {
                    conversation.expect("550 5.5.2 CR without LF").expectClosed();
                    assertThat(letterbox.taken).isEmpty();
                } else {
                    conversation.expect("250 2.0.0");
                    assertThat(Arrays.equals(letterbox.only().octets(), octets)).as(Corpora.name(file)).isTrue();
                }
            }
        }
    }

    private static byte[] withCrlf(byte[] octets) {
        var crlf = new ByteArrayOutputStream(octets.length + octets.length / 32);
        byte last = '\n';
        for (byte octet : octets) {
            if (octet == '\n' && last != '\r') {
                crlf.write('\r');
            }
            crlf.write(octet);
            last = octet;
        }
        if (last != '\n') {
            crlf.writeBytes(new byte[]{'\r', '\n'});
        }
        return crlf.toByteArray();
    }

    private static byte[] stuffed(byte[] octets) {
        var stuffed = new ByteArrayOutputStream(octets.length + 100);
        byte last = '\n';
        for (byte octet : octets) {
            if (octet == '.' && last == '\n') {
                stuffed.write('.');
            }
            stuffed.write(octet);
            last = octet;
        }
        return stuffed.toByteArray();
    }

    private static boolean hasBareCr(byte[] octets) {
        for (int at = 0; at + 1 < octets.length; at++) {
            if (octets[at] == '\r' && octets[at + 1] != '\n') {
                return true;
            }
        }
        return false;
    }
}
