package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.delivery.SmtpSink.Action;
import org.listserv.delivery.SmtpSink.Point;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

class RelaysTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final WireMessage MESSAGE = WireMessage.of("Subject: hello\r\n".getBytes(StandardCharsets.US_ASCII));

    private final List<SmtpSink> sinks = new ArrayList<>();
    private Relays relays;

    @AfterEach
    void nothing_broke_the_protocol() {
        relays.close();
        sinks.forEach(SmtpSink::close);
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.violations()).isEmpty());
    }

    @Test
    void relays_that_are_well_take_turns() throws InterruptedException {
        var one = sink(SmtpSink.setup());
        var two = sink(SmtpSink.setup());
        relaysTo(4, one, two);
        for (int i = 0; i < 10; i++) {
            assertThat(send("u" + i + "@a.org")).startsWith("Delivered");
        }
        assertThat(one.copies()).isEqualTo(5);
        assertThat(two.copies()).isEqualTo(5);
    }

    @Test
    void a_connection_given_back_is_used_again() throws InterruptedException {
        var sink = sink(SmtpSink.setup());
        relaysTo(4, sink);
        for (int i = 0; i < 10; i++) {
            send("u" + i + "@a.org");
        }
        assertThat(sink.connections()).isEqualTo(1);
        assertThat(relays.states()).extracting(RelayState::connections, RelayState::inUse, RelayState::delivered, RelayState::isWell)
                .containsExactly(tuple(1, 0, 10L, true));
    }

    @Test
    void no_relay_gets_more_connections_than_allowed_and_a_quarter_is_kept_for_small_outgoings() throws InterruptedException {
        var sink = sink(SmtpSink.setup());
        relaysTo(8, sink);
        var leases = new ArrayList<Relays.Lease>();
        for (int i = 0; i < 6; i++) {
            leases.add(relays.lease(Lane.BULK, NOW).orElseThrow());
        }
        assertThat(relays.lease(Lane.BULK, NOW)).isEmpty();
        leases.add(relays.lease(Lane.SMALL, NOW).orElseThrow());
        leases.add(relays.lease(Lane.SMALL, NOW).orElseThrow());
        assertThat(relays.lease(Lane.SMALL, Duration.ofMillis(50))).isEmpty();
        assertThat(sink.connections()).isEqualTo(8);

        var waiting = new ArrayList<Relays.Lease>();
        var waiter = Thread.ofVirtual().start(() -> {
            try {
                relays.lease(Lane.BULK, PATIENCE).ifPresent(waiting::add);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        leases.getFirst().close();
        leases.getFirst().close();
        assertThat(waiter.join(PATIENCE)).isTrue();
        assertThat(waiting).hasSize(1);
        assertThat(relays.states().getFirst().inUse()).as("given back once, though closed twice").isEqualTo(8);
        assertThat(sink.connections()).isEqualTo(8);
    }

    @Test
    void a_single_connection_is_for_everybody() throws InterruptedException {
        relaysTo(1, sink(SmtpSink.setup()));
        try (var lease = relays.lease(Lane.BULK, NOW).orElseThrow()) {
            assertThat(lease.isOpen()).isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            refuses the connection | refused
            greets with 421        | 421 4.3.2 too many
            drops before EHLO      | closed the connection
            """)
    void a_relay_that_cannot_be_used_rests_while_others_go_on(String what, String why) throws InterruptedException {
        var bad = sink(SmtpSink.setup().script(event -> switch (what.charAt(0)) {
            case 'g' -> event.is(Point.CONNECT) ? new Action.SayAndClose("421 4.3.2 too many") : SmtpSink.usual();
            case 'd' -> event.is(Point.EHLO) ? new Action.Drop() : SmtpSink.usual();
            default -> SmtpSink.usual();
        }));
        if (what.startsWith("refuses")) {
            bad.close();
        }
        var good = sink(SmtpSink.setup());
        relaysTo(4, bad, good);
        for (int i = 0; i < 10; i++) {
            assertThat(send("u" + i + "@a.org")).startsWith("Delivered");
        }
        assertThat(good.copies()).isEqualTo(10);
        assertThat(bad.connections()).isLessThanOrEqualTo(2);
        var state = relays.states().getFirst();
        assertThat(state.isWell()).isFalse();
        assertThat(state.why()).containsIgnoringCase(why);
    }

    @Test
    void deferrals_are_counted_by_their_reason() throws InterruptedException {
        relaysTo(1, sink(SmtpSink.setup().script(event -> event.argument().contains("full@")
                ? SmtpSink.say("452 4.2.2 mailbox full")
                : event.argument().contains("odd@") ? SmtpSink.say("450 later") : SmtpSink.usual())));
        assertThat(send("full@a.org")).startsWith("Deferred");
        assertThat(send("you@a.org")).startsWith("Delivered");
        assertThat(send("odd@a.org")).startsWith("Deferred");
        assertThat(relays.states().getFirst().deferrals()).containsExactly(1L, 0L, 1L, 0L, 0L, 0L, 0L, 0L);
        assertThat(relays.states().getFirst().deferred()).isEqualTo(2);
    }

    @Test
    void when_no_relay_can_be_used_that_is_known_after_the_time_given() throws InterruptedException {
        var sink = sink(SmtpSink.setup());
        sink.close();
        relaysTo(4, sink);
        assertThat(relays.lease(Lane.SMALL, NOW)).isEmpty();
        assertThat(relays.lease(Lane.SMALL, Duration.ofMillis(100))).isEmpty();
        assertThat(relays.states().getFirst().restsFor()).isPositive();
    }

    @Test
    void a_relay_that_came_back_is_used_again_after_its_rest() throws InterruptedException {
        var sink = sink(SmtpSink.setup());
        relaysTo(4, sink);
        assertThat(send("u1@a.org")).startsWith("Delivered");
        int port = sink.port();
        sink.close();
        // The first finds the connection closed, which a healthy relay may have done; the next finds nobody there.
        assertThat(Stream.of(trySend("u2@a.org"), trySend("u3@a.org"))).noneMatch(outcome -> outcome.startsWith("Delivered"));
        assertThat(relays.states().getFirst().isWell()).isFalse();
        var back = sink(SmtpSink.setup().port(port));
        assertThat(send("u4@a.org")).startsWith("Delivered");
        assertThat(back.copies()).isEqualTo(1);
        assertThat(relays.states().getFirst().isWell()).isTrue();
    }

    @Test
    void after_a_rest_a_relay_gets_one_connection_until_it_has_taken_something() throws InterruptedException {
        var sink = sink(SmtpSink.setup()
                .script(event -> event.is(Point.CONNECT) && event.connection() == 1 ? new Action.Drop() : SmtpSink.usual()));
        relaysTo(4, sink);
        assertThat(relays.lease(Lane.BULK, NOW)).isEmpty();
        try (var first = relays.lease(Lane.BULK, PATIENCE).orElseThrow()) {
            assertThat(relays.lease(Lane.SMALL, NOW)).isEmpty();
            first.send(copy("u1@a.org"));
            first.finish();
            try (var second = relays.lease(Lane.SMALL, NOW).orElseThrow()) {
                assertThat(second.isOpen()).isTrue();
            }
        }
    }

    /// Exim says 421 after 1,000 messages, others just close; that is no trouble.
    @ParameterizedTest(name = "by {0}")
    @CsvSource({"421", "dropping"})
    void a_relay_may_end_a_connection_between_messages(String how) throws InterruptedException {
        var sink = sink(SmtpSink.setup().script(event -> event.is(Point.MAIL) && event.transactionHere() > 3
                ? how.equals("421") ? new Action.SayAndClose("421 4.5.3 enough for one connection") : new Action.Drop()
                : SmtpSink.usual()));
        relaysTo(1, sink);
        var left = new ArrayList<>(IntStream.range(0, 20).mapToObj(i -> "u" + i + "@a.org").toList());
        while (!left.isEmpty()) {
            try (var lease = relays.lease(Lane.BULK, NOW).orElseThrow()) {
                var sent = new ArrayList<Sent>();
                for (var recipient : left) {
                    if (lease.isOpen()) {
                        lease.send(copy(recipient)).ifPresent(sent::add);
                    }
                }
                lease.finish().ifPresent(sent::add);
                sent.stream().filter(one -> one.outcomes().getFirst() instanceof Outcome.Delivered)
                        .forEach(one -> left.remove(one.copy().forwardPaths().getFirst().toString()));
            }
        }
        assertThat(sink.copies()).as("each once").isEqualTo(20);
        assertThat(sink.connections()).isEqualTo(7);
        assertThat(relays.states().getFirst().isWell()).isTrue();
    }

    @Test
    void a_relay_that_drops_after_the_dot_rests() throws InterruptedException {
        var bad = sink(SmtpSink.setup().script(SmtpSink.at(Point.DOT, new Action.TakeAndDrop())));
        var good = sink(SmtpSink.setup());
        relaysTo(4, bad, good);
        assertThat(send("u1@a.org")).startsWith("Unsent").endsWith("may have it");
        for (int i = 2; i < 10; i++) {
            assertThat(send("u" + i + "@a.org")).startsWith("Delivered");
        }
        assertThat(relays.states().getFirst().isWell()).isFalse();
    }

    @Test
    void a_connection_the_relay_closed_while_it_was_unused_is_no_trouble() throws InterruptedException {
        var sink = sink(SmtpSink.setup());
        relaysTo(4, sink);
        send("u1@a.org");
        sink.drop();
        await().until(() -> sink.openConnections() == 0);
        // Older than a second: asked before it is used.
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
        assertThat(send("u2@a.org")).startsWith("Delivered");
        assertThat(sink.connections()).isEqualTo(2);
        assertThat(relays.states().getFirst().isWell()).isTrue();
    }

    @Test
    void connections_nobody_uses_are_closed_in_order() throws InterruptedException {
        var quits = Collections.synchronizedList(new ArrayList<Integer>());
        var sink = sink(SmtpSink.setup().script(event -> {
            if (event.is(Point.QUIT)) {
                quits.add(event.connection());
            }
            return SmtpSink.usual();
        }));
        relays = new Relays(
                new RelaySettings(List.of(sink.address()), 4, RelaySettings.Xverp.AUTO, RelaySettings.Tls.OFF, "node.example.org",
                        RelaySettings.Timeouts.RFC_5321, Duration.ofMillis(200)));
        send("u1@a.org");
        await().untilAsserted(() -> assertThat(quits).containsExactly(1));
        await().until(() -> sink.openConnections() == 0);
        assertThat(send("u2@a.org")).startsWith("Delivered");
        assertThat(sink.connections()).isEqualTo(2);
    }

    @Test
    void a_relay_that_refuses_everybody_is_in_trouble_and_recipients_are_not_to_blame() throws InterruptedException {
        var bad = sink(SmtpSink.setup().script(event -> event.is(Point.RCPT)
                ? SmtpSink.say("554 5.7.1 <" + event.argument() + ">: Relay access denied")
                : SmtpSink.usual()));
        relaysTo(1, bad);
        var outcomes = sendMany(30);
        assertThat(outcomes.subList(0, 10)).allMatch(outcome -> outcome.startsWith("Failed"));
        assertThat(outcomes.subList(10, outcomes.size())).isNotEmpty().allMatch(outcome -> outcome.startsWith("Unsent"));
        assertThat(relays.states().getFirst().why()).contains("Relay access denied");

        assertThat(sendMany(30)).as("after the rest").isNotEmpty().allMatch(outcome -> outcome.startsWith("Unsent"));

        bad.script(event -> SmtpSink.usual());
        assertThat(send("u1@a.org")).as("when it has been put right").startsWith("Delivered");
        assertThat(sendMany(30)).hasSize(30).allMatch(outcome -> outcome.startsWith("Delivered"));
        assertThat(relays.states().getFirst().isWell()).isTrue();
    }

    @Test
    void dead_subscribers_are_not_the_relays_trouble() throws InterruptedException {
        relaysTo(1, sink(SmtpSink.setup().script(SmtpSink.refusing("", "550 5.1.1 user unknown"))));
        assertThat(sendMany(100)).hasSize(100).allMatch(outcome -> outcome.startsWith("Failed"));
    }

    @Test
    void a_relay_in_trouble_is_left_by_all_who_use_it() throws InterruptedException {
        var sink = sink(SmtpSink.setup().script(event -> event.is(Point.DOT) ? new Action.Drop() : SmtpSink.usual()));
        relaysTo(4, sink);
        try (var one = relays.lease(Lane.BULK, NOW).orElseThrow(); var other = relays.lease(Lane.BULK, NOW).orElseThrow()) {
            one.send(copy("u1@a.org"));
            assertThat(one.finish().orElseThrow().outcomes().getFirst()).isInstanceOf(Outcome.Unsent.class);
            assertThat(other.isOpen()).isFalse();
        }
    }

    @Test
    void closing_wakes_all_and_gives_copies_back_unsent() throws Exception {
        var sink = sink(SmtpSink.setup().script(SmtpSink.at(Point.DOT, new Action.Hang())));
        relaysTo(1, sink);
        var outcomes = Collections.synchronizedList(new ArrayList<String>());
        var sender = Thread.ofVirtual().start(() -> outcomes.add(trySend("u1@a.org")));
        var waiter = Thread.ofVirtual().start(() -> outcomes.add(trySend("u2@a.org")));
        await().until(() -> sink.openConnections() == 1 && sender.getState() == Thread.State.WAITING);
        relays.close();
        assertThat(sender.join(PATIENCE)).isTrue();
        assertThat(waiter.join(PATIENCE)).isTrue();
        assertThat(outcomes).hasSize(2).noneMatch(outcome -> outcome.startsWith("Delivered"));
        assertThat(trySend("u3@a.org")).isEqualTo("no relay");
    }

    /// Up to so many copies on one connection, until it is not open any more.
    private List<String> sendMany(int copies) throws InterruptedException {
        var outcomes = new ArrayList<String>();
        try (var lease = relays.lease(Lane.BULK, PATIENCE).orElseThrow()) {
            for (int i = 0; i < copies && lease.isOpen(); i++) {
                lease.send(copy("u" + i + "@a.org")).ifPresent(sent -> outcomes.add(text(sent)));
            }
            lease.finish().ifPresent(sent -> outcomes.add(text(sent)));
        }
        return outcomes;
    }

    private String send(String recipient) throws InterruptedException {
        try (var lease = relays.lease(Lane.SMALL, PATIENCE).orElseThrow()) {
            lease.send(copy(recipient));
            return text(lease.finish().orElseThrow());
        }
    }

    private String trySend(String recipient) {
        try {
            var found = relays.lease(Lane.SMALL, NOW);
            if (found.isEmpty()) {
                return "no relay";
            }
            try (var lease = found.get()) {
                lease.send(copy(recipient));
                return text(lease.finish().orElseThrow());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Sent sent) {
        return sent.outcomes().getFirst().toString().replaceAll("]$", "");
    }

    private static Copy copy(String recipient) {
        return Copy.to(EmailAddress.parse(recipient), new ReversePath.Null(), MESSAGE);
    }

    private SmtpSink sink(SmtpSink.Setup setup) {
        var sink = setup.start();
        sinks.add(sink);
        return sink;
    }

    private void relaysTo(int connections, SmtpSink... to) {
        relays = new Relays(new RelaySettings(Stream.of(to).map(SmtpSink::address).toList(), connections, RelaySettings.Xverp.AUTO,
                RelaySettings.Tls.OFF, "node.example.org", RelaySettings.Timeouts.RFC_5321, RelaySettings.DEFAULT_IDLE));
    }
}
