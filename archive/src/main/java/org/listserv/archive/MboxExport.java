package org.listserv.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxWriter;
import org.listserv.mail.MessageIds;
import org.listserv.mail.ReversePath;
import org.listserv.store.Database;

/// Posts as mbox files (mboxrd), octets as received. Redacted posts are left out.
///
/// A file is read a few megabytes at a time, each time in a short transaction of its own on the long pool; while a slow reader takes what was
/// read, no connection is held. Access is asked again each time.
public final class MboxExport {
    /// Posts looked at and octets read at once.
    private static final int BATCH_POSTS = 200;
    private static final long BATCH_OCTETS = 4_000_000;

    private static final String KEYS = "select p.filed_at, p.seq, p.size from ";
    private static final String IN_MONTH = KEYS + "post p where p.list_id = " + Access.LIST_ID + """
             and p.filed_at >= ? and p.filed_at < ? and (p.filed_at, p.seq) > (?, ?) and p.seq <= ? and p.redacted_at is null
             order by p.filed_at, p.seq
             limit ?
            """;
    private static final String IN_THREAD = KEYS + """
            (select ?::bigint as root) r
              cross join lateral (select r.root as id union all select t.id from thread t where t.merged_into = r.root) u
              cross join lateral (
                select * from post q
                 where q.thread_id = u.id and q.list_id = $LIST and (q.filed_at, q.seq) > (?, ?) and q.redacted_at is null
                 order by q.filed_at, q.seq
                 limit ?) p
             order by p.filed_at, p.seq
             limit ?
            """.replace("$LIST", Access.LIST_ID);
    private static final String OCTETS = "select p.filed_at, null, m.octets from post p join message m on m.id = p.message where p.list_id = "
            + Access.LIST_ID + " and p.seq = any (?) order by p.filed_at, p.seq";

    private static final String MONTH = """
            select m.month, m.posts, encode(p.chain, 'hex'), h.revision, m.last_seq
              from list_month m
              join list_head h on h.list_id = m.list_id
              join post p on p.list_id = m.list_id and p.seq = m.last_seq
             where m.month = ? and m.list_id =
            """ + Access.LIST_ID;
    private static final String MONTHS = """
            select m.month, m.posts, encode(p.chain, 'hex'), h.revision, m.last_seq
              from list_month m
              join list_head h on h.list_id = m.list_id
              join post p on p.list_id = m.list_id and p.seq = m.last_seq
             where m.list_id = $LIST
             order by m.month
            """.replace("$LIST", Access.LIST_ID);
    private static final String THREAD = """
            select coalesce(t.merged_into, t.id), encode(p.chain, 'hex'), h.revision
              from post p
              join thread t on t.id = p.thread_id
              join list_head h on h.list_id = p.list_id
             where p.message_id_hash = ? and p.message_id = ? and p.list_id = $LIST
             order by p.seq
             limit 1
            """.replace("$LIST", Access.LIST_ID);
    private static final String THREAD_POSTS = """
            select count(*), coalesce(max(p.seq), 0)
              from (select ?::bigint as root) r
              cross join lateral (select r.root as id union all select t.id from thread t where t.merged_into = r.root) u
              join post p on p.thread_id = u.id
            """;

    /// For administrators, who read all lists: by number, and with the envelope.
    private static final String EVERY_LIST_ID = "(select l.id from list l join domain d on d.id = l.domain_id where d.name = ? and l.local_part = ?)";
    private static final String BY_NUMBER = "select p.filed_at, p.number, p.size from post p where p.list_id = " + EVERY_LIST_ID + """
             and p.number > ? and p.number <= ? and p.redacted_at is null
             order by p.number
             limit ?
            """;
    private static final String ENVELOPES = "select p.filed_at, m.reverse_path, m.octets from post p join message m on m.id = p.message where p.list_id = "
            + EVERY_LIST_ID + " and p.number = any (?) order by p.number";

    private final Database database;

    public MboxExport(Database database) {
        this.database = database;
    }

    /// A file that is made while it is written.
    ///
    /// @param tag the same as long as its octets are the same
    public record Mbox(String tag, Writer writer) {
        /// Writes all of it; what is written stays correct when it breaks off.
        public void writeTo(OutputStream out) throws IOException {
            writer.write(new MboxWriter(out));
        }

        interface Writer {
            void write(MboxWriter mbox) throws IOException;
        }
    }

    /// The file of a month.
    public record MonthFile(YearMonth month, int posts, Mbox mbox) {}

    /// A month; empty where the reader may not read the list or the month has no posts.
    public Optional<Mbox> month(Reader reader, EmailAddress list, YearMonth month) {
        return database.read(connection -> Rows.one(connection, MONTH, row -> file(row, reader, list), month.atDay(1),
                Access.list(reader, list))).map(MonthFile::mbox);
    }

    /// All months with posts, oldest first; none where the reader may not read the list.
    public List<MonthFile> months(Reader reader, EmailAddress list) {
        return database.read(connection -> Rows.all(connection, MONTHS, row -> file(row, reader, list), Access.list(reader, list)));
    }

