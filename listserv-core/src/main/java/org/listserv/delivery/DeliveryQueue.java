package org.listserv.delivery;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.listserv.store.Database;

/// What is still owed to subscribers, as people see it: one line an outgoing, not one a batch.
public final class DeliveryQueue {
    /// An outgoing with copies left.
    ///
    /// @param number    of the post; 0 where there is none
    /// @param left      copies that are neither delivered, refused nor dropped
    /// @param deferred  of those, copies a relay asked to try later
    /// @param owner     a node that sends some of it now; empty: it waits
    /// @param lastReply why it is late; empty when nobody said
    public record Waiting(long id, String kind, String list, long number, int recipients, int left, int deferred, int attempts,
            Instant acceptedAt,
            Instant nextAttemptAt, String owner, String lastReply) {}

    /// One deferred copy.
    public record Late(String forwardPath, String reply, int attempts, Instant nextAttemptAt) {}

    /// How long posts of the last five minutes took from acceptance to their last copy; posts with copies still owed do not count.
    ///
    /// @param posts   how many ended
    /// @param median  0 when none ended, as `longest`
    public record Latency(long posts, Duration median, Duration longest) {}

    private static final String LATENCY = """
            select count(*), coalesce(percentile_cont(0.5) within group (order by seconds), 0), coalesce(max(seconds), 0)
              from (select extract(epoch from t.finished_at - t.accepted_at)::double precision as seconds
                      from delivery_total t
                     where t.finished_at > clock_now() - interval '5 minutes' and t.kind = 'post'
                       and not exists (select 1 from outgoing o where o.id = t.outgoing_id)) ended
            """;

    private static final String COLUMNS = """
            select o.id, o.kind, coalesce(l.local_part || '@' || d.name, ''), coalesce(o.number, 0), o.recipients, b.remaining, b.deferred, b.attempts,
                   o.accepted_at, b.next_attempt_at, coalesce(b.owner, ''),
                   coalesce((select p.reply from delivery_problem p join batch pb on pb.id = p.batch_id where pb.outgoing_id = o.id limit 1), '')
              from outgoing o
              left join list l on l.id = o.list_id
              left join domain d on d.id = l.domain_id
             cross join lateral (
                   select count(*) as batches, sum(b.recipients - bit_count(b.done)) as remaining, sum(bit_count(b.deferred & ~b.done)) as deferred,
                          max(b.attempts) as attempts, min(b.next_attempt_at) as next_attempt_at, max(n.name) as owner
                     from batch b left join node n on n.id = b.owner and n.epoch = b.owner_epoch
                    where b.outgoing_id = o.id) b
             where b.batches > 0
            """;

    private static final String WAITING = COLUMNS + " and o.id > ? order by o.id limit ?";

    private static final String ONE = COLUMNS + " and o.id = ? limit ?";

    private static final String LATE = """
            select p.forward_path, p.reply, p.attempts, p.next_attempt_at
              from delivery_problem p join batch b on b.id = p.batch_id
             where b.outgoing_id = ?
             order by p.batch_id, p.position
             limit ?
            """;

    private static final String RETRY = """
            with late as (
                update delivery_problem p set next_attempt_at = clock_now() from batch b where b.id = p.batch_id and b.outgoing_id = ?)
            update batch set next_attempt_at = clock_now() where outgoing_id = ? and owner is null
            """;

    /// Copies on their way now are not called back: a batch's owner finds it gone at its next mark.
    private static final String DROP = """
            with gone as (delete from batch where outgoing_id = ? returning outgoing_id, bit_count(done) as done, refused, departed),
            counted as (
                insert into delivery_total as dt (outgoing_id, kind, list_id, number, message, delivered, refused, departed, accepted_at,
                                                  finished_at)
                select o.id, o.kind, o.list_id, o.number, o.message, sum(g.done - g.refused - g.departed), sum(g.refused), sum(g.departed),
                       o.accepted_at, clock_now()
                  from gone g join outgoing o on o.id = g.outgoing_id
                 group by o.id
                having sum(g.done) > 0
                    on conflict (outgoing_id) do update
                   set delivered = dt.delivered + excluded.delivered, refused = dt.refused + excluded.refused,
                       departed = dt.departed + excluded.departed, finished_at = excluded.finished_at)
            insert into audit (actor, action, list_id, subject)
            select ?, 'queue.drop', o.list_id, o.id::text from outgoing o where o.id = ? and exists (select 1 from gone)
            """;

    private static final String FORGET = """
            delete from outgoing o where o.id = ? and not exists (select 1 from batch b where b.outgoing_id = o.id)
            """;

    private final Database database;

    public DeliveryQueue(Database database) {
        this.database = database;
    }

    /// Oldest first.
    ///
    /// @param after the id behind which to go on; 0 at the beginning
    public List<Waiting> waiting(long after, int most) {
        return database.read(connection -> ask(connection, WAITING, after, most, DeliveryQueue::waiting));
    }

    public Optional<Waiting> find(long id) {
        return database.read(connection -> ask(connection, ONE, id, 1, DeliveryQueue::waiting).stream().findFirst());
    }

    /// Of the whole cluster, whichever node asks.
    public Latency latency() {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(LATENCY); var row = ask.executeQuery()) {
                row.next();
                return new Latency(row.getLong(1), seconds(row.getDouble(2)), seconds(row.getDouble(3)));
            }
        });
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /// The copies of an outgoing that a relay asked to try later, and what it said.
    public List<Late> late(long id, int most) {
        return database.read(connection -> ask(connection, LATE, id, most,
                row -> new Late(row.getString(1), row.getString(2), row.getInt(3), row.getTimestamp(4).toInstant())));
    }

    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> List<T> ask(Connection connection, String sql, long id, int most, Row<T> row) throws SQLException {
        try (var ask = connection.prepareStatement(sql)) {
            ask.setLong(1, id);
            ask.setInt(2, most);
            try (var rows = ask.executeQuery()) {
                var read = new ArrayList<T>();
                while (rows.next()) {
                    read.add(row.read(rows));
                }
                return read;
            }
        }
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(row.getLong(1), row.getString(2), row.getString(3), row.getLong(4), row.getInt(5), row.getInt(6), row.getInt(7),
                row.getInt(8), row.getTimestamp(9).toInstant(), row.getTimestamp(10).toInstant(), row.getString(11), row.getString(12));
    }

    /// Makes everything of an outgoing due now.
    ///
    /// @return batches that are due now and were not being sent
    public int retry(long id) {
        return database.write(connection -> {
            try (var retry = connection.prepareStatement(RETRY)) {
                retry.setLong(1, id);
                retry.setLong(2, id);
                return retry.executeUpdate();
            }
        });
    }

    /// Sends no more of it. Those who have it, have it.
    ///
    /// @return false when nothing of it was left
    public boolean drop(long id, String by) {
        return database.write(connection -> {
            try (var drop = connection.prepareStatement(DROP); var forget = connection.prepareStatement(FORGET)) {
                drop.setLong(1, id);
                drop.setString(2, by);
                drop.setLong(3, id);
                var dropped = drop.executeUpdate() > 0;
                forget.setLong(1, id);
                forget.executeUpdate();
                return dropped;
            }
        });
    }
}
