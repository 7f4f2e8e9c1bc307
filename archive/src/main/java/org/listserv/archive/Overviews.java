package org.listserv.archive;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.archive.ListOverview.MonthCount;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Database;

/// The front page and the entry page of a list.
public final class Overviews {
    /// New and active topics shown; the pages of the months have all.
    private static final int TOPICS = 10;
    /// Posts looked through for them, so that one endless thread does not cost more than this.
    private static final int RECENT = 2000;

    private static final String SUMMARY = """
            select l.local_part, d.name, l.description, l.language, l.archive = 'members', l.state = 'closed',
                   coalesce(h.last_seq, 0),
                   coalesce((select m.posts from list_month m
                              where m.list_id = l.id
                                and m.month = date_trunc('month', clock_now() at time zone 'UTC')::date), 0),
                   (select p.filed_at from post p where p.list_id = l.id order by p.filed_at desc, p.seq desc limit 1)
              from list l
              join domain d on d.id = l.domain_id
              left join list_head h on h.list_id = l.id
             where
            """ + Access.READABLE;

    /// Every word stands somewhere in address or description.
    private static final String MATCHING = """
             and not exists (
                select from unnest(?) word
                 where position(lower(word) in lower(l.local_part || '@' || d.name || ' ' || l.description)) = 0)
            """;

    private static final String NEWEST = "select " + Rows.postColumns("p") + " from post p where p.list_id = " + Access.LIST_ID
            + " order by p.filed_at desc, p.seq desc limit ?";

    private final Source database;

    public Overviews(Database database) {
        this(database::readPage);
    }

    Overviews(Source database) {
        this.database = database;
    }

    /// All lists the reader may read, by domain and name.
    public Slice<ListSummary> lists(Reader reader, @Nullable Cursor after, int limit) {
        return lists(reader, "", after, limit);
    }

    /// Lists the reader may read that have all of these words in address or description, by domain and name.
    ///
    /// @param words between spaces, in any case; none: all lists
    public Slice<ListSummary> lists(Reader reader, String words, @Nullable Cursor after, int limit) {
        var place = after == null ? null : after.parts(2);
        var domain = place == null ? "" : place.string(0);
        var localPart = place == null ? "" : place.string(1);
        var rows = database.read(connection -> Rows.all(connection,
                SUMMARY + MATCHING + " and (d.name, l.local_part) > (?, ?) order by d.name, l.local_part limit ?",
                Overviews::summary, Access.reader(reader), words(words), domain, localPart, limit + 1));
        return Slice.of(rows, limit, list -> Cursor.of(list.address().domain(), list.address().localPart()));
    }

    private static String[] words(String words) {
        return words.strip().split("\\s+", 20);
    }

    /// One list in a line; empty where there is none the reader may read.
    public Optional<ListSummary> list(Reader reader, EmailAddress list) {
        return database.read(connection -> summary(connection, reader, list));
    }

    static Optional<ListSummary> summary(Connection connection, Reader reader, EmailAddress list) throws SQLException {
        return Rows.one(connection, SUMMARY + " and l.id = " + Access.LIST_ID, Overviews::summary,
                Access.reader(reader), Access.list(reader, list));
    }

    /// The entry page of a list.
    public Optional<ListOverview> overview(Reader reader, EmailAddress list) {
        return database.read(connection -> {
            var found = summary(connection, reader, list);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            var address = found.get().address();
            return Optional.of(new ListOverview(found.get(), months(connection, reader, list),
                    Topics.started(connection, reader, address, RECENT, TOPICS),
                    Topics.active(connection, reader, address, RECENT, TOPICS), head(connection, reader, address).orElseThrow()));
        });
    }

    /// The newest posts of a list, newest first.
    ///
    /// @return empty where there is no list the reader may read
    public Optional<Recent> recent(Reader reader, EmailAddress list, int limit) {
        return database.read(connection -> {
            var found = summary(connection, reader, list);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            var address = found.get().address();
            return Optional.of(new Recent(found.get(), Rows.all(connection, NEWEST, row -> Rows.post(row, 1, address),
                    Access.list(reader, list), limit)));
        });
    }

    private static List<MonthCount> months(Connection connection, Reader reader, EmailAddress list) throws SQLException {
        return Rows.all(connection, "select month, posts from list_month where list_id = " + Access.LIST_ID + " order by month",
                row -> new MonthCount(YearMonth.from(Rows.date(row, 1)), row.getInt(2)), Access.list(reader, list));
    }

    /// The head of a list's hash chain.
    public Optional<ChainHead> head(Reader reader, EmailAddress list) {
        return database.read(connection -> head(connection, reader, list));
    }

    private static Optional<ChainHead> head(Connection connection, Reader reader, EmailAddress list) throws SQLException {
        return Rows.one(connection, """
                select last_seq, coalesce((select number from post p where p.list_id = h.list_id and p.seq = h.last_seq), 0),
                       encode(chain, 'hex'), revision
                  from list_head h
                 where list_id =
                """ + Access.LIST_ID,
                row -> new ChainHead(list, row.getLong(1), row.getLong(2), row.getString(3), row.getLong(4)),
                Access.list(reader, list));
    }

    private static ListSummary summary(ResultSet row) throws SQLException {
        return new ListSummary(new EmailAddress(row.getString(1), row.getString(2)), row.getString(3), row.getString(4),
                row.getBoolean(5), row.getBoolean(6), row.getLong(7), row.getInt(8), Rows.nullableInstant(row, 9));
    }
}
