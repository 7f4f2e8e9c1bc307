package org.listserv.notices;

import java.time.Instant;
import java.util.Optional;

import org.listserv.lists.MailingList;

/// Tells an author that a moderator did not let the message through. Who decided is not said.
public record ReturnedNotice(MailingList list, String author, String subject, Optional<String> comment) {
    public byte[] octets(Instant now) {
        var address = list.address();
        var text = """
                Your message to %s

                    Subject: %s

                was not accepted by the list's moderators.%s

                Questions go to the owners of the list: %s-owner@%s
                """.formatted(address, subject.isEmpty() ? "(none)" : subject.replaceAll("[\\p{Cntrl}]", " "),
                comment.map(words -> " They say:\n\n" + words.strip().indent(4).stripTrailing()).orElse(""), address.localPart(),
                address.domain());
        return new Notice(address.localPart() + "-owner@" + address.domain(), author, "Returned post for " + address, text, "auto-replied")
                .octets(now,
                        address.domain());
    }
}
