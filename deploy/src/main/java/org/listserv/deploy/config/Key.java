package org.listserv.deploy.config;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/// One configuration key.
///
/// @param name as written in the file, `listserv.` included
/// @param usual what stands when nobody sets it, in the form people write; null: nothing does, and `need` says who minds
/// @param secret never shown
/// @param sentence what it is for
record Key<T>(String name, Kind<T> kind, @Nullable String usual, Need need, boolean secret, String sentence) {

    enum Need {
        NOBODY,
        SERVE,
        EVERY_COMMAND
    }

    /// The same key in the environment: `listserv.smtp.max-message-size` is `LISTSERV_SMTP_MAX_MESSAGE_SIZE`.
    String variable() {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
