package org.listserv.store;

import java.util.Objects;
import java.util.Properties;

import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/// Where the database is and who we are to it.
///
/// @param url JDBC URL, `jdbc:postgresql://db1,db2,db3/listserv`; several hosts are tried for the primary.
///     `targetServerType` is ours to add: a node that wrote to whatever answers first would not find the primary.
/// @param user role that owns the schema
/// @param password empty when the server asks for none
public record DatabaseSettings(String url, String user, String password) {

    /// What every connection sets, whoever opens it. The lock of a list's head is held by the transaction of the node
    /// that published last: a node frozen in the middle must lose it (P5), and a node behind it must not wait for ever.
    private static final String SESSION = "-c idle_in_transaction_session_timeout=5s -c lock_timeout=10s"
            // Only real warnings become SQLWarnings, since after COMMIT each of them means "unknown".
            + " -c client_min_messages=warning"
            // A node that vanished without closing its connections is noticed by the server within half a minute.
            + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    /// The same few statements over and over: planned once a session, not for each value. A plan for any value looks dearer than it is to
    /// those who have a small one, and starting processes or compiling for it takes longer than the answer.
    private static final String PLANNED_ONCE = " -c plan_cache_mode=force_generic_plan -c jit=off -c max_parallel_workers_per_gather=0";

    /// Of connections that only ask for what is owed. The queue's tables are empty most of the time, and what was planned then must do for the
    /// busy hour too: always the index.
    private static final String QUEUE = PLANNED_ONCE + " -c enable_seqscan=off";

    /// A migration may take long over one statement and waits for other work to end; everything else is as above.
    private static final String MIGRATING = "-c idle_in_transaction_session_timeout=0 -c lock_timeout=60s"
            + " -c client_min_messages=warning -c tcp_keepalives_idle=10";

    public DatabaseSettings {
        var given = Driver.parseURL(url, null);
        if (given == null) {
            throw new IllegalArgumentException("listserv.database.url is not a PostgreSQL JDBC URL: " + withoutPassword(url)
                    + " (expected jdbc:postgresql://HOST[:PORT][,HOST...]/DATABASE)");
        }
        for (var ours : new PGProperty[]{PGProperty.TARGET_SERVER_TYPE, PGProperty.LOAD_BALANCE_HOSTS}) {
            if (given.containsKey(ours.getName())) {
                throw new IllegalArgumentException("listserv.database.url must not set " + ours.getName()
                        + ": listserv itself looks for the primary among the hosts; remove it from the URL");
            }
        }
    }

    /// @param purpose shown in pg_stat_activity
    /// @param socketTimeoutSeconds a server that says nothing for so long is taken for dead
    PGSimpleDataSource dataSource(String purpose, int socketTimeoutSeconds) {
        return dataSource(purpose, socketTimeoutSeconds, SESSION);
    }

    /// [#dataSource(String, int)], for what is asked at every post and page.
    PGSimpleDataSource hotDataSource(String purpose, int socketTimeoutSeconds) {
        return dataSource(purpose, socketTimeoutSeconds, SESSION + PLANNED_ONCE);
    }

    /// [#dataSource(String, int)], for claims and marks.
    PGSimpleDataSource queueDataSource(String purpose, int socketTimeoutSeconds) {
        return dataSource(purpose, socketTimeoutSeconds, SESSION + QUEUE);
    }

    /// [#hotDataSource], for pages while the primary is away: any standby that answers.
    PGSimpleDataSource standbyDataSource(String purpose, int socketTimeoutSeconds) {
        var pg = hotDataSource(purpose, socketTimeoutSeconds);
        pg.setTargetServerType("preferSecondary");
        pg.setReadOnly(true);
        return pg;
    }

    /// Is there more than one host to ask?
    boolean hasSeveralHosts() {
        var hosts = PGProperty.PG_HOST.getOrDefault(Objects.requireNonNull(Driver.parseURL(url, null)));
        return hosts != null && hosts.contains(",");
    }

    PGSimpleDataSource migratingDataSource() {
        return dataSource("migrate", 0, MIGRATING);
    }

    private PGSimpleDataSource dataSource(String purpose, int socketTimeoutSeconds, String session) {
        var given = Objects.requireNonNull(Driver.parseURL(url, null));
        var pg = new PGSimpleDataSource();
        pg.setURL(url);
        if (!user.isEmpty()) {
            pg.setUser(user);
        }
        if (!password.isEmpty()) {
            pg.setPassword(password);
        }
        pg.setTargetServerType("primary");
        pg.setApplicationName("listserv " + purpose);
        pg.setOptions((PGProperty.OPTIONS.isPresent(given) ? PGProperty.OPTIONS.getOrDefault(given) + " " : "") + session);
        pg.setTcpKeepAlive(true);
        pg.setReWriteBatchedInserts(true);
        // After a failover the driver remembers which host was what for so long.
        unlessGiven(given, PGProperty.HOST_RECHECK_SECONDS, () -> pg.setHostRecheckSeconds(2));
        unlessGiven(given, PGProperty.CONNECT_TIMEOUT, () -> pg.setConnectTimeout(3));
        unlessGiven(given, PGProperty.SOCKET_TIMEOUT, () -> pg.setSocketTimeout(socketTimeoutSeconds));
        return pg;
    }

    private static void unlessGiven(Properties given, PGProperty property, Runnable set) {
        if (!given.containsKey(property.getName())) {
            set.run();
        }
    }

    /// Without the password, for logs and `config show`.
    @Override
    public String toString() {
        return withoutPassword(url) + (user.isEmpty() ? "" : " as " + user);
    }

    private static String withoutPassword(String url) {
        return url.replaceAll("(?i)(password=)[^&]*", "$1...");
    }
}
