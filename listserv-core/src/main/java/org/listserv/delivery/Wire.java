package org.listserv.delivery;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

import org.listserv.mail.Reply;

/// Octets to a relay and replies from it, over TCP or TLS. Belongs to one thread at a time; only [#expire()] and [#cut()] may come from others.
///
/// What is put is gathered and leaves in one write per [#flush()], without Nagle's delay: a small write that waits for the acknowledgement
/// of the one before costs 40 ms. Every wait has a deadline. The sockets' own time-outs do not do: they start anew with every octet a slow
/// peer sends, and there is none for writing. So a [Watch] closes what is overdue, which wakes whoever waits on it.
final class Wire {
    /// Room for a usual message and the commands of the next, so that they leave together.
    private static final int BUFFER = 32 * 1024;
    /// The largest write the JDK hands to the system in one piece.
    private static final int BLOCK = 128 * 1024;
    /// RFC 5321 §4.5.3.1.5 says 512; some greet at length.
    private static final int LONGEST_LINE = 4 * 1024;
    private static final int MOST_LINES = 200;
    private static final long NEVER = Long.MAX_VALUE;

    private final Socket socket;
    private final Duration block;
    private InputStream in;
    private OutputStream out;

    private final byte[] written = new byte[BUFFER];
    private int writtenLength;

    private final byte[] read = new byte[LONGEST_LINE];
    private int readStart;
    private int readEnd;

    private final List<String> earlierLines = new ArrayList<>();
    private int lineStart;
    private int lineEnd;
    private byte[] knownLine = {};
    private @Nullable Reply knownReply;

    private volatile long deadline = NEVER;
    private volatile @Nullable Duration expired;
    private Duration allowed = Duration.ZERO;

