package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.delivery.SmtpSink.Point;
import org.listserv.delivery.SmtpSink.Received;
import org.listserv.mail.EmailAddress;
import org.listserv.reception.Site;

/// Many recipients in one transaction, where the relay makes each his reverse-path of the common one.
class XverpDeliveryTest {
    private final Site site = new Site();
    private final SmtpSink relay = SmtpSink.setup().alsoOffering("XVERP").start();
    private final List<SendingNode> running = new ArrayList<>();

    /// How many recipients each transaction of the relay was asked to take.
    private final Map<Integer, Integer> transactions = new ConcurrentHashMap<>();

    @AfterEach
    void stop() {
        for (var node : running.reversed()) {
            node.isSettled();
            node.close();
        }
        relay.close();
        site.close();
    }

    private SendingNode node(int connections, int window, SmtpSink... relays) {
        var node = new SendingNode(site, "one", connections, window, relays);
        running.add(node);
        return node;
    }

    private void list(String local, int subscribers, String... settings) {
        var list = site.list(local, settings);
        site.subscribe(list, IntStream.range(0, subscribers).mapToObj(i -> "u%d@%s.example".formatted(i, local)).toArray(String[]::new));
    }

    private void post(String local, String id) {
        assertThat(site.send("jane@example.org", "From: jane@example.org\nSubject: Hi\nMessage-ID: <%s@example.org>\n\nbye\n".formatted(id),
                local + "@lists.example.org").code()).isEqualTo(250);
    }

