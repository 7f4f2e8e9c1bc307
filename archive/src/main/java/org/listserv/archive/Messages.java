package org.listserv.archive;

import static java.util.stream.Collectors.toMap;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;

/// Single posts.
public final class Messages {
    private static final String BY_MESSAGE_ID = "select " + Rows.postColumns("p")
            + ", p.thread_id from post p where p.message_id_hash = ? and p.list_id = "
            + Access.LIST_ID + " and p.message_id = ? order by p.seq limit 20";

    private static final String BY_NUMBER = "select " + Rows.postColumns("p") + " from post p where p.list_id = " + Access.LIST_ID
            + " and p.number = ?";

    private static final String ELSEWHERE = "select d.name, l.local_part, " + Rows.postColumns("p") + """
              from post p
              join list l on l.id = p.list_id
              join domain d on d.id = l.domain_id
             where p.message_id_hash = ? and p.message_id = ? and not (d.name = ? and l.local_part = ?) and
            """ + Access.READABLE + " order by d.name, l.local_part, p.seq limit 50";

    private static final String IN_LIST = "select " + Rows.postColumns("p") + " from post p where p.list_id = " + Access.LIST_ID;
    private static final String IN_THREAD = "select " + Rows.postColumns("p") + """
              from (select $THREAD::bigint as root) r
              cross join lateral (select r.root as id union all select t.id from thread t where t.merged_into = r.root) u
              cross join lateral (
                select * from post p where p.thread_id = u.id and p.list_id = $LIST and (p.filed_at, p.seq) $BEYOND (?, ?)
                 order by p.filed_at $WAY, p.seq $WAY limit 1) p
             order by p.filed_at $WAY, p.seq $WAY
             limit 1
            """.replace("$THREAD", "(select coalesce(merged_into, id) from thread where id = ?)").replace("$LIST", Access.LIST_ID);
    private static final String BEFORE = " and (p.filed_at, p.seq) < (?, ?) order by p.filed_at desc, p.seq desc limit 1";
    private static final String AFTER = " and (p.filed_at, p.seq) > (?, ?) order by p.filed_at, p.seq limit 1";

    /// Every part of it decides what the page of a message shows: the post, others with its Message-ID here and elsewhere, its neighbours, its
    /// thread; and the list's revision, since a redaction or repair may change any of them.
    private static final String STAMP = """
            select concat_ws(' ', encode(p.chain, 'hex'), p.revision, h.revision, l.description, twins.seqs, earlier.seq, later.seq, t.posts,
                             t.newest, elsewhere.places)
              from list l
              join list_head h on h.list_id = l.id
              cross join lateral (
                select * from post p where p.message_id_hash = $HASH and p.list_id = l.id and p.message_id = $ID order by p.seq limit 1) p
              cross join lateral (
                select string_agg(q.seq::text, ',' order by q.seq) as seqs
                  from post q where q.message_id_hash = p.message_id_hash and q.list_id = l.id and q.message_id = p.message_id) twins
              left join lateral (
                select q.seq from post q where q.list_id = l.id and (q.filed_at, q.seq) < (p.filed_at, p.seq)
                 order by q.filed_at desc, q.seq desc limit 1) earlier on true
              left join lateral (
                select q.seq from post q where q.list_id = l.id and (q.filed_at, q.seq) > (p.filed_at, p.seq)
                 order by q.filed_at, q.seq limit 1) later on true
              cross join lateral (
                select count(*) as posts, max(q.seq) as newest
                  from (select coalesce(merged_into, id) as root from thread where id = p.thread_id) r
                  cross join lateral (select r.root as id union all select t.id from thread t where t.merged_into = r.root) u
                  join post q on q.thread_id = u.id) t
              cross join lateral (
                select string_agg(o.list_id || ':' || o.seq, ',' order by o.list_id, o.seq) as places
                  from post o
                  join list l on l.id = o.list_id
                 where o.message_id_hash = p.message_id_hash and o.message_id = p.message_id and o.list_id <> p.list_id and $READABLE) elsewhere
             where l.id = $LIST
            """.replace("$HASH", "?").replace("$ID", "?").replace("$READABLE", Access.READABLE).replace("$LIST", Access.LIST_ID);

    private static final String OCTETS = "select m.octets from post p join message m on m.id = p.message where p.list_id = "
            + Access.LIST_ID + " and p.seq = ?";

    private static final String SEVERAL = "select p.seq, m.octets from post p join message m on m.id = p.message where p.list_id = "
            + Access.LIST_ID + " and p.seq = any (?) and m.octets is not null";

    private final Source database;

