package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {
    private static final Instant ACCEPTED = Instant.parse("2026-03-01T00:00:00Z");

    @ParameterizedTest(name = "{0} tries, {1} after acceptance: again after {2}")
    @CsvSource(delimiter = '|', textBlock = """
             1 | PT0S     | PT30M
             2 | PT30M    | PT1H
             3 | PT90M    | PT2H
             4 | PT210M   | PT4H
             9 | PT50H    | PT4H
            99 | PT115H   | PT4H
            99 | PT117H   |
             1 | PT119H59M|
            """)
    void the_wait_doubles_up_to_four_hours_and_ends_after_five_days(int attempts, Duration later, Duration again) {
        var now = ACCEPTED.plus(later);
        var next = RetrySchedule.STANDARD.next(ACCEPTED, now, attempts);
        assertThat(next).isEqualTo(java.util.Optional.ofNullable(again).map(now::plus));
    }
}
