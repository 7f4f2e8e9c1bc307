package org.listserv.smtp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Those open now: how many and from where, and whose client has been silent for too long.
///
/// Only clients that may send mail here count against the limits, and only until they are refused: strangers must not be able to take
/// the places of those, however many come.
final class Connections {
    /// Refused clients waited for at a time. Each costs a file descriptor for up to five seconds, and a flood of them brings thousands.
    private static final int LINGERING = 100;

    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    /// Those that count, by their client.
    private final ConcurrentHashMap<Connection, InetAddress> guests = new ConcurrentHashMap<>();
    private final AtomicInteger lingering = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byClient = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();

    void opened(Connection connection) {
        open.add(connection);
    }

    /// From now on it counts.
    void admitted(Connection connection, InetAddress client) {
        if (guests.putIfAbsent(connection, client) == null) {
            byClient.merge(client, 1, Integer::sum);
        }
    }

    /// It counts no more, though it may take a while until it is closed.
    void refused(Connection connection) {
        var client = guests.remove(connection);
        if (client != null) {
            byClient.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    void closed(Connection connection) {
        refused(connection);
        open.remove(connection);
        if (open.isEmpty()) {
            lock.lock();
            try {
                left.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /// All of them, whoever they are.
    int open() {
        return open.size();
    }

    /// Those that count.
    int guests() {
        return guests.size();
    }

    /// Of those that count.
    int from(InetAddress client) {
        return byClient.getOrDefault(client, 0);
    }

    /// May one more that was refused wait until its client has read why? End it with [#lingered()].
    boolean mayLinger() {
        if (lingering.incrementAndGet() <= LINGERING) {
            return true;
        }
        lingering.decrementAndGet();
        return false;
    }

    void lingered() {
        lingering.decrementAndGet();
    }

    void endOverdue(long now) {
        for (var connection : open) {
            connection.endIfOverdue(now);
        }
    }

    /// Those between two commands end now, the others after their transaction.
    void finish() {
        open.forEach(Connection::finish);
    }

    /// @return whether all have gone within `patience`
    boolean awaitNone(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!open.isEmpty() && nanos > 0) {
                nanos = left.awaitNanos(nanos);
            }
            return open.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    void abort() {
        open.forEach(Connection::abort);
    }
}
