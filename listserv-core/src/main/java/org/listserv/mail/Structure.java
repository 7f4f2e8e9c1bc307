package org.listserv.mail;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// The outermost structure of a message: all that must be known to add a line or a part to it and leave every other octet alone.
///
/// @param mediaType of the message, lower case; `text/plain` where it says nothing legible
/// @param charset as declared, lower case
/// @param transferEncoding lower case; `7bit` when none is declared
/// @param boundary of a multipart
/// @param bodyOffset offset of the body's first octet
/// @param closingDelimiterOffset of a multipart: offset of the line `--boundary--`, before which a further part can be put. Empty when that
///        line is missing; a message cut short is left as it is
public record Structure(String mediaType, Optional<String> charset, String transferEncoding, Optional<String> boundary, int bodyOffset,
        OptionalInt closingDelimiterOffset) {

    public static Structure of(byte[] message) {
        var lines = new Lines(message);
        var header = HeaderSection.parse(lines, 0, message.length);
        var type = ContentType.parse(MimeScan.value(header, "Content-Type"));
        var mediaType = type.mediaType("text/plain");
        var boundary = mediaType.startsWith("multipart/") ? MimeScan.boundaryOctets(type) : "";
        return new Structure(mediaType, present(type.parameter("charset").strip().toLowerCase(Locale.ROOT)),
                MimeScan.transferEncoding(header),
                present(boundary), header.bodyOffset(),
                boundary.isEmpty() ? OptionalInt.empty() : closing(lines, header.bodyOffset(), boundary));
    }

    private static OptionalInt closing(Lines lines, int from, String boundary) {
        var closing = boundary + "--";
        boolean begun = false;
        for (int line = from; line < lines.octets.length; line = lines.next(line)) {
            var dashed = lines.dashed(line);
            if (dashed != null && MimeScan.isDelimiter(dashed, boundary)) {
                begun = true;
            } else if (begun && dashed != null && MimeScan.isDelimiter(dashed, closing)) {
                return OptionalInt.of(line);
            }
        }
        return OptionalInt.empty();
    }

    private static Optional<String> present(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
