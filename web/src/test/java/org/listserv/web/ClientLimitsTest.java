package org.listserv.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import org.listserv.web.ClientLimits.Kind;

class ClientLimitsTest {
    private final AtomicLong now = new AtomicLong(-5_000_000_000L);
    private final ClientLimits limits = new ClientLimits(60, 6, now::get);

    private int answered(String client, Kind kind, int asked) {
        int answered = 0;
        for (int i = 0; i < asked; i++) {
            answered += limits.refused(client, kind).isEmpty() ? 1 : 0;
        }
        return answered;
    }

    @Test
    void a_minutes_worth_at_once_and_then_as_it_comes_back() {
        assertThat(answered("192.0.2.1", Kind.SEARCH, 100)).isEqualTo(60);
        assertThat(limits.refused("192.0.2.1", Kind.SEARCH)).contains(Duration.ofSeconds(1));
        now.addAndGet(10_000_000_000L);
        assertThat(answered("192.0.2.1", Kind.SEARCH, 100)).isEqualTo(10);
        now.addAndGet(3_600_000_000_000L);
        assertThat(answered("192.0.2.1", Kind.SEARCH, 100)).isEqualTo(60);
    }

    @Test
    void each_client_and_each_kind_apart() {
        assertThat(answered("192.0.2.1", Kind.SEARCH, 61)).isEqualTo(60);
        assertThat(answered("192.0.2.2", Kind.SEARCH, 1)).isEqualTo(1);
        assertThat(answered("192.0.2.1", Kind.DOWNLOAD, 10)).isEqualTo(6);
    }

    @Test
    void a_network_of_ipv6_is_one_client() {
        assertThat(answered("2001:db8::1", Kind.DOWNLOAD, 6)).isEqualTo(6);
        assertThat(answered("2001:db8::2", Kind.DOWNLOAD, 1)).isZero();
        assertThat(answered("2001:db8:0:1::1", Kind.DOWNLOAD, 1)).isEqualTo(1);
    }

    @Test
    void this_machine_is_not_counted_and_zero_is_no_limit() {
        assertThat(answered("127.0.0.1", Kind.SEARCH, 1000)).isEqualTo(1000);
        assertThat(answered("::1", Kind.DOWNLOAD, 1000)).isEqualTo(1000);
        var without = new ClientLimits(0, 0, now::get);
        for (int i = 0; i < 1000; i++) {
            assertThat(without.refused("192.0.2.1", Kind.SEARCH)).isEmpty();
        }
    }
}
