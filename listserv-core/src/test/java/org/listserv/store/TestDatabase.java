package org.listserv.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/// An empty database of its own with the whole schema, on a real PostgreSQL:
///
/// 1. `LISTSERV_TEST_DATABASE_URL` (a JDBC URL with `user` and `password`; the role may create databases),
/// 2. a container, if Docker answers,
/// 3. PostgreSQL 18 unpacked and run by the test itself, as root too.
///
/// One server a JVM. The schema is made once and copied, so a fresh database costs some 50 ms.
public final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final DatabaseSettings settings;
    private final Database database;
    private final String name;

    private TestDatabase(String name) {
        this.name = name;
        this.settings = Server.ONE.settings(name);
        this.database = Database.open(settings);
    }

    /// Migrated and empty.
    public static TestDatabase fresh() {
        var name = Server.ONE.prefix + "_" + NUMBER.incrementAndGet();
        Server.ONE.run("create database " + name + " template " + Server.ONE.template());
        return new TestDatabase(name);
    }

    /// Without any table.
    public static TestDatabase empty() {
        var name = Server.ONE.prefix + "_" + NUMBER.incrementAndGet();
        Server.ONE.run("create database " + name + " template template0");
        return new TestDatabase(name);
    }

    public Database database() {
        return database;
    }

    /// For a second [Database] on the same tables: another node.
    public DatabaseSettings settings() {
        return settings;
    }

    /// Empties every table but those the migrations fill. Cheaper than a fresh database for tests that need nothing else.
    public void clear() {
        sql("""
                do $$ begin
                    execute (select 'truncate ' || string_agg(format('%I', relname), ', ')
                               from pg_class
                              where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
                                and relname not in ('clock', 'retention', 'signing_key', 'automatic_mail_limit', 'flyway_schema_history'));
                end $$""");
    }

    /// Runs SQL behind everyone's back.
    public void sql(String statements) {
        Server.ONE.run(settings, statements);
    }

    @Override
    public void close() {
        database.close();
        Server.ONE.run("drop database if exists " + name + " with (force)");
    }

    /// The server all databases of this JVM live on.
    private static final class Server {
        static final Server ONE = new Server();

        /// Several JVMs may share one server.
        final String prefix = "listserv_test_" + Long.toString(ProcessHandle.current().pid(), 36)
                + Long.toString(System.nanoTime() & 0xffffff, 36);

        private final String url;
        private boolean templateMade;

        private Server() {
            var given = System.getenv("LISTSERV_TEST_DATABASE_URL");
            if (given != null && !given.isBlank()) {
                url = given;
            } else if (DockerClientFactory.instance().isDockerAvailable()) {
                url = container();
            } else {
                url = embedded();
            }
            Runtime.getRuntime().addShutdownHook(new Thread(this::dropTemplate));
        }

        @SuppressWarnings("resource") // Testcontainers removes it with the JVM
        private static String container() {
            var container = new PostgreSQLContainer("postgres:18-alpine").withCommand("postgres", "-c", "fsync=off", "-c",
                    "max_connections=400");
            container.start();
            return container.getJdbcUrl() + "&user=" + container.getUsername() + "&password=" + container.getPassword();
        }

        private static String embedded() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("full_page_writes", "off")
                        .setServerConfig("synchronous_commit", "on") // the builder turns it off
                        .setServerConfig("max_connections", "400")
                        .start()
                        .getJdbcUrl("postgres", "postgres");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        synchronized String template() {
            var name = prefix + "_template";
            if (!templateMade) {
                run("create database " + name);
                new Migrations(settings(name)).migrate();
                templateMade = true;
            }
            return name;
        }

        DatabaseSettings settings(String database) {
            var at = URI.create(url.substring("jdbc:".length()));
            var query = at.getRawQuery() == null ? "" : "?" + at.getRawQuery();
            return new DatabaseSettings("jdbc:postgresql://" + at.getRawAuthority() + "/" + database + query, "", "");
        }

        void run(String statement) {
            try (var connection = DriverManager.getConnection(url)) {
                run(connection, statement);
            } catch (SQLException e) {
                throw new IllegalStateException(statement, e);
            }
        }

        void run(DatabaseSettings settings, String statements) {
            try (var connection = DriverManager.getConnection(settings.url())) {
                run(connection, statements);
            } catch (SQLException e) {
                throw new IllegalStateException(statements, e);
            }
        }

        private static void run(Connection connection, String statements) throws SQLException {
            try (var statement = connection.createStatement()) {
                statement.execute(statements);
            }
        }

        private void dropTemplate() {
            if (templateMade && System.getenv("LISTSERV_TEST_DATABASE_URL") != null) {
                run("drop database if exists " + prefix + "_template with (force)");
            }
        }
    }
}
