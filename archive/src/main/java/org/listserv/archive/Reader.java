package org.listserv.archive;

import java.util.Set;

import org.listserv.mail.EmailAddress;

/// Who reads. Every query of this package takes one, and lists that it may not read never appear, in no listing, count,
/// search or download: not found and not allowed look the same.
///
/// @param addresses the mailboxes this reader has proved to own, in normal form; empty for anonymous readers
public record Reader(Set<String> addresses) {
    public static final Reader ANONYMOUS = new Reader(Set.of());

    public Reader {
        addresses = Set.copyOf(addresses);
    }

    /// A reader who owns one mailbox, and so may read the lists it is subscribed to or has a role on.
    public static Reader of(EmailAddress mailbox) {
        return new Reader(Set.of(mailbox.normal()));
    }

    /// Anonymous readers see addresses hidden ([AddressHiding]).
    public boolean anonymous() {
        return addresses.isEmpty();
    }
}
