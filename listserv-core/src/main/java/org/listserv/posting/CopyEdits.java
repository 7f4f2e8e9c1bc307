package org.listserv.posting;

import java.net.URI;
import java.util.ArrayList;

import org.listserv.lists.ListSettings.Personal;
import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.Structure;
import org.listserv.posting.Intake.Copies;

/// What subscribers of a list get, as edits to the received octets.
public final class CopyEdits {
    private final URI baseUrl;

    /// @param baseUrl of the web archive, for List-Archive and Archived-At
    public CopyEdits(URI baseUrl) {
        this.baseUrl = baseUrl;
    }

    /// @param messageId of the post, derived where the message has none
    /// @param trace     our Received field with its line end; may be empty
    public Copies of(MailingList list, byte[] octets, HeaderSection header, String messageId, String trace) {
        var edits = new ArrayList<>(new OutgoingHeader(list, baseUrl).edits(octets, header, messageId, trace));
        var personal = list.settings().personal() == Personal.FOOTER ? personalFooter(list) : "";
        if (!list.settings().footer().isBlank() || !personal.isEmpty()) {
            edits.addAll(Footer.edits(octets, Structure.of(octets), list.settings().footer(), personal));
        }
        return new Copies(edits, reversePath(list));
    }

    /// One line, so that it can be put in any encoding by itself.
    private static String personalFooter(MailingList list) {
        return "Sent to %s. To leave the list, write to <mailto:%s@%s>.\r\n".formatted(PersonalLine.ADDRESS_MARK,
                PersonalLine.mailboxMark(list.address().localPart() + "-unsubscribe-"), list.address().domain());
    }

    /// VERP: the reverse-path of a copy names the post and the subscriber (reference: ezmlm's `L-return-N-u=d@H`).
    static String reversePath(MailingList list) {
        return "%s-return-{n}-{u}@%s".formatted(list.address().localPart(), list.address().domain());
    }
}
