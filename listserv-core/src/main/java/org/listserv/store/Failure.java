package org.listserv.store;

import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/// What a failed statement means to us, by its SQLSTATE (PostgreSQL manual, appendix A).
enum Failure {
    /// The server is gone, full or busy: 451.
    UNAVAILABLE,
    /// Two transactions collided and this one lost: once more.
    COLLISION,
    /// The statement itself is at fault.
    STATEMENT;

    static Failure of(SQLException e) {
        var state = e.getSQLState();
        if (state == null || state.length() != 5) {
            return STATEMENT;
        }
        return switch (state) {
            case "40001", "40P01" -> COLLISION;
            case "55P03", // lock_timeout
                    "25006", // a primary that has become a standby
                    "25P03", "25P04", // idle in transaction, transaction time-out
                    "40003" ->
                UNAVAILABLE; // statement completion unknown
            // After a migration a prepared statement may return other columns; the pool drops the connection.
            case "0A000" -> String.valueOf(e.getMessage()).contains("cached plan") ? COLLISION : STATEMENT;
            default -> switch (state.substring(0, 2)) {
                case "08", // connection
                        "53", // disk, memory, connections
                        "57", // shutdown, starting, cancelled
                        "58", "XX" ->
                    UNAVAILABLE; // I/O error, broken pages
                default -> STATEMENT;
            };
        };
    }

    /// The connection itself is of no use any more; so are, most likely, its neighbours in the pool.
    static boolean lostConnection(SQLException e) {
        var state = String.valueOf(e.getSQLState());
        return unknownAtCommit(e) || state.equals("25006") || state.equals("25P03") || state.equals("25P04");
    }

    /// Meets a COMMIT under way, this does not say how it ended. (A server that ends an idle transaction has rolled it back.)
    static boolean unknownAtCommit(SQLException e) {
        var state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P");
    }

    /// The SQLException inside what a library threw.
    static @Nullable SQLException within(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof SQLException e) {
                return e;
            }
        }
        return null;
    }
}
