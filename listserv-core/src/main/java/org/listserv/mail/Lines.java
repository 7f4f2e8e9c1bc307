package org.listserv.mail;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/// Where lines end in a message: at CRLF or LF, more CRs before an LF included. Only where there is no LF at all, CR ends a line.
final class Lines {
    private static final String CRLF = "\r\n";
    /// A boundary has 70 characters (RFC 2046 §5.1.1), no field of which more than this is read: what is longer is no delimiter.
    private static final int MAX_DELIMITER = ContentType.MAX_READ;

    final byte[] octets;
    private final byte last;
    private final String name;

    Lines(byte[] octets) {
        this.octets = octets;
        int lf = indexOf((byte) '\n', 0);
        int cr = lf < 0 ? indexOf((byte) '\r', 0) : -1;
        last = (byte) (cr >= 0 ? '\r' : '\n');
        name = lf < 0 ? cr < 0 ? CRLF : "\r" : lf > 0 && octets[lf - 1] == '\r' ? CRLF : "\n";
    }

    /// How the first line ends, CRLF when there is no line end.
    String lineEnd() {
        return name;
    }

    /// Offset behind the line end of the line that starts at `from` (or of the message).
    int next(int from) {
        int at = indexOf(last, from);
        return at < 0 ? octets.length : at + 1;
    }

    boolean isEmpty(int line) {
        int i = line;
        while (last == '\n' && i < octets.length && octets[i] == '\r') {
            i++;
        }
        return i < octets.length && octets[i] == last;
    }

    /// Offset where the one line end before a line starts: in front of a delimiter line it belongs to the delimiter (RFC 2046 §5.1.1).
    int before(int line, int notBefore) {
        int at = line;
        if (at > notBefore && octets[at - 1] == last) {
            at--;
            if (at > notBefore && last == '\n' && octets[at - 1] == '\r') {
                at--;
            }
        }
        return at;
    }

    /// What follows the two hyphens of a line that may be a delimiter, without white space at its end; null for any other line.
    @Nullable
    String dashed(int line) {
        if (line + 2 >= octets.length || octets[line] != '-' || octets[line + 1] != '-') {
            return null;
        }
        int end = line + 2;
        while (end < octets.length && octets[end] != last) {
            if (++end - line > MAX_DELIMITER) {
                return null;
            }
        }
        while (end > line + 2 && octets[end - 1] <= ' ' && octets[end - 1] >= 0) {
            end--;
        }
        return new String(octets, line + 2, end - line - 2, StandardCharsets.ISO_8859_1);
    }

    private int indexOf(byte wanted, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
