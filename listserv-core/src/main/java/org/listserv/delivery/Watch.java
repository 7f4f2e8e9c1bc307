package org.listserv.delivery;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// Closes connections whose peer takes longer than it may, and so ends every wait.
final class Watch implements AutoCloseable {
    private static final Duration TURN = Duration.ofMillis(100);

    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
    private final Runnable everyTurn;
    private final Thread thread;
    private volatile boolean closed;

    /// @param everyTurn done ten times a second; never blocks
    Watch(Runnable everyTurn) {
        this.everyTurn = everyTurn;
        // No virtual thread: when those cannot run, because look-ups of names hang, say, the deadlines must still be kept.
        thread = Thread.ofPlatform().name("relay-watch").daemon().start(this::watch);
    }

    void add(Wire wire) {
        wires.add(wire);
        if (closed) {
            wire.cut();
        }
    }

    void remove(Wire wire) {
        wires.remove(wire);
    }

    private void watch() {
        while (!closed) {
            LockSupport.parkNanos(TURN.toNanos());
            long now = System.nanoTime();
            for (var wire : wires) {
                if (wire.isOverdue(now)) {
                    wire.expire();
                }
            }
            everyTurn.run();
        }
    }

    /// Cuts all connections.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        wires.forEach(Wire::cut);
    }
}
