package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong();

    @Test
    void elsewhere_than_on_a_terminal_there_is_a_line_every_ten_seconds() {
        var progress = progress(false);
        for (int second = 1; second <= 25; second++) {
            now.set(Duration.ofSeconds(second).toNanos());
            progress.at(second * 100, second / 100.0);
        }
        progress.end();
        assertThat(said()).isEqualTo("1,000 messages, 100/s, 10 %, 90 s left\n2,000 messages, 100/s, 20 %, 80 s left\n");
    }

    @Test
    void on_a_terminal_one_line_is_rewritten_and_cleared_in_the_end() {
        var progress = progress(true);
        now.set(Duration.ofMillis(500).toNanos());
        progress.at(1000, 0);
        progress.at(1001, 0);
        progress.end();
        assertThat(said()).isEqualTo("\r1,000 messages, 2,000/s\r" + " ".repeat(23) + "\r");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 s", "99, 99 s", "100, 1 min", "3600, 60 min", "7300, 2 h 1 min", "200000, 2 days"})
    void a_duration_is_as_exact_as_anybody_wants_it(long seconds, String words) {
        assertThat(Progress.inWords(Duration.ofSeconds(seconds))).isEqualTo(words);
    }

    private Progress progress(boolean watched) {
        return new Progress(
                new Terminal(InputStream.nullInputStream(), System.out, new PrintStream(err, true, StandardCharsets.UTF_8), Map.of(),
                        watched),
                "messages", now::get);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
