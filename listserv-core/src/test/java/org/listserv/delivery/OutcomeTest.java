package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Reply;

class OutcomeTest {
    @ParameterizedTest(name = "{0} {1} {2} is {3}")
    @CsvSource(delimiter = '|', textBlock = """
            250 | 2.0.0 | queued            | Delivered
            251 | 2.1.5 | will forward      | Delivered
            354 |       | go ahead          | Unsent
            421 | 4.3.2 | shutting down     | Deferred
            450 | 4.2.1 | greylisted        | Deferred
            452 | 4.3.1 | no space left     | Deferred
            499 |       | never heard of it | Deferred
            550 | 5.1.1 | no such mailbox   | Failed
            503 | 5.5.1 | no transaction    | Failed
            599 |       | never heard of it | Failed
            """)
    void the_first_digit_decides(int code, String enhanced, String text, String outcome) {
        var reply = new Reply(code, enhanced == null ? "" : enhanced, text);
        assertThat(Outcome.of(reply).getClass().getSimpleName()).isEqualTo(outcome);
    }
}
