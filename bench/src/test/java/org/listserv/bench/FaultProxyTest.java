package org.listserv.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.listserv.bench.FaultProxy.Fault;
import org.listserv.bench.FaultProxy.Moment;
import org.listserv.store.TestDatabase;

/// The proxy hits the moment it names: what the server then has, and what its client knows.
class FaultProxyTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Pattern INSERT = Pattern.compile("insert into t ");

    private final TestDatabase database = TestDatabase.empty();
    private FaultProxy proxy;

    @BeforeEach
    void a_table() {
        database.sql("create table t (id integer primary key)");
        proxy = FaultProxy.start(address().getPort(), Duration.ZERO);
    }

    @AfterEach
    void end() {
        proxy.close();
        database.close();
    }

    @Test
    void without_a_fault_everything_passes() throws Exception {
        try (var connection = connect(proxy)) {
            insert(connection, 1);
            assertThat(rows(connection)).isEqualTo(1);
        }
    }

    @Test
    void before_the_statement_nothing_has_happened() throws Exception {
        try (var connection = connect(proxy)) {
            insert(connection, 1);
            var strike = proxy.arm(new Fault(INSERT, Moment.BEFORE, 0, () -> false));
            assertThatThrownBy(() -> insert(connection, 2)).isInstanceOf(SQLException.class);
            assertThat(strike.within(SOON)).isTrue();
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void after_the_statement_it_is_committed_and_its_client_does_not_know() throws Exception {
        try (var connection = connect(proxy)) {
            var strike = proxy.arm(new Fault(INSERT, Moment.AFTER, 0, () -> {
                assertThat(rows()).isEqualTo(1);
                return false;
            }));
            assertThatThrownBy(() -> insert(connection, 1)).isInstanceOf(SQLException.class);
            assertThat(strike.within(SOON)).isTrue();
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void within_the_statement_the_server_goes_on_alone() throws Exception {
        try (var connection = connect(proxy)) {
            var strike = proxy.arm(new Fault(INSERT, Moment.WITHIN, 0, () -> {
                assertThat(Workplace.await(SOON, () -> rows() == 1)).isTrue();
                return true;
            }));
            insert(connection, 1);
            assertThat(strike.within(SOON)).isTrue();
        }
    }

    @Test
    void unfinished_the_transaction_stays_open() throws Exception {
        var began = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var connection = connect(proxy)) {
            var strike = proxy.arm(new Fault(INSERT, Moment.UNFINISHED, 0, () -> {
                assertThat(Workplace.await(SOON, () -> holding() > 0)).isTrue();
                assertThat(rows()).isZero();
                began.countDown();
                assertThat(goOn.await(10, TimeUnit.SECONDS)).isTrue();
                return true;
            }));
            var inserted = CompletableFuture.runAsync(() -> insertOrThrow(connection, 1));
            var other = new CompletableFuture<Void>();
            began.await();
            Thread.ofVirtual().start(() -> insertDirectly(1, other));    // waits for the open transaction's key
            assertThat(Workplace.await(SOON, () -> waiting() > 0)).isTrue();
            goOn.countDown();
            inserted.get(10, TimeUnit.SECONDS);
            assertThat(strike.within(SOON)).isTrue();
            assertThatThrownBy(() -> other.get(10, TimeUnit.SECONDS)).hasMessageContaining("duplicate key");
        }
    }

    @Test
    void as_many_occurrences_as_told_pass_first() throws Exception {
        try (var connection = connect(proxy)) {
            var strike = proxy.arm(new Fault(INSERT, Moment.BEFORE, 2, () -> false));
            insert(connection, 1);
            insert(connection, 2);
            assertThatThrownBy(() -> insert(connection, 3)).isInstanceOf(SQLException.class);
            assertThat(strike.within(SOON)).isTrue();
        }
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void a_fault_that_never_strikes_is_told_and_disarmed() throws Exception {
        var strike = proxy.arm(new Fault(INSERT, Moment.BEFORE, 0, () -> false));
        assertThat(strike.within(Duration.ofMillis(50))).isFalse();
        try (var connection = connect(proxy)) {
            insert(connection, 1);
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void a_delay_is_added_in_each_direction() throws Exception {
        var delay = Duration.ofMillis(40);
        try (var slow = FaultProxy.start(address().getPort(), delay); var connection = connect(slow)) {
            var began = System.nanoTime();
            insert(connection, 1);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(delay.multipliedBy(2));
        }
    }

    @Test
    void held_nothing_passes_until_released() throws Exception {
        try (var connection = connect(proxy)) {
            proxy.hold();
            var inserted = CompletableFuture.runAsync(() -> insertOrThrow(connection, 1));
            assertThatThrownBy(() -> inserted.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(java.util.concurrent.TimeoutException.class);
            proxy.release();
            inserted.get(10, TimeUnit.SECONDS);
        }
        assertThat(rows()).isEqualTo(1);
    }

    private URI address() {
        return URI.create(database.settings().url().substring("jdbc:".length()));
    }

    private Connection connect(FaultProxy through) throws SQLException {
        var direct = database.settings().url();
        var url = direct.replace(":" + address().getPort() + "/", ":" + through.port() + "/");
        return DriverManager.getConnection(url + (url.contains("?") ? "&" : "?") + "sslmode=disable&prepareThreshold=0");
    }

    private static void insert(Connection connection, int id) throws SQLException {
        try (var insert = connection.prepareStatement("insert into t values (?)")) {
            insert.setInt(1, id);
            insert.executeUpdate();
        }
    }

    private static void insertOrThrow(Connection connection, int id) {
        try {
            insert(connection, id);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void insertDirectly(int id, CompletableFuture<Void> answer) {
        try (var connection = DriverManager.getConnection(database.settings().url())) {
            insert(connection, id);
            answer.complete(null);
        } catch (SQLException e) {
            answer.completeExceptionally(e);
        }
    }

    private long rows() {
        try (var connection = DriverManager.getConnection(database.settings().url())) {
            return rows(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Sessions that wait for another's transaction.
    private long waiting() throws SQLException {
        try (var connection = DriverManager.getConnection(database.settings().url())) {
            return number(connection, "select count(*) from pg_locks where not granted and locktype = 'transactionid'");
        }
    }

    /// Transactions that have written to the table and not ended.
    private long holding() throws SQLException {
        try (var connection = DriverManager.getConnection(database.settings().url())) {
            return number(connection, "select count(*) from pg_locks where relation = 't'::regclass and mode = 'RowExclusiveLock'");
        }
    }

    private static long rows(Connection connection) throws SQLException {
        return number(connection, "select count(*) from t");
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
