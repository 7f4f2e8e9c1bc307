package org.listserv.mail;

import java.util.List;

/// One entity of a message (RFC 2045 §2.4): the message itself, a part of a multipart, or a message within.
///
/// @param path `1` is the message, `1.2` its second part; stays the same as long as the octets do
/// @param mediaType lower case, without parameters; `text/plain` where the entity says nothing legible
/// @param charset as declared, lower case; empty when none is
/// @param fileName decoded, without folders and control characters; empty when there is none
/// @param disposition `inline`, `attachment` or whatever else is declared, lower case; empty when none is
/// @param encoding transfer encoding, lower case; `7bit` when none is declared
/// @param contentId without angle brackets; empty when there is none
/// @param flow how the lines of a text are to be joined
/// @param start offset of the entity's first octet in the message, its header section included
/// @param bodyOffset offset of its body
/// @param end offset behind its body; the line end in front of a delimiter is not part of it
/// @param children the parts of a multipart, the one message of a message/rfc822, else none
public record Part(String path, String mediaType, String charset, String fileName, String disposition, String encoding, String contentId,
        Flow flow, int start, int bodyOffset, int end, List<Part> children) {

    /// format and delsp of a text (RFC 3676 §4).
    public enum Flow {
        FIXED,
        FLOWED,
        FLOWED_DELSP
    }

    public Part {
        children = List.copyOf(children);
    }

    /// Octets of the body as transmitted: a base64 body is a third longer than what it stands for.
    public int sizeOctets() {
        return end - bodyOffset;
    }

    public boolean isMultipart() {
        return mediaType.startsWith("multipart/");
    }

    /// Any kind of text, HTML too. A multipart without parts (no boundary, or none to be found) can only be read as text.
    public boolean isText() {
        return mediaType.startsWith("text/") || isMultipart() && children.isEmpty();
    }

    /// To be offered by name instead of being shown where it stands.
    public boolean isAttachment() {
        return disposition.equals("attachment") || children.isEmpty() && !isText();
    }

    /// The declared charset is one that this Java does not know: [MimeView#text] reads it as ISO-8859-1, and a page should say so.
    public boolean isCharsetUnknown() {
        return !charset.isEmpty() && Charsets.find(charset).isEmpty();
    }
}
