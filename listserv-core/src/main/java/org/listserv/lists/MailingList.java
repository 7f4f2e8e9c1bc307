package org.listserv.lists;

import org.listserv.mail.EmailAddress;

/// A list as it stood when it was read.
///
/// @param id never used again
/// @param address `L@H`, all lower case, `H` in A-labels
public record MailingList(long id, EmailAddress address, ListSettings settings) {
    /// `L`
    public String localPart() {
        return address.localPart();
    }

    /// `H`
    public String domain() {
        return address.domain();
    }
}
