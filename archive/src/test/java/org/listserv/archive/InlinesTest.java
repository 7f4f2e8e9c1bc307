package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Author;
import org.listserv.mail.Growth;

class InlinesTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            see http://example.org.                      | see {http://example.org}.
            <https://example.org/a>                      | <{https://example.org/a}>
            (https://example.org/a)                      | ({https://example.org/a})
            https://example.org/Foo_(bar)                | {https://example.org/Foo_(bar)}
            (see https://example.org/Foo_(bar)).         | (see {https://example.org/Foo_(bar)}).
            [1]: https://example.org/a?b=c&d=e#f, and    | [1]: {https://example.org/a?b=c&d=e#f}, and
            "http://example.org/a"                       | "{http://example.org/a}"
            HTTP://EXAMPLE.ORG                           | {HTTP://EXAMPLE.ORG}
            https://example.org/a@b                      | {https://example.org/a@b}
            javascript://x                               | javascript://x
            xhttp://example.org                          | xhttp://example.org
            http://                                      | http://
            mail ann@example.org, please                 | mail <ann@example.org>, please
            <ann+tag@example.org>                        | <<ann+tag@example.org>>
            ann@example.org.                             | <ann@example.org>.
            jörg@müller.example                          | <jörg@müller.example>
            @Override                                    | @Override
            a@b                                          | a@b
            user@                                        | user@
            a@@b.org                                     | a@@b.org
            ann@example.org and http://example.org       | <ann@example.org> and {http://example.org}
            """)
    void links_and_mailboxes_are_found_in_text(String text, String found) {
        assertThat(BodyText.inlines(Inlines.of(text))).isEqualTo(found);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            ann@example.org                       | a...@example.org
            mail ann@example.org or b@example.org | mail a...@example.org or b...@example.org
            a...@example.org                      | a...@example.org
            @Override                             | @Override
            https://example.org/?q=a@example.org  | https://example.org/?q=a@example.org
            nobody                                | nobody
            """)
    void addresses_are_hidden_and_hiding_twice_changes_nothing(String text, String hidden) {
        assertThat(AddressHiding.hide(text)).isEqualTo(hidden);
        assertThat(AddressHiding.hide(hidden)).isEqualTo(hidden);
    }

    @Test
    void an_author_keeps_the_name_and_loses_the_address() {
        assertThat(AddressHiding.hide(new Author("Ann", "ann@example.org"))).isEqualTo(new Author("Ann", "a...@example.org"));
        assertThat(AddressHiding.hide(new Author("ann@example.org", "😀@example.org")))
                .isEqualTo(new Author("a...@example.org", "😀...@example.org"));
        assertThat(AddressHiding.hide(new Author("Nobody", ""))).isEqualTo(new Author("Nobody", ""));
    }

    @Test
    void time_grows_with_the_text_and_not_with_its_square() {
        for (var piece : new String[]{"@", "a@", "a@b.", "http://", "://", "http://a)", "a", ".", "http://x ((((", "a@b.c "}) {
            Growth.assertLinear(4000, size -> piece.repeat(size), Inlines::of);
        }
    }
}
