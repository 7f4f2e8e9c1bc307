package org.listserv.deploy.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of the demo's own: program, data and log below one folder, on loopback, with a password, gone with the demo.
///
/// It runs under a small shell that holds the reading end of a pipe to us. However we end, the kernel closes our end, and
/// the shell stops the database: nothing is left behind even by `kill -9`.
final class DemoDatabase implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DemoDatabase.class);

    private static final String NAME = "listserv";
    private static final Duration START_WITHIN = Duration.ofSeconds(60); // recovery after a crash included

    /// Arguments: the command. Ends it when our standard input ends, and ends with it.
    private static final String GUARD = """
            exec 3<&0
            "$@" </dev/null 3<&- &
            server=$!
            { read -r _ <&3; kill -INT $server; } 2>/dev/null &
            guard=$!
            exec 3<&-
            wait $server
            status=$?
            kill $guard 2>/dev/null
            exit $status
            """;

    private final Process guard;
    private final int port;
    private final String password;

    private DemoDatabase(Process guard, int port, String password) {
        this.guard = guard;
        this.port = port;
        this.password = password;
    }

    /// Starts the database below `folder`, which is ours alone (the demo holds its lock). Made at the first time, kept from then on.
    static DemoDatabase start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var program = PostgresProgram.in(folder.resolve("program"));
        var data = folder.resolve("data");
        var logFile = folder.resolve("postgres.log");
        var passwordFile = folder.resolve("password");
        var user = UnprivilegedUser.forPostgres(folder);
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            create(program, data, passwordFile, user);
        }
        var password = Files.readString(passwordFile).strip();
        stopOrphan(data);
        for (int attempt = 1;; attempt++) {
            int port = freePort();
            var command = user.as(program.command("postgres"), "-D", data.toString(), "-p", Integer.toString(port),
                    "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=100");
            var guarded = new ArrayList<>(List.of("setsid", "sh", "-c", GUARD, "postgres"));
            guarded.addAll(command);
            var guard = new ProcessBuilder(guarded).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
                    .start();
            var database = new DemoDatabase(guard, port, password);
            if (database.answers()) {
                return database;
            }
            database.close();
            if (attempt == 3) { // another program may take the free port first, but not three times
                throw new DemoTrouble("the demo's PostgreSQL does not start: " + lastLine(logFile) + " (all of it: " + logFile + ")");
            }
        }
    }

    String url() {
        return url(port, NAME);
    }

    String user() {
        return "postgres";
    }

    String password() {
        return password;
    }

    int port() {
        return port;
    }

    private static String url(int port, String name) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /// Fast shutdown: sessions end, everything committed stays.
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(20, TimeUnit.SECONDS)) {
                log.warn("PostgreSQL (guard {}) does not stop; killed, it recovers at the next start", guard.pid());
                guard.descendants().forEach(ProcessHandle::destroyForcibly);
                guard.destroyForcibly();
            }
        } catch (IOException e) {
            log.debug("the guard is gone already", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void create(PostgresProgram program, Path data, Path passwordFile, UnprivilegedUser user)
            throws IOException, InterruptedException {
        var secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        Files.deleteIfExists(passwordFile);
        Files.createFile(passwordFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwordFile, HexFormat.of().formatHex(secret) + "\n");
        user.owns(passwordFile);
        var half = data.resolveSibling("data.creating");
        PostgresProgram.delete(half);
        Files.createDirectory(half);
        user.owns(half);
        var initdb = new ProcessBuilder(
                user.as(program.command("initdb"), "-D", half.toString(), "-U", "postgres", "--pwfile", passwordFile.toString(),
                        "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                        "--no-instructions"))
                .redirectErrorStream(true)
                .start();
        initdb.getOutputStream().close();
        var said = new String(initdb.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (initdb.waitFor() != 0) {
            throw new DemoTrouble("PostgreSQL's initdb failed: " + said.strip().lines().reduce((a, b) -> b).orElse("no reason given"));
        }
        Files.move(half, data);
    }

    /// A postmaster that still runs on our data although we hold the folder's lock is left over from a demo that was killed:
    /// usually it is stopping already. A file that names some other process is older than that, and only in the way.
    private static void stopOrphan(Path data) throws IOException, InterruptedException {
        var file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return;
        }
        var first = Files.readAllLines(file).stream().findFirst().orElse("").strip();
        var orphan = first.matches("[0-9]{1,10}")
                ? ProcessHandle.of(Long.parseLong(first)).filter(p -> isPostgres(p, data))
                : java.util.Optional.<ProcessHandle>empty();
        if (orphan.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        log.info("stopping PostgreSQL {}, left over from a demo that was killed", first);
        signal("INT", first);
        var deadline = Instant.now().plusSeconds(10);
        while (orphan.get().isAlive() && Instant.now().isBefore(deadline)) {
            Thread.sleep(50);
        }
        if (orphan.get().isAlive()) {
            signal("QUIT", first);
            orphan.get().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    private static boolean isPostgres(ProcessHandle process, Path data) {
        try {
            var arguments = Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
            return arguments.contains("postgres") && arguments.contains(data.toString());
        } catch (IOException e) {
            return false;
        }
    }

    private static void signal(String name, String pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    }

    private boolean answers() throws InterruptedException {
        var deadline = Instant.now().plus(START_WITHIN);
        while (guard.isAlive() && Instant.now().isBefore(deadline)) {
            try (var connection = DriverManager.getConnection(url(port, "postgres"), user(), password);
                    var statement = connection.createStatement()) {
                try (var there = statement.executeQuery("select from pg_database where datname = '" + NAME + "'")) {
                    if (there.next()) {
                        return true;
                    }
                }
                statement.execute("create database " + NAME);
                return true;
            } catch (SQLException e) {
                log.debug("not yet: {}", e.getMessage());
            }
            Thread.sleep(50);
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String lastLine(Path logFile) throws IOException {
        return Files.readAllLines(logFile).stream().reduce((a, b) -> b).orElse("it said nothing");
    }
}
