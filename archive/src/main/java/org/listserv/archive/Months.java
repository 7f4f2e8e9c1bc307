package org.listserv.archive;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;
import org.listserv.store.Database;

/// Month pages. A month is UTC, by the time of filing.
public final class Months {
    private static final String BY_DATE = "select " + Rows.postColumns("p") + " from post p where p.list_id = " + Access.LIST_ID + """
             and p.filed_at >= ? and p.filed_at < ? and (p.filed_at, p.seq) > (?, ?)
             order by p.filed_at, p.seq
             limit ?
            """;

    /// No index knows this order; a month is small enough to be sorted.
    private static final String BY_AUTHOR = "select " + Rows.postColumns("p") + """
            , p.author
              from (select p.*, lower(coalesce(nullif(author_name, ''), author_address)) collate "C" as author
                      from post p where p.list_id = $LIST and p.filed_at >= ? and p.filed_at < ?) p
             where (p.author, p.filed_at, p.seq) > (?, ?, ?)
             order by p.author, p.filed_at, p.seq
             limit ?
            """.replace("$LIST", Access.LIST_ID);

    private final Source database;

    public Months(Database database) {
        this(database::readPage);
    }

    Months(Source database) {
        this.database = database;
    }

    /// Threads with posts in this month, those with the latest post first. Empty where there is no such list for this reader; a month without
    /// posts is a month.
    public Optional<Month<Topic>> byThread(Reader reader, EmailAddress list, YearMonth month, @Nullable Cursor after, int limit) {
        var span = Span.of(month);
        var place = after == null ? null : after.parts(2);
        var from = place == null ? span.end() : place.instant(0);
        long seq = place == null ? 0 : place.number(1);
        return read(reader, list, month, (connection, address) -> Slice.of(
                Topics.between(connection, reader, address, span.start(), span.end(), from.isAfter(span.end()) ? span.end() : from, seq,
                        limit + 1),
                limit, topic -> Cursor.of(topic.last().filedAt(), topic.last().seq())));
    }

    /// Posts of this month, oldest first.
    public Optional<Month<Post>> byDate(Reader reader, EmailAddress list, YearMonth month, @Nullable Cursor after, int limit) {
        var span = Span.of(month);
        var place = after == null ? null : after.parts(2);
        var from = place == null ? span.start() : place.instant(0);
        long seq = place == null ? 0 : place.number(1);
        return read(reader, list, month, (connection, address) -> Slice.of(
                Rows.all(connection, BY_DATE, row -> Rows.post(row, 1, address), Access.list(reader, list), span.start(),
                        span.end(), from, seq, limit + 1),
                limit, post -> Cursor.of(post.filedAt(), post.seq())));
    }

    /// Posts of this month by author, then by date.
    public Optional<Month<Post>> byAuthor(Reader reader, EmailAddress list, YearMonth month, @Nullable Cursor after, int limit) {
        record Row(Post post, String author) {}
        var span = Span.of(month);
        var place = after == null ? null : after.parts(3);
        var author = place == null ? "" : place.string(0);
        var from = place == null ? span.start() : place.instant(1);
        long seq = place == null ? 0 : place.number(2);
        return read(reader, list, month, (connection, address) -> {
            var rows = Slice.of(
                    Rows.all(connection, BY_AUTHOR, row -> new Row(Rows.post(row, 1, address), row.getString(1 + Rows.POST_COLUMNS)),
                            Access.list(reader, list), span.start(), span.end(), author, from, seq, limit + 1),
                    limit, row -> Cursor.of(row.author(), row.post().filedAt(), row.post().seq()));
            return new Slice<>(rows.items().stream().map(Row::post).toList(), rows.next());
        });
    }

    private interface Listing<T> {
        Slice<T> read(Connection connection, EmailAddress address) throws SQLException;
    }

    private <T> Optional<Month<T>> read(Reader reader, EmailAddress list, YearMonth month, Listing<T> listing) {
        return database.read(connection -> {
            var found = Overviews.summary(connection, reader, list);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Month<>(found.get(), month, posts(connection, reader, list, month),
                    neighbour(connection, reader, list, month, "month < ? order by month desc"),
                    neighbour(connection, reader, list, month, "month > ? order by month"),
                    listing.read(connection, found.get().address())));
        });
    }

    private static int posts(Connection connection, Reader reader, EmailAddress list, YearMonth month) throws SQLException {
        return Rows.one(connection, "select posts from list_month where list_id = " + Access.LIST_ID + " and month = ?",
                row -> row.getInt(1), Access.list(reader, list), month.atDay(1)).orElse(0);
    }

    private static @Nullable YearMonth neighbour(Connection connection, Reader reader, EmailAddress list, YearMonth month, String which)
            throws SQLException {
        return Rows.one(connection, "select month from list_month where list_id = " + Access.LIST_ID + " and " + which + " limit 1",
                row -> YearMonth.from(Rows.date(row, 1)), Access.list(reader, list), month.atDay(1)).orElse(null);
    }

    /// From the first instant of a month to that of the next.
    record Span(Instant start, Instant end) {
        static Span of(YearMonth month) {
            return new Span(month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant(),
                    month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant());
        }
    }
}
