package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import org.listserv.mail.Reply;

class RelayTest {
    private final AtomicLong nanoTime = new AtomicLong(-5);
    private final Relay relay = new Relay(new HostPort("relay.example.org", 25), 4, nanoTime::get);

    @Test
    void rests_double_from_a_second_to_a_minute_until_the_relay_has_taken_something() {
        var rests = new ArrayList<Long>();
        for (int i = 0; i < 9; i++) {
            relay.rest(relay.permit(Lane.SMALL), "refused");
            var rest = relay.state().restsFor();
            rests.add(rest.toSeconds());
            pass(rest.minusNanos(1));
            assertThat(relay.permit(Lane.SMALL)).isNull();
            pass(Duration.ofNanos(1));
            relay.giveBack(new Relay.Permit(Lane.SMALL, 0));
        }
        assertThat(rests).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        relay.judge(Reply.ok("taken"), 1, true);
        assertThat(relay.state().isWell()).isTrue();
        relay.rest(relay.permit(Lane.SMALL), "refused");
        assertThat(relay.state().restsFor()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void when_all_connections_break_at_once_that_is_one_trouble() {
        var permits = new Relay.Permit[]{relay.permit(Lane.BULK), relay.permit(Lane.BULK), relay.permit(Lane.SMALL)};
        relay.rest(permits[0], "lost");
        relay.rest(permits[1], "lost");
        pass(Duration.ofMillis(1_500));
        relay.rest(permits[2], "lost, noticed late");
        assertThat(relay.state().restsFor()).isZero();
        assertThat(relay.state().why()).isEqualTo("lost");
        assertThat(relay.isStale(permits[2])).isTrue();
    }

    @Test
    void what_was_taken_before_the_trouble_does_not_end_the_rest() {
        relay.rest(relay.permit(Lane.BULK), "lost");
        relay.judge(Reply.ok("taken"), 1, true);
        assertThat(relay.state().isWell()).isFalse();
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }
}
