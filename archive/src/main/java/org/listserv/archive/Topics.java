package org.listserv.archive;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

import org.listserv.mail.EmailAddress;

/// Threads in a line each, for overviews and months.
///
/// A thread is listed at its last post (or first, for new topics): posts are walked in date order along `post_filed`, and
/// those with a later one in the same thread are passed over by a look into `post_thread`. So a piece of a listing costs
/// what it shows, however large the archive is.
final class Topics {
    private Topics() {}

    /// The ids of all threads that were united with that of `p`, itself among them. `offset 0` keeps the planner from turning the
    /// look-ups below into joins over whole tables.
    private static final String UNITED = "(select p.root as id union all select t.id from thread t where t.merged_into = p.root offset 0)";

    private static final String LAST = "not exists (select from " + UNITED + """
             u cross join lateral (
                select from post q
                 where q.thread_id = u.id and (q.filed_at, q.seq) > (p.filed_at, p.seq) and q.filed_at < ?
                 limit 1) later
             offset 0)
            """;

    private static final String FIRST = "not exists (select from " + UNITED + """
             u cross join lateral (
                select from post q
                 where q.thread_id = u.id and (q.filed_at, q.seq) < (p.filed_at, p.seq)
                 limit 1) earlier
             offset 0)
            """;

    /// Posts of a list before a place, newest first, with the root of their thread. Parameters: list, from, place.
    private static final String WALK = """
            select p.*, coalesce(t.merged_into, t.id) as root
              from post p
              join thread t on t.id = p.thread_id
             where p.list_id = $LIST and p.filed_at >= ? and (p.filed_at, p.seq) < (?, ?)
             order by p.filed_at desc, p.seq desc
            """.replace("$LIST", Access.LIST_ID);

    /// Completes posts `p` to topics by their thread's other end `o`.
    private static final String TOPIC = "select " + Rows.postColumns("p") + ", " + Rows.postColumns("o") + ", c.posts, c.people from (";
    private static final String OF = """
            ) p
              cross join lateral (
                select q.*
                  from $UNITED u
                  cross join lateral (select * from post q where q.thread_id = u.id order by q.filed_at $WAY, q.seq $WAY limit 1) q
                 order by q.filed_at $WAY, q.seq $WAY
                 limit 1) o
              cross join lateral (
                select count(*) as posts, count(distinct lower(q.author_address)) as people
                  from (select q.author_address
                          from $UNITED u
                          cross join lateral (select author_address from post q where q.thread_id = u.id
                                               order by q.filed_at, q.seq limit $COUNTED) q
                         limit $COUNTED) q) c
             order by p.filed_at desc, p.seq desc
            """.replace("$UNITED", UNITED).replace("$COUNTED", Integer.toString(Topic.COUNTED));

    private static final String WITH_START = OF.replace("$WAY", "");
    private static final String WITH_LAST = OF.replace("$WAY", "desc");

    private static final String IN_TIME = TOPIC + "select p.* from (" + WALK + ") p where " + LAST + " limit ?" + WITH_START;
    private static final String ACTIVE = TOPIC + "select p.* from (" + WALK + " limit ?) p where " + LAST + " limit ?" + WITH_START;
    private static final String STARTED = TOPIC + "select p.* from (" + WALK + " limit ?) p where " + FIRST + " limit ?" + WITH_LAST;

    /// Topics with posts in a span of time, at their last post in it; newest first.
    ///
    /// @param before the span ends before this time
    /// @param place  go on before this post, by time and then `seq`
    static List<Topic> between(Connection connection, Reader reader, EmailAddress list, Instant from, Instant before,
            Instant place, long seq, int limit) throws SQLException {
        return Rows.all(connection, IN_TIME, row -> topic(otherEnd(list, row), shown(list, row), row), Access.list(reader, list), from,
                place, seq, before, limit);
    }

    /// Topics started last, among the newest `recent` posts.
    static List<Topic> started(Connection connection, Reader reader, EmailAddress list, int recent, int limit) throws SQLException {
        return Rows.all(connection, STARTED, row -> topic(shown(list, row), otherEnd(list, row), row), Access.list(reader, list), BEGINNING,
                END, 0L, recent, limit);
    }

    /// Topics written to last, among the newest `recent` posts.
    static List<Topic> active(Connection connection, Reader reader, EmailAddress list, int recent, int limit) throws SQLException {
        return Rows.all(connection, ACTIVE, row -> topic(otherEnd(list, row), shown(list, row), row), Access.list(reader, list), BEGINNING,
                END, 0L, recent, END, limit);
    }

    static final Instant BEGINNING = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

    private static Topic topic(Post start, Post last, ResultSet row) throws SQLException {
        int column = 1 + 2 * Rows.POST_COLUMNS;
        return new Topic(start, last, row.getInt(column), row.getInt(column + 1));
    }

    private static Post shown(EmailAddress list, ResultSet row) throws SQLException {
        return Rows.post(row, 1, list);
    }

    private static Post otherEnd(EmailAddress list, ResultSet row) throws SQLException {
        return Rows.post(row, 1 + Rows.POST_COLUMNS, list);
    }
}
