package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.MessageIds;
import org.listserv.store.SqlWork;
import org.listserv.store.TestDatabase;

/// A page costs what it shows, however large the archive is: buffers touched by every statement behind it, by `explain (analyze, buffers)` with
/// the planner at its defaults, in a small archive and in a large one.
///
/// `-Dlistserv.plan.posts=1000000` makes the large one as large as that; 50,000 is what every run can afford.
class PlanTest {
    private static final int SMALL = 10_000;
    private static final int LARGE = Integer.getInteger("listserv.plan.posts", 50_000);
    private static final EmailAddress DEV = EmailAddress.parse("dev@lists.example.org");
    private static final Reader ANYONE = Reader.ANONYMOUS;

    /// 1,000 posts a month from 2000 on, in threads of 10 of which five always run side by side.
    private static final String LOAD = """
            insert into domain (name) values ('lists.example.org');
            insert into list (domain_id, local_part) select id, 'dev' from domain;
            insert into list_head (list_id, chain, last_seq, last_number, last_filed_at) select id, sha256(''), $POSTS, $POSTS, '2000-01-01' from list;
            insert into thread (list_id) select l.id from list l, generate_series(0, $POSTS / 10 + 5);
            insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, refs, thread_id, author_name, author_address, subject,
                              size, filed_at)
            select l.id, i, i, i, sha256(int8send(i)), sha256(int8send(i)), i || '@example.org', ('x' || encode(substr(sha256((i || '@example.org')::bytea), 1, 8), 'hex'))::bit(64)::bigint,
                   array[((i - 5) || '@example.org')], (select min(id) from thread) + i / 50 * 5 + i % 5, 'Author ' || i % 100, 'author' || i % 100 || '@example.org',
                   'Subject ' || i % 5 || ' of ' || i / 50, 4000, timestamptz '2000-01-01 00:00Z' + (i / 1000) * interval '1 month' + (i % 1000) * interval '30 minutes'
              from list l, generate_series(1, $POSTS) i;
            insert into list_month (list_id, month, posts, last_seq)
            select list_id, date_trunc('month', filed_at at time zone 'UTC')::date, count(*), max(seq) from post group by 1, 2 order by 1, 2;
            """;

    @Test
    void pages_cost_the_same_in_a_large_archive() {
        var small = costs(SMALL);
        var large = costs(LARGE);
        System.out.println("buffers at " + SMALL + " posts: " + small + "\nbuffers at " + LARGE + " posts: " + large);
        small.forEach((page, buffers) -> assertThat(large.get(page))
                .as("buffers of the %s page at %d posts, %d at %d", page, LARGE, buffers, SMALL)
                .isLessThanOrEqualTo(Math.round(buffers * 1.5)));
    }

    private static Map<String, Long> costs(int posts) {
        try (var testDatabase = TestDatabase.fresh()) {
            testDatabase.sql(LOAD.replace("$POSTS", Integer.toString(posts)));
            testDatabase.sql("vacuum analyze");
            var meter = new Meter(testDatabase);
            var month = YearMonth.of(2000, 1).plusMonths(posts / 2000);
            var messageId = posts / 2 + "@example.org";
            var costs = new LinkedHashMap<String, Long>();
            costs.put("front", meter.buffers(source -> new Overviews(source).lists(ANYONE, null, 100)));
            costs.put("overview", meter.buffers(source -> new Overviews(source).overview(ANYONE, DEV)));
            costs.put("month",
                    meter.buffers(
                            source -> assertThat(new Months(source).byThread(ANYONE, DEV, month, null, 100).orElseThrow().slice().items())
                                    .hasSize(100)));
            costs.put("month by date",
                    meter.buffers(
                            source -> assertThat(new Months(source).byDate(ANYONE, DEV, month, null, 100).orElseThrow().slice().items())
                                    .hasSize(100)));
            costs.put("month by author",
                    meter.buffers(
                            source -> assertThat(new Months(source).byAuthor(ANYONE, DEV, month, null, 100).orElseThrow().slice().items())
                                    .hasSize(100)));
            costs.put("message", meter.buffers(source -> assertThat(new Messages(source).find(ANYONE, DEV, messageId)).isPresent()));
            costs.put("number", meter.buffers(source -> assertThat(new Messages(source).byNumber(ANYONE, DEV, posts / 2)).isPresent()));
            costs.put("thread", meter
                    .buffers(source -> assertThat(new Threads(source).find(ANYONE, DEV, messageId).orElseThrow().posts()).hasSize(10)));
            return costs;
        }
    }

    private interface PageQuery {
        void run(Source source);
    }

    private static final class Meter {
        private static final Pattern BUFFERS = Pattern.compile("(?s)\"Shared Hit Blocks\": (\\d+).*?\"Shared Read Blocks\": (\\d+)");
        private final TestDatabase testDatabase;
        private long buffers;

        Meter(TestDatabase testDatabase) {
            this.testDatabase = testDatabase;
        }

        long buffers(PageQuery page) {
            var source = new Source() {
                @Override
                public <T> T read(SqlWork<T> work) {
                    return testDatabase.database().read(connection -> work.on(watched(connection)));
                }
            };
            page.run(source);
            buffers = 0;
            page.run(source);
            return buffers;
        }

        /// Each statement is explained before it is run.
        private Connection watched(Connection connection) {
            return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Connection.class},
                    (proxy, method, arguments) -> {
                        if (!method.getName().equals("prepareStatement")) {
                            return method.invoke(connection, arguments);
                        }
                        var statement = connection.prepareStatement((String) arguments[0]);
                        var explained = connection.prepareStatement("explain (analyze, buffers, format json) " + arguments[0]);
                        return watched(statement, explained);
                    });
        }

        private PreparedStatement watched(PreparedStatement statement, PreparedStatement explained) {
            return (PreparedStatement) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{PreparedStatement.class},
                    (proxy, method, arguments) -> {
                        try {
                            if (method.getName().startsWith("set") || method.getName().equals("close")) {
                                method.invoke(explained, arguments);
                            } else if (method.getName().equals("executeQuery")) {
                                measure(explained);
                            }
                            return method.invoke(statement, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private void measure(PreparedStatement explained) throws SQLException {
            try (var plan = explained.executeQuery()) {
                plan.next();
                var top = BUFFERS.matcher(plan.getString(1));  // the first are those of the whole statement
                assertThat(top.find()).isTrue();
                buffers += Long.parseLong(top.group(1)) + Long.parseLong(top.group(2));
            }
        }
    }

    @Test
    void the_load_has_the_hashes_that_java_makes() {
        try (var testDatabase = TestDatabase.fresh()) {
            testDatabase.sql(LOAD.replace("$POSTS", "10"));
            long hash = testDatabase.database().read(connection -> Rows
                    .one(connection, "select message_id_hash from post where seq = 7", row -> row.getLong(1)).orElseThrow());
            assertThat(hash).isEqualTo(MessageIds.hash("7@example.org"));
        }
    }
}
