package org.listserv.archive;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;

/// A list on the front page.
///
/// @param language       of its readers, as in the settings
/// @param restricted     only members may read it (and this reader is one)
/// @param closed         it takes no more posts
/// @param posts          in its archive
/// @param postsThisMonth since the first of this month, UTC
/// @param lastPostAt     null when there is none yet
public record ListSummary(EmailAddress address, String description, String language, boolean restricted, boolean closed,
        long posts, int postsThisMonth, @Nullable Instant lastPostAt) {}
