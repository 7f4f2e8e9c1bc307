package org.listserv.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Stands between a PostgreSQL client and its server. It forwards octets, as they are, later by a fixed delay, or not at all; and it can
/// wait for one statement and strike at a named moment of it. So faults hit exact points of the program without any hook in the program.
///
/// What it watches must not be encrypted, and the client must send the text of its statements (`prepareThreshold=0`).
final class FaultProxy implements AutoCloseable {

    /// When a fault strikes.
    enum Moment {
        /// The statement was sent and has not reached the server.
        BEFORE,
        /// The statement has reached the server, which is working on it.
        WITHIN,
        /// The server has committed and said so, and its client has not read it.
        AFTER,
        /// The server has executed the statement, and the message that ends the transaction was not sent.
        UNFINISHED
    }

    /// One blow. It falls once.
    ///
    /// @param statement found in the statement's text
    /// @param skip      occurrences let through first
    /// @param action    done at the moment; answers whether the connection lives on
    record Fault(Pattern statement, Moment moment, int skip, Action action) {}

    @FunctionalInterface
    interface Action {
        /// @return false: both ends of this connection are cut, and what was held back never arrives
        boolean strike() throws InterruptedException;
    }

    private static final int CHUNK = 1 << 16;

    private final int upstream;
    private final Duration delay;
    private final ServerSocket server;
    private final Gate gate = new Gate();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Armed> armed = new AtomicReference<>();

    private static final class Armed {
        final Fault fault;
        final CountDownLatch struck = new CountDownLatch(1);
        int left;

        Armed(Fault fault) {
            this.fault = fault;
            this.left = fault.skip();
        }
    }

    private FaultProxy(int upstream, Duration delay) throws IOException {
        this.upstream = upstream;
        this.delay = delay;
        this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    }

