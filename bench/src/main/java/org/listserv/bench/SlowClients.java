package org.listserv.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Many connections to one node, each of which sends or takes an octet a second.
final class SlowClients implements AutoCloseable {

    enum Kind {
        /// An HTTP request whose header section never ends.
        HEADER("header sections of an octet a second"),
        /// An HTTP request for a large answer.
        READER("readers of an octet a second"),
        /// A line of SMTP that never ends.
        SENDER("senders of mail of an octet a second");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /// Less than any answer: what the kernel keeps for a slow reader counts as taken.
    private static final int RECEIVE_BUFFER = 2_048;

    private final Node node;
    private final Kind kind;
    private final String path;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private SlowClients(Kind kind, Node node, String path) {
        this.kind = kind;
        this.node = node;
        this.path = path;
    }

    /// @param path what readers ask for
    static SlowClients start(Kind kind, Node node, String path, int clients) {
        var all = new SlowClients(kind, node, path);
        for (int i = 0; i < clients; i++) {
            int number = i;
            all.threads.add(Thread.ofVirtual().start(() -> all.run(number)));
        }
        return all;
    }

    /// How many there are or were.
    int connected() {
        return connected.get();
    }

    /// How many the node has had enough of.
    int ended() {
        return ended.get();
    }

    /// Does the node greet a client from this address?
    boolean greeted(String from) throws IOException {
        try (var socket = new Socket()) {
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(node.smtp(), 5_000);
            socket.setSoTimeout(5_000);
            return new String(socket.getInputStream().readNBytes(3), StandardCharsets.US_ASCII).equals("220");
        }
    }

    private void run(int number) {
        try (var socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setReceiveBufferSize(RECEIVE_BUFFER);
            var web = URI.create(node.web());
            socket.connect(kind == Kind.SENDER ? node.smtp() : new InetSocketAddress(web.getHost(), web.getPort()), 20_000);
            connected.incrementAndGet();
            switch (kind) {
                // Each is another client, as far as the node knows.
                case HEADER -> trickle(socket, "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nX: ".formatted(address(number)));
                case READER -> {
                    socket.getOutputStream()
                            .write("GET %s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\n\r\n".formatted(path, address(number))
                                    .getBytes(StandardCharsets.US_ASCII));
                    sip(socket.getInputStream());
                }
                case SENDER -> trickle(socket, "EHLO ");
            }
            ended.incrementAndGet();
        } catch (IOException e) {
            ended.incrementAndGet(); // reset is an end too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String address(int number) {
        return "198.18.%d.%d".formatted(number / 250, number % 250 + 1);
    }

    private static void trickle(Socket socket, String beginning) throws IOException, InterruptedException {
        var out = socket.getOutputStream();
        out.write(beginning.getBytes(StandardCharsets.US_ASCII));
        while (true) {
            TimeUnit.SECONDS.sleep(1);
            out.write('x');
            out.flush();
        }
    }

    private static void sip(InputStream in) throws IOException, InterruptedException {
        while (in.read() >= 0) {
            TimeUnit.SECONDS.sleep(1);
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        for (var thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
