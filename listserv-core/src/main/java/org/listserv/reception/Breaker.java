package org.listserv.reception;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// More than a few messages a minute that our code cannot process mean that the code is broken, not the mail: stop taking
/// responsibility until that is over. Uses the monotonic clock.
final class Breaker {
    private static final int FEW = 5;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Deque<Long> counted = new ArrayDeque<>();

    synchronized void count() {
        counted.add(System.nanoTime());
    }

    synchronized boolean isOpen() {
        while (!counted.isEmpty() && System.nanoTime() - counted.getFirst() > MINUTE.toNanos()) {
            counted.removeFirst();
        }
        return counted.size() > FEW;
    }
}
