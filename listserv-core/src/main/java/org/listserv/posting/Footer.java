package org.listserv.posting;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

import org.listserv.mail.Structure;

/// A list's footer, put where readers see it and nothing breaks: at the end of a text/plain message in its own transfer encoding and charset, or
/// as a further text/plain part of a multipart/mixed, digest or parallel one. Any other structure gets none: an alternative would
/// show it to some readers only, a signed one would no longer verify.
final class Footer {
    private static final int BASE64_LINE = 76;

    private Footer() {}

    /// @param footer   as the owner wrote it; its lines end as they like; may be blank
    /// @param personal a line in ASCII with the marks of [PersonalLine] and its line end, which comes last; may be empty
    static List<Edit> edits(byte[] octets, Structure structure, String footer, String personal) {
        var text = footer.isBlank() ? "" : String.join("\r\n", footer.strip().lines().toList()) + "\r\n";
        if (text.isEmpty() && personal.isEmpty()) {
            return List.of();
        }
        return switch (structure.mediaType()) {
            case "text/plain" -> single(octets, structure, text, personal).stream().toList();
            case "multipart/mixed", "multipart/digest", "multipart/parallel" -> part(structure, text, personal).stream().toList();
            default -> List.of();
        };
    }

    private static Optional<Edit> single(byte[] octets, Structure structure, String text, String personal) {
        var charset = charset(structure);
        var encoding = structure.transferEncoding();
        // What the message's charset or encoding cannot say is left out: both are the author's.
        var footer = charset.flatMap(set -> encode(text, set)).filter(said -> !encoding.equals("7bit") || isSevenBit(said))
                .orElse(new byte[0]);
        var own = charset.filter(Footer::extendsAscii).isPresent() ? personal : "";
        if (footer.length == 0 && own.isEmpty()) {
            return Optional.empty();
        }
        var gap = endsWithLineEnd(octets, structure.bodyOffset()) ? "" : "\r\n";
        return switch (encoding) {
            case "7bit", "8bit", "binary" -> Optional.of(appended(octets, gap, footer, own));
            case "quoted-printable" ->
                Optional.of(appended(octets, gap, quotedPrintable(footer), marked(PersonalLine.QUOTED_PRINTABLE_MARK, own)));
            case "base64" -> base64(octets, structure.bodyOffset(), footer, marked(PersonalLine.BASE64_MARK, own));
            default -> Optional.empty();
        };
    }

    private static String marked(String mark, String personal) {
        return personal.isEmpty() ? "" : mark + personal;
    }

    private static Edit appended(byte[] octets, String gap, byte[] footer, String personal) {
        var put = new ByteArrayOutputStream();
        put.writeBytes(gap.getBytes(StandardCharsets.US_ASCII));
        put.writeBytes(footer);
        put.writeBytes(personal.getBytes(StandardCharsets.US_ASCII));
        return new Edit(octets.length, 0, put.toByteArray());
    }

    private static Optional<Edit> part(Structure structure, String text, String personal) {
        var closing = structure.closingDelimiterOffset();
        var boundary = structure.boundary();
        if (closing.isEmpty() || boundary.isEmpty()) {
            return Optional.empty();    // broken structure: leave it as broken as it came
        }
        var ascii = isSevenBit(text.getBytes(StandardCharsets.UTF_8));
        var head = "--%s\r\nContent-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\nContent-Disposition: inline\r\n\r\n"
                .formatted(boundary.get(), ascii ? "us-ascii" : "utf-8", ascii ? "7bit" : "quoted-printable");
        var put = new ByteArrayOutputStream();
        put.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        put.writeBytes(ascii ? text.getBytes(StandardCharsets.US_ASCII) : quotedPrintable(text.getBytes(StandardCharsets.UTF_8)));
        put.writeBytes((ascii ? personal : marked(PersonalLine.QUOTED_PRINTABLE_MARK, personal)).getBytes(StandardCharsets.US_ASCII));
        return Optional.of(new Edit(closing.getAsInt(), 0, put.toByteArray()));
    }

