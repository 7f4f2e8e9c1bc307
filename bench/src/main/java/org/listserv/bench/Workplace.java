package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/// One run's folder, and everything that must end with the run: processes, sockets, threads. Ended in reverse order, also by Ctrl-C.
/// The folder stays when the run failed, so that its logs can be read.
final class Workplace implements AutoCloseable {

    private final Path folder;
    private final Instant began = Instant.now();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean keep;
    private boolean closed;

    private Workplace(Path folder) {
        this.folder = folder;
    }

    /// On a real disk: what a commit costs is part of what is measured.
    static Workplace create(String name) {
        try {
            var place = Path.of(System.getenv().getOrDefault("BENCH_TMP", "/var/tmp"));
            var readable = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));
            var workplace = new Workplace(Files.createTempDirectory(place, "listserv-" + name + ".", readable));
            Runtime.getRuntime().addShutdownHook(new Thread(workplace::close));
            return workplace;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /// Ends before everything that was added earlier.
    synchronized <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /// A line with the time since the start.
    void say(String format, Object... arguments) {
        var seconds = Duration.between(began, Instant.now()).toMillis() / 1000.0;
        System.out.println("%7.1f  ".formatted(seconds) + format.formatted(arguments));
    }

    /// The logs are wanted.
    void keep() {
        keep = true;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                System.err.println("while ending: " + e);
            }
        }
        if (keep) {
            System.out.println("logs and data: " + folder);
        } else {
            delete(folder);
        }
    }

    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("left behind: " + folder + " (" + e.getMessage() + ")");
        }
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    /// Asks every 20 ms. An exception means "not yet".
    ///
    /// @return whether it came true in time
    static boolean await(Duration longest, Condition condition) {
        var until = System.nanoTime() + longest.toNanos();
        while (true) {
            try {
                if (condition.holds()) {
                    return true;
                }
            } catch (Exception notYet) {
                // the last word has the clock
            }
            if (System.nanoTime() > until) {
                return false;
            }
            pause(Duration.ofMillis(20));
        }
    }

    static void pause(Duration duration) {
        try {
            TimeUnit.NANOSECONDS.sleep(duration.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
