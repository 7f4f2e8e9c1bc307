package org.listserv.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;

/// This node among the others: its beat, its epoch, and what it thinks of the beats of the others. Ownership of batches hangs on
/// (node, epoch) and on nothing else: no clock can give two nodes the same batch.
///
/// A node beats once a second. Who sees another's beat unchanged over 8 of his own successful beats raises the other's epoch; a database that
/// stalls for everyone therefore accuses nobody. A node whose own last confirmed beat is older than 5 s starts nothing
/// more, well before anyone else may take over (P5, P6).
///
/// A process that starts takes its name over at once, as after a kill -9. Of two processes with one name the earlier therefore loses its epoch; it
/// says so and waits until the other has gone.
public final class Nodes implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Nodes.class);

    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration CONFIRMED_FOR = Duration.ofSeconds(5);
    private static final int UNCHANGED = 8;

    /// A name that comes again is a restart: the new epoch frees what the old process held. Updated first: an insert that meets its row
    /// uses up an id all the same, and ids are few.
    private static final String JOIN = """
            with me (name, roles, version, schema_from, schema_to, process) as (
                values (?::text, ?::text[], ?::text, ?::integer, ?::integer, ?::uuid)),
            known as (
                update node n
                   set epoch = n.epoch + 1, beat = n.beat + 1, roles = me.roles, version = me.version, schema_from = me.schema_from,
                       schema_to = me.schema_to, process = me.process, beat_at = clock_now(), started_at = clock_now(), stopped_at = null
                  from me where n.name = me.name
                returning n.id, n.epoch),
            fresh as (
                insert into node as n (name, roles, version, schema_from, schema_to, process, beat_at, started_at)
                select me.name, me.roles, me.version, me.schema_from, me.schema_to, me.process, clock_now(), clock_now()
                  from me where not exists (select 1 from known)
                    on conflict (name) do update set epoch = n.epoch + 1, beat = n.beat + 1, process = excluded.process, stopped_at = null
                returning n.id, n.epoch)
            select id, epoch from known union all select id, epoch from fresh
            """;

    /// Who has the name now, if a process other than this one works under it.
    private static final String NAMESAKE = """
            select epoch, beat from node where name = ? and process <> ? and stopped_at is null
            """;

    private static final String BEAT_ONCE = """
            update node set beat = beat + 1, beat_at = clock_now() where id = ? and epoch = ? returning beat
            """;

    private static final String OTHERS = """
            select id, name, epoch, beat from node where id <> ? and stopped_at is null
            """;

    /// Guarded by the beat last seen: who beats meanwhile keeps what he has.
    private static final String RAISE = """
            update node set epoch = epoch + 1, stopped_at = clock_now() where id = ? and epoch = ? and beat = ? returning epoch
            """;

    private static final String LEAVE = """
            update node set epoch = epoch + 1, stopped_at = clock_now() where id = ? and epoch = ? returning epoch
            """;

    /// What this node is to the database.
    public record Membership(short id, long epoch) {}

    /// What a node says of itself when it joins.
    public record Introduction(String name, List<String> roles, String version, int schemaFrom, int schemaTo) {
        public Introduction {
            roles = List.copyOf(roles);
        }
    }

    private record Seen(long epoch, long beat, int unchanged) {}

    private final Database database;
    private final Introduction me;
    private final Runnable onChange;
    private final UUID process = UUID.randomUUID();
    private final Map<Short, Seen> others = new HashMap<>();
    private @Nullable Seen namesake;
    private boolean joinedBefore;
    private final Thread beating;
    private volatile @Nullable Membership membership;
    private volatile long confirmedAt;
    private volatile boolean closed;

    private Nodes(Database database, Introduction me, Runnable onChange) {
        this.database = database;
        this.me = me;
        this.onChange = onChange;
        // A platform thread: the beat must not wait behind a thousand sessions.
        this.beating = Thread.ofPlatform().name("beat").daemon().unstarted(this::beat);
    }

    /// Joins as soon as there is a database, and beats until closed.
    ///
    /// @param onChange called after joining and after losing the epoch
    public static Nodes start(Database database, Introduction me, Runnable onChange) {
        var nodes = new Nodes(database, me, onChange);
        nodes.beating.start();
        return nodes;
    }

    /// Empty until joined, and between losing an epoch and joining again.
    public Optional<Membership> membership() {
        return Optional.ofNullable(membership);
    }

    /// Whether this node may still begin what only the owner may do.
    public boolean isConfirmed(Membership as) {
        return as.equals(membership) && System.nanoTime() - confirmedAt < CONFIRMED_FOR.toNanos();
    }

    private void beat() {
        while (!closed) {
            var began = System.nanoTime();
            try {
                if (membership == null) {
                    join();
                } else {
                    once(began);
                }
            } catch (DatabaseUnavailable e) {
                log.debug("no beat: {}", e.getMessage());
            } catch (RuntimeException e) {
                log.error("no beat", e);
            }
            LockSupport.parkNanos(BEAT.toNanos() - (System.nanoTime() - began));
        }
    }

    private void join() {
        if (joinedBefore && isNamesakeAlive()) {
            return;
        }
        var began = System.nanoTime();
        var joined = database.commitApart(JOIN, join -> {
            join.setString(1, me.name());
            join.setArray(2, join.getConnection().createArrayOf("text", me.roles().toArray()));
            join.setString(3, me.version());
            join.setInt(4, me.schemaFrom());
            join.setInt(5, me.schemaTo());
            join.setObject(6, process);
        }, row -> {
            row.next();
            return new Membership(row.getShort(1), row.getLong(2));
        });
        confirmedAt = began;
        joinedBefore = true;
        namesake = null;
        membership = joined;
        log.info("node {} is number {}, epoch {}", me.name(), joined.id(), joined.epoch());
        onChange.run();
    }

    private boolean isNamesakeAlive() {
        var seen = database.readApart(connection -> {
            try (var ask = connection.prepareStatement(NAMESAKE)) {
                ask.setString(1, me.name());
                ask.setObject(2, process);
                try (var row = ask.executeQuery()) {
                    return row.next() ? new Seen(row.getLong(1), row.getLong(2), 0) : null;
                }
            }
        });
        var before = namesake;
        namesake = seen == null ? null : since(before, seen.epoch(), seen.beat());
        if (before == null && seen != null) {
            log.error(
                    "another process works as node {}: this one sends nothing until that one has gone; give each its own listserv.node.name",
                    me.name());
        }
        return namesake != null && namesake.unchanged() < UNCHANGED;
    }

    private void once(long began) {
        var as = membership().orElseThrow();
        var mine = database.commitApart(BEAT_ONCE, beat -> {
            beat.setShort(1, as.id());
            beat.setLong(2, as.epoch());
        }, row -> row.next());
        if (!mine) {
            membership = null;
            log.warn("node {} was taken for dead and lost epoch {}; another node goes on with its batches", me.name(), as.epoch());
            onChange.run();
            join();
            return;
        }
        confirmedAt = began;    // before the statement: the beat is at least as young as this
        watch(as);
    }

    private void watch(Membership as) {
        var silent = database.readApart(connection -> {
            try (var ask = connection.prepareStatement(OTHERS)) {
                ask.setShort(1, as.id());
                try (var rows = ask.executeQuery()) {
                    var present = new HashSet<Short>();
                    var unmoved = new HashMap<Short, String>();
                    while (rows.next()) {
                        var id = rows.getShort(1);
                        present.add(id);
                        if (unmoved(id, rows.getLong(3), rows.getLong(4))) {
                            unmoved.put(id, rows.getString(2));
                        }
                    }
                    others.keySet().retainAll(present);
                    return unmoved;
                }
            }
        });
        silent.forEach(this::takeOver);
    }

    private boolean unmoved(short id, long epoch, long beat) {
        var now = since(others.get(id), epoch, beat);
        others.put(id, now);
        return now.unchanged() >= UNCHANGED;
    }

    private static Seen since(@Nullable Seen before, long epoch, long beat) {
        return new Seen(epoch, beat, before != null && before.epoch() == epoch && before.beat() == beat ? before.unchanged() + 1 : 0);
    }

    private void takeOver(short id, String name) {
        var seen = others.remove(id);
        if (seen == null) {
            return;
        }
        var raised = database.commitApart(RAISE, raise -> {
            raise.setShort(1, id);
            raise.setLong(2, seen.epoch());
            raise.setLong(3, seen.beat());
        }, row -> row.next());
        if (raised) {
            log.warn("node {} has not moved over {} beats: its batches are free now", name, UNCHANGED);
            onChange.run();
        }
    }

    /// Says goodbye: raising the own epoch hands everything back at once.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(beating);
        try {
            beating.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var as = membership;
        membership = null;
        if (as == null) {
            return;
        }
        try {
            database.commitApart(LEAVE, leave -> {
                leave.setShort(1, as.id());
                leave.setLong(2, as.epoch());
            }, row -> row.next());
        } catch (DatabaseUnavailable e) {
            log.info("left without a goodbye, the others notice: {}", e.getMessage());
        }
    }
}
