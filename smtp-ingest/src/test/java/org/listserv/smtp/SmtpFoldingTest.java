package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Reply;

class SmtpFoldingTest {

    @ParameterizedTest(name = "{0} is {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            250                         | 250 | one recipient, one reply
            550 5.1.1                   | 550 | as it is
            250 2.1.5, 250 2.0.0        | 250 | the first
            550 5.7.1, 250 2.0.0        | 250 | taken is taken, the refusing list has held or discarded
            250 2.0.0, 550 5.7.1        | 250 | in either order
            552 5.3.4, 550 5.7.1        | 552 | all refuse: the first says why
            250 2.0.0, 451 4.3.0        | 451 | who has it recognises it when it comes again
            550 5.7.1, 452 4.2.2        | 452 | a refusal waits for the others
            452 4.2.2, 451 4.3.0        | 452 | the first of those who cannot now
            550 5.7.1, 451 4.3.0, 250   | 451 | a single one decides for all
            """)
    void one_reply_for_all(String replies, int code, String why) {
        var each = Arrays.stream(replies.split(", ")).map(reply -> Reply.parse(List.of(reply))).toList();
        var folded = SmtpFolding.fold(each);
        assertThat(folded.code()).as(why).isEqualTo(code);
        assertThat(folded).isSameAs(each.stream().filter(reply -> reply.code() == code).findFirst().orElseThrow());
    }
}
