package org.listserv.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.bounce.Wordings.Meaning;
import org.listserv.bounce.Wordings.Wording;

class WordingsTest {
    private static final EnumSet<Meaning> REASONS = EnumSet.of(Meaning.POLICY, Meaning.HINT, Meaning.SOFT, Meaning.UNKNOWN, Meaning.HARD);

    private static final Wordings SMALL = Wordings.parse("""
            # a comment
            [general] tests
            unknown user unknown
            soft (mailbox|inbox) (is |)full
            policy blocked * spam
            soft blocked
            hard gone away$
            [mta] other tests
            policy mailbox is full of it
            """);

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '~', textBlock = """
            sorry, user unknown here  ~ user unknown
            the inbox full  ~ (mailbox|inbox) (is |)full
            the mailbox is full  ~ (mailbox|inbox) (is |)full
            the mailbox is full of it  ~ mailbox is full of it
            blocked as spam  ~ blocked * spam
            blocked as it was said for spam    ~ blocked * spam
            blocked  ~ blocked
            it has gone away.)  ~ gone away$
            it has gone away for good  ~ ''
            the mail box  ~ ''
            """)
    void the_longest_wording_wins(String text, String words) {
        assertThat(SMALL.longest(REASONS, text).map(Wording::words).orElse("")).isEqualTo(words);
    }

    @Test
    void what_a_star_stands_for_is_bounded() {
        assertThat(SMALL.longest(REASONS, "blocked " + "x".repeat(59) + " spam").map(Wording::words)).contains("blocked * spam");
        assertThat(SMALL.longest(REASONS, "blocked " + "x".repeat(61) + " spam").map(Wording::words)).contains("blocked");
    }

    @Test
    void of_two_that_are_equally_long_the_more_cautious_wins() {
        var table = Wordings.parse("[f] tests\nhard no such thing\npolicy some such thing");
        assertThat(table.longest(REASONS, "no such thing, and some such thin").map(Wording::meaning)).contains(Meaning.HARD);
        var equal = Wordings.parse("[f] tests\nhard what a thing\nsoft what a thing");
        assertThat(equal.longest(REASONS, "what a thing").map(Wording::meaning)).contains(Meaning.SOFT);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            hard user unknown         | line 1: a meaning and words, below a [FAMILY]
            [family                   | line 1: [FAMILY] and whose words these are
            [family]                  | line 1: [FAMILY] and whose words these are
            [f] tests;hurd gone       | line 2: there is no meaning hurd
            [f] tests;hard            | line 2: a meaning and words
            [f] tests;hard no         | words begin with 3 chars at least
            """)
    void a_table_that_cannot_be_read_is_refused_with_its_line(String table, String message) {
        assertThatThrownBy(() -> Wordings.parse(table.replace(';', '\n'))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void every_wording_of_the_program_is_found_where_it_stands_and_stands_once() {
        var seen = new HashSet<String>();
        for (var wording : Wordings.shippedOnes().all()) {
            assertThat(seen.add(wording.meaning() + " " + wording.words())).as("twice: " + wording.words()).isTrue();
            assertThat(wording.words()).isLowerCase().doesNotContain("  ");
            var text = "x " + String.join(" y ", wording.pieces().stream().map(piece -> piece.getLast()).toList());
            var found = new HashSet<Wording>();
            Wordings.shippedOnes().forEach(EnumSet.of(wording.meaning()), text, (one, _) -> found.add(one));
            assertThat(found).as(wording.words()).contains(wording);
        }
        assertThat(seen).hasSizeGreaterThan(300);
    }

    /// A hard wording inside a longer one that is not hard loses; the other way round it would win over caution.
    @Test
    void no_wording_of_the_program_is_hard_and_something_else() {
        var table = Wordings.shippedOnes();
        var both = table.all().stream().filter(wording -> wording.meaning() == Meaning.HARD)
                .filter(hard -> table.all().stream().anyMatch(
                        other -> REASONS.contains(other.meaning()) && other.meaning() != Meaning.HARD
                                && other.words().equals(hard.words())));
        assertThat(both).isEmpty();
        assertThat(Stream.of(Meaning.values()).allMatch(meaning -> table.all().stream().anyMatch(wording -> wording.meaning() == meaning)))
                .isTrue();
    }
}
