package org.listserv.deploy.node;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.store.Migrations;

/// Whether the database is one this node may work on: its own schema version or the next, and an honest clock. Until that is known, nothing
/// is taken and nothing is sent.
final class Admission {

    private static final Logger log = LoggerFactory.getLogger(Admission.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Database database;
    private final boolean testClock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean open;

    Admission(Database database, boolean testClock) {
        this.database = database;
        this.testClock = testClock;
    }

    boolean isOpen() {
        return open;
    }

    /// Looks once.
    ///
    /// @return false when there is no database to look at
    /// @throws NodeRefused when this node must not work on the database that is there
    boolean look() {
        try {
            new Migrations(database.settings()).check();
            var shift = PolicyClock.shift(database);
            if (!shift.isZero() && !testClock) {
                throw new NodeRefused("the database's policy clock is shifted by " + shift.toSeconds()
                        + " s, which only tests may do: `update clock set shift = default` puts it right, --test-clock accepts it");
            }
            // Builds it, too (about two seconds of CPU): opened before that, the first clients would wait for it instead of reading 451 and
            // going to another node.
            database.checkMapping();
            open = true;
            return true;
        } catch (DatabaseUnavailable e) {
            log.warn("no database yet: mail is answered 451 until there is one ({})", e.getMessage());
            return false;
        } catch (IllegalStateException e) {
            throw new NodeRefused(String.valueOf(e.getMessage()), e);
        }
    }

    /// Looks every second until there is a database.
    ///
    /// @return false when the node ends first
    /// @throws NodeRefused as above
    boolean await() throws InterruptedException {
        while (!closed.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
            try {
                database.ping();
            } catch (DatabaseUnavailable e) {
                log.debug("still no database: {}", e.getMessage());
                continue;
            }
            if (look()) {
                return true;
            }
        }
        return false;
    }

    void close() {
        closed.countDown();
    }
}
