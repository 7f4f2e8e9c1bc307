package org.listserv.delivery;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// The octets of a message as they go over the wire after DATA: made once for an outgoing, shared by all its copies and never changed.
///
/// Whatever comes in, what goes out is lines that end in CRLF, with no CR or LF anywhere else (RFC 5321 §2.3.8), a leading dot doubled
/// (§4.5.2). So no octets of a message can end DATA early at any relay, however it reads line ends.
/// Lines are read as [org.listserv.mail.HeaderSection] reads them, so that what was judged is what is sent:
/// - CRLF and LF end a line, and more CRs before the LF belong to the line end;
/// - in a message without any LF, CR ends a line;
/// - any other CR becomes a space, as Postfix does it: a line end there would make two header fields of one.
///
/// A message that is already right is not copied. 8-bit octets, NULs and long lines stay as they are.
public final class WireMessage {
    private static final AtomicLong ORIGINS = new AtomicLong();

    private final List<byte[]> lines;
    private final long size;
    private final boolean eightBit;
    private final long origin;

    private WireMessage(List<byte[]> lines, long size, boolean eightBit, long origin) {
        this.lines = lines;
        this.size = size;
        this.eightBit = eightBit;
        this.origin = origin;
    }

    /// @param parts together the message; cuts may be anywhere, also inside a line end. Nobody writes to them afterwards.
    public static WireMessage of(byte[]... parts) {
        var whole = parts.length == 1 ? parts[0] : join(parts);
        var lines = Lines.of(whole, !has(whole, '\n'));
        return new WireMessage(List.of(lines.wire), lines.size, lines.eightBit, ORIGINS.incrementAndGet());
    }

    /// A message of which some lines differ from copy to copy.
    ///
    /// @param shared the parts between those lines, whole lines each, possibly empty; for n places n + 1 parts
    public static Template template(List<byte[]> shared) {
        return new Template(shared);
    }

    /// As SIZE counts: CRLFs included, doubled dots and the final one not (RFC 1870 §6.1).
    public long size() {
        return size;
    }

    /// Has octets above 127.
    public boolean eightBit() {
        return eightBit;
    }

    /// The same for all copies of an outgoing, personal lines or not, and for no other.
    long origin() {
        return origin;
    }

    /// What to write after the 354, in order; the final dot comes after it.
    List<byte[]> lines() {
        return lines;
    }

    /// See [#template(List)]. Only the personal lines are looked at per copy.
    public static final class Template {
        private final Lines[] shared;
        private final boolean crEndsLines;
        private final long origin = ORIGINS.incrementAndGet();

        private Template(List<byte[]> parts) {
            crEndsLines = parts.stream().noneMatch(part -> has(part, '\n'));
            shared = parts.stream().map(part -> Lines.of(part, crEndsLines)).toArray(Lines[]::new);
        }

        /// @param personal whole lines for each place in order; a missing line end is added
        public WireMessage with(byte[]... personal) {
            if (personal.length != shared.length - 1) {
                throw new IllegalArgumentException(personal.length + " personal parts for " + (shared.length - 1) + " places");
            }
            var pieces = new byte[shared.length + personal.length][];
            long size = 0;
            boolean eightBit = false;
            for (int i = 0; i < pieces.length; i++) {
                var lines = i % 2 == 0 ? shared[i / 2] : Lines.of(personal[i / 2], crEndsLines);
                pieces[i] = lines.wire;
                size += lines.size;
                eightBit |= lines.eightBit;
            }
            return new WireMessage(List.of(pieces), size, eightBit, origin);
        }
    }

    /// Whole lines in their wire form.
    ///
    /// @param size without doubled dots
    private record Lines(byte[] wire, long size, boolean eightBit) {
        static Lines of(byte[] octets, boolean crEndsLines) {
            boolean eightBit = false;
            int lineEnds = 0;
            for (byte octet : octets) {
                eightBit |= octet < 0;
                lineEnds += octet == '\n' || octet == '\r' ? 1 : 0;
            }
            if (isWire(octets)) {
                return new Lines(octets, octets.length, eightBit);
            }
            // Each line end may bring one octet more, and a dot after it; so may the first line and the end.
            var wire = new byte[Math.toIntExact(octets.length + 2L * lineEnds + 3)];
            int length = 0;
            int dots = 0;
            boolean lineStart = true;
            for (int i = 0; i < octets.length; i++) {
                byte octet = octets[i];
                if (octet == '.' && lineStart) {
                    wire[length++] = '.';
                    dots++;
                }
                lineStart = octet == '\n' || octet == '\r';
                if (!lineStart) {
                    wire[length++] = octet;
                    continue;
                }
                int next = i + 1;
                if (octet == '\r' && !crEndsLines) {
                    while (next < octets.length && octets[next] == '\r') {
                        next++;
                    }
                    if (next < octets.length && octets[next] != '\n') {
                        Arrays.fill(wire, length, length + next - i, (byte) ' ');
                        length += next - i;
                        i = next - 1;
                        lineStart = false;
                        continue;
                    }
                    i = Math.min(next, octets.length - 1);
                }
                wire[length++] = '\r';
                wire[length++] = '\n';
            }
            if (!lineStart) {
                wire[length++] = '\r';
                wire[length++] = '\n';
            }
            return new Lines(Arrays.copyOf(wire, length), (long) length - dots, eightBit);
        }

        private static boolean isWire(byte[] octets) {
            boolean lineStart = true;
            for (int i = 0; i < octets.length; i++) {
                byte octet = octets[i];
                if (octet == '\r') {
                    if (i + 1 == octets.length || octets[++i] != '\n') {
                        return false;
                    }
                    lineStart = true;
                } else if (octet == '\n' || octet == '.' && lineStart) {
                    return false;
                } else {
                    lineStart = false;
                }
            }
            return lineStart;
        }
    }

    private static byte[] join(byte[][] parts) {
        var whole = new byte[Math.toIntExact(Arrays.stream(parts).mapToLong(part -> part.length).sum())];
        int at = 0;
        for (var part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    private static boolean has(byte[] octets, char wanted) {
        for (byte octet : octets) {
            if (octet == wanted) {
                return true;
            }
        }
        return false;
    }
}