    private Wire(Socket socket, Duration block) throws IOException {
        this.socket = socket;
        this.block = block;
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /// Tries each address of the host in turn.
    static Wire connect(HostPort peer, Duration connect, Duration block) throws IOException {
        IOException failure = null;
        for (var address : InetAddress.getAllByName(peer.host())) {
            var socket = new Socket();
            try {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                // A host that dies while a reply is awaited says nothing; its copies must not wait the 10 minutes a slow one is given.
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 20);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 4);
                socket.connect(new InetSocketAddress(address, peer.port()), Math.toIntExact(connect.toMillis()));
                return new Wire(socket, block);
            } catch (IOException e) {
                socket.close();
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        throw failure == null ? new IOException("no address") : failure;
    }

    /// From here on all is encrypted. Octets that came in clear behind the answer to STARTTLS were put there by someone else (CVE-2011-0411).
    void encrypt(Starttls tls, HostPort peer, Duration handshake) throws IOException {
        if (readStart < readEnd) {
            throw new IOException("octets in clear after the answer to STARTTLS");
        }
        await(handshake);
        try {
            var encrypted = tls.handshake(socket, peer);
            in = encrypted.getInputStream();
            out = encrypted.getOutputStream();
        } catch (IOException e) {
            throw orTimeout(e);
        } finally {
            deadline = NEVER;
        }
    }

    void put(byte[] octets) throws IOException {
        int at = 0;
        while (octets.length - at > BUFFER - writtenLength) {
            if (writtenLength > 0) {
                int part = BUFFER - writtenLength;
                System.arraycopy(octets, at, written, writtenLength, part);
                writtenLength = BUFFER;
                at += part;
                flush();
            } else {
                int part = Math.min(BLOCK, octets.length - at);
                write(octets, at, part);
                at += part;
            }
        }
        System.arraycopy(octets, at, written, writtenLength, octets.length - at);
        writtenLength += octets.length - at;
    }

    void put(String text) throws IOException {
        int length = text.length();
        if (length > BUFFER - writtenLength) {
            put(text.getBytes(StandardCharsets.UTF_8));
            return;
        }
        int at = writtenLength;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                put(text.getBytes(StandardCharsets.UTF_8));
                return;
            }
            written[at++] = (byte) c;
        }
        writtenLength = at;
    }

    void flush() throws IOException {
        if (writtenLength > 0) {
            int length = writtenLength;
            writtenLength = 0;
            write(written, 0, length);
        }
    }

    private void write(byte[] octets, int from, int length) throws IOException {
        await(block);
        try {
            out.write(octets, from, length);
        } catch (IOException e) {
            throw orTimeout(e);
        }
        deadline = NEVER;
    }

    /// Waits for a whole reply.
    ///
    /// @return its code; [#reply()] has the rest until the next one is read
    int readCode(Duration within) throws IOException {
        await(within);
        try {
            earlierLines.clear();
            while (true) {
                readLine();
                int code = code();
                if (lineEnd - lineStart < 4 || read[lineStart + 3] != '-') {
                    return code;
                }
                if (earlierLines.size() == MOST_LINES) {
                    throw new IOException("a reply of more than " + MOST_LINES + " lines");
                }
                earlierLines.add(line());
            }
        } catch (IOException e) {
            throw orTimeout(e);
        } finally {
            deadline = NEVER;
        }
    }

    /// The reply read last.
    Reply reply() {
        if (!earlierLines.isEmpty()) {
            var lines = new ArrayList<>(earlierLines);
            lines.add(line());
            return Reply.parse(lines);
        }
        // Many relays say the same after every message; reading that once is enough.
        var known = knownReply;
        if (known == null || !Arrays.equals(knownLine, 0, knownLine.length, read, lineStart, lineEnd)) {
            known = Reply.parse(List.of(line()));
            knownReply = known;
            knownLine = Arrays.copyOfRange(read, lineStart, lineEnd);
        }
        return known;
    }

    /// The texts of a reply's lines but the first, as the keywords of EHLO stand there.
    List<String> furtherTexts() {
        var lines = new ArrayList<>(earlierLines);
        lines.add(line());
        return lines.stream().skip(1).map(line -> line.length() > 4 ? line.substring(4) : "").toList();
    }

    private String line() {
        return new String(read, lineStart, lineEnd - lineStart, StandardCharsets.UTF_8);
    }

    private int code() throws IOException {
        int code = 0;
        for (int i = 0; i < 3; i++) {
            int digit = lineStart + i < lineEnd ? read[lineStart + i] - '0' : -1;
            if (digit < 0 || digit > 9) {
                throw new IOException("no SMTP reply: " + excerpt());
            }
            code = 10 * code + digit;
        }
        if (code < 200 || code > 599 || lineEnd - lineStart > 3 && read[lineStart + 3] != ' ' && read[lineStart + 3] != '-') {
            throw new IOException("no SMTP reply: " + excerpt());
        }
        return code;
    }

    private String excerpt() {
        var line = line();
        return "\"" + line.substring(0, Math.min(80, line.length())).replaceAll("\\p{Cntrl}", "?") + "\"";
    }

    private void readLine() throws IOException {
        int at = readStart;
        while (true) {
            while (at < readEnd) {
                if (read[at++] == '\n') {
                    lineStart = readStart;
                    lineEnd = at - 1 > lineStart && read[at - 2] == '\r' ? at - 2 : at - 1;
                    readStart = at;
                    return;
                }
            }
            if (readStart > 0) {
                System.arraycopy(read, readStart, read, 0, readEnd - readStart);
                readEnd -= readStart;
                at -= readStart;
                readStart = 0;
            }
            if (readEnd == read.length) {
                throw new IOException("a reply line of more than " + LONGEST_LINE + " octets");
            }
            int count = in.read(read, readEnd, read.length - readEnd);
            if (count < 0) {
                throw new EOFException("the relay closed the connection");
            }
            readEnd += count;
        }
    }

    private void await(Duration within) {
        allowed = within;
        deadline = System.nanoTime() + within.toNanos();
    }

    private IOException orTimeout(IOException e) {
        var limit = expired;
        if (limit == null) {
            return e;
        }
        var timeout = new SocketTimeoutException(
                "no answer within " + (limit.toSeconds() > 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms"));
        timeout.initCause(e);
        return timeout;
    }

    /// For the watch: is someone waiting here longer than allowed?
    boolean isOverdue(long nanoTime) {
        long until = deadline;
        return until != NEVER && nanoTime - until > 0;
    }

    /// For the watch: ends a wait that took too long.
    void expire() {
        expired = allowed;
        cut();
    }

    /// Ends the connection at once. What the system has not sent yet is not sent, and whoever waits here wakes up.
    /// The TCP socket is closed below TLS, whose farewell could block.
    void cut() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already, by the peer or by another thread.
        }
        close();
    }

    /// Ends the connection in order.
    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way, and nobody waits for anything on it.
        }
    }
}
