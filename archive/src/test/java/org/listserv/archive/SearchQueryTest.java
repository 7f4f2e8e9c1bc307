package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Growth;

class SearchQueryTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
            release                          | release
            release plan                     | release AND plan
            release AND plan                 | release AND plan
            "release plan" now               | "release plan" AND now
            a OR b c                         | a OR (b AND c)
            (a OR b) c                       | (a OR b) AND c
            -plan release                    | NOT plan AND release
            NOT plan release                 | NOT plan AND release
            -"release plan" x                | NOT "release plan" AND x
            -(a b) c                         | NOT (a AND b) AND c
            NOT -a b                         | a AND b
            rel*                             | rel*
            from:ann                         | from:ann
            f:ann s:plan                     | from:ann AND subject:plan
            from:(ann OR bob)                | from:ann OR from:bob
            subject:"release plan"           | subject:"release plan"
            -from:ann x                      | NOT from:ann AND x
            FROM:ann                         | from:ann
            list:dev@lists.example.org x     | list:dev@lists.example.org AND x
            l:dev x                          | list:dev AND x
            after:2024-03 before:2024-04-15  | after:2024-03 AND before:2024-04-15
            after:2024                       | after:2024
            +1                               | +1
            -1                               | -1
            C++                              | C++
            .NET                             | .NET
            @Override                        | @Override
            LUCENE-1234                      | LUCENE-1234
            a@b.org                          | a@b.org
            --verbose                        | --verbose
            f(x)                             | f(x)
            http://example.org/a             | http://example.org/a
            or and not                       | or AND and AND not
            “release plan”                   | "release plan"
            ORGAN NOTE                       | ORGAN AND NOTE
            """)
    void queries_mean_what_the_full_grammar_says(String typed, String meaning) {
        var query = SearchQuery.parse(typed);
        assertThat(query).hasToString(meaning);
        assertThat(query.notes()).isEmpty();
        assertThat(SearchQuery.parse(meaning)).as("what is shown can be typed").hasToString(meaning);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '§', emptyValue = "", textBlock = """
            "release plan          | "release plan"      | A missing quote was added at the end.
            (a OR b                | a OR b              | A missing “)” was added at the end.
            a) b                   | a AND b             | A “)” without “(” was left out.
            a OR                   | a                   | An “OR” with nothing beside it was left out.
            OR a                   | a                   | An “OR” with nothing beside it was left out.
            a OR OR b              | a OR b              | An “OR” with nothing beside it was left out.
            a NOT                  | a                   | A “NOT” with nothing behind it was left out.
            before:soon a          | a                   | “before:soon” was left out: a date is 2024, 2024-03 or 2024-03-15.
            after:2024-13 a        | a                   | “after:2024-13” was left out: a date is 2024, 2024-03 or 2024-03-15.
            after:2023-02-30 a     | a                   | “after:2023-02-30” was left out: a date is 2024, 2024-03 or 2024-03-15.
            colour:red             | colour:red          | “colour:” is no field here and was taken as text.
            to:ann a               | a                   | “to:” is not supported yet; “ann” was left out.
            thread:"a b" c         | c                   | “thread:” is not supported yet; “"a b"” was left out.
            a*                     | a                   | “a*” is too short for a “*”; it was searched without.
            a --- b                | a AND b             | “---” holds nothing that can be searched.
            """)
    void what_does_not_fit_is_answered_and_never_an_error(String typed, String meaning, String note) {
        var query = SearchQuery.parse(typed);
        assertThat(query).hasToString(meaning);
        assertThat(query.notes()).containsExactly(note);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a            | true
            a -b         | true
            -b           | false
            NOT (a OR b) | false
            a OR -b      | false
            after:2024   | true
            -a list:dev  | true
            """)
    void only_leaving_out_is_not_searching(String typed, boolean positive) {
        assertThat(SearchQuery.parse(typed).isPositive()).isEqualTo(positive);
    }

    @Test
    void nothing_is_nothing() {
        for (var typed : new String[]{"", " ", "()", "\"\"", "-", "OR", "( ( ) )", "***", "\u0000"}) {
            assertThat(SearchQuery.parse(typed)).as(typed).hasToString("");
        }
    }

    @Test
    void size_is_bounded() {
        assertThat(SearchQuery.parse("word ".repeat(150)).notes()).containsExactly("Only the first 64 words and phrases were searched.");
        assertThat(SearchQuery.parse("word ".repeat(150)).toString().split(" AND ")).hasSize(SearchQuery.MOST_TERMS);
        assertThat(SearchQuery.parse("x".repeat(5000)).notes()).containsExactly("Only the first 1000 characters were read.");
        assertThat(SearchQuery.parse("(".repeat(500) + "a").notes()).contains("Brackets deeper than 20 were left out.");
    }

    @Test
    void whatever_is_typed_is_understood_somehow_and_shown_as_it_was_understood() {
        var pieces = new String[]{"(", ")", "\"", "-", "OR", "NOT", "AND", " ", " ", "a", "b*", "from:", "list:", "before:", "2024", "x:",
                "+1", "*", ":", "é", "\ud83d",
                "😀", "subject:(", "-(", "\u0000", "to:"};
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            var typed = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                typed.append(pieces[random.nextInt(pieces.length)]);
            }
            assertThatCode(() -> SearchQuery.parse(typed.toString()).toString()).as(typed.toString()).doesNotThrowAnyException();
        }
    }

    @Test
    void time_grows_with_the_query_and_not_with_its_square() {
        Growth.assertLinear(60, size -> "a OR ".repeat(size / 6), SearchQuery::parse);
    }
}