    /// Of posts up to the one that its tag names: others may come while it is written.
    private MonthFile file(ResultSet row, Reader reader, EmailAddress list) throws SQLException {
        var month = YearMonth.from(Rows.date(row, 1));
        var span = Months.Span.of(month);
        long last = row.getLong(5);
        return new MonthFile(month, row.getInt(2), new Mbox(EntityTag.of(list, month, row.getInt(2), row.getString(3), row.getLong(4)),
                mbox -> inOrder(mbox, reader, list, (at, seq) -> database.readLong(connection -> Rows.all(connection, IN_MONTH,
                        Key::of, Access.list(reader, list), span.start(), span.end(), at, seq, last, BATCH_POSTS)), span.start())));
    }

    /// The thread of the post with this Message-ID.
    public Optional<Mbox> thread(Reader reader, EmailAddress list, String messageId) {
        record Found(long root, String chain, long revision) {}
        return database.read(connection -> {
            var found = Rows.one(connection, THREAD, row -> new Found(row.getLong(1), row.getString(2), row.getLong(3)),
                    MessageIds.hash(messageId),
                    messageId, Access.list(reader, list));
            if (found.isEmpty()) {
                return Optional.empty();
            }
            long root = found.get().root();
            var tag = Rows.one(connection, THREAD_POSTS,
                    row -> EntityTag.of(list, found.get().chain(), found.get().revision(), row.getLong(1), row.getLong(2)), root);
            return tag
                    .map(same -> new Mbox(same,
                            mbox -> inOrder(mbox, reader, list, (at, seq) -> database.readLong(connection2 -> Rows.all(connection2,
                                    IN_THREAD, Key::of, root, Access.list(reader, list), at, seq, BATCH_POSTS, BATCH_POSTS)),
                                    Topics.BEGINNING)));
        });
    }

    /// These posts, of any lists, by date. What the reader may not read, or what is gone, is left out.
    public Mbox posts(Reader reader, List<Post> posts) {
        var inOrder = posts.stream().sorted(Comparator.comparing(Post::filedAt).thenComparing(post -> post.list().toString())
                .thenComparing(Post::seq)).toList();
        return new Mbox(EntityTag.of(inOrder), mbox -> {
            for (var rest = inOrder; !rest.isEmpty();) {
                var list = rest.getFirst().list();
                var keys = batch(rest.stream().takeWhile(post -> post.list().equals(list)).limit(BATCH_POSTS)
                        .map(post -> new Key(post.filedAt(), post.seq(), post.size())).toList());
                write(mbox, OCTETS, Access.list(reader, list), keys);
                rest = rest.subList(keys.size(), rest.size());
            }
        });
    }

    /// For administrators: posts of any list by number, with their reverse-paths.
    ///
    /// @param to the last number wanted
    /// @return how many were written
    public long write(EmailAddress list, long from, long to, OutputStream out) throws IOException {
        var mbox = new MboxWriter(out);
        long written = 0;
        long after = from - 1;
        while (true) {
            long place = after;
            var keys = batch(
                    database.readLong(connection -> Rows.all(connection, BY_NUMBER, Key::of, Access.list(list), place, to, BATCH_POSTS)));
            if (keys.isEmpty()) {
                return written;
            }
            written += write(mbox, ENVELOPES, Access.list(list), keys);
            after = keys.getLast().seq();
        }
    }

    private record Key(Instant filedAt, long seq, int size) {
        static Key of(ResultSet row) throws SQLException {
            return new Key(Rows.instant(row, 1), row.getLong(2), row.getInt(3));
        }
    }

    private interface Listing {
        List<Key> after(Instant filedAt, long seq);
    }

    private void inOrder(MboxWriter mbox, Reader reader, EmailAddress list, Listing listing, Instant start) throws IOException {
        var place = new Key(start, 0, 0);
        while (true) {
            var keys = batch(listing.after(place.filedAt(), place.seq()));
            if (keys.isEmpty()) {
                return;
            }
            write(mbox, OCTETS, Access.list(reader, list), keys);
            place = keys.getLast();
        }
    }

    /// As many as fit into memory, one at least.
    private static List<Key> batch(List<Key> keys) {
        long octets = 0;
        for (int count = 0; count < keys.size(); count++) {
            octets += keys.get(count).size();
            if (count > 0 && octets > BATCH_OCTETS) {
                return keys.subList(0, count);
            }
        }
        return keys;
    }

    private record Letter(Instant filedAt, @Nullable String reversePath, byte @Nullable [] octets) {
        static Letter of(ResultSet row) throws SQLException {
            return new Letter(Rows.instant(row, 1), row.getString(2), row.getBytes(3));
        }
    }

    private long write(MboxWriter mbox, String sql, List<Object> list, List<Key> keys) throws IOException {
        var numbers = keys.stream().map(Key::seq).toArray(Long[]::new);
        var letters = database.readLong(connection -> Rows.all(connection, sql, Letter::of, list, numbers));
        long written = 0;
        for (var letter : letters) {
            if (letter.octets() != null) {
                mbox.write(reversePath(letter.reversePath()), letter.filedAt(), letter.octets());
                written++;
            }
        }
        return written;
    }

    /// Unknown is written like null.
    private static ReversePath reversePath(@Nullable String stored) {
        try {
            return stored == null ? new ReversePath.Null() : ReversePath.parse(stored);
        } catch (AddressSyntaxException e) {
            return new ReversePath.Null();
        }
    }
}
