package org.listserv.mail;

/// One header field of a message, found by [HeaderSection].
///
/// @param name as written, without the colon
/// @param start offset of the first octet of the field in the message
/// @param end offset behind the field's last line end (or behind the message)
/// @param value unfolded and without white space around it; UTF-8 where the octets are that, else ISO-8859-1, and otherwise as it stands:
///        encoded-words and control characters included
public record HeaderField(String name, int start, int end, String value) {
    private static final int MAX_DECODED = 4_000;
    private static final int MAX_READ_TO_DECODE = 16 * MAX_DECODED;

    public boolean is(String otherName) {
        return name.equalsIgnoreCase(otherName);
    }

    /// The value for people: encoded-words decoded (RFC 2047), control characters as U+FFFD, at most 4,000 chars.
    public String decoded() {
        return Text.cut(Text.visible(EncodedWords.decode(Text.cut(value, MAX_READ_TO_DECODE))), MAX_DECODED);
    }
}