    private static Optional<Charset> charset(Structure structure) {
        try {
            return Optional.of(structure.charset().map(Charset::forName).orElse(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    /// Whether ASCII can be put behind a text as it is.
    private static boolean extendsAscii(Charset charset) {
        return encode("To: <a=b@c>.\r\n", charset).filter(said -> said.length == "To: <a=b@c>.\r\n".length() && isSevenBit(said))
                .isPresent();
    }

    private static Optional<byte[]> encode(String text, Charset charset) {
        return charset.canEncode() && charset.newEncoder().canEncode(text) ? Optional.of(text.getBytes(charset)) : Optional.empty();
    }

    private static boolean isSevenBit(byte[] octets) {
        for (var octet : octets) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean endsWithLineEnd(byte[] octets, int bodyOffset) {
        return octets.length <= bodyOffset || octets[octets.length - 1] == '\n';
    }

    /// RFC 2045 §6.7; lines of at most 76 characters.
    static byte[] quotedPrintable(byte[] text) {
        var out = new StringBuilder(text.length + 32);
        var column = 0;
        for (var i = 0; i < text.length; i++) {
            var octet = text[i] & 0xff;
            if (octet == '\r' || octet == '\n') {
                out.append((char) octet);
                column = 0;
                continue;
            }
            var lineEnds = i + 1 == text.length || text[i + 1] == '\r';
            var plain = octet > ' ' && octet < 0x7f && octet != '=' || (octet == ' ' || octet == '\t') && !lineEnds;
            var shown = plain ? String.valueOf((char) octet) : "=%02X".formatted(octet);
            if (column + shown.length() > 75) {
                out.append("=\r\n");
                column = 0;
            }
            out.append(shown);
            column += shown.length();
        }
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// The last group of four carries the padding: it is opened, and footer and group are encoded together. A personal line behind them is
    /// encoded by itself, so what comes before must fill its last group: empty lines see to it, none, one or two.
    private static Optional<Edit> base64(byte[] octets, int bodyOffset, byte[] footer, String personal) {
        var end = octets.length;
        while (end > bodyOffset && octets[end - 1] <= ' ' && octets[end - 1] >= 0) {
            end--;
        }
        var at = end;
        var group = new StringBuilder();
        while (at > bodyOffset && group.length() < 4) {
            var octet = octets[--at];
            if (octet > ' ') {
                group.insert(0, (char) octet);
            } else if (octet < 0) {
                return Optional.empty();
            }
        }
        if (group.length() != 0 && group.length() != 4) {
            return Optional.empty();
        }
        try {
            var open = group.length() == 4 && group.charAt(3) == '=' ? Base64.getDecoder().decode(group.toString()) : new byte[0];
            var from = open.length == 0 ? end : at;
            var both = new ByteArrayOutputStream();
            both.writeBytes(open);
            both.writeBytes(endsText(octets, bodyOffset) ? new byte[0] : "\r\n".getBytes(StandardCharsets.US_ASCII));
            both.writeBytes(footer);
            while (!personal.isEmpty() && both.size() % 3 != 0) {
                both.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            var lines = Base64.getMimeEncoder(BASE64_LINE, "\r\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(both.toByteArray());
            var put = (from == end && end > bodyOffset ? "\r\n" : "") + lines + (lines.isEmpty() ? "" : "\r\n") + personal;
            return Optional.of(new Edit(from, octets.length - from, put.getBytes(StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    /// Whether the decoded text ends with a line end, so that the footer starts on its own line.
    private static boolean endsText(byte[] octets, int bodyOffset) {
        var text = Base64.getMimeDecoder().decode(Arrays.copyOfRange(octets, bodyOffset, octets.length));
        return text.length == 0 || text[text.length - 1] == '\n';
    }
}
