package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.delivery.SmtpSink.Point;
import org.listserv.lists.MailingList;
import org.listserv.reception.Site;

/// From what is owed to what arrives, over a real database and a relay that records.
class CourierTest {
    private final Site site = new Site();
    private final SmtpSink relay = SmtpSink.start();
    private final List<SendingNode> running = new ArrayList<>();

    @AfterEach
    void stop() {
        for (var node : running.reversed()) {
            node.isSettled();
            node.close();
        }
        relay.close();
        site.close();
    }

    private SendingNode node(String name, SmtpSink... relays) {
        var node = new SendingNode(site, name, 8, 64, relays);
        running.add(node);
        return node;
    }

    private MailingList list(String local, int subscribers) {
        var list = site.list(local);
        site.subscribe(list, IntStream.range(0, subscribers).mapToObj(i -> "u%d@%s.example".formatted(i, local)).toArray(String[]::new));
        return list;
    }

    private void post(String local, String id) {
        assertThat(site
                .send("jane@example.org", "From: jane@example.org\nSubject: Hi\nMessage-ID: <%s@example.org>\n\n.dot\nbye\n".formatted(id),
                        local + "@lists.example.org")
                .code()).isEqualTo(250);
    }

    private void untilIdle() {
        untilIdle(Duration.ofSeconds(30));
    }

    private void untilIdle(Duration longest) {
        await().atMost(longest).untilAsserted(() -> assertThat(site.ask("select count(*) from batch")).isEqualTo("0"));
    }

    @Test
    void every_subscriber_gets_the_post_once_with_his_own_reverse_path_and_nothing_stays_behind() {
        var list = list("dev", 1_234);
        node("one", relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.counts()).hasSize(1_234);
        assertThat(relay.copies()).isEqualTo(1_234);
        var copy = relay.received().stream().filter(received -> received.forwardPath().equals("u7@dev.example")).findFirst().orElseThrow();
        assertThat(copy.reversePath()).isEqualTo("dev-return-1-u7=dev.example@lists.example.org");
        assertThat(copy.text())
                .startsWith("Received: from mx.example.org ([192.0.2.1])\r\n\tby lists.example.org (listserv) with ESMTP id ")
                .contains("\r\nList-Id: <dev.lists.example.org>\r\n").endsWith("\r\nMessage-ID: <1@example.org>\r\n\r\n.dot\r\nbye\r\n");
        assertThat(relay.violations()).isEmpty();
        assertThat(site.ask("select count(*) from outgoing")).isEqualTo("0");
        assertThat(site.ask("select delivered || ' ' || refused || ' ' || departed from delivery_total where list_id = " + list.id()))
                .isEqualTo("1234 0 0");
    }

    @Test
    void who_has_left_before_the_copy_is_sent_gets_none_and_a_newcomer_cannot_be_in_an_old_batch() {
        var list = list("dev", 5);
        post("dev", "1");
        site.run("delete from subscription where address_id = " + site.address("u3@dev.example"));
        site.run("update subscription set mode = 'none' where address_id = " + site.address("u4@dev.example"));
        site.subscribe(list, "new@dev.example");
        node("one", relay);
        untilIdle();
        assertThat(relay.counts()).containsOnlyKeys("u0@dev.example", "u1@dev.example", "u2@dev.example");
        assertThat(site.ask("select delivered || ' ' || departed from delivery_total")).isEqualTo("3 2");
    }

    @Test
    void a_relays_4xx_is_tried_again_for_that_subscriber_on_the_schedule_and_its_words_are_kept() {
        list("dev", 3);
        relay.script(SmtpSink.refusing("u1@dev.example", "450 4.2.1 greylisted"));
        node("one", relay);
        post("dev", "1");
        relay.await(2);
        await().untilAsserted(
                () -> assertThat(site.ask("select reply || ' ' || attempts from delivery_problem")).isEqualTo("450 4.2.1 greylisted 1"));
        await().untilAsserted(
                () -> assertThat(site.ask("select done::text || ' ' || deferred::text || ' ' || coalesce(owner::text, 'free') from batch"))
                        .isEqualTo("101 010 free"));
        assertThat(site.ask("select round(extract(epoch from next_attempt_at - clock_now()) / 60) from batch")).isIn("29", "30");
        assertThat(new DeliveryQueue(site.database).waiting(0, 10)).singleElement().satisfies(waiting -> {
            assertThat(waiting.left()).isEqualTo(1);
            assertThat(waiting.deferred()).isEqualTo(1);
            assertThat(waiting.lastReply()).isEqualTo("450 4.2.1 greylisted");
        });
        assertThat(new DeliveryQueue(site.database).latency().posts()).isZero();

        relay.script(event -> SmtpSink.usual());
        site.run("update clock set shift = interval '31 minutes'");
        untilIdle();
        assertThat(relay.counts()).containsEntry("u1@dev.example", 1L).containsEntry("u0@dev.example", 1L);
        assertThat(new DeliveryQueue(site.database).latency()).satisfies(latency -> {
            assertThat(latency.posts()).isEqualTo(1);
            assertThat(latency.longest()).isEqualTo(latency.median()).isBetween(Duration.ofMinutes(31), Duration.ofMinutes(33));
        });
    }

