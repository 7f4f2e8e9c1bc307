package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.delivery.ReplyWindow.Sign;
import org.listserv.mail.Reply;

class ReplyWindowTest {
    private final ReplyWindow window = new ReplyWindow();

    @ParameterizedTest(name = "{0} times {1} among {2} taken: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            10 | 451 4.3.0 queue file write error                      | 0  | false
            11 | 451 4.3.0 queue file write error                      | 0  | true
            11 | 451 4.3.0 queue file write error                      | 39 | true
            10 | 451 4.3.0 queue file write error                      | 40 | false
            50 | 550 5.1.1 <u#@a.org>: user unknown                    | 0  | false
            50 | 550 5.1.10 u#@a.org has null MX                       | 0  | false
            50 | 452 4.2.2 <u#@a.org>: over quota                      | 0  | false
            50 | 450 4.2.0 <u#@a.org>: greylisted for # s              | 0  | false
            11 | 554 5.7.1 <u#@a.org>: relay access denied             | 0  | true
            11 | 451 4.7.1 blocked, see http://a.org/?c=u#@a.org       | 0  | true
            11 | 452 4.3.1 no space left (queue 4Xy#z)                 | 0  | true
            11 | 450 4.1.8 <dev@x.org>: sender domain not found        | 0  | true
            11 | 550 relaying denied for u#@a.org                      | 0  | true
            """)
    void the_same_refusal_of_more_than_a_fifth_of_the_last_50_is_the_relays(int times, String refusal, int taken, boolean trouble) {
        var signs = new ArrayList<Sign>();
        for (int i = 0; i < times; i++) {
            IntStream.range(0, taken / times).forEach(one -> window.taken());
            signs.add(refuse(refusal.replace("#", Integer.toString(i)), 0));
        }
        IntStream.range(0, taken % times).forEach(one -> window.taken());
        assertThat(signs.contains(Sign.TROUBLE)).isEqualTo(trouble);
        assertThat(signs.indexOf(Sign.TROUBLE)).isEqualTo(trouble ? ReplyWindow.REFUSALS : -1);
    }

    @Test
    void refusals_for_different_reasons_are_not_the_relays() {
        for (int i = 0; i < 500; i++) {
            assertThat(refuse((i % 5 == 0 ? "450 4.7." : "550 5.7.") + i % 5 + " reason " + "abcde".charAt(i % 5), 0))
                    .isEqualTo(Sign.RECIPIENT);
            window.taken();
        }
    }

    @Test
    void a_message_that_the_relay_does_not_like_is_not_the_relays_trouble_but_two_are() {
        for (int i = 0; i < 200; i++) {
            assertThat(refuse("554 5.7.1 virus found in 4Xy" + i, 1)).isEqualTo(Sign.RECIPIENT);
        }
        assertThat(refuse("554 5.7.1 virus found in 4Xy", 2)).isEqualTo(Sign.TROUBLE);
    }

    @Test
    void after_trouble_the_same_refusal_counts_against_nobody_until_the_relay_takes_something() {
        var refusal = "554 5.7.1 relay access denied";
        IntStream.rangeClosed(0, 10).forEach(i -> refuse(refusal, 0));
        for (int row = 0; row < 3; row++) {
            assertThat(IntStream.range(0, 10).mapToObj(i -> refuse(refusal, 0)).toList()).containsExactlyElementsOf(
                    IntStream.range(0, 10).mapToObj(i -> i < 9 ? Sign.SUSPECT : Sign.TROUBLE).toList());
        }
        assertThat(refuse("550 5.1.1 user unknown", 0)).as("something else").isEqualTo(Sign.RECIPIENT);
        window.taken();
        assertThat(IntStream.rangeClosed(0, 10).mapToObj(i -> refuse(refusal, 0)).toList()).as("from the start").containsExactlyElementsOf(
                IntStream.rangeClosed(0, 10).mapToObj(i -> i < 10 ? Sign.RECIPIENT : Sign.TROUBLE).toList());
    }

    /// @param origin of the message when the refusal came after it, otherwise 0
    private Sign refuse(String reply, long origin) {
        return window.refused(Reply.parse(List.of(reply)), origin, origin != 0);
    }
}
