package org.listserv.store;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/// Two servers of their own: a primary that can be stopped and started, and one in recovery that stays at what the primary held when it was copied.
public final class TestPair implements AutoCloseable {
    private final Path folder;
    private final int primaryPort = freePort();
    private final int standbyPort = freePort();
    private final EmbeddedPostgres standby;
    private EmbeddedPostgres primary;

    /// What is to be done on the primary before it is copied.
    public interface Filling {
        void on(DatabaseSettings settings) throws SQLException;
    }

    public TestPair(Path folder, Filling filling) throws IOException, InterruptedException, SQLException {
        this.folder = folder;
        try (var first = server("primary", primaryPort)) {
            filling.on(new DatabaseSettings(first.getJdbcUrl("postgres", "postgres"), "", ""));
        }
        copy(folder.resolve("primary"), folder.resolve("standby"));
        Files.createFile(folder.resolve("standby/standby.signal"));
        primary = server("primary", primaryPort);
        standby = server("standby", standbyPort);
    }

    /// Both hosts, the standby first.
    public DatabaseSettings settings() {
        return new DatabaseSettings(
                "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=postgres".formatted(standbyPort, primaryPort),
                "", "");
    }

    public void stopPrimary() throws IOException {
        primary.close();
    }

    public void startPrimary() throws IOException {
        primary = server("primary", primaryPort);
    }

    /// On the primary.
    public void run(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(primary.getJdbcUrl("postgres", "postgres"));
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws IOException {
        primary.close();
        standby.close();
    }

    private EmbeddedPostgres server(String name, int port) throws IOException {
        return EmbeddedPostgres.builder().setDataDirectory(folder.resolve(name)).setCleanDataDirectory(false).setPort(port)
                .setServerConfig("fsync", "off").start();
    }

    private static void copy(Path from, Path to) throws IOException, InterruptedException {
        if (new ProcessBuilder("cp", "-a", from.toString(), to.toString()).inheritIO().start().waitFor() != 0) {
            throw new IOException("cannot copy " + from);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
