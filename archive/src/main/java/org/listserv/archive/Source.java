package org.listserv.archive;

import org.jspecify.annotations.Nullable;

import org.listserv.store.Database;
import org.listserv.store.SqlWork;

/// Where statements are sent: [Database#readPage], or a connection that a test looks over the shoulder of.
interface Source {
    <T extends @Nullable Object> T read(SqlWork<T> work);
}
