package org.listserv.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// Writes down who changed what, in the transaction of the change.
public final class Audit {

    private static final String RECORD = """
            insert into audit (actor, action, list_id, subject, before, after)
            values (?, ?, ?, ?, jsonb_object(?::text[], ?::text[]), jsonb_object(?::text[], ?::text[]))
            """;

    private static final String RECORD_MANY = """
            insert into audit (actor, action, list_id, subject, after)
            values (?, ?, ?, ?, jsonb_build_object('addresses', to_jsonb(?::text[])))
            """;

    private Audit() {}

    /// @param actor `root@node1`, a mailbox, or `job:NAME`
    /// @param action what was done, as `list.create`
    /// @param listId null when it concerns no list, or one that is gone
    /// @param subject what it was done to, as people name it
    /// @param before only what changed; null when there was nothing before
    /// @param after likewise; null when nothing is left
    public static void record(Connection connection, String actor, String action, @Nullable Long listId, String subject,
            @Nullable Map<String, String> before, @Nullable Map<String, String> after) throws SQLException {
        try (var statement = connection.prepareStatement(RECORD)) {
            bindWho(statement, actor, action, listId, subject);
            bindPairs(connection, statement, 5, before);
            bindPairs(connection, statement, 7, after);
            statement.executeUpdate();
        }
    }

    /// One change to many addresses: one row that names them all.
    public static void recordMany(Connection connection, String actor, String action, @Nullable Long listId, String subject,
            String[] addresses) throws SQLException {
        try (var statement = connection.prepareStatement(RECORD_MANY)) {
            bindWho(statement, actor, action, listId, subject);
            statement.setArray(5, connection.createArrayOf("text", addresses));
            statement.executeUpdate();
        }
    }

    private static void bindWho(PreparedStatement statement, String actor, String action, @Nullable Long listId, String subject)
            throws SQLException {
        statement.setString(1, actor);
        statement.setString(2, action);
        if (listId == null) {
            statement.setNull(3, Types.BIGINT);
        } else {
            statement.setLong(3, listId);
        }
        statement.setString(4, subject);
    }

    private static void bindPairs(Connection connection, PreparedStatement statement, int at, @Nullable Map<String, String> pairs)
            throws SQLException {
        if (pairs == null) {
            statement.setNull(at, Types.ARRAY);
            statement.setNull(at + 1, Types.ARRAY);
            return;
        }
        statement.setArray(at, connection.createArrayOf("text", pairs.keySet().toArray()));
        statement.setArray(at + 1, connection.createArrayOf("text", pairs.values().toArray()));
    }
}
