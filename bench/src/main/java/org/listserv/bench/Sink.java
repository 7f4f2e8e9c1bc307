package org.listserv.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/// The relay of a run: an SMTP server that takes every message and tells what it took before it answers 250.
final class Sink implements AutoCloseable {

    /// @param octets as the relay got them, doubled dots undone
    record Taken(String reversePath, List<String> forwardPaths, byte[] octets) {}

    @FunctionalInterface
    interface Taker {
        void take(Taken message);
    }

    /// How it behaves; asked at each step of a session. The default takes everything at once.
    interface Manners {
        Manners GOOD = new Manners() {};

        /// Before each reply, the greeting included: here it may be slow, or hang.
        default void beforeReply() throws InterruptedException {}

        /// @return the whole reply to RCPT, without its line end; empty: taken
        default Optional<String> toRecipient(String forwardPath) {
            return Optional.empty();
        }

        /// @return whether it goes away after the final dot, without having taken the message
        default boolean dropsAfterDot(List<String> forwardPaths) {
            return false;
        }
    }

    private static final byte[] GREETING = ascii("220 sink.example ESMTP\r\n");
    private static final byte[] CAPABILITIES = ascii(
            "250-sink.example\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                    + "250 ENHANCEDSTATUSCODES\r\n");
    private static final byte[] OK = ascii("250 2.0.0 ok\r\n");
    private static final byte[] GO_AHEAD = ascii("354 go ahead\r\n");
    private static final byte[] BYE = ascii("221 2.0.0 bye\r\n");
    private static final byte[] WHAT = ascii("502 5.5.2 not here\r\n");
    private static final byte[] NOBODY = ascii("554 5.5.1 no recipients\r\n");

    private final ServerSocket server;
    private final Taker taker;
    private final Manners manners;
    private final Set<Socket> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicLong copies = new AtomicLong();

    private Sink(InetSocketAddress address, Taker taker, Manners manners) throws IOException {
        this.taker = taker;
        this.manners = manners;
        this.server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address, 500);
    }

    static Sink start(Taker taker) {
        return start(0, taker);
    }

    static Sink start(int port, Taker taker) {
        return start(port, taker, Manners.GOOD);
    }

    static Sink start(int port, Taker taker, Manners manners) {
        return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), taker, manners);
    }

    static Sink start(InetSocketAddress address, Taker taker) {
        return start(address, taker, Manners.GOOD);
    }

    private static Sink start(InetSocketAddress address, Taker taker, Manners manners) {
        try {
            var sink = new Sink(address, taker, manners);
            Thread.ofPlatform().name("sink").daemon().start(sink::accept);
            return sink;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getLocalPort();
    }

    /// Recipients taken so far.
    long copies() {
        return copies.get();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (var session : sessions) {
                session.close();
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var session = server.accept();
                sessions.add(session);
                Thread.ofVirtual().start(() -> serve(session));
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            serve(new BufferedInputStream(socket.getInputStream(), 1 << 16), socket.getOutputStream());
        } catch (IOException e) {
            // the node went away; what was not answered was not taken
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sessions.remove(socket);
        }
    }

    private void serve(InputStream in, OutputStream out) throws IOException, InterruptedException {
        manners.beforeReply();
        out.write(GREETING);
        var replies = new ByteArrayOutputStream();
        var from = "";
        var to = new ArrayList<String>();
        while (true) {
            var line = line(in);
            if (line == null) {
                return;
            }
            manners.beforeReply();
            var verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
            switch (verb) {
                case "EHLO" -> replies.writeBytes(CAPABILITIES);
                case "HELO", "RSET", "NOOP" -> {
                    to.clear();
                    replies.writeBytes(OK);
                }
                case "MAIL" -> {
                    from = path(line);
                    to.clear();
                    replies.writeBytes(OK);
                }
                case "RCPT" -> {
                    var refusal = manners.toRecipient(path(line));
                    if (refusal.isEmpty()) {
                        to.add(path(line));
                    }
                    replies.writeBytes(refusal.map(reply -> ascii(reply + "\r\n")).orElse(OK));
                }
                case "DATA" -> {
                    if (to.isEmpty()) {
                        replies.writeBytes(NOBODY);
                        break;
                    }
                    replies.writeBytes(GO_AHEAD);
                    flush(replies, out);
                    var octets = content(in);
                    manners.beforeReply();
                    if (manners.dropsAfterDot(to)) {
                        return;
                    }
                    taker.take(new Taken(from, List.copyOf(to), octets));
                    copies.addAndGet(to.size());
                    to.clear();
                    replies.writeBytes(OK);
                }
                case "QUIT" -> {
                    replies.writeBytes(BYE);
                    flush(replies, out);
                    return;
                }
                default -> replies.writeBytes(WHAT);
            }
            if (in.available() == 0) {
                flush(replies, out);
            }
        }
    }

    private static void flush(ByteArrayOutputStream replies, OutputStream out) throws IOException {
        if (replies.size() > 0) {
            out.write(replies.toByteArray());
            out.flush();
            replies.reset();
        }
    }

    private static String path(String line) {
        var open = line.indexOf('<');
        var close = line.lastIndexOf('>');
        return open < 0 || close < open ? line : line.substring(open + 1, close);
    }

    private static @Nullable String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream(80);
        for (var octet = in.read(); octet >= 0; octet = in.read()) {
            if (octet == '\n') {
                return line.toString(StandardCharsets.UTF_8).stripTrailing();
            }
            line.write(octet);
        }
        return null;
    }

    /// Up to CRLF `.` CRLF and nothing else. Our own program must never send a CR or an LF alone: where it does, the run shows it as an
    /// octet that differs.
    private static byte[] content(InputStream in) throws IOException {
        var octets = new ByteArrayOutputStream(8192);
        var line = new ByteArrayOutputStream(1024);
        var last = 0;
        for (var octet = in.read(); octet >= 0; last = octet, octet = in.read()) {
            line.write(octet);
            if (octet == '\n' && last == '\r') {
                var whole = line.toByteArray();
                line.reset();
                if (whole.length == 3 && whole[0] == '.') {
                    return octets.toByteArray();
                }
                var from = whole[0] == '.' ? 1 : 0;
                octets.write(whole, from, whole.length - from);
            }
        }
        throw new IOException("ended inside a message");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
