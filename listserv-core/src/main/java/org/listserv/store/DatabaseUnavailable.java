package org.listserv.store;

import org.jspecify.annotations.Nullable;

/// The database cannot do it now and nothing is known to have happened: no primary, connection lost, lock not
/// granted in time, server full. Whoever has mail in hand answers 451 and the sender keeps it.
public sealed class DatabaseUnavailable extends RuntimeException permits CommitUnknown {
    private static final long serialVersionUID = 1;

    public DatabaseUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
