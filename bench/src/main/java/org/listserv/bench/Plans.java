package org.listserv.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Flat where it must be flat: the hot statements of a large installation touch about as many pages as those of a small one.
@Command(name = "bench/plans", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Loads a small and a large installation, analyzes them, and lets the program do the same work on both: the server counts the buffers of",
        "each statement (pg_stat_statements) and writes its plan (auto_explain, analyze and buffers on). Bar: 1.5 times the buffers of the small one.",
        "Planner and statistics settings are PostgreSQL's defaults. --keep leaves the server's log with all plans."})
final class Plans implements Callable<Integer> {

    private static final double BAR = 1.5;
    /// What one page costs more or less by chance.
    private static final long SLACK = 4;
    private static final int LISTS = 10;
    private static final int A_MONTH = 500;
    private static final int A_THREAD = 10;
    private static final int REQUESTS = 20;

    @Option(names = "--small", paramLabel = "N", defaultValue = "10000", description = "Posts and subscribers of the small one (${DEFAULT-VALUE}).")
    private int small;

    @Option(names = "--posts", paramLabel = "N", defaultValue = "1000000", description = "Posts of the large one (${DEFAULT-VALUE}).")
    private int posts;

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "100000", description = "Subscribers of the large one (${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(names = "--queue", paramLabel = "N", defaultValue = "10", description = "How many times as many batches wait in the large one (${DEFAULT-VALUE}).")
    private int queue;

    @Option(names = "--keep", description = "Keep the servers' logs.")
    private boolean keep;

    public static void main(String... words) {
        System.exit(new CommandLine(new Plans()).execute(words));
    }

