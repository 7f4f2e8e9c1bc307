package org.listserv.posting;

import java.net.URI;
import java.util.ArrayList;

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
        if (!list.settings().footer().isBlank()) {
            edits.addAll(Footer.edits(octets, Structure.of(octets), list.settings().footer()));
        }
        return new Copies(edits, reversePath(list));
    }

    /// VERP: the reverse-path of a copy names the post and the subscriber (reference: ezmlm's `L-return-N-u=d@H`).
    static String reversePath(MailingList list) {
        return "%s-return-{n}-{u}@%s".formatted(list.address().localPart(), list.address().domain());
    }
}
