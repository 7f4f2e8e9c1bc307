package org.listserv.posting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

class SubscriptionIdsTest {
    @Test
    void what_is_encoded_is_decoded() {
        var random = new Random(7);
        for (var round = 0; round < 200; round++) {
            var ids = random.longs(random.nextInt(600), 1, 1L << (1 + random.nextInt(62))).sorted().distinct().toArray();
            assertThat(SubscriptionIds.decode(SubscriptionIds.encode(ids))).containsExactly(ids);
        }
    }

    @Test
    void five_hundred_neighbours_take_one_octet_each() {
        assertThat(SubscriptionIds.encode(LongStream.rangeClosed(1, 500).toArray())).hasSize(500);
    }

    @Test
    void a_thousand_and_one_ids_make_three_batches() {
        var batches = SubscriptionIds.inBatches(LongStream.rangeClosed(100_000, 101_000).toArray());
        assertThat(batches).extracting(SubscriptionIds.Coded::count).containsExactly(500, 500, 1);
        assertThat(SubscriptionIds.decode(batches.get(1).octets())).startsWith(100_500).endsWith(100_999);
    }

    @Test
    void ids_that_do_not_rise_are_refused() {
        assertThatThrownBy(() -> SubscriptionIds.encode(new long[]{5, 5})).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 after 5");
    }

    @Test
    void octets_that_end_inside_a_number_are_refused() {
        assertThatThrownBy(() -> SubscriptionIds.decode(new byte[]{(byte) 0x81})).isInstanceOf(IllegalArgumentException.class);
    }
}
