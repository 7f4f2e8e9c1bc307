package org.listserv.posting;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;

class EditsTest {
    private static String apply(String octets, Edit... edits) {
        return new String(Edits.render(octets.getBytes(US_ASCII), List.of(edits), 17).shared().getFirst(), US_ASCII);
    }

    private static Edit edit(int at, int cut, String put) {
        return new Edit(at, cut, put.getBytes(US_ASCII));
    }

    @Test
    void edits_apply_in_order_of_place_and_leave_the_rest() {
        assertThat(apply("abcdef", edit(6, 0, "!"), edit(2, 2, "X"), edit(0, 0, ">"))).isEqualTo(">abXef!");
    }

    @Test
    void an_insertion_stands_before_a_cut_at_the_same_place() {
        assertThat(apply("abcdef", edit(0, 3, ""), edit(0, 0, "top "))).isEqualTo("top def");
    }

    @Test
    void the_number_mark_becomes_the_number() {
        assertThat(apply("x", edit(1, 0, " " + Edit.NUMBER_MARK + "," + Edit.NUMBER_MARK))).isEqualTo("x 17,17");
    }

    @Test
    void edits_that_overlap_or_reach_too_far_are_refused() {
        assertThatThrownBy(() -> apply("abcdef", edit(0, 3, ""), edit(2, 1, ""))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> apply("abcdef", edit(5, 2, ""))).isInstanceOf(IllegalArgumentException.class);
    }
}
