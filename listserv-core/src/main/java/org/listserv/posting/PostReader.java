package org.listserv.posting;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.Fingerprint;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MailDates;
import org.listserv.mail.MessageIds;
import org.listserv.posting.Intake.PostFacts;

/// Reads from a header section what the archive keeps beside the octets.
public final class PostReader {
    /// Longer subjects exist only in attacks; the octets keep the whole of it.
    private static final int LONGEST_SUBJECT = 1_000;
    private static final int LONGEST_NAME = 400;

    private PostReader() {}

    /// @param filedAt null: now
    /// @param number  null: the list's next
    public static PostFacts read(byte[] octets, HeaderSection header, EmailAddress list, @Nullable Instant filedAt, @Nullable Long number) {
        var author = Author.of(header);
        var messageId = MessageIds.of(header).orElseGet(() -> Fingerprint.derivedMessageId(octets, header, list.domain()));
        var subject = header.first("Subject").map(field -> field.decoded().strip()).orElse("");
        return new PostFacts(messageId, MessageIds.references(header), cut(author.name(), LONGEST_NAME),
                cut(author.address(), LONGEST_NAME),
                cut(subject, LONGEST_SUBJECT), MailDates.sent(header).orElse(null), filedAt, number);
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }
}
