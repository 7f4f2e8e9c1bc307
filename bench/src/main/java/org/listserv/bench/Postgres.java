package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/// A private PostgreSQL server on loopback: its postmaster is our child, so it can be killed and started again.
/// Binaries are those of Debian (`/usr/lib/postgresql/*/bin`), the newest, or `$PGBIN`; as root they run as the user postgres.
final class Postgres implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(90);

    private final Path folder;
    private final int port;
    private @Nullable Process postmaster;

    private Postgres(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /// Made, not started.
    ///
    /// @param settings lines for postgresql.conf
    static Postgres create(Workplace place, String name, List<String> settings) {
        var postgres = place.add(new Postgres(place.path(name), Workplace.freePort()));
        postgres.own(postgres.folder);
        postgres.run("initdb", "-D", postgres.data().toString(), "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync");
        postgres.configure(List.of("listen_addresses='127.0.0.1'", "port=" + postgres.port, "unix_socket_directories=''",
                "shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min", "max_connections=200", "fsync=on",
                "synchronous_commit=on", "log_line_prefix='%m [%p] %a '"));
        postgres.configure(settings);
        return postgres;
    }

    /// A copy of the running primary that follows it, made, not started.
    ///
    /// @param through the port at which it reaches the primary
    static Postgres standby(Workplace place, String name, int through, List<String> settings) {
        var postgres = place.add(new Postgres(place.path(name), Workplace.freePort()));
        postgres.own(postgres.folder);
        postgres.run("pg_basebackup", "-D", postgres.data().toString(), "-d", "host=127.0.0.1 port=%d user=postgres".formatted(through),
                "-X", "stream",
                "-c", "fast", "--no-sync");
        postgres.configure(List.of("port=" + postgres.port,
                "primary_conninfo='host=127.0.0.1 port=%d user=postgres application_name=%s'".formatted(through, name)));
        postgres.configure(settings);
        try {
            var signal = postgres.data().resolve("standby.signal");
            Files.createFile(signal);
            postgres.giveAway(signal);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return postgres;
    }

    int port() {
        return port;
    }

    Path log() {
        return folder.resolve("log");
    }

    void configure(List<String> lines) {
        try {
            Files.write(data().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void start() {
        // After a kill the old server's children may still be there for a moment, and it refuses to start: so try until it answers.
        var up = Workplace.await(START, () -> {
            if (postmaster == null || !postmaster.isAlive()) {
                postmaster = new ProcessBuilder(command("postgres", "-D", data().toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                        .start();
            }
            try (var connection = connect("postgres", 1)) {
                return connection.isValid(5);
            }
        });
        if (!up) {
            throw new IllegalStateException("PostgreSQL does not start; see " + log());
        }
    }

    long pid() {
        var running = postmaster;
        return running == null ? -1 : running.pid();
    }

    /// To the postmaster and all its children.
    void signal(Signals signal) {
        Group.family(pid()).forEach(signal::to);
    }

    /// What pg_waldump says of each record of the write-ahead log in between.
    List<String> walRecords(String fromLsn, String toLsn) {
        return run("pg_waldump", "-p", data().resolve("pg_wal").toString(), "-s", fromLsn, "-e", toLsn).lines().toList();
    }

    /// SIGKILL to the postmaster; its children notice and end.
    void kill() {
        var running = postmaster;
        if (running != null) {
            running.destroyForcibly();
            ended(running);
        }
    }

    /// A smart shutdown would wait for clients, so: fast.
    void stop() {
        var running = postmaster;
        if (running != null && running.isAlive()) {
            Signals.INT.to(running.pid());
            if (!ended(running)) {
                Signals.QUIT.to(running.pid());
                ended(running);
            }
        }
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    Connection connect(String database) throws SQLException {
        return connect(database, 0);
    }

    private Connection connect(String database, int timeoutSeconds) throws SQLException {
        return DriverManager
                .getConnection("jdbc:postgresql://127.0.0.1:%d/%s?user=postgres&sslmode=disable&connectTimeout=%d".formatted(port, database,
                        timeoutSeconds));
    }

    void execute(String database, String... statements) {
        try (var connection = connect(database); var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join(";\n", statements), e);
        }
    }

    /// The first column of the first row, as text; "" for null.
    String ask(String database, String sql) {
        try (var connection = connect(database); var statement = connection.createStatement(); var row = statement.executeQuery(sql)) {
            return row.next() && row.getString(1) != null ? row.getString(1) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long count(String database, String sql) {
        return Long.parseLong(ask(database, sql));
    }

    @Override
    public void close() {
        stop();
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void own(Path made) {
        try {
            Files.createDirectories(made);
            giveAway(made);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void giveAway(Path path) throws IOException {
        if (isRoot()) {
            var users = path.getFileSystem().getUserPrincipalLookupService();
            Files.setOwner(path, users.lookupPrincipalByName("postgres"));
        }
    }

    private String run(String program, String... arguments) {
        return Shell.run(command(program, arguments).toArray(String[]::new));
    }

    /// setpriv becomes the program, so the child we started is the postmaster itself.
    private static List<String> command(String program, String... arguments) {
        var words = new ArrayList<String>();
        if (isRoot()) {
            words.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
        }
        words.add(binaries().resolve(program).toString());
        words.addAll(List.of(arguments));
        return words;
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static Path binaries() {
        var named = System.getenv("PGBIN");
        if (named != null) {
            return Path.of(named);
        }
        try (var versions = Files.newDirectoryStream(Path.of("/usr/lib/postgresql"), "[0-9]*")) {
            Path newest = null;
            for (var version : versions) {
                if (newest == null || number(version) > number(newest)) {
                    newest = version;
                }
            }
            if (newest != null) {
                return newest.resolve("bin");
            }
        } catch (IOException none) {
            // said below
        }
        throw new IllegalStateException("no PostgreSQL below /usr/lib/postgresql (Debian: apt install postgresql), and $PGBIN is not set");
    }

    private static int number(Path version) {
        return Integer.parseInt(version.getFileName().toString().replaceFirst("\\..*", ""));
    }
}
