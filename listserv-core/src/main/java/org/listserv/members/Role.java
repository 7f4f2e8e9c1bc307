package org.listserv.members;

import java.util.Locale;

/// What somebody may do for a list. `MODERATOR` stands for all three of ezmlm's moderator sets.
public enum Role {
    OWNER,
    MODERATOR,
    POST_MODERATOR,
    SUBSCRIPTION_MODERATOR,
    REMOTE_ADMINISTRATOR;

    /// As the column and people write it: `post-moderator`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
