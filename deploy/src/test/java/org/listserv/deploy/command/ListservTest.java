package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.listserv.store.TestDatabase;

class ListservTest {

    private static final Map<String, String> NOTHING_THERE = Map.of("LISTSERV_CONFIG", "/dev/null", "LISTSERV_DATABASE_URL",
            "jdbc:postgresql://127.0.0.1:1/none");

    static Iterable<String> commands() {
        return CommandLineFixture.commands();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void every_command_explains_itself(String command) {
        var ran = CommandLineFixture.run("", Map.of(), (command + " --help").split(" "));
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).startsWith("Usage: listserv " + command);
        assertThat(ran.out().lines().skip(1).findFirst().orElse("")).isNotBlank();
        assertThat(ran.err()).isEmpty();
    }

    @ParameterizedTest(name = "listserv {0}: exit {1}, {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                              | 2 | a command is missing (`listserv --help` explains)
            cofnig                          | 2 | there is no command `cofnig`; did you mean `config`
            list                            | 2 | a command is missing (`listserv list --help` explains)
            list show                       | 2 | Missing required parameter: 'LIST'
            list show dev                   | 2 | `dev` is no mail address: address has no @
            list list --format yaml         | 2 | --format: expected text or json, found `yaml`
            list list x                     | 2 | `x` is one argument too many
            list list --al                  | 2 | there is no option `--al`
            list list                       | 1 | Connection to 127.0.0.1:1 refused
            list list                       | 1 | start the database, or correct listserv.database.url ($LISTSERV_DATABASE_URL)
            list list --config /none/x.yaml | 1 | /none/x.yaml: there is no such file
            """)
    void what_went_wrong_is_one_line_on_stderr(String words, int code, String line) {
        var ran = CommandLineFixture.run("", NOTHING_THERE, words.isEmpty() ? new String[0] : words.split(" "));
        assertThat(ran.code()).isEqualTo(code);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err().lines()).singleElement().asString().startsWith("listserv: ").contains(line);
    }

    @Test
    void the_stack_trace_is_there_for_who_asks() {
        assertThat(CommandLineFixture.run("", NOTHING_THERE, "list", "list", "--debug").err()).contains("DatabaseUnavailable",
                "\tat org.listserv.");
    }

    @Test
    void a_database_without_a_schema_is_told_apart_from_a_broken_one() {
        try (var empty = new CommandLineFixture(TestDatabase.empty())) {
            assertThat(empty.run("", "list", "list").err()).isEqualTo("listserv: the database has schema version 0, this listserv needs "
                    + org.listserv.store.Migrations.ours() + ": run `listserv migrate`\n");
            assertThat(empty.done("migrate --dry-run")).startsWith("would run V001 clock and nodes\n");
            assertThat(empty.done("migrate")).startsWith("ran V001 clock and nodes\n");
            assertThat(empty.done("migrate")).startsWith("unchanged: ");
            assertThat(empty.done("migrate --dry-run")).startsWith("unchanged: ");
        }
    }
}
