package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireMessageTest {
    @ParameterizedTest(name = "{2}: {0} goes out as {1}")
    @CsvSource(delimiter = '|', textBlock = """
            A: b\\r\\n\\r\\nc\\r\\n         | A: b\\r\\n\\r\\nc\\r\\n       | right already
            ''                              | ''                            | nothing at all
            a                               | a\\r\\n                       | no line end at the end
            a\\nb\\n                        | a\\r\\nb\\r\\n                | LF becomes CRLF
            a\\r\\nb\\nc\\r\\n              | a\\r\\nb\\r\\nc\\r\\n         | also a single one
            a\\rb\\r                        | a\\r\\nb\\r\\n                | CR becomes CRLF where there is no LF
            a\\r\\rb                        | a\\r\\n\\r\\nb\\r\\n          | and there each is a line end
            Subject: a\\rBcc: b\\r\\n       | Subject: a Bcc: b\\r\\n       | any other CR makes no new header field
            a\\r\\r\\rb\\n                  | a   b\\r\\n                   | nor do many
            a\\r\\r\\nb\\r\\n               | a\\r\\nb\\r\\n                | CRs before a line end belong to it
            a\\nb\\r                        | a\\r\\nb\\r\\n                | a CR at the very end is one
            .a\\r\\n..b\\r\\n               | ..a\\r\\n...b\\r\\n           | leading dots are doubled
            a.\\r\\n b\\r\\n                | a.\\r\\n b\\r\\n              | others are not
            .                               | ..\\r\\n                      | a dot alone does not end it
            a\\r\\n.\\r\\nb\\r\\n           | a\\r\\n..\\r\\nb\\r\\n        | nor does the right sequence
            a\\n.\\nb\\r\\n                 | a\\r\\n..\\r\\nb\\r\\n        | nor LF . LF
            a\\n.\\r\\nb\\r\\n              | a\\r\\n..\\r\\nb\\r\\n        | nor LF . CRLF
            a\\r\\n.\\nb\\r\\n              | a\\r\\n..\\r\\nb\\r\\n        | nor CRLF . LF
            a\\r.\\r\\nb\\r\\n              | a .\\r\\nb\\r\\n              | nor CR . CRLF
            a\\r.\\rb\\r\\n                 | a . b\\r\\n                   | nor CR . CR
            a\\r\\n.\\rb\\r\\n              | a\\r\\n.. b\\r\\n             | nor CRLF . CR
            a\\r\\r\\n.\\r\\r\\nb\\r\\n     | a\\r\\n..\\r\\nb\\r\\n        | nor CR CRLF . CR CRLF
            a\\r.\\r                        | a\\r\\n..\\r\\n               | nor CR . CR where CR ends lines
            \\0\\xFF\\x8D\\x85\\r\\n        | \\0\\xFF\\x8D\\x85\\r\\n      | other octets stay
            """)
    void lines_end_in_crlf_and_leading_dots_are_doubled(String octets, String wire, String why) {
        assertThat(text(WireMessage.of(bytes(octets)))).isEqualTo(latin1(bytes(wire)));
    }

    @Test
    void octets_that_are_right_are_shared_and_not_copied() {
        var octets = bytes("A: b\\r\\n\\r\\nc\\r\\n");
        assertThat(WireMessage.of(octets).lines()).containsExactly(octets);
        assertThat(WireMessage.of(octets).lines().getFirst()).isSameAs(octets);
    }

    @Test
    void a_message_may_be_cut_anywhere() {
        assertThat(text(WireMessage.of(bytes("a\\r"), bytes("\\n"), bytes(""), bytes(".b"), bytes(".c\\r\\n"))))
                .isEqualTo("a\r\n..b.c\r\n");
    }

    @ParameterizedTest(name = "{0}: {1} octets, 8 bit: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            a\\r\\n    | 3 | false
            a\\nb      | 6 | false
            .\\r\\n..a | 8 | false
            \\xE9      | 3 | true
            """)
    void size_counts_line_ends_but_not_doubled_dots(String octets, long size, boolean eightBit) {
        var message = WireMessage.of(bytes(octets));
        assertThat(message.size()).isEqualTo(size);
        assertThat(message.eightBit()).isEqualTo(eightBit);
    }

    @Test
    void personal_lines_stand_where_the_template_has_room_for_them() {
        var shared = List.of(bytes("A: b\\r\\n"), bytes("\\r\\nbody\\r\\n.\\n"), bytes(""));
        var template = WireMessage.template(shared);
        var one = template.with(bytes("List-Unsubscribe: <1>\\r\\n"), bytes(".footer for \\xE9"));
        var two = template.with(bytes("List-Unsubscribe: <2>\\r\\n"), bytes(""));
        assertThat(text(one)).isEqualTo("A: b\r\nList-Unsubscribe: <1>\r\n\r\nbody\r\n..\r\n..footer for \u00e9\r\n");
        assertThat(one.size()).isEqualTo(text(one).length() - 2);
        assertThat(one.eightBit()).isTrue();
        assertThat(text(two)).isEqualTo("A: b\r\nList-Unsubscribe: <2>\r\n\r\nbody\r\n..\r\n");
        assertThat(two.eightBit()).isFalse();
        assertThat(two.origin()).isEqualTo(one.origin());
        assertThat(one.lines().getFirst()).as("shared, not copied").isSameAs(shared.getFirst());
        assertThatThrownBy(() -> template.with(bytes("one only"))).hasMessage("1 personal parts for 2 places");
    }

    @Test
    void whatever_comes_in_no_line_end_but_crlf_and_no_end_of_data_goes_out() {
        var random = new Random(5321);
        var alphabet = bytes("\\r\\n..a \\xE9");
        for (int run = 0; run < 200_000; run++) {
            var octets = new byte[random.nextInt(12)];
            for (int i = 0; i < octets.length; i++) {
                octets[i] = alphabet[random.nextInt(alphabet.length)];
            }
            var message = WireMessage.of(octets);
            var wire = text(message);
            assertThat(wire.replace("\r\n", "")).as(wire).doesNotContain("\r", "\n");
            assertThat("\r\n" + wire).as(wire).doesNotContain("\r\n.\r\n").endsWith("\r\n");
            assertThat(("\r\n" + wire).replace("\r\n..", "\r\n.").length() - 2).as(wire).isEqualTo((int) message.size());
        }
    }

    @Test
    void hostile_octets_cost_no_more_than_others() {
        var octets = new byte[25_000_000];
        Arrays.fill(octets, (byte) '\r');
        octets[octets.length - 1] = 'x';
        octets[0] = '\n';
        assertThat(WireMessage.of(octets).size()).isEqualTo(octets.length + 3);
    }

    private static String text(WireMessage message) {
        var all = new ByteArrayOutputStream();
        message.lines().forEach(all::writeBytes);
        return latin1(all.toByteArray());
    }

    private static String latin1(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /// Understands \r, \n, \0 and \xHH.
    private static byte[] bytes(String escaped) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\') {
                c = escaped.charAt(++i);
                switch (c) {
                    case 'r' -> all.write('\r');
                    case 'n' -> all.write('\n');
                    case '0' -> all.write(0);
                    case 'x' -> {
                        all.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                        i += 2;
                    }
                    default -> throw new IllegalArgumentException(escaped);
                }
            } else {
                all.write(c);
            }
        }
        return all.toByteArray();
    }
}
