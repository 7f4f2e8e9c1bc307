package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.reception.Site;

/// Who a node is when its name is given twice.
class NodesTest {
    private final Site site = new Site();

    @AfterEach
    void stop() {
        site.close();
    }

    private Nodes process(String name) {
        return Nodes.start(site.database, new Nodes.Introduction(name, List.of("delivery"), "test", 1, 1), () -> {});
    }

    private String epoch() {
        return site.ask("select epoch from node where name = 'one'");
    }

    @Test
    void of_two_processes_with_one_name_the_later_works_and_the_earlier_waits_until_it_has_gone() {
        try (var earlier = process("one")) {
            await().until(() -> earlier.membership().isPresent());
            var later = process("one");
            await().until(() -> later.membership().isPresent());
            await().until(() -> earlier.membership().isEmpty());
            var epoch = epoch();
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5))
                    .until(() -> epoch().equals(epoch) && earlier.membership().isEmpty() && later.membership().isPresent());
            later.close();
            await().until(() -> earlier.membership().isPresent());
        }
    }

    @Test
    void a_process_with_the_same_name_that_beats_no_more_is_not_waited_for_long() {
        try (var one = process("one")) {
            await().until(() -> one.membership().isPresent());
            site.run("update node set process = gen_random_uuid(), epoch = epoch + 1 where name = 'one'");
            await().until(() -> one.membership().isEmpty());
            await().atMost(Duration.ofSeconds(20)).until(() -> one.membership().isPresent());
            assertThat(epoch()).isEqualTo("3");
        }
    }

    @Test
    void who_was_only_taken_for_dead_comes_back_at_once() {
        try (var one = process("one")) {
            await().until(() -> one.membership().isPresent());
            site.run("update node set epoch = epoch + 1, stopped_at = clock_now() where name = 'one'");
            await().atMost(Duration.ofSeconds(3)).until(() -> one.membership().filter(as -> as.epoch() == 3).isPresent());
        }
    }
}
