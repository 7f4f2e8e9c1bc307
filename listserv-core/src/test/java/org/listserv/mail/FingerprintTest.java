package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private static final String MESSAGE = """
            Received: from a by b; Tue, 20 Aug 2002 12:00:00 +0000\r
            Message-ID: <1@example.org>\r
            From: Jane <jane@example.org>\r
            Date: Tue, 20 Aug 2002 12:00:00 +0000\r
            Subject: a long subject\r
            \r
            line\r
            \r
            last\r
            """;

    /// The format is stored for two weeks in every database: written out here once more, by hand.
    @Test
    void the_fingerprint_is_four_fields_with_their_lengths_and_the_body() throws Exception {
        var expected = new ByteArrayOutputStream();
        for (var value : new String[]{"<1@example.org>", "Jane <jane@example.org>", "Tue, 20 Aug 2002 12:00:00 +0000", "a long subject"}) {
            expected.writeBytes(new byte[]{0, 0, 0, (byte) value.length()});
            expected.writeBytes(value.getBytes(StandardCharsets.UTF_8));
        }
        expected.writeBytes("line\n\nlast".getBytes(StandardCharsets.UTF_8));
        var sha256 = MessageDigest.getInstance("SHA-256").digest(expected.toByteArray());
        var fingerprint = fingerprint(MESSAGE);
        assertThat(fingerprint).hasSize(33).startsWith(1).endsWith(sha256);
    }

    @Test
    void the_exact_key_is_all_octets_a_nul_and_the_reverse_path() throws Exception {
        var octets = MESSAGE.getBytes(StandardCharsets.UTF_8);
        var sha256 = MessageDigest.getInstance("SHA-256").digest((MESSAGE + "\0jane@example.org").getBytes(StandardCharsets.UTF_8));
        assertThat(Fingerprint.exact(octets, ReversePath.parse("jane@example.org"))).hasSize(33).startsWith(0).endsWith(sha256)
                .isNotEqualTo(Fingerprint.exact(octets, new ReversePath.Null()));
    }

    /// Each replaces one thing another way to us may change; the message stays the same.
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Received: from a by b -> Received: from c by d", "\r\n -> \n", "a long subject -> a long\r\n subject",
            "last\r\n -> last\r\n\r\n\r\n",
            "last\r\n -> last", "Subject:  -> subject:\t", "\r\n -> \r", "Message-ID -> X-Spam: no\r\nMessage-Id"})
    void a_copy_that_came_another_way_has_the_same_fingerprint(String change) {
        var sides = change.split(" -> ", 2);
        assertThat(MESSAGE).contains(sides[0]);
        var changed = MESSAGE.replace(sides[0], sides[1]);
        assertThat(fingerprint(changed)).isEqualTo(fingerprint(MESSAGE));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"1@example.org -> 2@example.org", "Jane -> June", "12:00:00 +0000 -> 12:00:01 +0000", "a long -> another",
            "line -> lane",
            "line\r\n -> line\r\n\r\n", "line -> line ", "\r\n\r\nline -> \r\n\r\n\r\nline", "Subject: a long subject\r\n -> "})
    void another_message_has_another_fingerprint(String change) {
        var sides = change.split(" -> ", 2);
        assertThat(MESSAGE).contains(sides[0]);
        assertThat(fingerprint(MESSAGE.replace(sides[0], sides[1]))).isNotEqualTo(fingerprint(MESSAGE));
    }

    @Test
    void a_missing_field_is_not_an_empty_one() {
        assertThat(fingerprint(MESSAGE.replace("Subject: a long subject\r\n", "")))
                .isNotEqualTo(fingerprint(MESSAGE.replace("a long subject", "")));
    }

    @Test
    void without_message_id_there_is_no_fingerprint_but_a_derived_identifier() {
        var octets = MESSAGE.replace("Message-ID: <1@example.org>\r\n", "").getBytes(StandardCharsets.UTF_8);
        var header = HeaderSection.parse(octets);
        assertThat(Fingerprint.fingerprint(octets, header)).isEmpty();
        var derived = Fingerprint.derivedMessageId(octets, header, "lists.example.org");
        assertThat(derived).matches("[a-z2-7]{53}\\.derived@lists\\.example\\.org")
                .isEqualTo(Fingerprint.derivedMessageId(octets, header, "lists.example.org"));
        assertThat(MessageIds.of(HeaderSection.parse(("Message-ID: <" + derived + ">\n").getBytes(StandardCharsets.UTF_8))))
                .contains(derived);
        var withOtherTrace = new String(octets, StandardCharsets.UTF_8).replace("from a by b", "from c by d")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(Fingerprint.derivedMessageId(withOtherTrace, HeaderSection.parse(withOtherTrace), "lists.example.org"))
                .isEqualTo(derived);
    }

    @Test
    void time_grows_with_the_body() {
        for (var piece : new String[]{"\n", "\r\n", "\r", "x", "x\n"}) {
            Growth.assertLinear(50_000, n -> ("Message-ID: <1@x>\n\n" + piece.repeat(n)).getBytes(StandardCharsets.UTF_8),
                    octets -> Fingerprint.fingerprint(octets, HeaderSection.parse(octets)));
        }
    }

    private static byte[] fingerprint(String message) {
        var octets = message.getBytes(StandardCharsets.UTF_8);
        return Fingerprint.fingerprint(octets, HeaderSection.parse(octets)).orElseThrow();
    }
}
