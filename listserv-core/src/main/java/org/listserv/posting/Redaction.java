package org.listserv.posting;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Audit;
import org.listserv.store.Database;

/// Takes what a post says out of the archive for good and leaves a tombstone: its number, Message-ID, time, size and hash stay, so the
/// chain can still be recomputed and the place in its thread remains.
///
/// The octets are stored once however many lists the message went to, so all its posts become tombstones together. Copies that still
/// wait are not sent any more. Indexes follow by `revision`.
public final class Redaction {
    private static final String POSTS = """
            select p.list_id, p.seq, p.number, l.local_part, d.name, p.redacted_at is not null, p.message
              from post p
              join list l on l.id = p.list_id
              join domain d on d.id = l.domain_id
             where p.message = (select message from post where list_id = ? and number = ?)
             order by p.list_id
            """;
    private static final String HEADS = """
            select 1 from list_head
             where list_id in (select list_id from post where message = (select message from post where list_id = ? and number = ?))
             order by list_id for no key update
            """;
    private static final String TOMBSTONE = """
            with head as (
                update list_head set revision = revision + 1 where list_id = ? returning revision)
            update post
               set author_name = '', author_address = '', subject = '', redacted_at = clock_now(), revision = head.revision
              from head
             where list_id = ? and seq = ?
            """;
    /// Where another list's moderators still had to decide, there is nothing left to decide about.
    private static final String DISCARD = """
            update held_post
               set state = 'discarded', decided_at = clock_now(), decided_by = ?
             where message = ? and state in ('held', 'unconfirmed')
            """;
    private static final List<String> OF_THE_MESSAGE = List.of("update message set octets = null where id = ?",
            "update held_post set author = '', subject = '' where message = ?",
            "delete from batch where outgoing_id in (select id from outgoing where message = ?)", "delete from outgoing where message = ?");
    private static final String ELSEWHERE = """
            select l.local_part, d.name, p.number
              from post p
              join post gone on gone.list_id = ? and gone.number = ?
              join list l on l.id = p.list_id
              join domain d on d.id = l.domain_id
             where p.message_id_hash = gone.message_id_hash and p.message_id = gone.message_id and p.message <> gone.message
               and p.redacted_at is null
             order by d.name, l.local_part, p.number
             limit 50
            """;

    private final Database database;

    public Redaction(Database database) {
        this.database = database;
    }

    /// A post by list and public number.
    public record Place(EmailAddress list, long number) {
        @Override
        public String toString() {
            return list + " " + number;
        }
    }

    /// What was done.
    ///
    /// @param removed posts that are tombstones now and were none before
    /// @param left    other posts with the same Message-ID, received apart: not touched
    public record Result(List<Place> removed, List<Place> left) {
        public Result {
            removed = List.copyOf(removed);
            left = List.copyOf(left);
        }
    }

    private record Row(long list, long seq, Place place, boolean redacted, long message) {}

    /// @param reason for `audit`, in which it stays; says nothing of what is removed
    /// @return empty where the list has no post of this number
    public Optional<Result> redact(MailingList list, long number, String reason, String actor) {
        return database.write(connection -> {
            try (var lock = connection.prepareStatement(HEADS)) {
                lock.setLong(1, list.id());
                lock.setLong(2, number);
                lock.executeQuery().close();
            }
            var posts = posts(connection, list, number);
            if (posts.isEmpty()) {
                return Optional.empty();
            }
            var removed = new ArrayList<Place>();
            for (var post : posts) {
                if (!post.redacted()) {
                    run(connection, TOMBSTONE, post.list(), post.list(), post.seq());
                    Audit.record(connection, actor, "archive.redact", post.list(), "number " + post.place().number(), null,
                            Map.of("reason", reason));
                    removed.add(post.place());
                }
            }
            try (var discard = connection.prepareStatement(DISCARD)) {
                discard.setString(1, actor);
                discard.setLong(2, posts.getFirst().message());
                discard.executeUpdate();
            }
            for (var sql : OF_THE_MESSAGE) {
                run(connection, sql, posts.getFirst().message());
            }
            return Optional.of(new Result(removed, places(connection, list, number)));
        });
    }

    private static List<Row> posts(Connection connection, MailingList list, long number) throws SQLException {
        try (var statement = connection.prepareStatement(POSTS)) {
            statement.setLong(1, list.id());
            statement.setLong(2, number);
            var all = new ArrayList<Row>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.add(new Row(rows.getLong(1), rows.getLong(2),
                            new Place(new EmailAddress(rows.getString(4), rows.getString(5)), rows.getLong(3)), rows.getBoolean(6),
                            rows.getLong(7)));
                }
            }
            return all;
        }
    }

    private static List<Place> places(Connection connection, MailingList list, long number) throws SQLException {
        try (var statement = connection.prepareStatement(ELSEWHERE)) {
            statement.setLong(1, list.id());
            statement.setLong(2, number);
            var all = new ArrayList<Place>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.add(new Place(new EmailAddress(rows.getString(1), rows.getString(2)), rows.getLong(3)));
                }
            }
            return all;
        }
    }

    private static void run(Connection connection, String sql, long... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setLong(i + 1, parameters[i]);
            }
            statement.executeUpdate();
        }
    }
}
