package org.listserv.deploy.node;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/// A figure from the database, asked for once in a while however often it is looked at: scraping must not be load.
final class Sample<T> implements Supplier<T> {
    private static final Duration FRESH = Duration.ofSeconds(15);

    private final Supplier<T> source;
    private @Nullable T last;
    private long takenAt;

    Sample(Supplier<T> source) {
        this.source = source;
    }

    /// @throws org.listserv.store.DatabaseUnavailable when it cannot be asked; the metric is missing then
    @Override
    public synchronized T get() {
        var known = last;
        if (known == null || System.nanoTime() - takenAt > FRESH.toNanos()) {
            known = source.get();
            last = known;
            takenAt = System.nanoTime();
        }
        return known;
    }
}
