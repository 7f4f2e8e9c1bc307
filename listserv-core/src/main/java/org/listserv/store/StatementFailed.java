package org.listserv.store;

import java.sql.SQLException;

/// The database is well and refused this statement: a constraint, a value it cannot hold, a mistake of ours.
/// Trying again would fail again.
public final class StatementFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String sqlState;

    StatementFailed(SQLException cause) {
        super(cause.getMessage(), cause);
        this.sqlState = cause.getSQLState() == null ? "" : cause.getSQLState();
    }

    /// Five characters (PostgreSQL manual, appendix A), or empty.
    public String sqlState() {
        return sqlState;
    }
}
