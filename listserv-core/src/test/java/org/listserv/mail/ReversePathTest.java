package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReversePathTest {
    @ParameterizedTest(name = "<{0}> asks for no answer")
    @ValueSource(strings = {"", "#@[]"})
    void the_null_reverse_path(String text) {
        assertThat(ReversePath.parse(text)).isEqualTo(new ReversePath.Null()).hasToString("");
    }

    @Test
    void a_mailbox_is_written_as_it_was() {
        assertThat(ReversePath.parse("Jane@Example.org")).isEqualTo(new ReversePath.Mailbox(EmailAddress.parse("Jane@example.org")))
                .hasToString("Jane@example.org");
    }

    @Test
    void a_source_route_is_dropped() {
        assertThat(ReversePath.parse("@one.example,@two.example:jane@example.org")).hasToString("jane@example.org");
    }

    @Test
    void bounce_addresses_of_others_may_be_longer_than_the_standard_says() {
        var long200 = "bounce-" + "x".repeat(193) + "@example.org";
        assertThat(ReversePath.parse(long200)).hasToString(long200);
    }

    @ParameterizedTest(name = "<{0}> is refused")
    @ValueSource(strings = {"jane", "<jane@example.org>", "@one.example", "@one.example:", "jane@example.org ", "jane@example.org> SIZE=1"})
    void anything_else_is_refused(String text) {
        assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> ReversePath.parse(text));
    }
}
