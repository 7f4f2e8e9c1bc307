package org.listserv.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.delivery.Batches.Mark;
import org.listserv.delivery.Claimed.CopyTo;
import org.listserv.delivery.Claimed.OutgoingMessage;
import org.listserv.delivery.Nodes.Membership;
import org.listserv.mail.Reply;
import org.listserv.store.DatabaseUnavailable;

/// What this node does under one epoch: batches claimed, the window, marks. When the epoch is lost all of it is dropped and another turn begins.
///
/// The window (P4): a transaction begins only while fewer than W copies lie ahead of the last committed mark. When marks stop, sending stops.
/// Marks go out when W/2 copies wait for one, or 20 ms after the first of them, and at once after a transaction with several recipients.
/// Such a transaction counts as one while it is on its way and as all its copies from its end on, so that the window holds W and the
/// transactions in flight, whatever W is: none waits for room that only it could make.
final class Turn {
    private static final Logger log = LoggerFactory.getLogger(Turn.class);
    private static final Duration LONGEST_WAIT = Duration.ofMillis(20);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(200);
    /// A relay that takes some copies and then drops the connection rests as long; the batch is not to blame and goes on with it.
    private static final Duration AFTER_PROGRESS = Relay.FIRST_REST;
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(5);
    private static final Duration LONGEST_TROUBLE = Duration.ofMinutes(5);

    private final Membership as;
    private final Batches batches;
    private final Runnable onRoom;
    private final int window;
    private final Window ahead;
    private final FairQueue queue = new FairQueue();
    private final Set<Sending> sending = new HashSet<>();
    private final Set<Sending> touched = new HashSet<>();
    private final Thread marking;
    private Instant nowRead;
    private long nowReadAt;
    private int outcomes;
    private long firstOutcomeAt;
    private boolean atOnce;
    private boolean over;
    private volatile boolean ending;

    /// Room for copies ahead of the last mark; less than none after transactions with several recipients.
    private static final class Window extends Semaphore {
        private static final long serialVersionUID = 1;

        Window(int copies) {
            super(copies);
        }

        void overdraw(int copies) {
            reducePermits(copies);
        }
    }

    /// @param onRoom called when batches have ended and more can be claimed
    Turn(Membership as, Batches batches, int window, Runnable onRoom) {
        this.as = as;
        this.batches = batches;
        this.window = window;
        this.ahead = new Window(window);
        this.onRoom = onRoom;
        this.nowRead = batches.now();
        this.nowReadAt = System.nanoTime();
        this.marking = Thread.ofPlatform().name("marks-" + as.epoch()).daemon().start(this::markUntilOver);
    }

    Membership as() {
        return as;
    }

    FairQueue queue() {
        return queue;
    }

    /// What became of the wish to begin one more transaction.
    enum Entry {
        IN,
        FULL,
        /// The turn ends or has ended: nothing must leave.
        ENDED
    }

    /// Room in the window for one more transaction, now?
    Entry tryEnter() {
        return ahead.tryAcquire() ? entered() : Entry.FULL;
    }

    /// Waits for room in the window.
    Entry enter() throws InterruptedException {
        ahead.acquire();
        return entered();
    }

    /// Asked after taking the permit: [#finish] sets the flag before it waits for all permits to come back.
    private Entry entered() {
        if (!ending) {
            return Entry.IN;
        }
        ahead.release();
        return Entry.ENDED;
    }

    /// A copy that entered did not leave after all.
    void leave() {
        ahead.release();
    }

    /// A transaction that had entered as one is over. From now on each of its copies takes its own room, until it is marked or leaves.
    void over(int copies) {
        if (copies > 1) {
            ahead.overdraw(copies - 1);
        }
    }

    /// What is known now is marked without waiting for more.
    synchronized void markAtOnce() {
        if (!touched.isEmpty()) {
            atOnce = true;
            notifyAll();
        }
    }

    void add(Claimed batch) {
        var one = new Sending(batch);
        synchronized (this) {
            if (over) {
                return;
            }
            sending.add(one);
            if (one.hasNothingToSend()) {
                touch(one, 0);      // nothing to send: all have left or must wait
            }
        }
        queue.add(one);
    }

    /// Copies ahead of the last mark; a transaction on its way counts as one.
    int ahead() {
        return Math.max(0, window - ahead.availablePermits());
    }

    /// Puts a batch away that cannot be sent; a person must look.
    void putAway(long batch, String why) {
        log.error("batch {} cannot be sent, once more in an hour: {}", batch, why);
        batches.release(as, batch, now().plus(Duration.ofHours(1)), true, List.of());
    }

    /// Whether it is over: nothing more is sent or marked.
    synchronized boolean isOver() {
        return over;
    }

    /// Batches of one size class in hand.
    synchronized int active(boolean small) {
        return (int) sending.stream().filter(one -> one.batch().small() == small).count();
    }

    /// Octets of the heavy messages in hand, each counted once however many batches it has.
    synchronized long weight(boolean small) {
        return sending.stream().map(Sending::batch).filter(batch -> batch.small() == small).map(Claimed::outgoing)
                .collect(Collectors.toMap(OutgoingMessage::id, OutgoingMessage::weight, (one, _) -> one)).values().stream()
                .mapToLong(Long::longValue).sum();
    }

    synchronized List<Claimed> inHand() {
        return sending.stream().map(Sending::batch).toList();
    }

    void delivered(Sending one, CopyTo copy) {
        one.delivered(copy);
        touched(one, 1);
    }

