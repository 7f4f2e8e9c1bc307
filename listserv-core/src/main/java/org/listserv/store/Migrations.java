package org.listserv.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/// Brings the schema from any version to ours. Migrations expand now and contract one version later, so a node runs
/// on its own schema version and on the next one, and nodes can be upgraded one after the other.
public final class Migrations {
    private static final String FOLDER = "db/migrations";
    private static final Pattern FILE = Pattern.compile("V(\\d+)__(\\w+)\\.sql");
    private static final String HISTORY = "flyway_schema_history";

    private final DatabaseSettings settings;

    public Migrations(DatabaseSettings settings) {
        this.settings = settings;
    }

    /// One step of the schema, by its number and its file's words.
    public record Step(int version, String name) {
        @Override
        public String toString() {
            return "V%03d %s".formatted(version, name);
        }
    }

    /// Runs what is pending, each step in its own transaction. Two nodes may do this at the same time: one waits.
    ///
    /// @return what was done, in order; empty when the schema was up to date
    public List<Step> migrate() {
        return answering(() -> {
            var flyway = flyway();
            var pending = steps(flyway.info().pending());
            flyway.migrate();
            return pending;
        });
    }

    /// What [#migrate] would do.
    public List<Step> pending() {
        return answering(() -> steps(flyway().info().pending()));
    }

    /// The schema's version in the database; 0 when there is none yet.
    public int version() {
        try (var connection = settings.dataSource("schema version", 10).getConnection();
                var statement = connection.createStatement()) {
            try (var there = statement.executeQuery("select to_regclass('" + HISTORY + "') is not null")) {
                there.next();
                if (!there.getBoolean(1)) {
                    return 0;
                }
            }
            try (var rows = statement.executeQuery(
                    "select coalesce(max(version::integer), 0) from " + HISTORY + " where success and version is not null")) {
                rows.next();
                return rows.getInt(1);
            }
        } catch (SQLException e) {
            throw Database.failure(e);
        }
    }

    /// @throws IllegalStateException when this program cannot run on the schema that is there: what to do is in the text
    public void check() {
        var there = version();
        var ours = ours();
        if (there < ours) {
            throw new IllegalStateException("the database has schema version " + there + ", this listserv needs " + ours
                    + ": run `listserv migrate`");
        }
        if (there > ours + 1) {
            throw new IllegalStateException("the database has schema version " + there + ", this listserv knows " + ours
                    + " and can run on " + (ours + 1) + ": install a newer listserv on this node");
        }
    }

    /// The newest version among our own migrations.
    public static int ours() {
        return files().map(FILE::matcher)
                .filter(java.util.regex.Matcher::matches)
                .mapToInt(file -> Integer.parseInt(file.group(1)))
                .max()
                .orElseThrow(() -> new IllegalStateException("no migrations in this build: " + FOLDER + " is missing"));
    }

    private Flyway flyway() {
        return Flyway.configure()
                .dataSource(settings.migratingDataSource())
                .locations("classpath:" + FOLDER)
                .validateMigrationNaming(true)
                .placeholderReplacement(false)
                .load();
    }

    private static List<Step> steps(MigrationInfo[] infos) {
        return Arrays.stream(infos)
                .map(info -> new Step(Integer.parseInt(info.getVersion().getVersion()), info.getDescription()))
                .toList();
    }

    private interface Asking<T> {
        T run();
    }

    private static <T> T answering(Asking<T> asking) {
        try {
            return asking.run();
        } catch (FlywayException e) {
            var inside = Failure.within(e);
            if (inside != null && Failure.of(inside) == Failure.UNAVAILABLE) {
                throw new DatabaseUnavailable("database: " + inside.getMessage(), e);
            }
            throw e;
        }
    }

    private static Stream<String> files() {
        var url = Migrations.class.getClassLoader().getResource(FOLDER);
        if (url == null) {
            return Stream.empty();
        }
        try {
            if (url.openConnection() instanceof JarURLConnection jar) {
                return jar.getJarFile().stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.startsWith(FOLDER + "/"))
                        .map(name -> name.substring(FOLDER.length() + 1))
                        .toList().stream();
            }
            try (var folder = Files.list(Path.of(url.toURI()))) {
                return folder.map(file -> file.getFileName().toString()).toList().stream();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
