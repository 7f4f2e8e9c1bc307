package org.listserv.archive;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;

/// An accepted message as listings show it. Author and subject are decoded and never null; both are what the sender
/// wrote, so they are escaped and, for anonymous readers, hidden ([AddressHiding]) where they are shown.
///
/// @param seq       its place in filing order, without gaps
/// @param number    the public number
/// @param messageId without angle brackets
/// @param filedAt   when the list filed it; months and listings go by this
/// @param sentAt    what its Date field says, wrong clocks included; null when there is none
/// @param size      of the message in octets
/// @param revision  0, or higher the later it was changed (redaction, thread repair)
/// @param redacted  its octets are gone; a tombstone is shown
/// @param chain     the hash chain up to this post, hexadecimal
public record Post(EmailAddress list, long seq, long number, String messageId, Author author, String subject,
        Instant filedAt, @Nullable Instant sentAt, int size, long revision, boolean redacted, String chain) {

    /// The same as long as the post is the same; differs from every other post's.
    public String tag() {
        return EntityTag.of(this);
    }
}
