package org.listserv.store;

import org.jspecify.annotations.Nullable;

/// We asked for COMMIT and do not know what became of it: the connection was lost meanwhile, or the server answered
/// with a warning (it had stopped waiting for its standby). Perhaps it is durable, perhaps gone. The
/// answer outside is 451; the retry finds the arrival key, or is taken (P1, P2).
public final class CommitUnknown extends DatabaseUnavailable {
    private static final long serialVersionUID = 1;

    CommitUnknown(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
