package org.listserv.store;

import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/// Something to do with a connection. It may be run a second time after a deadlock, so it changes
/// nothing but the database.
@FunctionalInterface
public interface SqlWork<T extends @Nullable Object> {
    T on(Connection connection) throws SQLException;
}
