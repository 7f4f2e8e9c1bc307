package org.listserv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseTest {
    private static TestDatabase test;
    private static Database database;

    @BeforeAll
    static void open() {
        test = TestDatabase.empty();
        database = test.database();
    }

    @AfterAll
    static void close() {
        test.close();
    }

    @BeforeEach
    void table() {
        test.sql("""
                drop table if exists counter;
                create table counter (id integer primary key, n integer not null check (n >= 0));
                insert into counter values (1, 0), (2, 0);
                """);
    }

    @Test
    void a_transaction_is_there_for_everyone_when_write_returns() {
        database.write(c -> c.createStatement().executeUpdate("update counter set n = 7 where id = 1"));
        assertThat(n(1)).isEqualTo(7);
    }

    @Test
    void nothing_is_there_when_write_throws() {
        assertThatThrownBy(() -> database.write(c -> {
            c.createStatement().executeUpdate("update counter set n = 7 where id = 1");
            throw new IllegalStateException("ours");
        })).hasMessage("ours");
        assertThat(n(1)).isZero();
    }

    @Test
    void a_violated_constraint_is_the_statements_fault() {
        assertThatThrownBy(() -> database.write(c -> c.createStatement().executeUpdate("update counter set n = -1")))
                .isInstanceOfSatisfying(StatementFailed.class, e -> assertThat(e.sqlState()).isEqualTo("23514"));
    }

    @ParameterizedTest(name = "{0} {2} is {1}")
    @CsvSource(delimiter = '|', textBlock = """
            08006 | UNAVAILABLE | connection failure
            53100 | UNAVAILABLE | disk full
            53300 | UNAVAILABLE | too many connections
            55P03 | UNAVAILABLE | lock time-out
            57014 | UNAVAILABLE | cancelled by an administrator
            57P01 | UNAVAILABLE | shutdown
            57P03 | UNAVAILABLE | starting up
            25006 | UNAVAILABLE | the primary became a standby
            25P03 | UNAVAILABLE | idle in transaction for too long
            58030 | UNAVAILABLE | I/O error
            40001 | COLLISION   | serialisation failure
            40P01 | COLLISION   | deadlock
            23505 | STATEMENT   | unique violation
            22021 | STATEMENT   | NUL in a text
            42703 | STATEMENT   | no such column
            """)
    void the_sqlstate_says_whose_fault_it_is(String state, Failure meaning, String ignoredWords) {
        assertThat(Failure.of(new java.sql.SQLException("x", state))).isEqualTo(meaning);
    }

    @Test
    void a_deadlock_is_tried_once_more() throws Exception {
        var runs = new AtomicInteger();
        var bothHoldOne = new CountDownLatch(2);
        var threads = new Thread[2];
        var failures = new java.util.concurrent.ConcurrentLinkedQueue<Throwable>();
        for (int i = 0; i < 2; i++) {
            int mine = i + 1;
            threads[i] = Thread.ofVirtual().start(() -> {
                try {
                    database.write(c -> {
                        runs.incrementAndGet();
                        c.createStatement().executeUpdate("update counter set n = n + 1 where id = " + mine);
                        bothHoldOne.countDown();
                        await(bothHoldOne);
                        return c.createStatement().executeUpdate("update counter set n = n + 1 where id = " + (3 - mine));
                    });
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            });
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(runs).hasValue(3);
        assertThat(n(1)).isEqualTo(2);
        assertThat(n(2)).isEqualTo(2);
    }

    @Test
    void a_second_deadlock_means_try_later() {
        var runs = new AtomicInteger();
        assertThatThrownBy(() -> database.write(c -> {
            runs.incrementAndGet();
            return c.createStatement().execute("do $$ begin raise exception 'deadlock detected' using errcode = '40P01'; end $$");
        })).isInstanceOf(DatabaseUnavailable.class).isNotInstanceOf(CommitUnknown.class);
        assertThat(runs).hasValue(2);
    }

    /// Nodes run on while the schema is brought to the next version.
    @Test
    void a_statement_prepared_before_a_migration_works_after_it() {
        SqlWork<Integer> prepared = c -> {
            try (var statement = c.prepareStatement("select * from counter where id = 1")) {
                return first(statement.executeQuery());
            }
        };
        for (int i = 0; i < 10; i++) {
            database.write(prepared);
        }
        test.sql("alter table counter add column note text");
        assertThat(database.write(prepared)).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(textBlock = """
            idle_in_transaction_session_timeout, 5s
            lock_timeout, 10s
            client_min_messages, warning
            application_name, listserv short
            statement_timeout, 0
            synchronous_commit, on
            """)
    void every_connection_sets(String parameter, String value) {
        assertThat(database.<String>read(c -> {
            var rows = c.createStatement().executeQuery("show " + parameter);
            rows.next();
            return rows.getString(1);
        })).isEqualTo(value);
    }

    @Test
    void a_connection_lost_in_commit_is_unknown_and_not_used_again() {
        atCommit("perform pg_terminate_backend(pg_backend_pid());");
        assertThatThrownBy(() -> database.write(c -> c.createStatement().executeUpdate("update counter set n = 1 where id = 1")))
                .isInstanceOf(CommitUnknown.class);
        assertThat(n(1)).isZero();
    }

    /// What PostgreSQL says when a commit is durable here and the wait for the standby was given up.
    @Test
    void a_warning_after_commit_is_unknown() {
        atCommit("raise warning 'canceling wait for synchronous replication due to user request';");
        assertThatThrownBy(() -> database.write(c -> c.createStatement().executeUpdate("update counter set n = 1 where id = 1")))
                .isInstanceOf(CommitUnknown.class)
                .hasMessageContaining("synchronous replication");
    }

    @Test
    void a_warning_after_the_commit_that_travels_with_its_statement_is_unknown() {
        atCommit("raise warning 'canceling wait for synchronous replication due to user request';");
        assertThatThrownBy(
                () -> database.commitAtOnce("update counter set n = 1 where id = ? returning n", s -> s.setInt(1, 1), DatabaseTest::first))
                .isInstanceOf(CommitUnknown.class);
        assertThat(n(1)).isEqualTo(1);
    }

    @Test
    void a_connection_lost_in_a_statement_that_commits_itself_is_unknown() {
        atCommit("perform pg_terminate_backend(pg_backend_pid());");
        assertThatThrownBy(
                () -> database.commitAtOnce("update counter set n = 1 where id = ? returning n", s -> s.setInt(1, 1), DatabaseTest::first))
                .isInstanceOf(CommitUnknown.class);
    }

    @Test
    void a_refusal_at_commit_is_known() {
        atCommit("raise exception 'no' using errcode = '23514';");
        assertThatThrownBy(() -> database.write(c -> c.createStatement().executeUpdate("update counter set n = 1 where id = 1")))
                .isInstanceOf(StatementFailed.class);
        assertThatThrownBy(
                () -> database.commitAtOnce("update counter set n = 1 where id = ? returning n", s -> s.setInt(1, 1), DatabaseTest::first))
                .isInstanceOf(StatementFailed.class);
        assertThat(n(1)).isZero();
    }

    @Test
    void unknown_commits_are_counted_until_their_server_process_is_done() {
        try (var wire = new Wire(test.settings()); var through = Database.open(wire.settings())) {
            atCommit("perform pg_sleep(2);");
            var thread = Thread.ofVirtual().start(() -> {
                waitFor("select count(*) from pg_stat_activity where wait_event = 'PgSleep'");
                wire.cut();
            });
            assertThatThrownBy(() -> through.write(c -> c.createStatement().executeUpdate("update counter set n = 1 where id = 1")))
                    .isInstanceOf(CommitUnknown.class);
            assertThat(through.unknownCommits()).isEqualTo(1);
            wire.mend();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> through.unknownCommits() == 0);
            assertThat(n(1)).isEqualTo(1);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void a_node_starts_without_a_database_and_has_it_within_seconds_of_its_coming() {
        try (var wire = new Wire(test.settings())) {
            wire.cut();
            try (var early = Database.open(wire.settings())) {
                assertThatThrownBy(early::ping).isInstanceOf(DatabaseUnavailable.class)
                        .hasMessageContaining("no connection to the primary");
                wire.mend();
                var mended = Instant.now();
                early.ping();
                assertThat(Duration.between(mended, Instant.now())).isLessThan(Duration.ofSeconds(6));
            }
        }
    }

    @Test
    void a_primary_that_comes_back_is_used_again_within_seconds() throws Exception {
        try (var wire = new Wire(test.settings()); var through = Database.open(wire.settings())) {
            through.ping();
            wire.cut();
            assertThatThrownBy(through::ping).isInstanceOf(DatabaseUnavailable.class);
            wire.mend();
            var mended = Instant.now();
            through.ping();
            assertThat(Duration.between(mended, Instant.now())).isLessThan(Duration.ofSeconds(6));
        }
    }

    /// One whose data cannot be changed, as a standby's cannot.
    @Test
    void what_cannot_be_written_to_is_not_the_primary() {
        try (var standby = TestDatabase.empty()) {
            standby.sql(
                    "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$");
            try (var database = Database.open(standby.settings())) {
                assertThatThrownBy(database::ping).isInstanceOf(DatabaseUnavailable.class).hasMessageContaining("primary");
            }
        }
    }

    @Test
    void of_several_hosts_the_one_that_answers_is_taken() {
        try (var gone = new Wire(test.settings())) {
            gone.cut();
            var dead = URI.create(gone.settings().url().substring("jdbc:".length())).getRawAuthority();
            var both = test.settings().url().replace("jdbc:postgresql://", "jdbc:postgresql://" + dead + ",");
            try (var database = Database.open(new DatabaseSettings(both, "", ""))) {
                database.ping();
            }
        }
    }

    @Test
    void a_node_frozen_in_a_transaction_loses_its_locks() {
        var held = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var frozen = Thread.ofVirtual().start(() -> {
            try {
                database.write(c -> {
                    c.createStatement().executeUpdate("update counter set n = 1 where id = 1");
                    held.countDown();
                    await(go);
                    return null;
                });
            } catch (DatabaseUnavailable e) {
                return; // as it should be: the server has ended it
            }
        });
        await(held);
        var started = Instant.now();
        database.write(c -> c.createStatement().executeUpdate("update counter set n = 2 where id = 1"));
        assertThat(Duration.between(started, Instant.now())).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(9));
        go.countDown();
        assertThat(n(1)).isEqualTo(2);
        Awaitility.await().until(() -> !frozen.isAlive());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:postgresql://a/b?targetServerType=any     | must not set targetServerType
            jdbc:postgresql://a/b?loadBalanceHosts=true    | must not set loadBalanceHosts
            postgres://a/b                                 | not a PostgreSQL JDBC URL
            jdbc:mysql://a/b?password=secret               | password=...
            """)
    void a_url_we_cannot_use_is_refused_with_the_reason(String url, String reason) {
        assertThatThrownBy(() -> new DatabaseSettings(url, "", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    private static int first(java.sql.ResultSet rows) throws java.sql.SQLException {
        rows.next();
        return rows.getInt(1);
    }

    private static int n(int id) {
        return database.<Integer>read(c -> first(c.createStatement().executeQuery("select n from counter where id = " + id)));
    }

    private static void atCommit(String plpgsql) {
        test.sql("""
                create or replace function at_commit() returns trigger language plpgsql as $$ begin %s return null; end $$;
                create constraint trigger at_commit after update on counter deferrable initially deferred
                    for each row execute function at_commit();
                """.formatted(plpgsql));
    }

    private static void waitFor(String count) {
        Awaitility.await().atMost(Duration.ofSeconds(20))
                .until(() -> database.<Integer>read(c -> first(c.createStatement().executeQuery(count))) > 0);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
