package org.listserv.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// What the client sends, read only when somebody wants it: what nobody wants yet stays in the socket, and the client waits.
/// Command lines are taken whole, the octets of a message by whoever looks at [#buffer] between [#position] and [#limit].
final class ClientInput {

    /// A line of commands, or why there is none.
    sealed interface Line {
        /// @param octets with CRLF
        record Command(byte[] octets) implements Line {}

        /// It has been skipped; the next line can be read.
        record TooLong() implements Line {}

        /// CR or LF alone. What follows may be somebody's idea of a second message.
        record BareLineEnd() implements Line {}
    }

    /// Around each read that may have to wait for the client.
    interface Waiting {
        void before() throws IOException;

        void after() throws IOException;
    }

    /// A line longer than this is not a line.
    private static final int HOPELESS = 64 * 1024;

    private final Waiting waiting;
    private final byte[] buffer = new byte[8 * 1024];
    private InputStream in;
    private int position;
    private int limit;

    ClientInput(InputStream in, Waiting waiting) {
        this.in = in;
        this.waiting = waiting;
    }

    /// Whether the client has sent more than was asked of it so far.
    boolean isPending() throws IOException {
        return position < limit || in.available() > 0;
    }

    /// From here on the client speaks through `secured`.
    void replace(InputStream secured) {
        in = secured;
    }

    Line readLine(int maxOctets) throws IOException {
        int scanned = position;
        while (true) {
            for (; scanned < limit; scanned++) {
                if (buffer[scanned] == '\n') {
                    return take(scanned + 1, maxOctets);
                }
            }
            if (limit - position > maxOctets) {
                return skipLine();
            }
            scanned -= position;
            fill();
            scanned += position;
        }
    }

    private Line take(int end, int maxOctets) {
        int start = position;
        position = end;
        if (end - start > maxOctets) {
            return new Line.TooLong();
        }
        for (int at = start; at < end - 1; at++) {
            if (buffer[at] == '\r' && at < end - 2) {
                return new Line.BareLineEnd();
            }
        }
        return end - start >= 2 && buffer[end - 2] == '\r'
                ? new Line.Command(Arrays.copyOfRange(buffer, start, end))
                : new Line.BareLineEnd();
    }

    private Line skipLine() throws IOException {
        int skipped = 0;
        while (skipped < HOPELESS) {
            while (position < limit) {
                skipped++;
                if (buffer[position++] == '\n') {
                    return new Line.TooLong();
                }
            }
            fill();
        }
        return new Line.BareLineEnd();
    }

    /// Exactly so many octets.
    byte[] readOctets(int count) throws IOException {
        var octets = new byte[count];
        for (int read = 0; read < count;) {
            if (position == limit) {
                fill();
            }
            int take = Math.min(count - read, limit - position);
            System.arraycopy(buffer, position, octets, read, take);
            position += take;
            read += take;
        }
        return octets;
    }

    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    int limit() {
        return limit;
    }

    void consumeTo(int newPosition) {
        position = newPosition;
    }

    /// Waits for at least one more octet.
    ///
    /// @throws EOFException when the client has gone
    void fill() throws IOException {
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        waiting.before();
        int read = in.read(buffer, limit, buffer.length - limit);
        waiting.after();
        if (read < 0) {
            throw new EOFException("the client has gone");
        }
        limit += read;
    }
}
