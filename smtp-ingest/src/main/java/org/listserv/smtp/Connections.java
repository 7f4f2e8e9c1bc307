package org.listserv.smtp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Those open now: how many and from where, and whose client has been silent for too long.
final class Connections {

    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<InetAddress, Integer> byClient = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();

    void opened(Connection connection) {
        open.add(connection);
    }

    void belongs(InetAddress client) {
        byClient.merge(client, 1, Integer::sum);
    }

    /// @param client of the connection, once that was known
    void closed(Connection connection) {
        open.remove(connection);
        connection.client().ifPresent(client -> byClient.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1));
        if (open.isEmpty()) {
            lock.lock();
            try {
                left.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    int open() {
        return open.size();
    }

    int from(InetAddress client) {
        return byClient.getOrDefault(client, 0);
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
