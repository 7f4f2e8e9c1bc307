package org.listserv.store;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where pages are read: from the primary, and from a standby while that one is away.
///
/// The first reader finds out by waiting; those after him do not, until a look in the background finds a primary again.
final class StandbyReads {
    private static final Logger log = LoggerFactory.getLogger(StandbyReads.class);

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final Runnable look;
    private final AtomicBoolean away = new AtomicBoolean();
    private volatile boolean closed;

    /// @param look throws [DatabaseUnavailable] while there is no primary
    StandbyReads(Runnable look) {
        this.look = look;
    }

    <T extends @Nullable Object> T read(Supplier<T> fromPrimary, Supplier<T> fromStandby) {
        if (away.get()) {
            return marked(fromStandby);
        }
        try {
            return fromPrimary.get();
        } catch (DatabaseUnavailable e) {
            T read;
            try {
                read = marked(fromStandby);
            } catch (DatabaseUnavailable neither) {
                e.addSuppressed(neither);
                throw e;
            }
            if (away.compareAndSet(false, true)) {
                log.warn("pages are read from a standby: {}", e.getMessage());
                Thread.ofVirtual().name("primary-again").start(this::untilThereIsAPrimary);
            }
            return read;
        }
    }

    private static <T extends @Nullable Object> T marked(Supplier<T> fromStandby) {
        var read = fromStandby.get();
        Freshness.readFromStandby();
        return read;
    }

    private void untilThereIsAPrimary() {
        while (!closed) {
            try {
                look.run();
                away.set(false);
                log.info("pages are read from the primary again");
                return;
            } catch (RuntimeException e) { // whatever it was: giving up here would leave readers with the standby for good
                LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            }
        }
    }

    void close() {
        closed = true;
    }
}
