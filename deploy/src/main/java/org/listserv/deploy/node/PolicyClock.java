package org.listserv.deploy.node;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;

/// The time that policies go by: the database's, which tests may shift. Without `--test-clock` it is this machine's, and a database with a
/// shifted clock is refused.
final class PolicyClock extends Clock {

    private static final Duration FRESH = Duration.ofMillis(200);
    private static final String SHIFT = "select extract(epoch from shift) from clock";

    private final Database database;
    private Duration shift = Duration.ZERO;
    private long readAt;

    private PolicyClock(Database database) {
        this.database = database;
        this.readAt = System.nanoTime() - FRESH.toNanos();
    }

    /// Follows the shift while it is changed.
    static Clock following(Database database) {
        return new PolicyClock(database);
    }

    static Duration shift(Database database) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(SHIFT); var row = ask.executeQuery()) {
                return row.next() ? Duration.ofMillis((long) (row.getDouble(1) * 1000)) : Duration.ZERO;
            }
        });
    }

    @Override
    public synchronized Instant instant() {
        if (System.nanoTime() - readAt >= FRESH.toNanos()) {
            try {
                shift = shift(database);
            } catch (DatabaseUnavailable e) {
                // as it was: nothing is decided without the database
            }
            readAt = System.nanoTime();
        }
        return Instant.now().plus(shift);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return Clock.fixed(instant(), zone);
    }
}
