package org.listserv.requests;

import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Set;

import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.members.Members;
import org.listserv.members.Role;
import org.listserv.moderation.HeldPosts;
import org.listserv.notices.Texts;
import org.listserv.posting.Posting;
import org.listserv.store.Database;

/// What answering needs.
///
/// @param baseUrl    of the web archive
/// @param postmaster who decides where a list has neither moderators nor owners
public record Kit(Database database, Lists lists, Members members, HeldPosts held, Posting posting, Texts texts, Tokens tokens, URI baseUrl,
        EmailAddress postmaster, Clock clock) {
    /// Who decides: those with one of these roles, else the owners, else the postmaster.
    public List<EmailAddress> deciders(MailingList list, Set<Role> roles) {
        var people = members.withRole(list.id(), roles);
        if (people.isEmpty()) {
            people = members.withRole(list.id(), Set.of(Role.OWNER));
        }
        return people.isEmpty() ? List.of(postmaster) : people;
    }
}
