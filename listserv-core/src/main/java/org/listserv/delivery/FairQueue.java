package org.listserv.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

import org.listserv.delivery.Claimed.CopyTo;

/// Copies waiting for a connection on this node. A free connection takes the next copy of the list served least, so a post to ten people
/// passes one to a hundred thousand after one transaction (P7); reserved connections take only small outgoings. A transaction counts as
/// the copies it brings, so that a list whose copies go fifty at a time gets no more than one whose copies go one by one.
final class FairQueue {
    /// One list's copies of one size class, and how much it has been served.
    private static final class ListQueue {
        final long list;
        final boolean small;
        final Deque<Waiting> waiting = new ArrayDeque<>();
        long served;

        ListQueue(long list, boolean small) {
            this.list = list;
            this.small = small;
        }
    }

    /// A copy and the batch it belongs to.
    ///
    /// @param again its first connection brought trouble
    record Waiting(Sending sending, CopyTo copy, boolean again) {}

    private record Key(long list, boolean small) {}

    private static final Comparator<ListQueue> LEAST_SERVED = Comparator.<ListQueue>comparingLong(queue -> queue.served)
            .thenComparingLong(queue -> queue.list).thenComparing(queue -> queue.small);

    private final Map<Key, ListQueue> queues = new HashMap<>();
    private final TreeSet<ListQueue> large = new TreeSet<>(LEAST_SERVED);
    private final TreeSet<ListQueue> small = new TreeSet<>(LEAST_SERVED);
    private boolean closed;

    synchronized void add(Sending sending) {
        var batch = sending.batch();
        var queue = queues.computeIfAbsent(new Key(batch.list(), batch.small()), key -> new ListQueue(key.list(), key.small()));
        var queued = batch.small() ? small : large;
        if (queue.waiting.isEmpty()) {
            // A list that was idle does not get its idleness back: it starts level with the others.
            queue.served = Math.max(queue.served, leastServed());
        }
        queued.remove(queue);
        batch.copies().forEach(copy -> queue.waiting.add(new Waiting(sending, copy, false)));
        if (!queue.waiting.isEmpty()) {
            queued.add(queue);
        }
        notifyAll();
    }

    private long leastServed() {
        var a = small.isEmpty() ? Long.MAX_VALUE : small.first().served;
        var b = large.isEmpty() ? Long.MAX_VALUE : large.first().served;
        var least = Math.min(a, b);
        return least == Long.MAX_VALUE ? 0 : least;
    }

    /// Waits for a copy.
    ///
    /// @param onlySmall whether the connection is one of those reserved for small outgoings
    /// @param millis    how long to wait
    /// @return empty when there is none in time, or the queue is closed
    synchronized Optional<Waiting> next(boolean onlySmall, long millis) throws InterruptedException {
        var until = System.nanoTime() + millis * 1_000_000;
        while (!closed) {
            var next = poll(onlySmall);
            if (next.isPresent()) {
                return next;
            }
            var left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return Optional.empty();
            }
            wait(left);
        }
        return Optional.empty();
    }

    /// The next copy if there is one now.
    synchronized Optional<Waiting> poll(boolean onlySmall) {
        if (closed) {
            return Optional.empty();
        }
        var queued = onlySmall || large.isEmpty()
                ? small
                : small.isEmpty() || LEAST_SERVED.compare(large.first(), small.first()) < 0 ? large : small;
        if (queued.isEmpty()) {
            return Optional.empty();
        }
        var queue = queued.pollFirst();
        var next = queue.waiting.poll();
        queue.served++;
        if (queue.waiting.isEmpty()) {
            queues.remove(new Key(queue.list, queue.small));
        } else {
            queued.add(queue);
        }
        return Optional.ofNullable(next);
    }

    /// Further copies that can go in one transaction with one just taken: of the same batch, on their first connection.
    ///
    /// @param fits what else is asked of each
    /// @return with the one just taken
    synchronized List<Waiting> together(Waiting first, int most, Predicate<CopyTo> fits) {
        var together = new ArrayList<Waiting>();
        together.add(first);
        var batch = first.sending().batch();
        var queue = queues.get(new Key(batch.list(), batch.small()));
        if (queue == null || closed) {
            return together;
        }
        var queued = batch.small() ? small : large;
        queued.remove(queue);
        var others = new ArrayDeque<Waiting>();
        while (together.size() < most && !queue.waiting.isEmpty() && queue.waiting.getFirst().sending() == first.sending()) {
            var next = queue.waiting.removeFirst();
            if (!next.again() && fits.test(next.copy())) {
                together.add(next);
                queue.served++;
            } else {
                others.add(next);
            }
        }
        others.descendingIterator().forEachRemaining(queue.waiting::addFirst);
        if (queue.waiting.isEmpty()) {
            queues.remove(new Key(queue.list, queue.small));
        } else {
            queued.add(queue);
        }
        return together;
    }

    /// A copy that could not be sent now is the next of its list again.
    synchronized void putBack(Waiting waiting) {
        var batch = waiting.sending().batch();
        var queue = queues.computeIfAbsent(new Key(batch.list(), batch.small()), key -> new ListQueue(key.list(), key.small()));
        var queued = batch.small() ? small : large;
        if (queue.waiting.isEmpty()) {
            queue.served = leastServed();
        }
        queued.remove(queue);
        queue.waiting.addFirst(waiting);
        queued.add(queue);
        notifyAll();
    }

    /// Takes away what waits of a batch that is no longer sent.
    synchronized int remove(Sending sending) {
        var batch = sending.batch();
        var queue = queues.get(new Key(batch.list(), batch.small()));
        if (queue == null) {
            return 0;
        }
        var queued = batch.small() ? small : large;
        queued.remove(queue);
        var before = queue.waiting.size();
        queue.waiting.removeIf(waiting -> waiting.sending() == sending);
        var removed = before - queue.waiting.size();
        if (queue.waiting.isEmpty()) {
            queues.remove(new Key(queue.list, queue.small));
        } else {
            queued.add(queue);
        }
        return removed;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
