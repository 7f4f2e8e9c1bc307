package org.listserv.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.bounce.Verp;
import org.listserv.delivery.Claimed.Content;
import org.listserv.delivery.Claimed.OutgoingMessage;
import org.listserv.delivery.FairQueue.Waiting;
import org.listserv.mail.Reply;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;

/// Sends what is owed: claims batches for this node, hands each copy to a relay over few connections, and has the outcomes marked.
///
/// One thread claims; one virtual thread a connection sends. A quarter of them takes only small outgoings. What a copy's outcome means for
/// subscriber, batch and window is [Turn]'s; who may send at all is [Nodes]'.
public final class Courier implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Courier.class);

    /// Batches in hand at a time: few large ones, so that marks are grouped and another node finds work too.
    private static final int LARGE_BATCHES = 6;
    private static final int LARGE_BATCHES_A_LIST = 4;
    private static final int SMALL_BATCHES = 128;
    private static final Duration POLL = Duration.ofSeconds(1);
    /// A busy node accepts hundreds of posts a second, and a claim costs as much whether it brings one or fifty: it asks at once after a rest, and
    /// not before so long has passed since it last asked.
    private static final Duration BETWEEN_CLAIMS = Duration.ofMillis(20);
    /// Broken connections after the time to give up that end a copy.
    private static final int LAST_TRIES = 3;
    private static final Duration LEASE_WAIT = Duration.ofSeconds(1);
    private static final long PATIENCE_MILLIS = 500;
    /// Recipients of one transaction where the relay expands the reverse-path. Half of what every server takes (RFC 5321 §4.5.3.1.8): with
    /// more, what is lost in a crash grows and little is saved.
    private static final int MOST_TOGETHER = 50;

    private final Batches batches;
    private final Nodes nodes;
    private final Relays relays;
    private final Verp verp;
    private final RetrySchedule schedule;
    private final int window;
    private final long room;
    private final Semaphore wake = new Semaphore(0);
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable Turn turn;
    private volatile boolean closed;
    private long smallAfter = -1;
    private long largeAfter = -1;
    private long asked = System.nanoTime();

    private Courier(Database database, Nodes nodes, Relays relays, Verp verp, RetrySchedule schedule, int window, long room) {
        this.batches = new Batches(database);
        this.nodes = nodes;
        this.relays = relays;
        this.verp = verp;
        this.schedule = schedule;
        this.window = window;
        this.room = room;
    }

    /// @param connections how many copies may be on their way at a time, over all relays
    /// @param window      W of P4: copies ahead of the last committed mark
    /// @param room        octets of large messages in memory at a time, for small outgoings and for the others each; one more is always taken
    ///                    before there is none left, so that any message can be sent
    public static Courier start(Database database, Nodes nodes, Relays relays, Verp verp, RetrySchedule schedule, int connections,
            int window, long room) {
        var courier = new Courier(database, nodes, relays, verp, schedule, window, room);
        var reserved = connections < 2 ? 0 : Math.max(1, connections / 4);
        courier.threads.add(Thread.ofPlatform().name("claim").daemon().start(courier::claimUntilClosed));
        for (var i = 0; i < connections; i++) {
            var lane = i < reserved ? Lane.SMALL : Lane.BULK;
            courier.threads.add(Thread.ofVirtual().name("send-" + i).start(() -> courier.sendUntilClosed(lane)));
        }
        return courier;
    }

    /// There may be something to send, or this node's membership changed.
    public void awake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /// Batches this node sends now, for `status`.
    public int batchesInHand() {
        var now = turn;
        return now == null ? 0 : now.active(true) + now.active(false);
    }

    /// Copies ahead of the last mark: what could be sent twice if this node died now (P4).
    public int ahead() {
        var now = turn;
        return now == null ? 0 : now.ahead();
    }

    private void claimUntilClosed() {
        while (!closed) {
            try {
                var current = currentTurn();
                if (current.isEmpty() || !claim(current.get())) {
                    wake.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
                    TimeUnit.NANOSECONDS.sleep(asked + BETWEEN_CLAIMS.toNanos() - System.nanoTime());
                    wake.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            } catch (DatabaseUnavailable e) {
                log.debug("nothing claimed: {}", e.getMessage());
                pause();
            } catch (RuntimeException e) {
                log.error("claiming failed, once more in a second", e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            wake.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /// The turn of the epoch this node holds now; what was done under another epoch is dropped.
    private Optional<Turn> currentTurn() {
        var as = nodes.membership();
        var last = turn;
        if (last != null && (last.isOver() || !as.equals(Optional.of(last.as())))) {
            last.abandon();
            turn = null;
            if (as.equals(Optional.of(last.as()))) {
                pause();      // it ended by a fault of ours: not again at once
            }
        }
        if (turn == null && as.isPresent()) {
            turn = new Turn(as.get(), batches, window, this::awake);
        }
        return Optional.ofNullable(turn);
    }

    /// @return whether there may be more to claim at once
    private boolean claim(Turn current) {
        if (!nodes.isConfirmed(current.as()) || !isAnyRelayUsable()) {
            return false;
        }
        asked = System.nanoTime();
        var small = SMALL_BATCHES - current.active(true);
        var large = LARGE_BATCHES - current.active(false);
        var inHand = current.inHand();
        var more = false;
        if (small > SMALL_BATCHES / 2) {
            var claims = batches.claim(current.as(), true, smallAfter, small, small, room - current.weight(true), inHand);
            smallAfter = claims.goOnAfter();
            take(current, claims);
            more = smallAfter >= 0;
        }
        if (large > 0) {
            var claims = batches.claim(current.as(), false, largeAfter, LARGE_BATCHES_A_LIST, large, room - current.weight(false), inHand);
            largeAfter = claims.goOnAfter();
            take(current, claims);
            more |= largeAfter >= 0 && claims.claimed().size() < large;
        }
        return more;
    }

    private static void take(Turn current, Batches.Claims claims) {
        claims.claimed().forEach(current::add);
        claims.unreadable().forEach(current::putAway);
    }

    private boolean isAnyRelayUsable() {
        return relays.states().stream().anyMatch(relay -> relay.restsFor().isZero());
    }

    private void sendUntilClosed(Lane lane) {
        while (!closed) {
            try {
                var current = turn;
                if (current == null) {
                    Thread.sleep(50);
                    continue;
                }
                var first = current.queue().next(lane == Lane.SMALL, PATIENCE_MILLIS);
                if (first.isPresent()) {
                    send(current, lane, first.get());
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.error("a sender failed and begins anew", e);
            }
        }
    }

    /// Sends copies over one connection while there are any.
    private void send(Turn current, Lane lane, Waiting first) throws InterruptedException {
        var leased = relays.lease(lane, LEASE_WAIT);
        if (leased.isEmpty()) {
            if (isAnyRelayUsable()) {
                current.queue().putBack(first);      // all connections are at work
            } else {
                current.unsentBeforeEntering(first.sending());
            }
            return;
        }
        try (var lease = leased.get()) {
            new Conversation(current, lane, lease).run(first);
        }
    }

    /// The transactions of one lease. One is handed over ahead, so the outcome of each arrives with the next.
    private final class Conversation {
        private final Turn current;
        private final Lane lane;
        private final Relays.Lease lease;
        private List<Waiting> handedOver = List.of();

        Conversation(Turn current, Lane lane, Relays.Lease lease) {
            this.current = current;
            this.lane = lane;
            this.lease = lease;
        }

        void run(Waiting first) throws InterruptedException {
            try {
                var next = Optional.of(first);
                while (next.isPresent()) {
                    handOver(next.get());
                    if (!lease.isOpen()) {
                        return;
                    }
                    next = current.queue().poll(lane == Lane.SMALL);
                }
            } finally {
                // When the epoch is lost, another node sends what is still held back here.
                report(current.isOver() ? lease.abandon("this node's turn is over") : lease.finish());
            }
        }

        private void handOver(Waiting next) throws InterruptedException {
            var entry = current.tryEnter();
            if (entry == Turn.Entry.FULL) {
                report(lease.finish());     // what this connection still holds back may be what fills the window
                entry = current.enter();
            }
            if (entry == Turn.Entry.ENDED) {
                return;     // it is still owed, by whoever claims the batch next
            }
            if (!nodes.isConfirmed(current.as())) {
                current.leave();
                report(lease.finish());
                waitUntilConfirmed(next);
                return;
            }
            if (next.sending().isAbandoned()) {
                current.leave();    // another node's now
                return;
            }
            var together = together(next);
            var copy = copy(together);
            if (copy.isEmpty()) {
                current.leave();
                together.forEach(one -> current.unsentBeforeEntering(one.sending()));
                return;
            }
            var before = lease.send(copy.get());
            report(before);
            handedOver = together;
        }

        /// With XVERP, and one copy for all, those of the same batch whose reverse-path the relay makes as we would. Who had trouble before goes alone, so that whatever
        /// was the cause is met alone.
        private List<Waiting> together(Waiting first) {
            var message = first.sending().batch().outgoing();
            var pattern = message.reversePath();
            if (!lease.xverp() || first.again() || !(message.content() instanceof Content.Same) || verp.shared(pattern).isEmpty()
                    || !verp.isSpoken(pattern, first.copy().address())) {
                return List.of(first);
            }
            return current.queue().together(first, MOST_TOGETHER, copy -> verp.isSpoken(pattern, copy.address()));
        }

        /// @return empty when it cannot be made, and the batch has to wait
        private Optional<Copy> copy(List<Waiting> together) {
            var batch = together.getFirst().sending().batch();
            try {
                return Optional.of(copy(batch.outgoing(), together));
            } catch (RuntimeException e) {
                log.error("batch {}: no copy can be made for {}", batch.id(), together.getFirst().copy().address(), e);
                return Optional.empty();
            }
        }

        private Copy copy(OutgoingMessage message, List<Waiting> together) {
            if (together.size() > 1) {
                var addresses = together.stream().map(one -> one.copy().address()).toList();
                return new Copy(verp.shared(message.reversePath()).orElseThrow(), true, addresses,
                        message.content().copyFor(addresses.getFirst()));
            }
            var only = together.getFirst().copy();
            return Copy.to(only.address(), verp.reversePath(message.reversePath(), only.subscription(), only.address()),
                    message.content().copyFor(only.address()));
        }

        /// The database has not confirmed our beat for a while: stop before the next MAIL FROM. Either it comes back, or the epoch goes.
        private void waitUntilConfirmed(Waiting next) throws InterruptedException {
            current.queue().putBack(next);
            Thread.sleep(PATIENCE_MILLIS);
        }

        private void report(Optional<Sent> sent) {
            var whose = handedOver;
            handedOver = List.of();
            if (sent.isEmpty()) {
                return;
            }
            current.over(whose.size());
            for (var i = 0; i < whose.size(); i++) {
                Courier.this.report(current, whose.get(i), sent.get().outcomes().get(i));
            }
            if (whose.size() > 1) {
                current.markAtOnce();
            }
        }
    }

    private void report(Turn current, Waiting one, Outcome outcome) {
        switch (outcome) {
            case Outcome.Delivered _ -> current.delivered(one.sending(), one.copy());
            case Outcome.Failed(var reply) -> {
                log.info("batch {}: refused for good: {}", one.sending().batch().id(), reply);
                current.refused(one.sending(), one.copy(), reply);
            }
            case Outcome.Deferred(var reply) -> deferred(current, one, reply);
            case Outcome.Unsent(var why) -> unsent(current, one, why);
        }
    }

    /// One lost connection is no reason to make a batch wait while another connection or relay may do.
    ///
    /// A message at which every connection breaks ends as a deferred one does (RFC 5321 §4.5.4.1): from [RetrySchedule#giveUp] on a broken
    /// connection counts as a deferral, and [#LAST_TRIES] of them are the end. One alone is not: after days without any relay the first
    /// connection may break, and what it carried was never tried.
    private void unsent(Turn current, Waiting one, String why) {
        if (!one.again() && isAnyRelayUsable()) {
            current.leave();
            current.queue().putBack(new Waiting(one.sending(), one.copy(), true));
            return;
        }
        var now = current.now();
        if (schedule.isOver(one.sending().batch().outgoing().acceptedAt(), now)) {
            var lost = new Reply(451, "4.4.2", why);
            if (one.copy().tries() < LAST_TRIES) {
                current.deferred(one.sending(), one.copy(), lost, now.plus(schedule.first()));
            } else {
                givenUp(current, one, lost);
            }
            return;
        }
        log.info("batch {}: waits: {}", one.sending().batch().id(), why);
        current.unsent(one.sending());
    }

    private void deferred(Turn current, Waiting one, Reply reply) {
        var message = one.sending().batch().outgoing();
        var next = schedule.next(message.acceptedAt(), current.now(), one.copy().tries() + 1);
        if (next.isPresent()) {
            current.deferred(one.sending(), one.copy(), reply, next.get());
        } else {
            givenUp(current, one, reply);
        }
    }

    private void givenUp(Turn current, Waiting one, Reply last) {
        current.refused(one.sending(), one.copy(),
                new Reply(last.code(), last.enhanced(), "given up after " + schedule.giveUp().toDays() + " days: " + last.text()));
    }

    /// Finishes what is on its way and hands everything else back.
    @Override
    public void close() {
        closed = true;
        awake();
        var last = turn;
        if (last != null) {
            last.finish(Duration.ofSeconds(5));
        }
        threads.forEach(Thread::interrupt);
        for (var thread : threads) {
            try {
                thread.join(Duration.ofSeconds(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /// For `status` and metrics.
    public Map<String, Integer> inHand() {
        var now = turn;
        return now == null ? Map.of() : Map.of("small", now.active(true), "large", now.active(false));
    }
}
