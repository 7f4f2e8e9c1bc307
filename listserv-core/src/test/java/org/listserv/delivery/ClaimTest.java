package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.delivery.Nodes.Membership;
import org.listserv.reception.Site;

/// What one claim takes, and what it costs.
class ClaimTest {
    private static final int MANY = 100;

    private final Site site = new Site();
    private final Batches batches = new Batches(site.database);
    private final Membership me = node("me");
    private final List<Claimed> inHand = new ArrayList<>();

    @AfterEach
    void stop() {
        site.close();
    }

    private Membership node(String name) {
        site.run("insert into node (name) values ('%s')".formatted(name));
        return new Membership(Short.parseShort(site.ask("select id from node where name = '%s'".formatted(name))), 1);
    }

    private void list(String local, int subscribers) {
        site.subscribe(site.list(local),
                IntStream.range(0, subscribers).mapToObj(i -> "u%d@%s.example".formatted(i, local)).toArray(String[]::new));
    }

    private void post(String local, String id, int octets) {
        assertThat(site.send("jane@example.org", "From: jane@example.org\nSubject: Hi\nMessage-ID: <%s@example.org>\n\n%s\n".formatted(id,
                ("x".repeat(70) + "\n").repeat(octets / 72)), local + "@lists.example.org").code()).isEqualTo(250);
    }

    /// Lists of the batches a claim brings.
    private List<String> claim(boolean small, long room) {
        var claimed = batches.claim(me, small, -1, MANY, MANY, room, inHand).claimed();
        inHand.addAll(claimed);
        return claimed.stream().map(one -> site.ask("select local_part from list where id = " + one.list())).toList();
    }

    private void end(String list) {
        var ended = inHand.stream().filter(one -> site.ask("select local_part from list where id = " + one.list()).equals(list)).toList();
        inHand.removeAll(ended);
        ended.forEach(one -> site.run("delete from batch where id = " + one.id()));
    }

    @Test
    void large_messages_are_claimed_one_after_the_other_when_there_is_no_more_room_and_small_ones_pass_them() {
        for (var local : List.of("a", "b", "c", "d")) {
            list(local, 2);
        }
        post("a", "1", 200_000);
        post("b", "2", 200_000);
        post("c", "3", 200_000);
        post("d", "4", 1_000);
        assertThat(claim(true, 1)).containsExactly("a", "d");
        post("d", "5", 1_000);
        assertThat(claim(true, 0)).containsExactly("d");
        assertThat(claim(true, -200_000)).isEmpty();
        assertThat(site.ask("select count(*) from batch where owner is not null")).isEqualTo("3");
        end("a");
        assertThat(claim(true, 250_000)).containsExactly("b", "c");
    }

    @Test
    void a_large_message_needs_room_once_however_many_batches_it_has() {
        list("big", 1_300);
        list("other", 600);
        post("big", "1", 200_000);
        post("other", "2", 200_000);
        var first = batches.claim(me, false, -1, 1, 1, 1, inHand).claimed();
        inHand.addAll(first);
        assertThat(claim(false, 0)).containsExactly("big");
        assertThat(claim(false, 0)).containsExactly("big");
        assertThat(claim(false, 0)).isEmpty();
        assertThat(inHand.stream().map(Claimed::outgoing).distinct()).hasSize(1);
        assertThat(claim(false, 1)).containsExactly("other", "other");
    }

    @Test
    void what_is_not_due_costs_a_claim_nothing_and_comes_back_in_its_time() {
        list("dev", 1);
        post("dev", "1", 100);
        site.run("""
                insert into batch (outgoing_id, list_id, small, forward_path, recipients, done, deferred, next_attempt_at)
                select o.id, 1000 + i, true, 'u@dev.example', 1, b'0', b'0', clock_now() from outgoing o, generate_series(1, 1000) i
                """);
        // As their owner gives them back after a 4xx.
        site.run("update batch set owner = %d, owner_epoch = 1 where list_id > 1000".formatted(me.id()));
        site.run("""
                select release(%d::smallint, 1, id, clock_now() + interval '30 minutes', true, '{}', '{}', '{}', '{}', '{}')
                  from batch where list_id > 1000""".formatted(me.id()));
        site.run("analyze batch");
        assertThat(claim(true, 1)).containsExactly("dev");
        buffersOfAClaim();     // the first to meet the rows' former versions marks their index entries dead
        assertThat(buffersOfAClaim()).isLessThan(100);

        site.run("update clock set shift = interval '31 minutes'");
        var back = batches.claim(me, true, -1, MANY, MANY, 1, inHand);
        assertThat(back.claimed()).hasSize(MANY);
        assertThat(back.goOnAfter()).isPositive();
    }

    private long buffersOfAClaim() {
        var buffers = Pattern.compile("(?:hit|read)=(\\d+)");
        return site.database.read(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement
                            .executeQuery("explain (analyze, buffers) select * from claim(%d::smallint, 1, true, -1, 256, 4, 128, '{}')"
                                    .formatted(me.id()))) {
                while (rows.next()) {
                    var line = rows.getString(1).strip();
                    if (line.startsWith("Buffers: shared")) {
                        return buffers.matcher(line).results().mapToLong(hit -> Long.parseLong(hit.group(1))).sum();
                    }
                }
                return 0L;
            }
        });
    }

    @Test
    void what_is_tried_again_by_hand_is_due_at_once() {
        list("dev", 1);
        post("dev", "1", 100);
        claim(true, 1);
        batches.release(me, inHand.getFirst().id(), batches.now().plus(Duration.ofHours(1)), true, List.of());
        inHand.clear();
        assertThat(claim(true, 1)).isEmpty();
        var queue = new DeliveryQueue(site.database);
        assertThat(queue.retry(queue.waiting(0, 1).getFirst().id())).isEqualTo(1);
        assertThat(claim(true, 1)).containsExactly("dev");
    }

    @Test
    void a_node_of_the_version_before_claims_as_it_did() {
        list("dev", 1);
        post("dev", "1", 200_000);
        assertThat(site.ask("""
                select string_agg(concat_ws(' ', outgoing_id is not null, recipients, done, deferred, attempts, go_on_after), ',')
                  from (select id, outgoing_id, list_id, subscriptions, forward_path, recipients, done, deferred, attempts, go_on_after
                          from claim(%d::smallint, 1, true, -1, 256, 1, 1, '{}')) claimed
                 where id is not null""".formatted(me.id()))).isEqualTo("t 1 0 0 0");
    }
}
