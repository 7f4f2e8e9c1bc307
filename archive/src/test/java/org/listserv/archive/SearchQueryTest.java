package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.LocalDate;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Growth;

class SearchQueryTest {
    private static final LocalDate TODAY = LocalDate.of(2024, 7, 15);

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
            to:ann c:bob tc:cid a:dan        | to:ann AND cc:bob AND rcpt:cid AND who:dan
            from:=Ann@Example.org            | from:=ann@example.org
            b:x bs:y nq:z q:w                | body:x AND text:y AND new:z AND quoted:w
            "a b"~3                          | "a b"~3
            has:(patch OR link)              | has:patch OR has:link
            is:root is:unanswered            | is:root AND is:unanswered
            vote:1                           | vote:+1
            ref.issue:LUCENE-1234            | ref.issue:lucene-1234
            id:<a@b> m:c* replyto:d ref:e    | id:a@b AND id:c* AND replyto:d AND ref:e
            dfn:Foo.java dfb:x dfa:y dfhh:z  | file:Foo.java AND add:x AND del:y AND hunk:z
            blob:ABC123                      | blob:abc123
            header.user-agent:mutt           | header.user-agent:mutt
            type:pdf n:plan                  | attachtype:pdf AND attach:plan
            date:2024-03                     | date:2024-03
            date:2024-01-15..2024-02-28      | date:2024-01-15..2024-02-28
            d:>2024-03                       | date:2024-04-01..
            on:<=2024-03                     | date:..2024-03-31
            date:6M..                        | date:2024-01-15..
            date:last.month                  | date:2024-06
            lte=1w x                         | after:2024-07-08 AND x
            sent:2023..                      | sent:2023-01-01..
            size:>10k replies:2..5 people:3  | size:10001.. AND replies:2..5 AND people:3
            thread:{from:a} thread:{from:b}  | thread:{from:a} AND thread:{from:b}
            thread:<a@b>                     | thread:a@b
            x sort:relevance                 | x sort:relevance
            order:date-asc x                 | x sort:date-asc
            a}                               | a}
            """)
    void queries_mean_what_the_full_grammar_says(String typed, String meaning) {
        var query = SearchQuery.parse(typed, TODAY);
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
            lang:de a              | a                   | “lang:” is not supported yet; “de” was left out.
            attachtext:"a b" c     | c                   | “attachtext:” is not supported yet; “"a b"” was left out.
            has:wings a            | a                   | “has:wings” was left out: there are attachment, diff, html, link, patch, quote, signature, table.
            is:odd a               | a                   | “is:odd” was left out: there are announce, bot, patch, reply, result, root, vote.
            size:big a             | a                   | “size:big” was left out: a number is 12, 10k or 2M, a span 2..5 or >3.
            date:soon.. a          | a                   | “date:soon..” was left out: a date is 2024, 2024-03 or 2024-03-15, a span 2024-01..2024-03 or >2024-03.
            sort:size a            | a                   | “sort:size” was left out: there are date, date-asc, relevance and replies.
            thread:{a b            | thread:{a AND b}    | A missing “}” was added at the end.
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
                "😀", "subject:(", "-(", "\u0000", "to:", "thread:{", "}", "~3", "has:", "date:", "..", "size:>", "header.x:", "from:=",
                "lte="};
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