    /// Buffers by what was done.
    private record Measured(Map<String, Long> buffers, Path plans) {}

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("plans")) {
            var tally = new Tally(place);
            var few = measure(place, "small", small, small, 1);
            var many = measure(place, "large", posts, subscribers, queue);
            System.out.printf("%n%-42s %12s %12s %8s%n", "shared buffers, hit and read", "small", "large", "factor");
            few.buffers().forEach((what, before) -> {
                var after = many.buffers().getOrDefault(what, Long.MAX_VALUE);
                System.out.printf(Locale.ROOT, "%-42s %12d %12d %8.2f%n", what, before, after, (double) after / Math.max(1, before));
            });
            few.buffers().forEach((what, before) -> {
                var after = many.buffers().getOrDefault(what, Long.MAX_VALUE);
                tally.quietly(after <= before * BAR + SLACK, "%s: %d buffers became %d", what, before, after);
            });
            if (keep) {
                place.keep();
                place.say("plans: %s and %s", few.plans(), many.plans());
            }
            return tally.summary();
        }
    }

    private Measured measure(Workplace place, String name, int posts, int subscribers, int queue) throws Exception {
        var postgres = Postgres.create(place, name,
                List.of("shared_preload_libraries='pg_stat_statements,auto_explain'", "auto_explain.log_min_duration=-1",
                        "auto_explain.log_analyze=on", "auto_explain.log_buffers=on", "auto_explain.log_nested_statements=on",
                        "pg_stat_statements.track=top"));
        postgres.start();
        var relay = place.add(Sink.start(_ -> {}));
        var site = Site.create(place, postgres, relay.port());
        load(place, site, posts, subscribers, queue);
        place.say("%s: %d posts, %d subscribers of one list", name, site.count("post"),
                postgres.count(Site.DATABASE, "select count(*) from subscription where list_id = 1"));
        postgres.execute(Site.DATABASE, "create extension pg_stat_statements", "alter system set auto_explain.log_min_duration = 0",
                "select pg_reload_conf()");
        var node = site.node("smtp,archive,web", List.of(), List.of("-Xmx1g"));    // no delivery: the queue must stay as it is
        node.startAndWait();
        var buffers = new LinkedHashMap<String, Long>();
        functions(postgres, buffers);
        pages(site, node, buffers);
        node.stop();
        postgres.stop();
        return new Measured(buffers, postgres.log());
    }

    // --- a large installation, by SQL ----------------------------------------------------------------------------------

    private static void load(Workplace place, Site site, int posts, int subscribers, int queue) {
        for (var i = 1; i <= LISTS; i++) {
            site.list("list" + i, 0, "posting=anyone");
        }
        var postgres = site.postgres();
        var perList = posts / LISTS;
        // Ten messages a thread, five hundred a month, whatever the size: so a month page and a thread page show the same on both.
        postgres.execute(Site.DATABASE, "set synchronous_commit = off", """
                create temp table made as
                select l as list_id, s as seq, (l - 1) * %1$d::bigint + s as message,
                       timestamptz '2026-01-01 00:00Z' - make_interval(months => %1$d / %2$d) + make_interval(months => ((s - 1) / %2$d)::integer)
                           + ((s - 1) %% %2$d) * interval '1 hour' as filed_at
                  from generate_series(1, %3$d) l, generate_series(1, %1$d) s
                """.formatted(perList, A_MONTH, LISTS), """
                insert into message (id, octets, size, sha256, source, reverse_path, received_at)
                select message, convert_to('Message-ID: <' || message || E'@made>\\r\\nFrom: someone@made.example\\r\\nSubject: made\\r\\n\\r\\ntext ' || message, 'UTF8'),
                       100, sha256(int8send(message)), 'import', null, filed_at from made
                """, """
                insert into thread (list_id) select list_id from made where (seq - 1) %% %d = 0 order by list_id, seq
                """.formatted(A_THREAD).replace("%%", "%"), """
                insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, refs, thread_id, author_name, author_address,
                                  subject, size, filed_at, sent_at)
                select list_id, seq, seq, message, sha256(int8send(message)), sha256(int8send(message)), message || '@made',
                       ('x' || substr(encode(sha256(convert_to(message || '@made', 'UTF8')), 'hex'), 1, 16))::bit(64)::bigint,
                       case when (seq - 1) %% %1$d = 0 then '{}' else array[(message - 1) || '@made'] end, (message - 1) / %1$d + 1,
                       'Someone', 'someone' || message %% 1000 || '@made.example', 'made ' || (message - 1) / %1$d, 100, filed_at, filed_at
                  from made
                """.formatted(A_THREAD), """
                insert into thread_message_id (list_id, message_id_hash, thread_id) select list_id, message_id_hash, thread_id from post
                """, """
                insert into list_month (list_id, month, posts, last_seq)
                select list_id, date_trunc('month', filed_at at time zone 'UTC')::date, count(*), max(seq) from post group by 1, 2
                """, """
                update list_head h set last_number = p.n, last_seq = p.n, chain = p.chain, last_filed_at = p.filed_at
                  from (select distinct on (list_id) list_id, seq as n, chain, filed_at from post order by list_id, seq desc) p where p.list_id = h.list_id
                """, """
                insert into arrival (list_id, function, key, message, outcome, received_at, last_seen_at)
                select list_id, 'post', decode('00', 'hex') || sha256, message, 'posted', filed_at, filed_at from post
                """, "select setval('message_id_seq', (select max(id) from message))");
        place.say("posts are in");
        postgres.execute(Site.DATABASE, "set synchronous_commit = off", """
                insert into address (mailbox, normal) select 'u' || i || '@made.example', 'u' || i || '@made.example' from generate_series(1, %d) i
                """.formatted(subscribers), """
                insert into subscription (list_id, kind, address_id) select 1, 'main', id from address order by id
                """, """
                insert into subscription (list_id, kind, address_id) select l, 'main', a.id from generate_series(2, %d) l, lateral
                    (select id from address order by id limit 1000) a
                """.formatted(LISTS), """
                insert into held_post (list_id, message, author, subject, reasons, state, held_at, expires_at, decided_at, decided_by)
                select 1 + i %% %1$d, i, 'a@made.example', 'held', '{because}', 'discarded', now(), now(), now(), 'x' from generate_series(1, %2$d) i
                """.formatted(LISTS, posts / 100), """
                insert into held_post (list_id, message, author, subject, reasons, held_at, expires_at)
                select 1 + i %% %1$d, i, 'a@made.example', 'held', '{because}', now(), now() + interval '5 days' from generate_series(1, 50) i
                """.formatted(LISTS));
        // The queue: full batches of 500 ids of one octet each; every list has due work and work that must wait.
        postgres.execute(Site.DATABASE, "set synchronous_commit = off", """
                insert into outgoing (kind, list_id, number, message, reverse_path, recipients, accepted_at)
                select 'post', 1 + i %% %1$d, 1, 1, 'x', 500, now() from generate_series(1, %2$d) i
                """.formatted(LISTS, 200 * queue), """
                insert into batch (outgoing_id, list_id, small, subscriptions, recipients, done, deferred, next_attempt_at)
                select o.id, o.list_id, b % 2 = 0, decode(repeat('01', 500), 'hex'), 500, repeat('0', 500)::bit varying, repeat('0', 500)::bit varying,
                       now() + case when b % 3 = 0 then interval '-1 minute' else interval '1 hour' end
                  from outgoing o, generate_series(1, 10) b
                """, "vacuum analyze");
    }

    // --- claim and mark ------------------------------------------------------------------------------------------------

    private static void functions(Postgres postgres, Map<String, Long> buffers) throws SQLException {
        try (var connection = postgres.connect(Site.DATABASE); var statement = connection.createStatement()) {
            statement.execute("insert into node (name) values ('claims')");
            statement.execute(
                    "prepare claiming as select * from claim((select id from node where name = 'claims'), 1, false, -1, 256, 2, 8, '{}')");
            statement.execute("execute claiming");    // the functions' own plans are made
            buffers.put("claim, 8 batches", explain(connection, "explain (analyze, buffers) execute claiming"));
            buffers.put("claim, 8 batches, connections for small ones",
                    explain(connection,
                            "explain (analyze, buffers) select * from claim((select id from node where name = 'claims'), 1, true, -1, 256, 2, 8, '{}')"));
            for (var complete : List.of(false, true)) {
                var mark = """
                        explain (analyze, buffers)
                        select mark((select id from node where name = 'claims'), 1, array_agg(id), array_agg(repeat('1', 16) || repeat('0', 484)), array_agg(%s),
                                    array_agg(16), array_agg(0), array_agg(0), '{}', '{}', '{}', '{}')
                          from (select id from batch where owner is not null order by id limit 4) b
                        """.formatted(complete);
                // which batches are ours is asked once more by itself, and taken off
                var asking = explain(connection,
                        "explain (analyze, buffers) select array_agg(id) from (select id from batch where owner is not null order by id limit 4) b");
                buffers.put(complete ? "mark, 4 batches that end" : "mark, 64 copies of 4 batches", explain(connection, mark) - asking);
            }
        }
    }

    private static long explain(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            // The first "Buffers: shared hit=1 read=2 dirtied=3" is that of the topmost node and counts all below it.
            while (rows.next()) {
                var line = rows.getString(1).strip();
                if (line.startsWith("Buffers: shared")) {
                    return java.util.regex.Pattern.compile("(?:hit|read)=(\\d+)").matcher(line).results()
                            .mapToLong(hit -> Long.parseLong(hit.group(1))).sum();
                }
            }
            return 0;
        }
    }

    // --- what the program asks -------------------------------------------------------------------------------------------

    private interface Request {
        void send(int number) throws IOException, InterruptedException;
    }

    private static void pages(Site site, Node node, Map<String, Long> buffers) throws Exception {
        var postgres = site.postgres();
        var list = "list1@" + Site.DOMAIN;
        var month = postgres.ask(Site.DATABASE, "select to_char(max(month), 'YYYY-MM') from list_month where list_id = 1");
        var thread = postgres.ask(Site.DATABASE, "select message_id from post where list_id = 1 order by seq desc offset 25 limit 1");
        try (var client = HttpClient.newHttpClient(); var session = SmtpSession.open(node.smtp(), Duration.ofSeconds(30))) {
            session.ehlo();
            session.command("MAIL FROM:<a@x.example>");
            record Asked(String what, Request request) {}
            for (var asked : List.of(
                    new Asked("RCPT, a list", _ -> expect(session.command("RCPT TO:<" + list + ">").code(), 250)),
                    new Asked("RCPT, nobody", n -> expect(session.command("RCPT TO:<nobody%d@%s>".formatted(n, Site.DOMAIN)).code(), 550)),
                    new Asked("month page", _ -> get(client, node, "/" + list + "/" + month + "/")),
                    new Asked("month page by date", _ -> get(client, node, "/" + list + "/" + month + "/?by=date")),
                    new Asked("thread page", _ -> get(client, node, "/" + list + "/" + thread + "/T/")),
                    new Asked("message page", _ -> get(client, node, "/" + list + "/" + thread + "/")),
                    new Asked("list overview", _ -> get(client, node, "/" + list + "/")))) {
                asked.request().send(0);    // warm
                buffers.put(asked.what(), buffersOf(postgres, asked.request()));
            }
        }
        postgres.execute(Site.DATABASE, "select pg_stat_statements_reset()");
        site.command("held", "list", list);
        buffers.put("held list", postgres.count(Site.DATABASE, SUM + " and query ~ 'held_post'"));
    }

    private static final String SUM = """
            select coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint from pg_stat_statements
             where dbid = (select oid from pg_database where datname = current_database())""";

    /// What runs beside requests (beats, polls) is told apart by its count: a request's statements ran at least once a request.
    private static long buffersOf(Postgres postgres, Request request) throws Exception {
        var background = new TreeMap<String, Long>();
        postgres.execute(Site.DATABASE, "select pg_stat_statements_reset()");
        Workplace.pause(Duration.ofSeconds(3));
        statements(postgres).forEach((query, row) -> background.put(query, row[0]));
        postgres.execute(Site.DATABASE, "select pg_stat_statements_reset()");
        for (var i = 1; i <= REQUESTS; i++) {
            request.send(i);
        }
        return statements(postgres).entrySet().stream().filter(entry -> !background.containsKey(entry.getKey()))
                .mapToLong(entry -> entry.getValue()[1]).sum()
                / REQUESTS;
    }

    /// Calls and buffers, by statement; but for those of the node's index, which follows a million posts meanwhile.
    private static Map<String, long[]> statements(Postgres postgres) throws SQLException {
        var found = new TreeMap<String, long[]>();
        try (var connection = postgres.connect(Site.DATABASE);
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                select query, sum(calls)::bigint, sum(shared_blks_hit + shared_blks_read)::bigint from pg_stat_statements
                 where query !~ 'pg_stat_statements|p.seq = any|encode[(]chain, .hex.[)] from post' group by query""")) {
            while (row.next()) {
                found.put(row.getString(1), new long[]{row.getLong(2), row.getLong(3)});
            }
        }
        return found;
    }

    private static void get(HttpClient client, Node node, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(node.web() + path)).timeout(Duration.ofSeconds(60)).build();
        expect(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode(), 200);
    }

    private static void expect(int code, int expected) {
        if (code != expected) {
            throw new IllegalStateException("expected %d, got %d".formatted(expected, code));
        }
    }
}