    public Messages(Database database) {
        this(database::readPage);
    }

    Messages(Source database) {
        this.database = database;
    }

    /// A post by its Message-ID without angle brackets; the first of the list where several have it.
    public Optional<Message> find(Reader reader, EmailAddress list, String messageId) {
        return database.read(connection -> {
            record Row(Post post, long thread) {}
            var summary = Overviews.summary(connection, reader, list);
            if (summary.isEmpty()) {
                return Optional.empty();
            }
            var address = summary.get().address();
            var rows = Rows.all(connection, BY_MESSAGE_ID, row -> new Row(Rows.post(row, 1, address), row.getLong(1 + Rows.POST_COLUMNS)),
                    MessageIds.hash(messageId), Access.list(reader, list), messageId);
            if (rows.isEmpty()) {
                return Optional.empty();
            }
            var post = rows.getFirst().post();
            var inThread = List.of(rows.getFirst().thread(), Access.list(reader, list), post.filedAt(), post.seq());
            return Optional.of(new Message(summary.get(), post,
                    neighbour(connection, reader, post, BEFORE), neighbour(connection, reader, post, AFTER),
                    post(connection, address, IN_THREAD.replace("$BEYOND", "<").replace("$WAY", "desc"), inThread),
                    post(connection, address, IN_THREAD.replace("$BEYOND", ">").replace("$WAY", ""), inThread),
                    elsewhere(connection, reader, address, messageId),
                    rows.stream().skip(1).map(Row::post).toList()));
        });
    }

    /// Changes when anything on the page of this message changes; one statement, so that asking whether it has is cheap.
    ///
    /// @return empty where there is no such message for this reader
    public Optional<String> stamp(Reader reader, EmailAddress list, String messageId) {
        return database.read(connection -> Rows.one(connection, STAMP, row -> row.getString(1), MessageIds.hash(messageId), messageId,
                Access.reader(reader), Access.list(reader, list)));
    }

    /// A post by its public number.
    public Optional<Post> byNumber(Reader reader, EmailAddress list, long number) {
        return database.read(connection -> {
            var summary = Overviews.summary(connection, reader, list);
            if (summary.isEmpty()) {
                return Optional.empty();
            }
            return Rows.one(connection, BY_NUMBER, row -> Rows.post(row, 1, summary.get().address()), Access.list(reader, list), number);
        });
    }

    /// Lists the reader may read that have this Message-ID, for "it is not here, but there".
    public List<Post> onAnyList(Reader reader, String messageId) {
        return database.read(connection -> Rows.all(connection, ELSEWHERE, Messages::elsewhere, MessageIds.hash(messageId), messageId, "",
                "", Access.reader(reader)));
    }

    /// The message exactly as received; empty where there is no such post for this reader, and where it was redacted.
    public Optional<byte[]> octets(Reader reader, EmailAddress list, long seq) {
        return database.read(connection -> Rows.one(connection, OCTETS, row -> Optional.ofNullable(row.getBytes(1)),
                Access.list(reader, list), seq)).flatMap(octets -> octets);
    }

    /// Messages exactly as received, by their `seq`; those that were redacted are missing. One statement, so the caller sees to it that all of
    /// them are not too much for memory ([Post#size]).
    public Map<Long, byte[]> octets(Reader reader, EmailAddress list, Collection<Long> seqs) {
        record Row(long seq, byte[] octets) {}
        return database.read(connection -> Rows.all(connection, SEVERAL, row -> new Row(row.getLong(1), row.getBytes(2)),
                Access.list(reader, list), seqs.toArray(Long[]::new))).stream().collect(toMap(Row::seq, Row::octets));
    }

    private static @Nullable Post neighbour(Connection connection, Reader reader, Post post, String way) throws SQLException {
        return post(connection, post.list(), IN_LIST + way, Access.list(reader, post.list()), post.filedAt(), post.seq());
    }

    private static @Nullable Post post(Connection connection, EmailAddress list, String sql, Object... parameters) throws SQLException {
        return Rows.one(connection, sql, row -> Rows.post(row, 1, list), parameters).orElse(null);
    }

    private static List<Post> elsewhere(Connection connection, Reader reader, EmailAddress list, String messageId) throws SQLException {
        return Rows.all(connection, ELSEWHERE, Messages::elsewhere, MessageIds.hash(messageId), messageId, list.domain(), list.localPart(),
                Access.reader(reader));
    }

    private static Post elsewhere(ResultSet row) throws SQLException {
        return Rows.post(row, 3, new EmailAddress(row.getString(2), row.getString(1)));
    }
}
