package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorTest {
    @ParameterizedTest(name = "{0} is {1}, {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Jane Doe <jane@example.org>                         | Jane Doe     | jane@example.org
            "Doe, Jane" <jane@example.org>                      | Doe, Jane    | jane@example.org
            "Jane \\"J\\" Doe" <jane@example.org>               | Jane "J" Doe | jane@example.org
            Doe, Jane <jane@example.org>                        | Doe, Jane    | jane@example.org
            <jane@example.org>                                  | ``           | jane@example.org
            jane@example.org                                    | ``           | jane@example.org
            jane@example.org (Jane Doe)                         | Jane Doe     | jane@example.org
            jane@example.org (Jane (the) Doe)                   | Jane (the) Doe | jane@example.org
            (Jane Doe) jane@example.org                         | Jane Doe     | jane@example.org
            =?utf-8?q?J=C3=A4ne?= <jane@example.org>            | Jäne         | jane@example.org
            "=?utf-8?q?J=C3=A4ne?=" <jane@example.org>          | Jäne         | jane@example.org
            =?utf-8?q?Jane_=3Cjane=40example.org=3E?=           | Jane         | jane@example.org
            jane at example.org (Jane Doe)                      | Jane Doe     | jane@example.org
            Jane Doe <jane at example.org>                      | Jane Doe     | jane@example.org
            Jane@Example.ORG                                    | ``           | Jane@Example.ORG
            a@example.org, b@example.org                        | ``           | a@example.org
            Jane <jane@example.org>, Bob <bob@example.org>      | Jane         | jane@example.org
            People: Jane <jane@example.org>, b@example.org;     | Jane         | jane@example.org
            Jane Doe <jane@ example.org >                       | Jane Doe     | jane@example.org
            Jane Doe <jane@example.org                          | Jane Doe     | jane@example.org
            Jane Doe                                            | Jane Doe     | ``
            undisclosed-recipients:;                            | ``           | ``
            Jürgen <jürgen@bücher.example>                      | Jürgen       | jürgen@bücher.example
            "unclosed <jane@example.org>                        | unclosed <jane@example.org> | ``
            """)
    void the_first_mailbox_of_from(String from, String name, String address) {
        assertThat(Author.parse(from)).isEqualTo(new Author(name, address));
    }

    @Test
    void sender_speaks_where_from_is_silent() {
        assertThat(author("From: \nSender: Jane <jane@example.org>\n")).isEqualTo(new Author("Jane", "jane@example.org"));
        assertThat(author("From: Bob <bob@example.org>\nSender: jane@example.org\n")).isEqualTo(new Author("Bob", "bob@example.org"));
        assertThat(author("Subject: none\n")).isEqualTo(new Author("", ""));
    }

    @Test
    void names_are_short_and_printable_whatever_was_sent() {
        var author = author("From: \"\0 J\u001b" + "a".repeat(10_000) + "\" <" + "x".repeat(10_000) + "@example.org>\n");
        assertThat(author.name()).startsWith("\uFFFD J\uFFFDa").hasSize(200);
        assertThat(author.address()).hasSize(320);
    }

    @Test
    void time_grows_with_the_field() {
        for (var piece : new String[]{"(", "\"", "<", "\\", ",", ":", "a@b, ", "=?utf-8?q?a?= "}) {
            Growth.assertLinear(1_000, piece::repeat, Author::parse);
        }
    }

    @Test
    void any_text_gives_an_author() {
        var seed = "List: \"Doe\\\", J\" (a (b)) =?utf-8?q?J?= <jane@example.org>, bob at example.org (Bob)";
        new Mutations(4).forEach(seed.getBytes(StandardCharsets.UTF_8), 20_000, octets -> {
            var author = Author.parse(new String(octets, StandardCharsets.ISO_8859_1));
            assertThat(author.name() + author.address()).doesNotContainPattern("\\p{Cntrl}");
        });
    }

    private static Author author(String header) {
        return Author.of(HeaderSection.parse(header.getBytes(StandardCharsets.UTF_8)));
    }
}
