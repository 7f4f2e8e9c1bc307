package org.listserv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.listserv.store.WakeUps.Topic;

class WakeUpsTest {
    private TestDatabase test;

    @BeforeEach
    void open() {
        test = TestDatabase.empty();
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void this_node_is_woken_at_once_and_another_within_a_moment() {
        try (var one = new WakeUps(test.settings()); var two = new WakeUps(test.settings())) {
            var here = counter(one, Topic.DELIVERY);
            var there = counter(two, Topic.DELIVERY);
            int before = here.get();
            one.awake(Topic.DELIVERY);
            assertThat(here.get()).isGreaterThan(before);
            await().atMost(Duration.ofMillis(500)).until(() -> there.get() > 0);
        }
    }

    @Test
    void a_topic_wakes_nobody_else() {
        try (var one = new WakeUps(test.settings()); var two = new WakeUps(test.settings())) {
            var delivery = counter(two, Topic.DELIVERY);
            var archive = counter(two, Topic.ARCHIVE);
            one.awake(Topic.ARCHIVE);
            await().until(() -> archive.get() > 0);
            assertThat(delivery).hasValue(0);
        }
    }

    @Test
    void thousands_of_posts_are_few_notifications() {
        try (var one = new WakeUps(test.settings()); var two = new WakeUps(test.settings())) {
            var there = counter(two, Topic.DELIVERY);
            var last = counter(two, Topic.ARCHIVE);
            for (int i = 0; i < 10_000; i++) {
                one.awake(Topic.DELIVERY);
            }
            one.awake(Topic.ARCHIVE);
            await().until(() -> last.get() > 0);
            assertThat(there.get()).isBetween(1, 200);
        }
    }

    @Test
    void own_notifications_do_not_come_back() {
        try (var one = new WakeUps(test.settings()); var two = new WakeUps(test.settings())) {
            var here = counter(one, Topic.DELIVERY);
            var there = counter(two, Topic.DELIVERY);
            one.awake(Topic.DELIVERY);
            await().until(() -> there.get() > 0);
            two.awake(Topic.DELIVERY);
            await().until(() -> here.get() == 2); // its own, and two's
        }
    }

    @Test
    void after_a_reconnect_everything_may_have_changed() {
        try (var wire = new Wire(test.settings()); var one = new WakeUps(wire.settings())) {
            var delivery = counter(one, Topic.DELIVERY);
            var archive = counter(one, Topic.ARCHIVE);
            wire.cut();
            delivery.set(0);
            archive.set(0);
            wire.mend();
            await().atMost(Duration.ofSeconds(10)).until(() -> delivery.get() == 1 && archive.get() == 1);
        }
    }

    @Test
    void without_a_database_the_node_itself_is_still_woken_and_the_others_hear_later() {
        try (var wire = new Wire(test.settings())) {
            wire.cut();
            try (var one = new WakeUps(wire.settings()); var two = new WakeUps(test.settings())) {
                var here = uncertain(one, Topic.DELIVERY);
                var there = counter(two, Topic.DELIVERY);
                one.awake(Topic.DELIVERY);
                assertThat(here).hasValue(1);
                wire.mend();
                await().atMost(Duration.ofSeconds(10)).until(() -> there.get() > 0);
            }
        }
    }

    @Test
    void a_command_that_ends_at_once_is_still_heard() {
        try (var two = new WakeUps(test.settings())) {
            var there = counter(two, Topic.SETTINGS);
            try (var command = new WakeUps(test.settings())) {
                command.awake(Topic.SETTINGS);
            }
            await().until(() -> there.get() > 0);
        }
    }

    @Test
    void a_subscriber_that_fails_does_not_look_like_a_failed_commit() {
        try (var one = new WakeUps(test.settings())) {
            one.subscribe(Topic.DELIVERY, () -> {
                throw new IllegalStateException("a subscriber's own mistake, made on purpose");
            });
            var second = new AtomicInteger();
            one.subscribe(Topic.DELIVERY, second::incrementAndGet);
            one.awake(Topic.DELIVERY);
            assertThat(second.get()).isPositive();
        }
    }

    /// Counts from the moment LISTEN stands.
    private static AtomicInteger counter(WakeUps node, Topic topic) {
        var count = uncertain(node, topic);
        await().until(node::isListening);
        count.set(0);
        return count;
    }

    private static AtomicInteger uncertain(WakeUps node, Topic topic) {
        var count = new AtomicInteger();
        node.subscribe(topic, count::incrementAndGet);
        return count;
    }
}
