package org.listserv.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A cable between us and the database that can be cut: open connections die, new ones are dropped at once.
public final class Wire implements AutoCloseable {
    private final DatabaseSettings beyond;
    private final ServerSocket door;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    public Wire(DatabaseSettings beyond) {
        this.beyond = beyond;
        try {
            this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("wire").start(this::accept);
    }

    /// The same database through this wire.
    public DatabaseSettings settings() {
        var at = address();
        var query = at.getRawQuery() == null ? "" : "?" + at.getRawQuery();
        return new DatabaseSettings("jdbc:postgresql://127.0.0.1:" + door.getLocalPort() + at.getRawPath() + query, beyond.user(),
                beyond.password());
    }

    public void cut() {
        cut = true;
        open.forEach(Wire::close);
    }

    public void mend() {
        cut = false;
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(Wire::close);
    }

    private URI address() {
        return URI.create(beyond.url().substring("jdbc:".length()));
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                var near = door.accept();
                if (cut) {
                    near.close();
                    continue;
                }
                var at = address();
                var far = new Socket(at.getHost(), at.getPort() < 0 ? 5432 : at.getPort());
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                open.add(near);
                open.add(far);
                Thread.ofVirtual().start(() -> pump(near, far));
                Thread.ofVirtual().start(() -> pump(far, near));
            } catch (IOException e) {
                if (!door.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void pump(Socket from, Socket to) {
        try (from; to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            return; // cut
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
