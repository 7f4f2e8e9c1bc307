package org.listserv.archive;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;

/// Statements to values.
final class Rows {
    private Rows() {}

    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /// @param parameters in order; lists among them are taken apart
    static <T> List<T> all(Connection connection, String sql, RowReader<T> reader, @Nullable Object... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            bind(statement, 1, parameters);
            var values = new ArrayList<T>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    values.add(reader.read(rows));
                }
            }
            return values;
        }
    }

    /// The first row.
    static <T> Optional<T> one(Connection connection, String sql, RowReader<T> reader, @Nullable Object... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            bind(statement, 1, parameters);
            try (var rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
            }
        }
    }

    private static int bind(PreparedStatement statement, int index, @Nullable Object... parameters) throws SQLException {
        for (var parameter : parameters) {
            switch (parameter) {
                case null -> statement.setNull(index++, Types.NULL);
                case List<?> several -> index = bind(statement, index, several.toArray());
                case String text -> statement.setString(index++, storable(text));
                case String[] texts -> statement.setArray(index++, statement.getConnection().createArrayOf("text",
                        Stream.of(texts).map(Rows::storable).toArray()));
                case Long[] numbers -> statement.setArray(index++, statement.getConnection().createArrayOf("bigint", numbers));
                case Instant instant -> statement.setObject(index++, instant.atOffset(ZoneOffset.UTC));
                default -> statement.setObject(index++, parameter);
            }
        }
        return index;
    }

    /// No text in the database has a NUL, and none can be asked for one: such an address finds nothing, and is no fault of ours.
    private static String storable(String text) {
        return text.replace('\u0000', '\uFFFD');
    }

    /// What [#post] reads, of a row `NAME` of `post`, in this order.
    static String postColumns(String name) {
        return "$.seq, $.number, $.message_id, $.author_name, $.author_address, $.subject, $.filed_at, $.sent_at, $.size, $.revision, $.redacted_at is not null, encode($.chain, 'hex')"
                .replace("$", name);
    }

    static final int POST_COLUMNS = 12;

    /// @param from column where [#postColumns] begin
    static Post post(ResultSet row, int from, EmailAddress list) throws SQLException {
        int column = from;
        return new Post(list, row.getLong(column++), row.getLong(column++), row.getString(column++),
                new Author(row.getString(column++), row.getString(column++)), row.getString(column++), instant(row, column++),
                nullableInstant(row, column++), row.getInt(column++), row.getLong(column++), row.getBoolean(column++),
                row.getString(column));
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /// Null too for the infinities that PostgreSQL knows.
    static @Nullable Instant nullableInstant(ResultSet row, int column) throws SQLException {
        var time = row.getObject(column, OffsetDateTime.class);
        return time == null || time.isEqual(OffsetDateTime.MIN) || time.isEqual(OffsetDateTime.MAX) ? null : time.toInstant();
    }

    static List<String> texts(ResultSet row, int column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    static LocalDate date(ResultSet row, int column) throws SQLException {
        return row.getObject(column, LocalDate.class);
    }
}
