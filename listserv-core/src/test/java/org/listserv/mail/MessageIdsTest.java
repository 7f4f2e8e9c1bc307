package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageIdsTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            <1@example.org>              | 1@example.org
            1@example.org                | 1@example.org
            <1@example.org> (added by x) | 1@example.org
            <<1@example.org>             | 1@example.org
            < 1@exam ple.org >           | 1@example.org
            <"a b"@example.org>          | "ab"@example.org
            <1>                          | 1
            <ü@example.org>              | ü@example.org
            <1@example.org               | 1@example.org
            <>                           | -
            ``                           | -
            """)
    void a_message_has_one_identifier_or_none(String value, String id) {
        assertThat(MessageIds.of(header("Message-ID: " + value + "\n")).orElse("-")).isEqualTo(id);
    }

    @Test
    void folded_identifiers_are_whole_again_and_hold_nothing_that_cannot_be_stored() {
        assertThat(MessageIds.of(header("message-id:\n <1\0@\n\texample.org>\n"))).contains("1@example.org");
        assertThat(MessageIds.of(header("Message-ID: <" + "x".repeat(998) + ">\n"))).isPresent();
        assertThat(MessageIds.of(header("Message-ID: <" + "x".repeat(999) + ">\n"))).isEmpty();
        assertThat(MessageIds.of(header("Subject: none\n"))).isEmpty();
    }

    @ParameterizedTest(name = "References {0}, In-Reply-To {1}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            <1@x> <2@x>        | <2@x>                                              | 1@x 2@x
            <1@x> <2@x>        | <3@x>                                              | 1@x 2@x 3@x
            <1@x><2@x>,<3@x>   | ``                                                 | 1@x 2@x 3@x
            <1@x> <2@x> <1@x>  | ``                                                 | 2@x 1@x
            ``                 | <1@x>                                              | 1@x
            ``                 | 1@x                                                | 1@x
            1@x 2@x            | ``                                                 | 1@x 2@x
            ``                 | Your message of "Tue, 20 Aug 2002" <1@x>           | 1@x
            ``                 | Message from Jane <jane@x> of Tue <1@x>            | 1@x
            ``                 | <1@x> from Jane <jane@x>                           | 1@x
            ``                 | <1@x> <2@x>                                        | 1@x 2@x
            ``                 | your mail of Monday to jane@x                      | ``
            <1@x> <own@x>      | <own@x>                                            | 1@x
            <1@x> <            | ``                                                 | 1@x
            """)
    void what_it_answers_is_oldest_first_and_the_parent_last(String references, String inReplyTo, String expected) {
        var header = header("Message-ID: <own@x>\nReferences: %s\nIn-Reply-To: %s\n".formatted(references, inReplyTo));
        assertThat(MessageIds.references(header)).isEqualTo(expected.isEmpty() ? List.of() : List.of(expected.split(" ")));
    }

    @Test
    void only_the_nearest_twenty_ancestors_are_read() {
        var references = IntStream.range(0, 1_000).mapToObj("<%d@x>"::formatted).collect(Collectors.joining("\n "));
        assertThat(MessageIds.references(header("References: " + references + "\nIn-Reply-To: <parent@x>\n")))
                .hasSize(20).startsWith("981@x").endsWith("999@x", "parent@x");
    }

    @Test
    void the_hash_is_the_beginning_of_sha256() {
        // echo -n 1@example.org | sha256sum
        assertThat(MessageIds.hash("1@example.org")).isEqualTo(0xab6f5b02dde34697L);
    }

    @Test
    void time_grows_with_the_field() {
        for (var piece : new String[]{"<", ">", "<a@b> ", "a@b ", " ", "<a", "\u00a0"}) {
            Growth.assertLinear(2_000, n -> header("Message-ID: " + piece.repeat(n) + "\nReferences: " + piece.repeat(n) + "\nIn-Reply-To: "
                    + piece.repeat(n) + "\n"), MessageIds::references);
        }
    }

    private static HeaderSection header(String text) {
        return HeaderSection.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
