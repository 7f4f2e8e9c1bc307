package org.listserv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationsTest {
    private TestDatabase test;
    private Migrations migrations;

    @BeforeEach
    void open() {
        test = TestDatabase.empty();
        migrations = new Migrations(test.settings());
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void every_step_runs_once_and_in_order() {
        assertThat(migrations.version()).isZero();
        var pending = migrations.pending();
        assertThat(pending).extracting(Migrations.Step::version).isSorted().startsWith(1).endsWith(Migrations.ours());
        assertThat(migrations.migrate()).isEqualTo(pending);
        assertThat(migrations.version()).isEqualTo(Migrations.ours());
        assertThat(migrations.pending()).isEmpty();
        assertThat(migrations.migrate()).isEmpty();
    }

    @Test
    void two_nodes_may_migrate_at_the_same_time() throws Exception {
        var other = new Thread(() -> new Migrations(test.settings()).migrate());
        other.start();
        migrations.migrate();
        other.join();
        assertThat(migrations.version()).isEqualTo(Migrations.ours());
        assertThat(migrations.pending()).isEmpty();
    }

    @ParameterizedTest(name = "on a schema {0} ahead: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            0  | runs
            1  | runs
            2  | install a newer listserv on this node
            -1 | run `listserv migrate`
            """)
    void a_program_runs_on_its_own_schema_and_on_the_next(int ahead, String what) {
        migrations.migrate();
        if (ahead < 0) {
            test.sql("delete from flyway_schema_history where version::integer > " + (Migrations.ours() + ahead));
        }
        for (int i = 1; i <= ahead; i++) {
            test.sql("""
                    insert into flyway_schema_history (installed_rank, version, description, type, script, installed_by, execution_time, success)
                    values (1000 + %1$d, '%2$d', 'future', 'SQL', 'V%2$d__future.sql', 'x', 1, true)
                    """.formatted(i, Migrations.ours() + i));
        }
        if (what.equals("runs")) {
            migrations.check();
        } else {
            assertThatThrownBy(migrations::check).isInstanceOf(IllegalStateException.class).hasMessageContaining(what);
        }
    }

    @Test
    void no_database_is_not_a_wrong_schema() {
        try (var wire = new Wire(test.settings())) {
            wire.cut();
            var away = new Migrations(wire.settings());
            assertThatThrownBy(away::version).isInstanceOf(DatabaseUnavailable.class);
            assertThatThrownBy(away::check).isInstanceOf(DatabaseUnavailable.class);
            assertThatThrownBy(away::migrate).isInstanceOf(DatabaseUnavailable.class);
        }
    }

    @Test
    void policy_time_can_be_shifted_by_a_test() {
        migrations.migrate();
        test.sql("update clock set shift = interval '5 days'");
        assertThat(test.database().<Boolean>read(c -> {
            var rows = c.createStatement().executeQuery(
                    "select clock_now() - clock_timestamp() between interval '4 days 23 hours' and interval '5 days 1 minute'");
            rows.next();
            return rows.getBoolean(1);
        })).isTrue();
    }
}
