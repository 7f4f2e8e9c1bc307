package org.listserv.mail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.james.mime4j.codec.Base64InputStream;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.QuotedPrintableInputStream;

/// A message as its reader sees it: a tree of parts over the octets, decoded when asked for. Any octets have one; nothing here throws for bad
/// input. At most 1,000 parts, 50 levels deep, are told apart: what comes after them is passed over, what is nested deeper stays one part.
public final class MimeView {
    private static final int MAX_TEXT_OCTETS = 4_000_000;
    private static final int MAX_TEXT_CHARS = 1_000_000;
    /// Enough to tell whether a text says anything.
    private static final int GLANCE_OCTETS = 4_000;
    /// Texts that are for programs.
    private static final Set<String> NOT_FOR_READERS = Set.of("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/css",
            "text/javascript", "text/rfc822-headers", "text/rfc822-header");

    private final byte[] octets;
    private final Part root;
    private final List<Part> parts = new ArrayList<>();

    private MimeView(byte[] octets) {
        this.octets = octets;
        this.root = MimeScan.scan(octets);
        flatten(root);
    }

    /// @param message never written to again by anyone
    public static MimeView of(byte[] message) {
        return new MimeView(message);
    }

    /// The message itself.
    public Part root() {
        return root;
    }

    /// All parts in the order of the message, the root first.
    public List<Part> parts() {
        return List.copyOf(parts);
    }

    public Optional<Part> part(String path) {
        return parts.stream().filter(part -> part.path().equals(path)).findFirst();
    }

    /// Of all parts, in lower case.
    public Set<String> mediaTypes() {
        return parts.stream().map(Part::mediaType).collect(Collectors.toUnmodifiableSet());
    }

    /// The body of a part without its transfer encoding; of a multipart or embedded message, its octets as they stand.
    public byte[] content(Part part) {
        return content(part, Integer.MAX_VALUE);
    }

    /// The body of a part as text with LF line ends: transfer encoding and charset undone, format=flowed joined, control characters as
    /// U+FFFD. Where no charset is declared it is UTF-8 if it can be, else ISO-8859-1; so is one that is not known ([Part#isCharsetUnknown]).
    /// At most a million chars.
    public String text(Part part) {
        return text(part, MAX_TEXT_OCTETS);
    }

    /// As [#text(Part)], of the beginning only.
    ///
    /// @param maxOctets without transfer encoding; 4,000,000 at most
    public String text(Part part, int maxOctets) {
        var content = content(part, Math.min(maxOctets, MAX_TEXT_OCTETS));
        var text = tidy(decode(content, part.charset()));
        var joined = switch (part.flow()) {
            case FIXED -> text;
            case FLOWED -> Flowed.join(text, false);
            case FLOWED_DELSP -> Flowed.join(text, true);
        };
        return Text.cut(joined, MAX_TEXT_CHARS);
    }

    /// What is to be read, in order: texts that are not attachments. Of alternatives, the first that has plain text, else the last that has
    /// anything (which is then HTML).
    public List<Part> readable() {
        return readable(root);
    }

    /// The readable parts other than HTML, one after the other with an empty line between them. Empty for a message in HTML only.
    public String bodyText() {
        var body = new StringBuilder();
        for (var part : readable()) {
            if (!isHtml(part) && body.length() < MAX_TEXT_CHARS) {
                body.append(body.isEmpty() ? "" : body.charAt(body.length() - 1) == '\n' ? "\n" : "\n\n").append(text(part));
            }
        }
        return Text.cut(body.toString(), MAX_TEXT_CHARS);
    }

    private void flatten(Part part) {
        parts.add(part);
        part.children().forEach(this::flatten);
    }

    private List<Part> readable(Part part) {
        if (part.isAttachment() || NOT_FOR_READERS.contains(part.mediaType())) {
            return List.of();
        }
        if (part.children().isEmpty()) {
            return List.of(part);
        }
        return switch (part.mediaType()) {
            case "multipart/alternative" -> alternative(part);
            // The rest is for programs, and the message that could not be delivered (RFC 6522 §3).
            case "multipart/report" -> readable(part.children().getFirst());
            default -> part.children().stream().flatMap(child -> readable(child).stream()).toList();
        };
    }

    private List<Part> alternative(Part part) {
        List<Part> best = List.of();
        for (var child : part.children()) {
            var readable = readable(child);
            if (readable.stream().anyMatch(text -> !isHtml(text) && saysSomething(text))) {
                return readable;
            }
            best = readable.isEmpty() ? best : readable;
        }
        return best;
    }

    private boolean saysSomething(Part part) {
        for (byte octet : content(part, GLANCE_OCTETS)) {
            if (octet < 0 || octet > ' ') {
                return true;
            }
        }
        return false;
    }

    private static boolean isHtml(Part part) {
        return part.mediaType().equals("text/html");
    }

    private byte[] content(Part part, int maxOctets) {
        var body = new ByteArrayInputStream(octets, part.bodyOffset(), part.sizeOctets());
        if (part.children().isEmpty()) {
            switch (part.encoding()) {
                case "base64" -> {
                    return read(new Base64InputStream(body, DecodeMonitor.SILENT), maxOctets);
                }
                case "quoted-printable" -> {
                    return read(new QuotedPrintableInputStream(body, DecodeMonitor.SILENT), maxOctets);
                }
                default -> {
                    // 7bit, 8bit, binary, and encodings nobody knows: as it stands
                }
            }
        }
        int length = Math.min(part.sizeOctets(), maxOctets);
        return Arrays.copyOfRange(octets, part.bodyOffset(), part.bodyOffset() + length);
    }

    private static byte[] read(InputStream decoded, int maxOctets) {
        try (decoded) {
            return decoded.readNBytes(maxOctets);
        } catch (IOException e) {
            throw new AssertionError("decoding from memory, told to pass over what is wrong", e);
        }
    }

    private static String decode(byte[] content, String label) {
        var declared = Charsets.find(label);
        // A declared US-ASCII that holds more is as good as none declared.
        boolean guess = declared.isEmpty() || label.equals("us-ascii") || label.equals("ascii");
        return guess ? guessed(content) : without(new String(content, declared.get()));
    }

    private static String guessed(byte[] content) {
        try {
            return without(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString());
        } catch (CharacterCodingException e) {
            return new String(content, Charsets.find("iso-8859-1").orElse(StandardCharsets.ISO_8859_1));
        }
    }

    /// A byte order mark is no part of the text.
    private static String without(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static String tidy(String text) {
        var lines = text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n").replace('\r', '\n');
        var out = new StringBuilder(lines.length());
        int from = 0;
        for (int i = 0; i < lines.length(); i++) {
            char c = lines.charAt(i);
            if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                out.append(lines, from, i).append(c == '\f' ? ' ' : Text.REPLACEMENT);
                from = i + 1;
            }
        }
        return from == 0 ? lines : out.append(lines, from, lines.length()).toString();
    }
}
