package org.listserv.mail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/// The header section of a message (RFC 5322 §2.1), as offsets into its octets, so that a copy can be made by cutting and inserting
/// while every other octet stays as it was.
///
/// Any octets can be parsed, in one pass:
/// - Lines end with CRLF or LF; more CRs before an LF belong to the line end. Only where a message has no LF at all does CR end a line.
/// - Lines that are no field (no colon, a space or an 8-bit octet in the name, an mbox `From ` line) are passed over while fields follow.
/// - The section ends at the first empty line. Where lines before it are no fields and no field follows them, the empty line was forgotten
///   or the message has no header section: these lines already belong to the body.
///
/// A line of white space only continues the field before it (RFC 5322 §4.2).
public final class HeaderSection {
    private final Lines lines;
    private final byte[] message;
    private final int limit;
    /// Only where fields start: a hostile message has millions of them, and 4 octets each is what they may cost.
    private int[] starts = new int[32];
    private int count;
    private int end;
    private int bodyOffset;

    private HeaderSection(Lines lines, int from, int limit) {
        this.lines = lines;
        this.message = lines.octets;
        this.limit = limit;
        split(from);
    }

    /// @param message never written to again by anyone
    public static HeaderSection parse(byte[] message) {
        return new HeaderSection(new Lines(message), 0, message.length);
    }

    /// The header section of a part or an embedded message; offsets are those of the whole message.
    ///
    /// @param limit where the section ends at the latest
    static HeaderSection parse(Lines lines, int from, int limit) {
        return new HeaderSection(lines, from, limit);
    }

    /// All fields in order. Fields are made when they are asked for, so keep one rather than ask twice.
    public List<HeaderField> fields() {
        return new Fields();
    }

    public Optional<HeaderField> first(String name) {
        var octets = name.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < count; i++) {
            if (isNamed(starts[i], octets)) {
                return Optional.of(field(i));
            }
        }
        return Optional.empty();
    }

    public List<HeaderField> all(String name) {
        var octets = name.getBytes(StandardCharsets.US_ASCII);
        var found = new ArrayList<HeaderField>();
        for (int i = 0; i < count; i++) {
            if (isNamed(starts[i], octets)) {
                found.add(field(i));
            }
        }
        return List.copyOf(found);
    }

    /// Offset behind the last field, where the empty line stands if there is one: fields may be added here.
    public int end() {
        return end;
    }

    /// Offset of the first octet of the body; the length of the message when there is none.
    /// Equal to [#end()] when no empty line separates the two.
    public int bodyOffset() {
        return bodyOffset;
    }

    /// How lines end here, for lines that we add: that of the first line, CRLF when there is none.
    public String lineEnd() {
        return lines.lineEnd();
    }

    private void split(int from) {
        // `From  : x` is a field (RFC 5322 §4.5.3), `From x` a line of an mbox.
        int at = startsWith(from, "From ") && colon(from) < 0 || startsWith(from, ">From ") ? nextLine(from) : from;
        end = at;
        boolean inField = false;
        while (at < limit) {
            int next = nextLine(at);
            if (lines.isEmpty(at)) {
                bodyOffset = end == at ? next : end;
                return;
            }
            boolean continues = isSpace(message[at]);
            if (!continues) {
                inField = colon(at) >= 0;
                if (inField) {
                    addStart(at);
                }
            }
            if (inField) {
                end = next;
            }
            at = next;
        }
        bodyOffset = end;
    }

    private void addStart(int at) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
        }
        starts[count++] = at;
    }

    private HeaderField field(int index) {
        int start = starts[index];
        int colon = colon(start);
        int nameEnd = colon;
        while (isSpace(message[nameEnd - 1])) {
            nameEnd--;
        }
        int fieldEnd = nextLine(start);
        while (fieldEnd < limit && isSpace(message[fieldEnd])) {
            fieldEnd = nextLine(fieldEnd);
        }
        var name = new String(message, start, nameEnd - start, StandardCharsets.US_ASCII);
        return new HeaderField(name, start, fieldEnd, value(colon + 1, fieldEnd));
    }

    private boolean isNamed(int start, byte[] name) {
        int at = start;
        for (byte expected : name) {
            if (at == limit || lower(message[at]) != lower(expected)) {
                return false;
            }
            at++;
        }
        while (at < limit && isSpace(message[at])) {
            at++;
        }
        return at < limit && message[at] == ':';
    }

    /// Offset of the colon that ends the field name of the line, or -1 where there is no field name (RFC 5322 §2.2, §4.5 for space before the colon).
    private int colon(int line) {
        int at = line;
        while (at < limit && message[at] > ' ' && message[at] < 0x7f && message[at] != ':') {
            at++;
        }
        if (at == line) {
            return -1;
        }
        while (at < limit && isSpace(message[at])) {
            at++;
        }
        return at < limit && message[at] == ':' ? at : -1;
    }

    private int nextLine(int from) {
        return Math.min(limit, lines.next(from));
    }

    /// Line ends taken out, all else kept, then white space at both ends dropped.
    private String value(int from, int to) {
        int start = from;
        int stop = to;
        while (start < stop && isSpaceOrLineEnd(message[start])) {
            start++;
        }
        while (stop > start && isSpaceOrLineEnd(message[stop - 1])) {
            stop--;
        }
        var unfolded = new byte[stop - start];
        int length = 0;
        for (int i = start; i < stop; i++) {
            if (!isLineEnd(i)) {
                unfolded[length++] = message[i];
            }
        }
        return text(unfolded, length);
    }

    /// A CR that ends no line (anything but line ends and white space behind it) is content, however odd.
    private boolean isLineEnd(int at) {
        return message[at] == '\n' || message[at] == '\r' && (isSpaceOrLineEnd(message[at + 1]));
    }

    private static String text(byte[] octets, int length) {
        if (isAscii(octets, length)) {
            return new String(octets, 0, length, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, length)).toString();
        } catch (CharacterCodingException e) {
            return new String(octets, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    private static boolean isAscii(byte[] octets, int length) {
        for (int i = 0; i < length; i++) {
            if (octets[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private boolean startsWith(int at, String text) {
        var octets = text.getBytes(StandardCharsets.US_ASCII);
        return at + octets.length <= limit
                && Arrays.equals(message, at, at + octets.length, octets, 0, octets.length);
    }

    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private static boolean isSpaceOrLineEnd(byte octet) {
        return isSpace(octet) || octet == '\r' || octet == '\n';
    }

    private static int lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
    }

    private final class Fields extends AbstractList<HeaderField> implements RandomAccess {
        @Override
        public HeaderField get(int index) {
            if (index < 0 || index >= count) {
                throw new IndexOutOfBoundsException(index);
            }
            return field(index);
        }

        @Override
        public int size() {
            return count;
        }
    }
}
