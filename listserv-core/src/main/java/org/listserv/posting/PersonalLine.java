package org.listserv.posting;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.mail.EmailAddress;

/// A line of a copy that is each subscriber's own. In what an edit puts it is a line with marks (docs/formats.md), which are filled in for
/// every copy; what they become is ASCII whatever the address, so that it can stand in any header section and charset.
public final class PersonalLine {
    /// The subscriber's address, for people.
    static final String ADDRESS_MARK = "\0a\0";

    /// In front of a line that is quoted-printable once it is filled in.
    static final String QUOTED_PRINTABLE_MARK = "\0q\0";

    /// In front of a line that is base64 once it is filled in, with its line end. All base64 before it has come out even.
    static final String BASE64_MARK = "\0b\0";

    private static final Pattern MARK = Pattern.compile("\0(?:a|u([^\0]*))\0");
    private static final String UNRESERVED = "-._~";
    /// What needs no encoding in a mailto URI beside these. RFC 6068 §2 wants the `=` encoded too; ezmlm never did, and a reader that does not
    /// decode is one that exists, while one that takes `=` for something else is none we know.
    private static final String LEFT_AS_IT_IS = UNRESERVED + "=!$'*";

    private enum Encoding {
        NONE,
        QUOTED_PRINTABLE,
        BASE64
    }

    private sealed interface Piece {
        record Fixed(String text) implements Piece {}

        record Address() implements Piece {}

        record Mailbox(String prefix) implements Piece {}
    }

    private final Encoding encoding;
    private final List<Piece> pieces;

    private PersonalLine(Encoding encoding, List<Piece> pieces) {
        this.encoding = encoding;
        this.pieces = pieces;
    }

    /// The local part of an address of ours that names the subscriber, `PREFIXu=d`, as it stands in a mailto URI (RFC 6068).
    static String mailboxMark(String prefix) {
        return "\0u" + prefix + "\0";
    }

    /// @param line octets as characters, with its line end
    /// @return empty when nothing in it is personal
    static Optional<PersonalLine> of(String line) {
        var marks = MARK.matcher(line);
        if (!marks.find()) {
            return Optional.empty();
        }
        var encoding = line.startsWith(QUOTED_PRINTABLE_MARK)
                ? Encoding.QUOTED_PRINTABLE
                : line.startsWith(BASE64_MARK) ? Encoding.BASE64 : Encoding.NONE;
        var pieces = new ArrayList<Piece>();
        var from = encoding == Encoding.NONE ? 0 : BASE64_MARK.length();
        do {
            pieces.add(new Piece.Fixed(line.substring(from, marks.start())));
            pieces.add(marks.group(1) == null ? new Piece.Address() : new Piece.Mailbox(marks.group(1)));
            from = marks.end();
        } while (marks.find());
        pieces.add(new Piece.Fixed(line.substring(from)));
        return Optional.of(new PersonalLine(encoding, List.copyOf(pieces)));
    }

    /// @return the line as this subscriber gets it, with its line end
    public byte[] of(EmailAddress subscriber) {
        var line = new StringBuilder(160);
        for (var piece : pieces) {
            switch (piece) {
                case Piece.Fixed(var text) -> line.append(text);
                case Piece.Address() -> address(line, subscriber);
                case Piece.Mailbox(var prefix) -> mailbox(line, prefix, subscriber);
            }
        }
        var octets = line.toString().getBytes(StandardCharsets.ISO_8859_1);
        return switch (encoding) {
            case NONE -> octets;
            case QUOTED_PRINTABLE -> Footer.quotedPrintable(octets);
            case BASE64 -> (Base64.getMimeEncoder().encodeToString(octets) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        };
    }

    private static void address(StringBuilder line, EmailAddress subscriber) {
        if (subscriber.isAscii()) {
            line.append(subscriber);
        } else {
            percentEncode(line, localPart(subscriber));
            line.append('@').append(domain(subscriber));
        }
    }

    private static void mailbox(StringBuilder line, String prefix, EmailAddress subscriber) {
        var local = localPart(subscriber);
        var domain = domain(subscriber);
        if (local.startsWith("\"")) {
            percentEncode(line, "\"" + prefix + local.substring(1, local.length() - 1) + "=" + domain + "\"");
        } else if (domain.startsWith("[")) {
            percentEncode(line, "\"" + prefix + local + "=" + domain + "\"");
        } else {
            percentEncode(line, prefix);
            percentEncode(line, local);
            line.append('=').append(domain);
        }
    }

    /// Quoted where it must be (RFC 5321 §4.1.2).
    private static String localPart(EmailAddress subscriber) {
        var written = subscriber.toString();
        return written.substring(0, written.length() - subscriber.domain().length() - 1);
    }

    /// In A-labels, which every server understands.
    private static String domain(EmailAddress subscriber) {
        if (subscriber.isAscii()) {
            return subscriber.domain();
        }
        var normal = subscriber.normal();
        return normal.substring(normal.lastIndexOf('@') + 1);
    }

    private static void percentEncode(StringBuilder line, String text) {
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || LEFT_AS_IT_IS.indexOf(c) >= 0) {
                line.append(c);
            } else {
                var end = i + 1;
                while (c >= 0x80 && end < text.length() && text.charAt(end) >= 0x80) {
                    end++;      // a character may take two of Java's
                }
                for (var octet : text.substring(i, end).getBytes(StandardCharsets.UTF_8)) {
                    line.append('%').append("0123456789ABCDEF".charAt(octet >> 4 & 15)).append("0123456789ABCDEF".charAt(octet & 15));
                }
                i = end - 1;
            }
        }
    }
}