    /// @param delay in each direction; zero: none, and statements are watched
    static FaultProxy start(int upstreamPort, Duration delay) {
        try {
            var proxy = new FaultProxy(upstreamPort, delay);
            Thread.ofPlatform().name("proxy").daemon().start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getLocalPort();
    }

    /// Waits for the statement. A fault that has not struck yet is replaced.
    ///
    /// @return answers whether it struck within the time given, and disarms it in any case
    Strike arm(Fault fault) {
        var waiting = new Armed(fault);
        armed.set(waiting);
        return longest -> {
            var struck = waiting.struck.await(longest.toMillis(), TimeUnit.MILLISECONDS);
            return !armed.compareAndSet(waiting, null) && (struck || waiting.struck.await(10, TimeUnit.SECONDS));
        };
    }

    @FunctionalInterface
    interface Strike {
        boolean within(Duration longest) throws InterruptedException;
    }

    /// Nothing passes, in either direction, until [#release()]; connections stay open.
    void hold() {
        gate.close();
    }

    void release() {
        gate.open();
    }

    /// Ends all connections. New ones may come.
    void cut() {
        links.forEach(Link::close);
    }

    @Override
    public void close() {
        gate.open();
        cut();
        closeQuietly(server);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var client = server.accept();
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void connect(Socket client) {
        try {
            gate.pass();
            var socket = new Socket();
            socket.connect(new InetSocketAddress("127.0.0.1", upstream), 3_000);
            var link = new Link(client, socket);
            links.add(link);
            link.start();
        } catch (IOException e) {
            closeQuietly(client);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closeQuietly(client);
        }
    }

    private static void closeQuietly(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            // it is gone
        }
    }

    private interface Direction {
        void run() throws IOException, InterruptedException;
    }

    /// One client's connection and ours to the server.
    private final class Link {
        private final Socket client;
        private final Socket server;
        /// A statement whose answer is awaited; set before the statement is forwarded.
        private volatile @Nullable Armed awaited;

        Link(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        }

        void start() {
            if (delay.isZero()) {
                run(this::statements);
                run(this::answers);
            } else {
                run(() -> later(client.getInputStream(), server.getOutputStream()));
                run(() -> later(server.getInputStream(), client.getOutputStream()));
            }
        }

        private void run(Direction direction) {
            Thread.ofVirtual().start(() -> {
                try {
                    direction.run();
                } catch (IOException e) {
                    // one end closed: so do we
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    close();
                }
            });
        }

        void close() {
            links.remove(this);
            closeQuietly(client);
            closeQuietly(server);
        }

        // --- delayed octets ----------------------------------------------------------------------------------------

        private record Piece(long due, byte[] octets) {}

        /// Reading and writing are two threads, so that a delay takes nothing from the throughput.
        private void later(InputStream in, OutputStream out) throws IOException, InterruptedException {
            var pieces = new LinkedBlockingQueue<Piece>(10_000);
            run(() -> {
                while (true) {
                    var piece = pieces.take();
                    if (piece.octets().length == 0) {
                        return;
                    }
                    var left = piece.due() - System.nanoTime();
                    if (left > 0) {
                        TimeUnit.NANOSECONDS.sleep(left);
                    }
                    gate.pass();
                    out.write(piece.octets());
                }
            });
            var chunk = new byte[CHUNK];
            for (var n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                pieces.put(new Piece(System.nanoTime() + delay.toNanos(), Arrays.copyOf(chunk, n)));
            }
            pieces.put(new Piece(0, new byte[0]));
            TimeUnit.NANOSECONDS.sleep(2 * delay.toNanos());    // what is on its way arrives
        }

        // --- watched messages: https://www.postgresql.org/docs/current/protocol-message-formats.html ----------------

        private void statements() throws IOException, InterruptedException {
            var in = new DataInputStream(new BufferedInputStream(client.getInputStream(), CHUNK));
            var out = new DataOutputStream(new BufferedOutputStream(server.getOutputStream(), CHUNK));
            forward(in, out, in.readInt());    // the startup message has no type
            out.flush();
            Armed unfinished = null;
            while (true) {
                var type = in.read();
                if (type < 0) {
                    return;
                }
                var length = in.readInt();
                Armed hit = null;
                byte[] payload = null;
                if (type == 'P' || type == 'Q') {
                    payload = in.readNBytes(length - 4);
                    hit = hit(payload);
                }
                if (hit != null && hit.fault.moment() == Moment.BEFORE && !strike(hit)) {
                    return;
                }
                if (hit != null && hit.fault.moment() == Moment.AFTER) {
                    awaited = hit;
                }
                unfinished = hit != null && hit.fault.moment() == Moment.UNFINISHED ? hit : unfinished;
                if (type == 'S' && unfinished != null) {
                    out.flush();
                    if (!strike(unfinished)) {
                        return;
                    }
                    unfinished = null;
                }
                gate.pass();
                out.write(type);
                if (payload == null) {
                    forward(in, out, length);
                } else {
                    out.writeInt(length);
                    out.write(payload);
                }
                if (hit != null && hit.fault.moment() == Moment.WITHIN) {
                    forwardToSync(in, out);
                    if (!strike(hit)) {
                        return;
                    }
                } else if (in.available() == 0 || unfinished != null) {
                    out.flush();
                }
            }
        }

        /// The rest of an extended query, so that the server has all it needs to commit.
        private void forwardToSync(DataInputStream in, DataOutputStream out) throws IOException {
            int type;
            do {
                type = in.readByte();
                out.write(type);
                forward(in, out, in.readInt());
            } while (type != 'S');
            out.flush();
        }

        private void answers() throws IOException, InterruptedException {
            var in = new DataInputStream(new BufferedInputStream(server.getInputStream(), CHUNK));
            var out = new DataOutputStream(new BufferedOutputStream(client.getOutputStream(), CHUNK));
            while (true) {
                var type = in.read();
                if (type < 0) {
                    return;
                }
                var length = in.readInt();
                var held = awaited;
                if (held != null) {
                    // Held back until the server is ready for the next one: then the transaction has ended.
                    var kept = new java.io.ByteArrayOutputStream();
                    var keep = new DataOutputStream(kept);
                    while (true) {
                        keep.write(type);
                        forward(in, keep, length);
                        if (type == 'Z') {
                            break;
                        }
                        type = in.readByte();
                        length = in.readInt();
                    }
                    awaited = null;
                    if (!strike(held)) {
                        return;
                    }
                    gate.pass();
                    kept.writeTo(out);
                    out.flush();
                    continue;
                }
                gate.pass();
                out.write(type);
                forward(in, out, length);
                if (in.available() == 0) {
                    out.flush();
                }
            }
        }

        /// The length and what it counts; it counts itself.
        private static void forward(DataInputStream in, DataOutputStream out, int length) throws IOException {
            out.writeInt(length);
            var left = length - 4;
            var chunk = new byte[Math.min(Math.max(left, 0), CHUNK)];
            while (left > 0) {
                var n = in.read(chunk, 0, Math.min(left, chunk.length));
                if (n < 0) {
                    throw new java.io.EOFException();
                }
                out.write(chunk, 0, n);
                left -= n;
            }
        }

        private @Nullable Armed hit(byte[] payload) {
            var waiting = armed.get();
            if (waiting == null || !waiting.fault.statement().matcher(new String(payload, StandardCharsets.UTF_8)).find()) {
                return null;
            }
            synchronized (waiting) {
                if (waiting.left-- > 0) {
                    return null;
                }
            }
            return armed.compareAndSet(waiting, null) ? waiting : null;
        }

        private static boolean strike(Armed hit) throws InterruptedException {
            try {
                return hit.fault.action().strike();
            } finally {
                hit.struck.countDown();
            }
        }
    }
}