    @Test
    void after_five_days_a_deferred_copy_is_given_up_and_counts_as_a_bounce() {
        list("dev", 1);
        relay.script(SmtpSink.refusing("u0@dev.example", "450 4.2.2 mailbox full"));
        node("one", relay);
        post("dev", "1");
        await().untilAsserted(() -> assertThat(site.ask("select attempts from delivery_problem")).isEqualTo("1"));
        site.run("update clock set shift = interval '6 days'");
        untilIdle();
        assertThat(site.ask("select reply from bounce")).isEqualTo("450 4.2.2 given up after 5 days: mailbox full");
    }

    @Test
    void a_relays_5xx_is_a_bounce_of_that_subscriber_at_once() {
        list("dev", 3);
        relay.script(SmtpSink.refusing("u1@dev.example", "550 5.1.1 no such mailbox"));
        node("one", relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.counts()).containsOnlyKeys("u0@dev.example", "u2@dev.example");
        assertThat(site.ask("select address || ': ' || reply || ' ' || number || ' ' || source from bounce"))
                .isEqualTo("u1@dev.example: 550 5.1.1 no such mailbox 1 relay");
    }

    @Test
    void a_relay_that_is_down_makes_mail_wait_and_another_takes_over() {
        list("dev", 50);
        var down = SmtpSink.start();
        down.close();
        node("one", down, relay);
        post("dev", "1");
        relay.await(50);
        untilIdle();
        assertThat(relay.counts()).hasSize(50);
    }

