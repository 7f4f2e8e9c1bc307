package org.listserv.members;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ann@example.org                      | ann@example.org       | ann@example.org       | ``
            Ann.Lee@Example.ORG                  | Ann.Lee@example.org   | ann.lee@example.org   | ``
            Ann Lee <ann@example.org>            | ann@example.org       | ann@example.org       | Ann Lee
            "Lee, Ann" <ann@example.org>         | ann@example.org       | ann@example.org       | Lee, Ann
            <ann@example.org>                    | ann@example.org       | ann@example.org       | ``
            "ann lee"@example.org                | "ann lee"@example.org | "ann lee"@example.org | ``
            ann@bücher.example                   | ann@bücher.example    | ann@xn--bcher-kva.example | ``
            """)
    void a_line_is_a_mailbox(String line, String mailbox, String normal, String name) {
        assertThat(Entry.of(line, false)).isEqualTo(new Entry(mailbox, normal, name));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
            @Example.ORG,      @example.org
            @bücher.example,   @xn--bcher-kva.example
            Ann@Example.ORG,   ann@example.org
            """)
    void a_line_of_the_allow_set_is_a_pattern(String line, String pattern) {
        assertThat(Entry.of(line, true).address()).isEqualTo(pattern);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ann                 | address has no @
            @example.org        | local part is empty
            ann@                | domain
            ann lee@example.org | local part
            Ann Lee ann@example.org> | local part
            a..b@example.org    | local part
            """)
    void a_line_that_is_no_mailbox_says_why(String line, String reason) {
        assertThatThrownBy(() -> Entry.of(line, false)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(reason);
    }

    @Test
    void an_address_that_does_not_fit_its_column_is_refused_before_it_gets_there() {
        var domain = "d.".repeat(100) + "example";
        var line = "a".repeat(200) + "@" + domain;
        assertThatThrownBy(() -> Entry.of(line, false)).hasMessageContaining("longer than 400 characters");
    }
}
