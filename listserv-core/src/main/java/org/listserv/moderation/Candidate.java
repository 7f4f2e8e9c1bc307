package org.listserv.moderation;

import java.util.Set;

import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.ReversePath;
import org.listserv.members.Standing;

/// A message that wants to become a post of a list, with all that judging needs to know.
///
/// @param size       octets of the whole message
/// @param bodySize   octets of its body
/// @param mediaTypes of all its parts, in lower case
/// @param standing   what the list knows of its envelope sender and author
public record Candidate(MailingList list, ReversePath reversePath, HeaderSection header, long size, long bodySize, Set<String> mediaTypes,
        Standing standing) {
    boolean fromMember() {
        return standing.subscriber() || standing.allowed() || standing.moderator() || standing.owner();
    }
}
