package org.listserv.deploy.command;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.listserv.store.Database;

/// One question to the database that changes nothing, for commands that show what many features know together.
record Question(String sql) {

    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /// @param parameters in the order of the question marks; a list becomes an array of its kind
    <T> List<T> ask(Database database, Row<T> row, Object... parameters) {
        return database.readLong(connection -> {
            try (var ask = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    ask.setObject(i + 1, parameters[i] instanceof List<?> list
                            ? connection.createArrayOf(list.isEmpty() || list.getFirst() instanceof Long ? "bigint" : "text",
                                    list.toArray())
                            : parameters[i]);
                }
                var all = new ArrayList<T>();
                try (var rows = ask.executeQuery()) {
                    while (rows.next()) {
                        all.add(row.read(rows));
                    }
                }
                return all;
            }
        });
    }

    static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    /// A time that is never absent.
    static Instant at(ResultSet row, int column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }
}