    private void untilIdle() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(site.ask("select count(*) from batch")).isEqualTo("0"));
    }

    private SmtpSink.Script counting() {
        return event -> {
            if (event.is(Point.RCPT)) {
                transactions.merge(event.transaction(), 1, Integer::sum);
            }
            return SmtpSink.usual();
        };
    }

    /// Once, in the first transaction that has several recipients.
    private SmtpSink.Script once(Point point, SmtpSink.Action action) {
        var done = new AtomicBoolean();
        return event -> event.is(point) && transactions.getOrDefault(event.transaction(), 0) > 1 && done.compareAndSet(false, true)
                ? action
                : SmtpSink.usual();
    }

    private static Map<String, String> reversePaths(SmtpSink sink) {
        return sink.received().stream().collect(Collectors.toMap(Received::forwardPath, Received::reversePath));
    }

    private String totals() {
        return site.ask("select sum(delivered) || ' ' || sum(refused) || ' ' || sum(departed) from delivery_total");
    }

    @Test
    void a_batch_goes_fifty_at_a_time() {
        list("dev", 120);
        relay.script(counting());
        node(1, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(transactions.values()).containsExactlyInAnyOrder(50, 50, 20);
        assertThat(relay.copies()).isEqualTo(120);
        assertThat(reversePaths(relay)).hasSize(120).containsEntry("u7@dev.example", "dev-return-1-u7=dev.example@lists.example.org");
        assertThat(relay.violations()).isEmpty();
        assertThat(totals()).isEqualTo("120 0 0");
    }

    @Test
    void who_cannot_be_named_in_the_reverse_path_goes_alone_and_every_reverse_path_is_the_one_made_without_xverp() {
        list("dev", 60);
        site.subscribe(site.lists.existing(EmailAddress.parse("dev@lists.example.org")), "a/b@dev.example",
                "\"a b\"@dev.example", "\"a..b\"@dev.example", "jürgen@dev.example", "Mixed.Case+tag=x@Dev.Example",
                "somebody.with.a.long.name@mail.department.example.org");
        relay.script(counting());
        var expanding = node(1, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(transactions.values()).containsExactlyInAnyOrder(50, 11, 1, 1, 1, 1, 1);
        expanding.isSettled();
        expanding.close();

        try (var plain = SmtpSink.start()) {
            var node = node(1, 64, plain);
            post("dev", "2");
            untilIdle();
            node.isSettled();
            node.close();
            assertThat(reversePaths(relay)).hasSize(66).isEqualTo(reversePaths(plain).entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, path -> path.getValue().replace("-return-2-", "-return-1-"))));
        }
        assertThat(relay.violations()).isEmpty();
    }

    @Test
    void a_refused_recipient_is_refused_alone() {
        list("dev", 120);
        relay.script(SmtpSink.refusing("^u(3|77)@", "450 4.2.1 greylisted").or(SmtpSink.refusing("^u(5|99)@", "550 5.1.1 no such mailbox"))
                .or(counting()));
        node(1, 64, relay);
        post("dev", "1");
        await().untilAsserted(() -> assertThat(site.ask("select string_agg(forward_path, ' ' order by position) from delivery_problem"))
                .isEqualTo("u3@dev.example u77@dev.example"));
        assertThat(relay.copies()).isEqualTo(116);
        assertThat(site.ask("select string_agg(address, ' ' order by address) from bounce")).isEqualTo("u5@dev.example u99@dev.example");
        relay.script(SmtpSink.refusing("^u77@", "550 5.1.1 no such mailbox"));
        site.run("update clock set shift = interval '31 minutes'");
        untilIdle();
        assertThat(relay.counts()).hasSize(117).doesNotContainKeys("u5@dev.example", "u77@dev.example", "u99@dev.example");
        assertThat(relay.copies()).isEqualTo(117);
        assertThat(totals()).isEqualTo("117 3 0");
    }

    @Test
    void a_transaction_of_which_everybody_is_refused_brings_nobody_a_copy() {
        list("dev", 4);
        relay.script(SmtpSink.refusing("@", "550 5.1.1 no such mailbox"));
        node(1, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.copies()).isZero();
        assertThat(totals()).isEqualTo("0 4 0");
    }

    @Test
    void what_the_relay_says_to_the_message_it_says_to_all_who_were_accepted() {
        list("dev", 60);
        relay.script(counting().or(SmtpSink.refusing("^u1@", "550 5.1.1 no such mailbox"))
                .or(once(Point.DOT, SmtpSink.say("450 4.7.1 looks odd, later"))));
        node(1, 64, relay);
        post("dev", "1");
        await().untilAsserted(() -> assertThat(site.ask("select count(*) || ' ' || min(reply) from delivery_problem"))
                .isEqualTo("49 450 4.7.1 looks odd, later"));
        assertThat(relay.copies()).isEqualTo(10);
        site.run("update clock set shift = interval '31 minutes'");
        untilIdle();
        assertThat(relay.copies()).isEqualTo(59);
        assertThat(totals()).isEqualTo("59 1 0");
    }

    @Test
    void a_refused_MAIL_for_many_is_trouble_of_the_relay_and_nobody_is_held_back() {
        list("dev", 60);
        var refused = new AtomicBoolean();
        relay.script(event -> event.is(Point.MAIL) && refused.compareAndSet(false, true)
                ? SmtpSink.say("451 4.3.0 queue file write error")
                : SmtpSink.usual());
        node(1, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.copies()).isEqualTo(60);
        assertThat(site.ask("select count(*) from delivery_problem")).isEqualTo("0");
        assertThat(totals()).isEqualTo("60 0 0");
    }

    @Test
    void a_connection_lost_after_the_dot_may_send_the_copies_of_that_transaction_twice_and_loses_none() {
        list("dev", 120);
        relay.script(counting().or(SmtpSink.refusing("^u3@", "550 5.1.1 no such mailbox"))
                .or(once(Point.DOT, new SmtpSink.Action.TakeAndDrop())));
        node(1, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.counts()).hasSize(119);
        assertThat(relay.copies()).isEqualTo(119 + 49);
        assertThat(totals()).isEqualTo("119 1 0");
    }

    @Test
    void one_recipient_too_many_for_the_relay_goes_with_the_next_transaction() {
        list("dev", 60);
        relay.script(event -> event.is(Point.RCPT) && transactions.merge(event.transaction(), 1, Integer::sum) > 20
                ? SmtpSink.say("452 4.5.3 too many recipients")
                : SmtpSink.usual());
        node(1, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.counts()).hasSize(60);
        assertThat(relay.copies()).isEqualTo(60);
        assertThat(site.ask("select count(*) from delivery_problem")).isEqualTo("0");
    }

    @Test
    void a_window_smaller_than_a_transaction_lets_one_at_a_time_through() {
        list("dev", 500);
        node(8, 1, relay);
        post("dev", "1");
        untilIdle();
        assertThat(relay.counts()).hasSize(500);
        assertThat(relay.copies()).isEqualTo(500);
    }

    @Test
    void of_two_relays_the_one_that_expands_gets_many_at_a_time_and_the_other_one_by_one() {
        list("dev", 1_500);
        relay.script(counting());
        try (var plain = SmtpSink.start()) {
            var node = node(8, 64, relay, plain);
            post("dev", "1");
            untilIdle();
            node.isSettled();
            node.close();
            assertThat(relay.copies() + plain.copies()).isEqualTo(1_500);
            assertThat(transactions.values()).anyMatch(recipients -> recipients == 50);
            assertThat(plain.copies()).isPositive();
            var reversePaths = reversePaths(relay);
            reversePaths.putAll(reversePaths(plain));
            assertThat(reversePaths).hasSize(1_500).allSatisfy((to, from) -> assertThat(from)
                    .isEqualTo("dev-return-1-" + to.replace('@', '=') + "@lists.example.org"));
            assertThat(plain.violations()).isEmpty();
        }
        assertThat(relay.violations()).isEmpty();
        assertThat(totals()).isEqualTo("1500 0 0");
    }

    @Test
    void personal_copies_go_one_by_one_and_differ_in_nothing_but_the_subscribers_own_lines() {
        list("dev", 60, "personal", "footer", "footer", "-- \nThe dev list");
        relay.script(counting());
        node(8, 64, relay);
        post("dev", "1");
        untilIdle();
        assertThat(transactions.values()).hasSize(60).containsOnly(1);
        var one = relay.received().stream().filter(copy -> copy.forwardPath().equals("u7@dev.example")).findFirst().orElseThrow().text();
        assertThat(one).contains("\r\nList-Unsubscribe: <mailto:dev-unsubscribe-u7=dev.example@lists.example.org>\r\n")
                .endsWith("\r\n\r\nbye\r\n-- \r\nThe dev list\r\nSent to u7@dev.example. To leave the list, write to "
                        + "<mailto:dev-unsubscribe-u7=dev.example@lists.example.org>.\r\n");
        assertThat(relay.received()).hasSize(60).allSatisfy(copy -> {
            var who = copy.forwardPath();
            assertThat(copy.reversePath()).isEqualTo("dev-return-1-" + who.replace('@', '=') + "@lists.example.org");
            assertThat(copy.text()).isEqualTo(one.replace("u7@dev", who.substring(0, who.indexOf('@')) + "@dev").replace("u7=dev.example",
                    who.replace('@', '=')));
        });
        assertThat(relay.violations()).isEmpty();
        assertThat(totals()).isEqualTo("60 0 0");
    }

    @Test
    void a_post_to_ten_people_passes_one_to_thousands() {
        list("big", 5_000);
        list("small", 10);
        relay.script(SmtpSink.at(Point.DOT, new SmtpSink.Action.Wait(Duration.ofMillis(50))));
        node(4, 64, relay);
        post("big", "1");
        relay.await(100);
        post("small", "2");
        await().atMost(Duration.ofSeconds(2))
                .until(() -> relay.counts().keySet().stream().filter(who -> who.endsWith("@small.example")).count() == 10);
        assertThat(relay.counts().size()).isLessThan(5_010);
    }
}
