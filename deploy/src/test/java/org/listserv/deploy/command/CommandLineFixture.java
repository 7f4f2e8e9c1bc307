package org.listserv.deploy.command;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.listserv.store.TestDatabase;

/// Runs commands in this process, each as somebody would type it, over a database of its own.
final class CommandLineFixture implements AutoCloseable {

    private final TestDatabase database;

    /// What came of one command.
    record Ran(int code, String out, String err) {}

    CommandLineFixture(TestDatabase database) {
        this.database = database;
    }

    /// A command that must succeed, in words between blanks.
    ///
    /// @return its output without the last line end
    String done(String words) {
        var ran = run("", words.split(" "));
        if (ran.code() != 0) {
            throw new AssertionError(words + " answered " + ran);
        }
        return ran.out().stripTrailing();
    }

    Ran run(String input, String... words) {
        var settings = database.settings();
        return run(input,
                Map.of("LISTSERV_DATABASE_URL", settings.url(), "LISTSERV_DATABASE_USER", settings.user(), "LISTSERV_DATABASE_PASSWORD",
                        settings.password(), "LISTSERV_NODE_NAME", "node1", "LISTSERV_POSTMASTER", "postmaster@example.org",
                        "LISTSERV_CONFIG", "/dev/null"),
                words);
    }

    static Ran run(String input, Map<String, String> environment, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var terminal = new Terminal(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), environment, false);
        int code = Listserv.run(terminal, words);
        return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    TestDatabase database() {
        return database;
    }

    /// Every command there is, as somebody would type it.
    static List<String> commands() {
        var all = new ArrayList<String>();
        collect(Listserv.commandLine(Terminal.ofThisProcess()), "", all);
        return all;
    }

    private static void collect(picocli.CommandLine command, String prefix, List<String> all) {
        command.getSubcommands().forEach((name, sub) -> {
            all.add((prefix + " " + name).strip());
            collect(sub, prefix + " " + name, all);
        });
    }

    @Override
    public void close() {
        database.close();
    }
}
