package org.listserv.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.EmailAddress;

class ListNameTest {

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(textBlock = """
            dev,            dev
            Lucene-Dev,     lucene-dev
            c++-users,      c++-users
            linux.kernel,   linux.kernel
            r_core,         r_core
            2024-election,  2024-election
            digest,         digest
            """)
    void a_list_may_be_called(String name, String kept) {
        assertThat(ListName.checked(new EmailAddress(name, "example.org"))).isEqualTo(kept);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(textBlock = """
            dev-digest,     ends in -digest
            Dev-Owner,      ends in -owner
            dev-default,    ends in -default
            dev-request,    ends in -request
            postmaster,     goes to listserv.postmaster
            Abuse,          goes to listserv.postmaster
            dev/null,       has a character
            u=d,            has a character
            a%b,            has a character
            a!b,            has a character
            dev list,       has a character
            müller,         has a character
            .dev,           has a character
            dev.,           has a character
            a..b,           has a character
            -dev,           begins or ends with a dash
            dev-,           begins or ends with a dash
            a234567890123456789012345678901234567890123456789012345678901234x, longer than 64
            """)
    void no_list_may_be_called(String name, String reason) {
        assertThatThrownBy(() -> ListName.checked(new EmailAddress(name, "example.org")))
                .isInstanceOf(RefusedChange.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest(name = "{0} beside {1}: {2}")
    @CsvSource(textBlock = """
            dev-subscribe,       dev,           is a command of the list dev@
            dev-unsubscribe-x,   dev,           is a command of the list dev@
            dev-return-5,        dev,           is a command of the list dev@
            dev-allow,           dev,           is a command of the list dev@
            dev-get.5,           dev,           is a command of the list dev@
            dev-getm5_7,         dev,           is a command of the list dev@
            dev,                 dev-subscribe, would take the address of the list dev-subscribe@
            dev,                 dev-help,      would take the address of the list dev-help@
            """)
    void two_lists_may_not_stand_in_each_others_way(String name, String other, String reason) {
        assertThatThrownBy(() -> ListName.checkBeside(new EmailAddress(name, "example.org"), name, List.of("a", other, "z")))
                .isInstanceOf(RefusedChange.class)
                .hasMessageContaining(reason);
    }

    @Test
    void dashes_alone_are_no_trouble() {
        assertThatCode(() -> ListName.checkBeside(new EmailAddress("foo-dev", "example.org"), "foo-dev",
                List.of("foo", "foo-user", "foo-dev-team", "foo-development", "foo-getting-started", "dev"))).doesNotThrowAnyException();
    }
}
