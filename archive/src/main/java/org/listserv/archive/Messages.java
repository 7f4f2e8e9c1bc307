package org.listserv.archive;

import static java.util.stream.Collectors.toMap;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;

/// Single posts.
public final class Messages {
    private static final String BY_NUMBER = "select " + Rows.postColumns("p") + " from post p where p.list_id = " + Access.LIST_ID
            + " and p.number = ?";

    private static final String ELSEWHERE = "select d.name, l.local_part, " + Rows.postColumns("p") + """
              from post p
              join list l on l.id = p.list_id
              join domain d on d.id = l.domain_id
             where p.message_id_hash = ? and p.message_id = ? and not (d.name = ? and l.local_part = ?) and
            """ + Access.READABLE + " order by d.name, l.local_part, p.seq limit 50";

    /// The posts with a Message-ID, and what stands around the first: one statement, since a page is asked for more often than anything.
    private static final String AROUND = """
            with p as materialized (
                select * from post p where p.message_id_hash = ? and p.list_id = $LIST and p.message_id = ? order by p.seq limit 20),
            f as materialized (
                select p.*, coalesce(t.merged_into, t.id) as root from p join thread t on t.id = p.thread_id order by p.seq limit 1)
            select 'POST' as place, '' as domain, '' as local_part, $POST from p as q
            union all
            select 'PREVIOUS', '', '', $POST
              from f cross join lateral (
                select * from post q where q.list_id = f.list_id and (q.filed_at, q.seq) < (f.filed_at, f.seq)
                 order by q.filed_at desc, q.seq desc limit 1) q
            union all
            select 'NEXT', '', '', $POST
              from f cross join lateral (
                select * from post q where q.list_id = f.list_id and (q.filed_at, q.seq) > (f.filed_at, f.seq)
                 order by q.filed_at, q.seq limit 1) q
            union all
            select 'PREVIOUS_IN_THREAD', '', '', $POST
              from f cross join lateral (
                select q.*
                  from (select f.root as id union all select t.id from thread t where t.merged_into = f.root) u
                  cross join lateral (
                    select * from post q where q.thread_id = u.id and q.list_id = f.list_id and (q.filed_at, q.seq) < (f.filed_at, f.seq)
                     order by q.filed_at desc, q.seq desc limit 1) q
                 order by q.filed_at desc, q.seq desc limit 1) q
            union all
            select 'NEXT_IN_THREAD', '', '', $POST
              from f cross join lateral (
                select q.*
                  from (select f.root as id union all select t.id from thread t where t.merged_into = f.root) u
                  cross join lateral (
                    select * from post q where q.thread_id = u.id and q.list_id = f.list_id and (q.filed_at, q.seq) > (f.filed_at, f.seq)
                     order by q.filed_at, q.seq limit 1) q
                 order by q.filed_at, q.seq limit 1) q
            union all
            (select 'ELSEWHERE', d.name, l.local_part, $POST
               from f
               join post q on q.message_id_hash = f.message_id_hash and q.message_id = f.message_id and q.list_id <> f.list_id
               join list l on l.id = q.list_id
               join domain d on d.id = l.domain_id
              where $READABLE
              order by d.name, l.local_part, q.seq
              limit 50)
            """.replace("$LIST", Access.LIST_ID).replace("$READABLE", Access.READABLE).replace("$POST", Rows.postColumns("q"));

    /// Where a row of [#AROUND] belongs.
    private enum Place {
        POST,
        PREVIOUS,
        NEXT,
        PREVIOUS_IN_THREAD,
        NEXT_IN_THREAD,
        ELSEWHERE
    }

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
            record Row(Place place, Post post) {}
            var summary = Overviews.summary(connection, reader, list);
            if (summary.isEmpty()) {
                return Optional.empty();
            }
            var address = summary.get().address();
            var rows = Rows.all(connection, AROUND, row -> {
                var place = Place.valueOf(row.getString(1));
                return new Row(place, Rows.post(row, 4,
                        place == Place.ELSEWHERE ? new EmailAddress(row.getString(3), row.getString(2)) : address));
            }, MessageIds.hash(messageId), Access.list(reader, list), messageId, Access.reader(reader));
            var at = new EnumMap<Place, List<Post>>(Place.class);
            rows.forEach(row -> at.computeIfAbsent(row.place(), _ -> new ArrayList<>()).add(row.post()));
            var posts = at.getOrDefault(Place.POST, List.of());
            if (posts.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Message(summary.get(), posts.getFirst(), only(at, Place.PREVIOUS), only(at, Place.NEXT),
                    only(at, Place.PREVIOUS_IN_THREAD), only(at, Place.NEXT_IN_THREAD), at.getOrDefault(Place.ELSEWHERE, List.of()),
                    posts.subList(1, posts.size())));
        });
    }

    private static @Nullable Post only(Map<Place, List<Post>> at, Place place) {
        var posts = at.getOrDefault(place, List.of());
        return posts.isEmpty() ? null : posts.getFirst();
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

    private static Post elsewhere(ResultSet row) throws SQLException {
        return Rows.post(row, 3, new EmailAddress(row.getString(2), row.getString(1)));
    }
}
