package org.listserv.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Server processes that were committing for us when we lost them. Each may go on waiting for its standby and hold
/// its locks until then; one is forgotten when the server no longer shows it at work.
final class UnknownCommits implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UnknownCommits.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private static final String STILL_AT_WORK = """
            select pid
              from pg_stat_activity
             where pid = any (?)
               and state <> 'idle'
            """;

    private final DataSource pool;
    private final Set<Integer> processes = ConcurrentHashMap.newKeySet();
    private @Nullable Thread watcher;
    private volatile boolean closed;

    UnknownCommits(DataSource pool) {
        this.pool = pool;
    }

    int count() {
        return processes.size();
    }

    synchronized void add(int process) {
        processes.add(process);
        if (watcher == null && !closed) {
            watcher = Thread.ofVirtual().name("unknown-commits").start(this::watch);
        }
    }

    private void watch() {
        while (!closed) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
            look();
            synchronized (this) {
                if (processes.isEmpty()) {
                    watcher = null;
                    return;
                }
            }
        }
    }

    private void look() {
        var asked = processes.toArray(Integer[]::new);
        try (var connection = pool.getConnection();
                var statement = connection.prepareStatement(STILL_AT_WORK)) {
            statement.setArray(1, connection.createArrayOf("int4", asked));
            var working = ConcurrentHashMap.<Integer>newKeySet();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    working.add(rows.getInt(1));
                }
            }
            for (var process : asked) {
                if (!working.contains(process)) {
                    processes.remove(process);
                }
            }
        } catch (SQLException e) {
            log.debug("unknown commits stay counted: {}", e.getMessage()); // no answer, no change
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (watcher != null) {
            LockSupport.unpark(watcher);
        }
    }
}
