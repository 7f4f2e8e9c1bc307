package org.listserv.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// "There is something to do": said after a commit, on this node at once and to the other nodes within some 20 ms.
///
/// A convenience, never a promise: whoever subscribes also polls, once a second or so. Hence nothing is ever
/// notified inside a transaction that matters, where NOTIFY would hold a database-wide lock until the commit is
/// durable: it goes out on an own autocommit connection that waits for no disk and no standby, and many at once as one.
///
/// Threads and connections exist only when used: a command that changes a setting pays for one NOTIFY.
/// Both connections must reach the server itself; a pooler that hands one session to several clients breaks LISTEN.
public final class WakeUps implements AutoCloseable {
    /// What may have changed.
    public enum Topic {
        /// Copies are owed, or may be tried again.
        DELIVERY,
        /// A list has a new post, or an old one changed.
        ARCHIVE,
        /// A domain, a list or a setting changed.
        SETTINGS
    }

    private static final Logger log = LoggerFactory.getLogger(WakeUps.class);
    private static final String CHANNEL = "listserv";
    private static final Duration COALESCE = Duration.ofMillis(20);
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);
    private static final Duration RECONNECT = Duration.ofSeconds(1);
    /// How long a node that stops tries to tell the others.
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final int SOCKET_SECONDS = 10;

    private static final String NOTIFY = "select pg_notify('" + CHANNEL + "', topic) from unnest(?::text[]) topic";

    private final DatabaseSettings settings;
    private final Map<Topic, List<Runnable>> subscribers = new EnumMap<>(Topic.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Topic> toSend = EnumSet.noneOf(Topic.class);
    private @Nullable Thread sender;
    private @Nullable Thread listener;
    private volatile @Nullable Connection listening;
    private volatile int senderProcess;
    private volatile boolean closed;

    public WakeUps(DatabaseSettings settings) {
        this.settings = settings;
        for (var topic : Topic.values()) {
            subscribers.put(topic, new CopyOnWriteArrayList<>());
        }
    }

    /// To be called after a commit. Runs this node's subscribers before it returns; never fails, never waits for the database.
    public void awake(Topic topic) {
        run(topic);
        lock.lock();
        try {
            toSend.add(topic);
            if (sender == null && !closed) {
                sender = Thread.ofVirtual().name("wake-others").start(this::send);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// @param signal run in the waker's thread, so it must only signal (set a flag, unpark): it may come often, late, twice,
    ///     without need, and after every reconnect
    public void subscribe(Topic topic, Runnable signal) {
        subscribers(topic).add(signal);
        lock.lock();
        try {
            if (listener == null && !closed) {
                listener = Thread.ofVirtual().name("wake-ups").start(this::listen);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether other nodes can wake this one now.
    public boolean isListening() {
        return listening != null;
    }

    @Override
    public void close() {
        @Nullable
        Thread sending;
        @Nullable
        Thread hearing;
        lock.lock();
        try {
            closed = true;
            sending = sender;
            hearing = listener;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        abort(listening);
        try {
            if (sending != null) {
                sending.join(LAST_WORDS);
            }
            if (hearing != null) {
                hearing.join(LAST_WORDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Runnable> subscribers(Topic topic) {
        return subscribers.getOrDefault(topic, List.of());
    }

    private void run(Topic topic) {
        for (var signal : subscribers(topic)) {
            try {
                signal.run();
            } catch (RuntimeException e) {
                // Whoever calls awake has just committed; what a subscriber does wrong must not look like a failed commit.
                log.error("a subscriber to {} failed", topic, e);
            }
        }
    }

    private void send() {
        while (!closed || somethingToSend()) {
            try (var connection = settings.dataSource("wake-ups out", SOCKET_SECONDS).getConnection()) {
                senderProcess = connection.unwrap(PGConnection.class).getBackendPID();
                try (var statement = connection.createStatement()) {
                    statement.execute("set synchronous_commit = off");
                }
                try (var notify = connection.prepareStatement(NOTIFY)) {
                    while (awaitSomethingToSend()) {
                        var topics = takeAll();
                        try {
                            notify.setArray(1, connection.createArrayOf("text", topics.stream().map(Topic::name).toArray()));
                            notify.execute();
                        } catch (SQLException e) {
                            putBack(topics);
                            throw e;
                        }
                        pause(COALESCE);
                    }
                }
            } catch (SQLException e) {
                log.debug("other nodes are not woken, they poll: {}", e.getMessage());
                if (closed) {
                    return;
                }
                pause(RECONNECT);
            }
        }
    }

    private void listen() {
        while (!closed) {
            try (var connection = settings.dataSource("wake-ups in", SOCKET_SECONDS).getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("listen " + CHANNEL);
                // What was said while nobody listened is lost, so everything may have changed.
                for (var topic : Topic.values()) {
                    run(topic);
                }
                listening = connection;
                var pg = connection.unwrap(PGConnection.class);
                while (!closed) {
                    var heard = pg.getNotifications((int) HEARTBEAT.toMillis());
                    if (heard == null || heard.length == 0) {
                        statement.execute("select 1"); // a dead connection says nothing either
                        continue;
                    }
                    for (var notification : heard) {
                        if (notification.getPID() != senderProcess) {
                            topic(notification.getParameter()).forEach(this::run);
                        }
                    }
                }
            } catch (SQLException e) {
                if (!closed) {
                    log.debug("not woken by other nodes for now: {}", e.getMessage());
                    pause(RECONNECT);
                }
            } finally {
                listening = null;
            }
        }
    }

    /// A newer node may speak of topics we do not know.
    private static List<Topic> topic(String name) {
        for (var topic : Topic.values()) {
            if (topic.name().equals(name)) {
                return List.of(topic);
            }
        }
        return List.of();
    }

    private boolean somethingToSend() {
        lock.lock();
        try {
            return !toSend.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /// False when we stop and everything has been said.
    private boolean awaitSomethingToSend() {
        lock.lock();
        try {
            while (toSend.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            return !toSend.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private Set<Topic> takeAll() {
        lock.lock();
        try {
            var all = EnumSet.copyOf(toSend);
            toSend.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }

    private void putBack(Set<Topic> topics) {
        lock.lock();
        try {
            toSend.addAll(topics);
        } finally {
            lock.unlock();
        }
    }

    /// Ends early when we stop.
    private void pause(Duration duration) {
        lock.lock();
        try {
            long left = duration.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private static void abort(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                log.debug("abort: {}", e.getMessage());
            }
        }
    }
}
