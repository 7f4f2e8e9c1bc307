package org.listserv.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import org.hibernate.StatelessSession;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The primary, through three pools: a short one for what a sender or a reader waits for; a few connections apart for beats, claims and
/// marks, which must go on when senders have taken all others, or the node is taken for dead; and a long one for import, index
/// rebuild and export. Where the URL names several hosts, pages are read from a standby while there is no primary.
///
/// Opening needs no running database. Every failure leaves as one of three exceptions, and the difference is the
/// point of this class: [DatabaseUnavailable] (nothing happened, try later), [CommitUnknown] (perhaps it
/// happened), [StatementFailed] (it will never work).
public final class Database implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);

    private static final int SHORT_CONNECTIONS = 20;
    private static final int APART_CONNECTIONS = 4;
    private static final int LONG_CONNECTIONS = 4;
    private static final int STANDBY_CONNECTIONS = 8;

    /// How long a request waits for a connection before it is answered 451.
    private static final Duration SHORT_WAIT = Duration.ofSeconds(5);

    private static final Duration LONG_WAIT = Duration.ofSeconds(30);

    /// A server that says nothing for so long is dead to us. On the commit path nothing else ends a statement: a
    /// query time-out would cancel the wait for the standby and turn every slow commit into an unknown one.
    private static final int SHORT_SOCKET_SECONDS = 30;

    private static final int LONG_SOCKET_SECONDS = 600;

    private final DatabaseSettings settings;
    private final HikariDataSource shortPool;
    private final HikariDataSource apartPool;
    private final HikariDataSource longPool;
    private final @Nullable HikariDataSource standbyPool;
    private final StandbyReads standbyReads;
    private final UnknownCommits unknown;
    private final Mapping mapping;

    private Database(DatabaseSettings settings) {
        this.settings = settings;
        this.shortPool = pool("short", SHORT_CONNECTIONS, 2, SHORT_WAIT, settings.hotDataSource("short", SHORT_SOCKET_SECONDS));
        this.apartPool = pool("apart", APART_CONNECTIONS, 1, SHORT_WAIT, settings.queueDataSource("apart", SHORT_SOCKET_SECONDS));
        this.longPool = pool("long", LONG_CONNECTIONS, 0, LONG_WAIT, settings.dataSource("long", LONG_SOCKET_SECONDS));
        this.standbyPool = settings.hasSeveralHosts()
                ? pool("standby", STANDBY_CONNECTIONS, 0, SHORT_WAIT, settings.standbyDataSource("standby", SHORT_SOCKET_SECONDS))
                : null;
        this.standbyReads = new StandbyReads(this::ping);
        this.unknown = new UnknownCommits(shortPool);
        this.mapping = new Mapping(shortPool);
    }

    /// Does not wait for the database: a node starts, listens and answers 451 until there is one.
    public static Database open(DatabaseSettings settings) {
        return new Database(settings);
    }

    private static HikariDataSource pool(String name, int most, int idle, Duration wait, DataSource connections) {
        var config = new HikariConfig();
        config.setPoolName("listserv-" + name);
        config.setDataSource(connections);
        config.setMaximumPoolSize(most);
        config.setMinimumIdle(idle);
        config.setConnectionTimeout(wait.toMillis());
        config.setValidationTimeout(2_000);
        config.setIdleTimeout(60_000);
        config.setMaxLifetime(1_800_000);
        config.setKeepaliveTime(30_000);
        config.setInitializationFailTimeout(-1);
        config.setExceptionOverride(new Evict());
        return new HikariDataSource(config);
    }

    /// Statements that change nothing, each its own transaction, through the short pool.
    public <T extends @Nullable Object> T read(SqlWork<T> work) {
        return outsideTransaction(shortPool, work);
    }

    /// [#read] for what is shown to somebody and decides nothing: from a standby while there is no primary ([Freshness] tells).
    public <T extends @Nullable Object> T readPage(SqlWork<T> work) {
        var standby = standbyPool;
        return standby == null ? read(work) : standbyReads.<T>read(() -> read(work), () -> outsideTransaction(standby, work));
    }

    /// Whether pages can be read now, be it from a standby.
    ///
    /// @throws DatabaseUnavailable saying why not
    public void pingPages() {
        readPage(Database::answers);
    }

    private static boolean answers(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            return statement.execute("select 1");
        }
    }

    /// [#read], through the connections apart.
    public <T extends @Nullable Object> T readApart(SqlWork<T> work) {
        return outsideTransaction(apartPool, work);
    }

    /// [#read], through the long pool.
    public <T extends @Nullable Object> T readLong(SqlWork<T> work) {
        return outsideTransaction(longPool, work);
    }

    /// One transaction through the short pool: committed when this returns, and not when it throws (but see
    /// [CommitUnknown]). After a deadlock or serialisation failure the work is run once more.
    public <T extends @Nullable Object> T write(SqlWork<T> work) {
        return inTransaction(shortPool, work);
    }

    /// [#write], through the long pool. Short transactions all the same: an old snapshot stops pruning.
    public <T extends @Nullable Object> T writeLong(SqlWork<T> work) {
        return inTransaction(longPool, work);
    }

    /// Fills in the parameters of a statement.
    @FunctionalInterface
    public interface Parameters {
        void bind(PreparedStatement statement) throws SQLException;
    }

    /// Reads what a statement returned; the transaction has ended by then.
    @FunctionalInterface
    public interface Rows<T extends @Nullable Object> {
        T read(ResultSet rows) throws SQLException;
    }

    /// One statement whose COMMIT travels in the same client message, so that no lock it takes ever waits for us: a
    /// node frozen here holds nothing up (DESIGN §4). The statement returns rows (`select take(...)`, `... returning`).
    public <T extends @Nullable Object> T commitAtOnce(String sql, Parameters parameters, Rows<T> rows) {
        return commitAtOnce(shortPool, sql, parameters, rows);
    }

    /// [#commitAtOnce], through the connections apart.
    public <T extends @Nullable Object> T commitApart(String sql, Parameters parameters, Rows<T> rows) {
        return commitAtOnce(apartPool, sql, parameters, rows);
    }

    private <T extends @Nullable Object> T commitAtOnce(HikariDataSource pool, String sql, Parameters parameters, Rows<T> rows) {
        return twice(() -> {
            var connection = connection(pool);
            try (connection; var statement = connection.prepareStatement(sql)) {
                parameters.bind(statement);
                var process = connection.unwrap(PGConnection.class).getBackendPID();
                connection.clearWarnings(); // such as "collation version mismatch", said when it was opened
                try {
                    statement.execute();
                } catch (SQLException e) {
                    throw Failure.unknownAtCommit(e) ? unknown(pool, connection, process, e) : failed(pool, e);
                }
                var warning = statement.getWarnings() != null ? statement.getWarnings() : connection.getWarnings();
                if (warning != null) {
                    throw unknown(pool, connection, process, warning);
                }
                try {
                    return rows.read(statement.getResultSet());
                } catch (SQLException e) {
                    throw unknown(pool, connection, process, e); // committed, and we cannot tell what
                }
            } catch (SQLException e) {
                throw failed(pool, e); // before execute, or in close
            }
        });
    }

    /// A connection of the short pool in autocommit mode, to be closed by the caller, who turns its SQLExceptions into
    /// ours by [#failure].
    public Connection connection() {
        return connection(shortPool);
    }

    /// For libraries that want a pool.
    public DataSource shortPool() {
        return shortPool;
    }

    /// For libraries and for results read by cursor.
    public DataSource longPool() {
        return longPool;
    }

    /// A Hibernate session on this connection and in its transaction. The first call in a process builds the mapping
    /// (about a second), which is why no hot statement goes this way.
    public StatelessSession session(Connection connection) {
        return mapping.session(connection);
    }

    /// Compares entities with tables; columns nobody maps are fine (the schema may be one version ahead).
    ///
    /// @throws IllegalStateException naming the missing table or column
    public void checkMapping() {
        mapping.check();
    }

    /// Commits of this node whose outcome is unknown and whose server processes may still hold their locks, waiting
    /// for a standby. Whoever accepts sessions compares this with his cap and answers 421 above it.
    public int unknownCommits() {
        return unknown.count();
    }

    /// Whether the primary answers now; the reason if it does not. Waits a few seconds at most.
    ///
    /// @throws DatabaseUnavailable saying why
    public void ping() {
        read(Database::answers);
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /// The exception this failure is to us, never [CommitUnknown].
    public static RuntimeException failure(SQLException e) {
        return switch (Failure.of(e)) {
            case UNAVAILABLE, COLLISION -> new DatabaseUnavailable("database: " + e.getMessage(), e);
            case STATEMENT -> new StatementFailed(e);
        };
    }

    @Override
    public void close() {
        standbyReads.close();
        mapping.close();
        unknown.close();
        shortPool.close();
        apartPool.close();
        if (standbyPool != null) {
            standbyPool.close();
        }
        longPool.close();
    }

    private <T extends @Nullable Object> T outsideTransaction(HikariDataSource pool, SqlWork<T> work) {
        return twice(() -> {
            try (var connection = connection(pool)) {
                return work.on(connection);
            } catch (SQLException e) {
                throw failed(pool, e);
            } catch (RuntimeException e) {
                throw translated(pool, e);
            }
        });
    }

    private <T extends @Nullable Object> T inTransaction(HikariDataSource pool, SqlWork<T> work) {
        return twice(() -> {
            try (var connection = connection(pool)) {
                connection.setAutoCommit(false);
                T result;
                try {
                    result = work.on(connection);
                } catch (SQLException | RuntimeException | Error e) {
                    rollback(connection, e);
                    throw e;
                }
                commit(pool, connection);
                return result;
            } catch (SQLException e) {
                throw failed(pool, e);
            } catch (RuntimeException e) {
                throw translated(pool, e);
            }
        });
    }

    private void commit(HikariDataSource pool, Connection connection) throws SQLException {
        connection.clearWarnings();
        var process = connection.unwrap(PGConnection.class).getBackendPID();
        try {
            connection.commit();
        } catch (SQLException e) {
            if (Failure.unknownAtCommit(e)) {
                throw unknown(pool, connection, process, e);
            }
            throw e; // the server said no: rolled back
        }
        var warning = connection.getWarnings();
        if (warning != null) {
            throw unknown(pool, connection, process, warning);
        }
    }

    private static void rollback(Connection connection, Throwable because) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            because.addSuppressed(e); // the connection is gone, and the transaction with it
        }
    }

    private CommitUnknown unknown(HikariDataSource pool, Connection connection, int process, SQLException e) {
        var exception = new CommitUnknown("it is not known whether this was committed: " + e.getMessage(), e);
        unknown.add(process);
        pool.evictConnection(connection);
        log.warn("{}", exception.getMessage());
        return exception;
    }

    private static Connection connection(HikariDataSource pool) {
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            // The pool says "timed out after 5000ms"; why lies beneath.
            var why = e.getCause() == null ? e : e.getCause();
            throw new DatabaseUnavailable("no connection to the primary database: " + why.getMessage(), e);
        }
    }

    /// Where one connection is lost the others of the pool rarely live: all are dropped, so that nobody else waits to
    /// find out.
    private static RuntimeException failed(HikariDataSource pool, SQLException e) {
        if (Failure.lostConnection(e) && !pool.isClosed()) {
            pool.getHikariPoolMXBean().softEvictConnections();
        }
        return failure(e);
    }

    /// Hibernate wraps; inside there may be an SQLException.
    private static RuntimeException translated(HikariDataSource pool, RuntimeException e) {
        if (e instanceof DatabaseUnavailable || e instanceof StatementFailed) {
            return e;
        }
        var inside = Failure.within(e);
        return inside == null ? e : failed(pool, inside);
    }

    private interface Attempt<T extends @Nullable Object> {
        T run();
    }

    private static <T extends @Nullable Object> T twice(Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (DatabaseUnavailable e) {
            var collision = e instanceof CommitUnknown ? null : Failure.within(e);
            if (collision == null || Failure.of(collision) != Failure.COLLISION) {
                throw e;
            }
            log.info("once more after {}", collision.getMessage());
            return attempt.run();
        }
    }

    /// Tells the pool which connections not to use again.
    static final class Evict implements SQLExceptionOverride {
        @java.lang.Override // the interface has an enum of that name
        public Override adjudicate(SQLException e) {
            return Failure.lostConnection(e) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
        }
    }
}