    void refused(Sending one, CopyTo copy, Reply reply) {
        one.refused(copy, reply);
        touched(one, 1);
    }

    void deferred(Sending one, CopyTo copy, Reply reply, Instant next) {
        one.deferred(copy, reply, next);
        leave();
        touched(one, 0);
    }

    /// Nothing is known to have been taken: the batch's remaining copies wait with this one.
    void unsent(Sending one) {
        leave();
        unsentBeforeEntering(one);
    }

    /// As [#unsent], for a copy that found no connection.
    void unsentBeforeEntering(Sending one) {
        var waiting = queue.remove(one);
        one.unsent(waiting + 1);
        touched(one, 0);
    }

    /// Policy time, which is the database's: read at most once a second, and carried on from there.
    synchronized Instant now() {
        var elapsed = System.nanoTime() - nowReadAt;
        if (elapsed > Duration.ofSeconds(1).toNanos()) {
            try {
                nowRead = batches.now();
                nowReadAt = System.nanoTime();
                elapsed = 0;
            } catch (DatabaseUnavailable e) {
                log.debug("policy time is carried on: {}", e.getMessage());
            }
        }
        return nowRead.plusNanos(elapsed);
    }

    private synchronized void touched(Sending one, int copies) {
        touch(one, copies);
    }

    private void touch(Sending one, int copies) {
        var first = touched.isEmpty();
        if (first) {
            firstOutcomeAt = System.nanoTime();
        }
        outcomes += copies;
        touched.add(one);
        if (first || outcomes >= window / 2) {
            notifyAll();
        }
    }

    private void markUntilOver() {
        try {
            while (true) {
                List<Sending> due;
                int copies;
                synchronized (this) {
                    while (!over && !isDue()) {
                        waitForOutcomes();
                    }
                    if (over) {
                        return;
                    }
                    due = List.copyOf(touched);
                    copies = outcomes;
                    touched.clear();
                    outcomes = 0;
                    atOnce = false;
                }
                mark(due);
                ahead.release(copies);
            }
        } catch (InterruptedException e) {
            log.debug("marking ends");
        } catch (RuntimeException e) {
            // Without marks nothing may be sent. What this node holds comes again with the next claim, up to W copies twice.
            log.error("marking failed; this node drops what it has in hand and claims it again", e);
            abandon();
            onRoom.run();
        }
    }

    private boolean isDue() {
        return !touched.isEmpty() && (atOnce || outcomes >= window / 2 || System.nanoTime() - firstOutcomeAt >= LONGEST_WAIT.toNanos());
    }

    private void waitForOutcomes() throws InterruptedException {
        if (touched.isEmpty()) {
            wait();
        } else {
            var left = LONGEST_WAIT.toNanos() - (System.nanoTime() - firstOutcomeAt);
            wait(Math.max(1, left / 1_000_000));
        }
    }

    private void mark(List<Sending> due) throws InterruptedException {
        var marks = new ArrayList<Mark>();
        for (var one : due) {
            one.mark().ifPresent(marks::add);
        }
        var lost = new HashSet<Long>();
        if (!marks.isEmpty()) {
            marks.forEach(mark -> lost.add(mark.batch()));
            lost.removeAll(insist(() -> batches.mark(as, marks)));
        }
        for (var one : due) {
            if (lost.contains(one.batch().id())) {
                log.warn("batch {} is another node's now, this one stops sending it", one.batch().id());
                one.abandon();
                queue.remove(one);
                ended(one);
            } else if (one.tryEnd()) {
                end(one);
            }
        }
    }

    private void end(Sending one) throws InterruptedException {
        var end = one.end();
        if (!end.complete()) {
            insist(() -> {
                var now = batches.now();
                var goesOn = end.troubled() && end.answered();
                var pause = now.plus(goesOn ? AFTER_PROGRESS : afterTrouble(one.batch().attempts()));
                var next = end.troubled() ? pause : end.next().orElse(pause);
                batches.release(as, one.batch().id(), next, !goesOn, end.deferred());
                return true;
            });
        }
        ended(one);
    }

    private static Duration afterTrouble(int attempts) {
        var wait = AFTER_TROUBLE.multipliedBy(1L << Math.min(attempts, 10));
        return wait.compareTo(LONGEST_TROUBLE) < 0 ? wait : LONGEST_TROUBLE;
    }

    private void ended(Sending one) {
        synchronized (this) {
            sending.remove(one);
        }
        onRoom.run();
    }

    private interface Work<T> {
        T run();
    }

    /// While the database is away nothing is marked, the window stays shut, and sending stands still; it goes on where it was.
    private <T> T insist(Work<T> work) throws InterruptedException {
        while (true) {
            try {
                return work.run();
            } catch (DatabaseUnavailable e) {
                log.info("marks wait for the database: {}", e.getMessage());
                synchronized (this) {
                    if (over) {
                        throw new InterruptedException("the turn is over");
                    }
                    wait(AFTER_FAILURE.toMillis());
                }
            }
        }
    }

    /// The epoch is lost or the node stops: nothing more of this turn is sent or marked.
    void abandon() {
        ending = true;
        synchronized (this) {
            over = true;
            sending.forEach(Sending::abandon);
            notifyAll();
        }
        queue.close();
        ahead.release(1_000_000);   // whoever waits finds the queue closed
    }

    /// Stops taking copies, waits for those on their way to be marked.
    void finish(Duration longest) {
        ending = true;
        queue.close();
        var until = System.nanoTime() + longest.toNanos();
        while (ahead.availablePermits() < window && System.nanoTime() < until) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        abandon();
        try {
            marking.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
