package org.listserv.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What waits costs nobody: a claim and a mark beside a short and a long queue.
@Command(name = "bench/queue-length", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Buffers and time of claims and marks with few batches waiting and with many, of one list and of many lists, all due: medians. The same",
        "functions the program calls, on a database of its own. Exit 1: a bar is missed. Needs PostgreSQL. About a minute."})
final class QueueLength implements Callable<Integer> {

    private static final double BUFFERS = 1.5;
    /// What one page costs more or less by chance; an index is a level or two higher when it is a thousand times as large.
    private static final long SLACK = 8;
    private static final int CLAIMED = 4;

    @Option(names = "--few", paramLabel = "N", defaultValue = "10", description = "Batches waiting (${DEFAULT-VALUE}).")
    private int few;

    @Option(names = "--many", paramLabel = "N", defaultValue = "${env:BATCHES:-10000}", description = "Batches waiting (${DEFAULT-VALUE}).")
    private int many;

    @Option(names = "--lists", paramLabel = "N", split = ",", defaultValue = "1,100", description = "They belong to so many lists (${DEFAULT-VALUE}).")
    private List<Integer> lists = List.of();

    @Option(names = "--times", paramLabel = "N", defaultValue = "50", description = "Of each; medians count (${DEFAULT-VALUE}).")
    private int times;

    @Option(names = "--short", description = "For every build: 10 times each.")
    private boolean brief;

    private record Cost(long buffers, double millis) {}

    public static void main(String... words) {
        System.exit(new CommandLine(new QueueLength()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            times = 10;
        }
        try (var place = Workplace.create("queue")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, true);
            var site = Site.create(place, Workplace.freePort());
            site.list("queued", 0, "posting=anyone");
            site.postgres().execute(Site.DATABASE, "insert into node (name) values ('claims')");
            for (int count : lists) {
                var atFew = measured(site, few, count);
                var atMany = measured(site, many, count);
                for (var one : atFew.entrySet()) {
                    var what = one.getKey();
                    var before = one.getValue();
                    var after = Objects.requireNonNull(atMany.get(what), what);
                    scores.exactly("%s, buffers, %,d waiting of %d list(s); %d with %d waiting".formatted(what, many, count,
                            before.buffers(), few), after.buffers(), before.buffers() * BUFFERS + SLACK, "");
                    scores.tell("   time", String.format(Locale.ROOT, "%.3f, %.3f ms", before.millis(), after.millis()));
                }
            }
            scores.print();
            return tally.summary();
        }
    }

    private Map<String, Cost> measured(Site site, int waiting, int count) throws SQLException {
        fill(site.postgres(), waiting, Math.min(count, waiting));
        return measure(site.postgres());
    }

    /// Messages of 10 batches, or fewer where few wait, each message of one list: as many batches of one message come together
    /// in a short queue as in a long one.
    private static void fill(Postgres postgres, int waiting, int lists) {
        var messages = (waiting + 10 * lists - 1) / (10 * lists) * lists;
        postgres.execute(Site.DATABASE, "truncate outgoing, batch, delivery_problem, delivery_total", """
                insert into outgoing (kind, octets, reverse_path, recipients, accepted_at)
                select 'notice', 'x', 'x', 500, now() from generate_series(1, %d) i
                """.formatted(messages), """
                insert into batch (outgoing_id, list_id, small, subscriptions, recipients, done, deferred, next_attempt_at)
                select (select min(id) from outgoing) + i / (10 * %1$d) * %1$d + i %% %1$d, 1 + i %% %1$d, false, decode(repeat('01', 500), 'hex'), 500,
                       repeat('0', 500)::bit varying, repeat('0', 500)::bit varying, now() - interval '1 minute'
                  from generate_series(0, %2$d - 1) i
                """.formatted(lists, waiting), "vacuum analyze outgoing, batch");
    }

    /// Each claim is given back before the next, so that as many wait as before.
    private Map<String, Cost> measure(Postgres postgres) throws SQLException {
        var costs = new LinkedHashMap<String, Cost>();
        try (var connection = postgres.connect(Site.DATABASE); var statement = connection.createStatement()) {
            var claim = """
                    explain (analyze, buffers)
                    select * from claim((select id from node where name = 'claims'), 1, false, -1, 4, %d, %d, '{}')
                    """.formatted(CLAIMED, CLAIMED);
            var claims = new ArrayList<Cost>();
            var marks = new ArrayList<Cost>();
            var ends = new ArrayList<Cost>();
            for (var i = -3; i < times; i++) {    // the first make the functions' own plans
                var claimed = explain(connection, claim);
                var ids = postgres.ask(Site.DATABASE, "select array_agg(id order by id) from batch where owner is not null");
                var marked = explain(connection, mark(ids, false));
                connection.setAutoCommit(false);
                var ended = explain(connection, mark(ids, true));
                connection.rollback();
                connection.setAutoCommit(true);
                statement.execute("update batch set owner = null, owner_epoch = null where owner is not null");
                if (i % 10 == 0) {
                    statement.execute("vacuum batch");
                }
                if (i >= 0) {
                    claims.add(claimed);
                    marks.add(marked);
                    ends.add(ended);
                }
            }
            costs.put("claim of %d batches".formatted(CLAIMED), median(claims));
            costs.put("mark of %d batches, 16 copies each".formatted(CLAIMED), median(marks));
            costs.put("mark that ends %d batches".formatted(CLAIMED), median(ends));
        }
        return costs;
    }

    private static String mark(String ids, boolean complete) {
        return """
                explain (analyze, buffers)
                select mark((select id from node where name = 'claims'), 1, i.ids, array_fill((repeat('1', 16) || repeat('0', 484))::text, array[n]),
                            array_fill(%s, array[n]), array_fill(16, array[n]), array_fill(0, array[n]), array_fill(0, array[n]), '{}', '{}', '{}', '{}')
                  from (select '%s'::bigint[] as ids, cardinality('%s'::bigint[]) as n) i
                """.formatted(complete, ids, ids);
    }

    private static final Pattern TIME = Pattern.compile("Execution Time: ([\\d.]+) ms");
    private static final Pattern BUFFER = Pattern.compile("(?:hit|read)=(\\d+)");

    /// The first "Buffers:" line is that of the topmost node and counts all below it.
    private static Cost explain(Connection connection, String sql) throws SQLException {
        var buffers = -1L;
        var millis = 0.0;
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                var line = rows.getString(1).strip();
                if (line.startsWith("Buffers: shared") && buffers < 0) {
                    buffers = BUFFER.matcher(line).results().mapToLong(hit -> Long.parseLong(hit.group(1))).sum();
                }
                var time = TIME.matcher(line);
                if (time.find()) {
                    millis = Double.parseDouble(time.group(1));
                }
            }
        }
        return new Cost(Math.max(0, buffers), millis);
    }

    private static Cost median(List<Cost> costs) {
        return new Cost(Math.round(Scores.median(costs.stream().map(cost -> (double) cost.buffers()).toList())),
                Scores.median(costs.stream().map(Cost::millis).toList()));
    }
}
