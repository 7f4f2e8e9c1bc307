package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;

class StructureTest {
    @Test
    void a_plain_message_has_a_charset_and_an_encoding() {
        var message = "Content-Type: Text/Plain; charset=\"ISO-8859-1\"\r\nContent-Transfer-Encoding: Quoted-Printable (x)\r\n\r\nbody";
        assertThat(structure(message))
                .isEqualTo(new Structure("text/plain", Optional.of("iso-8859-1"), "quoted-printable", Optional.empty(),
                        message.indexOf("body"), OptionalInt.empty()));
    }

    @Test
    void a_message_that_says_nothing_is_plain_text() {
        assertThat(structure("Subject: x\n\nbody")).isEqualTo(
                new Structure("text/plain", Optional.empty(), "7bit", Optional.empty(), 12, OptionalInt.empty()));
        assertThat(structure("Content-Type: text\n\nbody").mediaType()).isEqualTo("text/plain");
        assertThat(structure("Content-Type: text/html charset=utf-8\n\nbody").mediaType()).isEqualTo("text/html");
    }

    @Test
    void a_part_can_be_put_before_the_closing_delimiter() {
        var message = """
                Content-Type: multipart/mixed; boundary="b"

                --b--
                --b
                Content-Type: multipart/alternative; boundary="b-"

                --b-
                --b---
                --bb--
                --b-- \s
                --b--
                """;
        var structure = structure(message);
        assertThat(structure.boundary()).contains("b");
        assertThat(structure.closingDelimiterOffset()).hasValue(message.indexOf("--b-- "));
        var with = message.substring(0, structure.closingDelimiterOffset().getAsInt()) + "--b\n\nfooter\n"
                + message.substring(structure.closingDelimiterOffset().getAsInt());
        assertThat(MimeView.of(with.getBytes(StandardCharsets.UTF_8)).bodyText()).endsWith("footer");
    }

    @Test
    void a_message_cut_short_has_no_closing_delimiter() {
        assertThat(structure("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n").closingDelimiterOffset()).isEmpty();
        assertThat(structure("Content-Type: multipart/mixed\n\n--b\n\nbody\n--b--\n").boundary()).isEmpty();
    }

    private static Structure structure(String message) {
        return Structure.of(message.getBytes(StandardCharsets.UTF_8));
    }
}