    @Test
    void with_all_relays_down_nothing_is_lost_and_it_goes_out_when_one_is_back() {
        list("dev", 20);
        var down = SmtpSink.start();
        var port = down.port();
        down.close();
        node("one", down);
        post("dev", "1");
        await().untilAsserted(() -> assertThat(site.ask("select min(attempts) from batch")).isNotEqualTo("0"));
        try (var back = SmtpSink.setup().port(port).start()) {
            site.run("update clock set shift = interval '10 minutes'");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(back.counts()).hasSize(20));
        }
    }

    @Test
    void a_relay_that_takes_some_copies_and_drops_each_connection_gets_them_all_without_growing_waits() {
        list("dev", 300);
        var drops = new java.util.concurrent.atomic.AtomicInteger();
        relay.script(event -> event.is(Point.DOT) && event.transactionHere() == 5 && drops.incrementAndGet() <= 8
                ? new SmtpSink.Action.TakeAndDrop()
                : SmtpSink.usual());
        node("one", relay);
        post("dev", "1");
        // Doubling waits of the batch, as after a relay that answers nothing, would be 20 minutes.
        untilIdle(Duration.ofSeconds(90));
        assertThat(relay.counts()).hasSize(300);
        assertThat(relay.copies()).isBetween(300L, 308L);    // what was taken without an answer comes again
    }

    @Test
    void a_message_at_which_the_relay_always_breaks_off_is_given_up_after_five_days() {
        var list = list("dev", 1);
        relay.script(SmtpSink.at(Point.DOT, new SmtpSink.Action.Drop()));
        node("one", relay);
        post("dev", "1");
        await().untilAsserted(() -> assertThat(site.ask("select min(attempts) from batch")).isNotEqualTo("0"));
        assertThat(site.ask("select count(*) from bounce")).isEqualTo("0");
        site.run("update clock set shift = interval '6 days'");
        for (var tries = 1; tries <= 3; tries++) {
            var known = String.valueOf(tries);
            await().untilAsserted(() -> assertThat(site.ask("select max(attempts) from delivery_problem")).isEqualTo(known));
            assertThat(site.ask("select count(*) from bounce")).as("a connection may break by itself").isEqualTo("0");
            site.run("update clock set shift = shift + interval '31 minutes'");
        }
        untilIdle();
        assertThat(site.ask("select reply from bounce where list_id = " + list.id())).startsWith("451 4.4.2 given up after 5 days: ");
        assertThat(site.ask("select delivered || ' ' || refused from delivery_total")).isEqualTo("0 1");
    }

    @Test
    void another_node_goes_on_with_a_dead_nodes_batches_within_15_seconds() {
        list("dev", 2_000);
        // A node that claims everything and dies: its beat stands still.
        site.run("insert into node (name) values ('dead')");
        post("dev", "1");
        site.run("select claim((select id from node where name = 'dead'), 1, false, -1, 100, 100, 100, '{}')");
        assertThat(site.ask("select count(*) from batch where owner is not null")).isEqualTo("4");
        node("alive", relay);
        await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> assertThat(relay.counts()).hasSize(2_000));
        assertThat(site.ask("select epoch from node where name = 'dead'")).isEqualTo("2");
    }

    @Test
    void a_node_that_lost_its_epoch_marks_nothing_and_joins_again_under_a_new_one() {
        list("dev", 500);
        node("one", relay);
        await().untilAsserted(() -> assertThat(site.ask("select count(*) from node where beat > 1")).isEqualTo("1"));
        site.run("update node set epoch = epoch + 1");
        post("dev", "1");
        untilIdle();
        assertThat(relay.counts()).hasSize(500);
        assertThat(Long.parseLong(site.ask("select epoch from node"))).isGreaterThan(2);
    }

    @Test
    void a_node_that_leaves_hands_its_batches_back_at_once() {
        list("dev", 1_500);
        relay.script(SmtpSink.at(Point.DOT, new SmtpSink.Action.Wait(Duration.ofMillis(20))));
        var leaving = node("leaving", relay);
        post("dev", "1");
        relay.await(20);
        leaving.close();
        var before = relay.copies();
        assertThat(before).isLessThan(1_500);
        relay.script(event -> SmtpSink.usual());
        node("staying", relay);
        await().atMost(Duration.ofSeconds(6)).untilAsserted(() -> assertThat(relay.counts()).hasSize(1_500));
        assertThat(relay.copies()).isEqualTo(1_500);
    }

    @Test
    void a_post_to_ten_people_passes_one_to_thousands() {
        list("big", 5_000);
        list("small", 10);
        relay.script(SmtpSink.at(Point.DOT, new SmtpSink.Action.Wait(Duration.ofMillis(5))));
        node("one", relay);
        post("big", "1");
        relay.await(100);
        post("small", "2");
        await().atMost(Duration.ofSeconds(2))
                .until(() -> relay.counts().keySet().stream().filter(who -> who.endsWith("@small.example")).count() == 10);
        assertThat(relay.counts().size()).isLessThan(5_010);
    }

    @Test
    void what_was_sent_of_a_dropped_outgoing_is_counted() {
        list("dev", 3);
        relay.script(SmtpSink.refusing("^u1@", "450 4.2.1 greylisted").or(SmtpSink.refusing("^u2@", "550 5.1.1 no such mailbox")));
        node("one", relay);
        post("dev", "1");
        await().untilAsserted(() -> assertThat(site.ask("select count(*) from delivery_problem")).isEqualTo("1"));
        assertThat(site.ask("select bit_count(done) || ' ' || refused || ' ' || departed from batch")).isEqualTo("2 1 0");
        assertThat(site.ask("select count(*) from delivery_total")).isEqualTo("0");
        var queue = new DeliveryQueue(site.database);
        assertThat(queue.drop(queue.waiting(0, 10).getFirst().id(), "test")).isTrue();
        assertThat(site.ask("select delivered || ' ' || refused || ' ' || departed from delivery_total")).isEqualTo("1 1 0");
    }

    @Test
    void a_dropped_outgoing_is_sent_no_further() {
        list("dev", 10);
        post("dev", "1");
        var queue = new DeliveryQueue(site.database);
        var waiting = queue.waiting(0, 10).getFirst();
        assertThat(queue.drop(waiting.id(), "test")).isTrue();
        assertThat(queue.drop(waiting.id(), "test")).isFalse();
        assertThat(queue.waiting(0, 10)).isEmpty();
        assertThat(site.ask("select count(*) from outgoing")).isEqualTo("0");
    }
}
