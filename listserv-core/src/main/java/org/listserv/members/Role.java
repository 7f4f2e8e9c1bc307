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

    /// @throws IllegalArgumentException when there is none of this name
    public static Role of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
