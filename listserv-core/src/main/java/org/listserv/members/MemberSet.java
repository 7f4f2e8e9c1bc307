package org.listserv.members;

import java.util.Locale;

/// The sets of addresses a list has. A person may be in several of them.
public enum MemberSet {
    /// Gets every post.
    MAIN,
    /// Gets digests.
    DIGEST,
    /// May post without being a subscriber. Takes `@domain` for everyone there.
    ALLOW,
    /// May not post. Takes `@domain` for everyone there.
    DENY;

    /// As the column and people write it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isSubscription() {
        return this == MAIN || this == DIGEST;
    }
}
