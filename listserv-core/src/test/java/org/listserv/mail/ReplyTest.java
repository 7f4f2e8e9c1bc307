package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyTest {
    @ParameterizedTest(name = "{0} is code {1}, status {2}, text {3}")
    @CsvSource(delimiter = '|', emptyValue = "", nullValues = "-", quoteCharacter = '`', textBlock = """
            250 2.1.5 ok                       | 250 | 2.1.5   | ok
            550 5.1.1 no such mailbox          | 550 | 5.1.1   | no such mailbox
            421 4.3.2 shutting down            | 421 | 4.3.2   | shutting down
            354 go ahead                       | 354 | ``      | go ahead
            220 mx.example.org ESMTP           | 220 | ``      | mx.example.org ESMTP
            250                                | 250 | ``      | ``
            550 5.7.1                          | 550 | 5.7.1   | ``
            452 4.2.2.1 odd                    | 452 | ``      | 4.2.2.1 odd
            550 7.1.1 no such class            | 550 | ``      | 7.1.1 no such class
            """)
    void one_line_is_read_into_its_parts(String line, int code, String enhanced, String text) {
        var reply = Reply.parse(List.of(line));
        assertThat(reply).isEqualTo(new Reply(code, enhanced, text));
        assertThat(reply).hasToString(line);
    }

    @Test
    void several_lines_are_one_text_and_can_be_sent_again() {
        var lines = List.of("550-5.7.1 no,", "550-5.7.1 really", "550 5.7.1 not");
        var reply = Reply.parse(lines);
        assertThat(reply).isEqualTo(new Reply(550, "5.7.1", "no,\nreally\nnot")).hasToString("550 5.7.1 no, really not");
        assertThat(reply.lines()).isEqualTo(lines);
    }

    @Test
    void what_a_server_says_is_made_fit_to_log_and_store() {
        var reply = Reply.parse(List.of("550 5.1.1 \0\u001b[31m" + "x".repeat(10_000)));
        assertThat(reply.text()).startsWith("\uFFFD\uFFFD[31mx").hasSize(2_000);
    }

    @ParameterizedTest(name = "{0}: positive {1}, intermediate {2}, transient {3}, permanent {4}")
    @CsvSource(textBlock = """
            250, true,  false, false, false
            354, false, true,  false, false
            421, false, false, true,  false
            550, false, false, false, true
            """)
    void the_first_digit_decides(int code, boolean positive, boolean intermediate, boolean trans, boolean permanent) {
        var reply = new Reply(code, "", "text");
        assertThat(List.of(reply.isPositive(), reply.isIntermediate(), reply.isTransient(), reply.isPermanent()))
                .containsExactly(positive, intermediate, trans, permanent);
    }

    @ParameterizedTest(name = "{0} is no reply")
    @ValueSource(strings = {"", "25", "hello", "199 x", "600 x", "250x", "2500 x"})
    void other_lines_are_refused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.parse(List.of(line)));
    }

    @Test
    void our_own_replies_cannot_be_broken_in_two() {
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.ok("ok\r\n250 more"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Reply(250, "2.0", "ok"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Reply(199, "", "ok"));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.parse(List.of()));
    }
}
