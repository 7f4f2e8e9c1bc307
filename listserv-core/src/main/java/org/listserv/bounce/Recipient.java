package org.listserv.bounce;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;

/// What a report says about one recipient.
///
/// @param address to whom it was not delivered (or was): the final recipient, which may be another than we sent to; null where none is told
/// @param original whom we sent to (Original-Recipient, RFC 3464 §2.3.1), null where the report does not tell it
/// @param status enhanced status such as `5.1.1` (RFC 3463); empty when there is none
/// @param kind why, so far as can be told; a transient status and a delay are never hard
/// @param diagnostic for people: one line, at most 500 chars
public record Recipient(@Nullable EmailAddress address, @Nullable EmailAddress original, Action action, String status, Kind kind,
        String diagnostic) {
    /// RFC 3464 §2.3.3.
    public enum Action {
        /// Given up.
        FAILED,
        /// Still tried.
        DELAYED,
        DELIVERED,
        /// Handed to somebody who sends no reports.
        RELAYED,
        /// Sent on to several others.
        EXPANDED
    }

    public enum Kind {
        /// The address or its domain is dead.
        HARD,
        /// It may work another day: full, disabled, too busy, unreachable, and whatever cannot be told.
        SOFT,
        /// They do not want this message, or us: content, size, DMARC, reputation.
        POLICY,
        /// Nothing failed.
        NONE
    }
}
