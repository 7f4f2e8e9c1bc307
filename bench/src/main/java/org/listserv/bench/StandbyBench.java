package org.listserv.bench;

import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Evidence.Offered;
import org.listserv.bench.Evidence.Said;

/// A commit that waits for another machine: how fast lists are then, whether two lists in one message ever lock each other out, and whether
/// 250 is ever said for what only the primary has.
@Command(name = "bench/standby", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "One synchronous standby behind a delay: posts a second on 1 list and on 300, no deadlock between messages that name two lists in either",
        "order, and no 250 before the standby has the post, also when the primary crashes while the commit waits."})
final class StandbyBench implements Callable<Integer> {

    private static final int SESSIONS = 32;

    @Option(names = "--delay", paramLabel = "MS", defaultValue = "20", description = "Added to each round trip between primary and standby (${DEFAULT-VALUE}).")
    private int delay;

    @Option(names = "--letters", paramLabel = "N", defaultValue = "10000", description = "Letters to one list, and to 300 (${DEFAULT-VALUE}).")
    private int letters;

    @Option(names = "--pairs", paramLabel = "N", defaultValue = "10000", description = "Letters that name two lists (${DEFAULT-VALUE}).")
    private int pairs;

    @Option(names = "--lists", paramLabel = "N", defaultValue = "300", description = "(${DEFAULT-VALUE}).")
    private int lists;

    @Option(names = "--control", description = "A take() whose answer \"duplicate\" writes nothing; exit code 0 when mail that was answered 250 is lost.")
    private boolean control;

    private final AtomicLong run = new AtomicLong();
    private final CopyLog copies = new CopyLog();
    private final List<InetSocketAddress> smtp = new ArrayList<>();

    public static void main(String... words) {
        System.exit(new CommandLine(new StandbyBench()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("standby")) {
            var tally = new Tally(place);
            var relay = place.add(Sink.start(copies));
            var primary = Postgres.create(place, "primary", List.of("wal_level=replica"));
            primary.start();
            var site = Site.create(place, primary, relay.port());
            var one = site.list("single", 1, "posting=anyone");
            var many = lists(site, one);
            var line = place.add(FaultProxy.start(primary.port(), Duration.ofNanos(delay * 500_000L)));
            var standby = Postgres.standby(place, "standby", line.port(), List.of());
            standby.start();
            primary.execute("postgres", "alter system set synchronous_standby_names = 'standby'", "select pg_reload_conf()");
            tally.check(
                    Workplace.await(Duration.ofSeconds(30),
                            () -> primary.ask("postgres", "select sync_state from pg_stat_replication").equals("sync")),
                    "the standby is synchronous");
            place.say("one commit takes %.1f ms", commitMillis(primary));
            var nodes = Stream.of("one", "two")
                    .map(name -> site.unwatched(name, "127.0.0.1:" + relay.port(), "smtp,delivery,jobs", List.of(), List.of("-Xmx512m")))
                    .toList();
            for (var node : nodes) {
                node.startAndWait();
                smtp.add(node.smtp());
            }
            if (control) {
                loss(tally, site, standby, line, one);
                return tally.summary();
            }
            rate(tally, site, "1 list", 300, number -> List.of(one));
            rate(tally, site, lists + " lists", 700, number -> List.of(many.get((int) (number % many.size()))));
            deadlocks(place, tally, site, many);
            crash(place, tally, site, standby, line, one);
            return tally.summary();
        }
    }

    /// Like the first one, made in the database: 300 commands would take minutes.
    private List<String> lists(Site site, String like) {
        var local = like.substring(0, like.indexOf('@'));
        var columns = site.postgres().ask(Site.DATABASE, """
                select string_agg(quote_ident(column_name), ', ') from information_schema.columns
                 where table_name = 'list' and column_name not in ('id', 'local_part')""");
        site.postgres().execute(Site.DATABASE, """
                insert into list (local_part, %1$s) select 'many' || i, %1$s from list, generate_series(1, %2$d) i where local_part = '%3$s'
                """.formatted(columns, lists, local), """
                insert into list_head (list_id, chain)
                select id, decode(repeat('00', 32), 'hex') from list l where not exists (select 1 from list_head h where h.list_id = l.id)
                """, """
                insert into subscription (list_id, kind, address_id)
                select l.id, s.kind, s.address_id from list l, subscription s join list f on f.id = s.list_id
                 where l.local_part like 'many%%' and f.local_part = '%s'
                """.formatted(local).replace("%%", "%"));
        var addresses = new ArrayList<String>();
        for (var i = 1; i <= lists; i++) {
            addresses.add("many%d@%s".formatted(i, Site.DOMAIN));
        }
        return addresses;
    }

    private static double commitMillis(Postgres primary) throws SQLException {
        primary.execute("postgres", "create table probe (n integer)");
        var micros = new long[50];
        try (var connection = primary.connect("postgres"); var insert = connection.prepareStatement("insert into probe values (1)")) {
            for (var i = 0; i < micros.length; i++) {
                var began = System.nanoTime();
                insert.executeUpdate();
                micros[i] = (System.nanoTime() - began) / 1_000;
            }
        }
        Arrays.sort(micros);
        return micros[micros.length / 2] / 1_000.0;
    }

    private void rate(Tally tally, Site site, String what, int bar, java.util.function.LongFunction<List<String>> to)
            throws InterruptedException {
        var nodes = List.of(smtp.getFirst());
        Load.run(nodes, SESSIONS, letters / 2, letter(to));    // warm: a node runs for weeks
        site.drained(Duration.ofSeconds(120));
        var result = Load.run(nodes, SESSIONS, letters, letter(to));
        var began = System.nanoTime();
        var drained = site.drained(Duration.ofSeconds(300));
        tally.check(drained && result.refused() == 0, "%s: all %d accepted and sent, the last copies %.1f s later", what, result.letters(),
                (System.nanoTime() - began) / 1e9);
        tally.check(result.perSecond() >= bar,
                "%s, %d sessions: %.0f posts/s (bar %d); 250 after %.1f ms in the middle, %.0f ms at worst; %d times 4xx", what,
                SESSIONS, result.perSecond(), bar, result.medianMicros() / 1e3, result.worstMicros() / 1e3, result.later());
    }

    private java.util.function.LongFunction<Letter> letter(java.util.function.LongFunction<List<String>> to) {
        var name = "r" + run.incrementAndGet();
        return number -> Letter.write(name, number, to.apply(number), 4_096);
    }

    private void deadlocks(Workplace place, Tally tally, Site site, List<String> many) throws InterruptedException {
        var some = many.subList(0, Math.min(20, many.size()));
        var before = deadlocks(site);
        var posts = site.count("post");
        var result = Load.run(smtp, SESSIONS, pairs, letter(number -> {
            var random = new Random(number);
            var first = random.nextInt(some.size());
            var second = (first + 1 + random.nextInt(some.size() - 1)) % some.size();
            return List.of(some.get(first), some.get(second));
        }));
        tally.check(site.drained(Duration.ofSeconds(300)), "the copies of all pairs are sent");
        tally.check(result.refused() == 0 && site.count("post") - posts == 2L * pairs,
                "%d letters to two lists each made %d posts, %.0f letters/s, %d times 4xx", pairs,
                site.count("post") - posts, result.perSecond(), result.later());
        tally.check(deadlocks(site) == before, "%d deadlocks among them", deadlocks(site) - before);
        place.say("%d copies so far", copies.size());
    }

    private static long deadlocks(Site site) {
        return site.postgres().count("postgres", "select deadlocks from pg_stat_database where datname = '%s'".formatted(Site.DATABASE));
    }

    /// A letter whose commit waits for the standby when the primary crashes: recovery shows a post that no standby has, and nobody was told.
    private CompletableFuture<Sender.Offer> plant(Tally tally, Site site, Postgres standby, FaultProxy line, Letter letter,
            AtomicBoolean goOn)
            throws Exception {
        var primary = site.postgres();
        line.hold();
        var offer = CompletableFuture.supplyAsync(() -> new Sender(smtp, goOn::get).deliver(letter, Duration.ofSeconds(4)));
        tally.check(Workplace.await(Duration.ofSeconds(20), () -> primary.count("postgres", """
                select count(*) from pg_stat_activity where wait_event = 'SyncRep' and query ~ 'take'""") > 0),
                "a commit waits for the standby");
        primary.kill();
        primary.start();
        tally.check(primary.count(Site.DATABASE, found(letter)) == 1, "after the crash the primary shows the post");
        tally.check(standby.count(Site.DATABASE, found(letter)) == 0, "the standby does not have it");
        return offer;
    }

    private static String found(Letter letter) {
        return "select count(*) from post where message_id = '%s'".formatted(letter.messageId());
    }

    /// The same with a `take()` that only reads when it knows a message: what this program looks for can be seen.
    private void loss(Tally tally, Site site, Postgres standby, FaultProxy line, String list) throws Exception {
        var take = site.postgres().ask(Site.DATABASE, "select pg_get_functiondef('take'::regproc)");
        var from = take.indexOf("on conflict (list_id, function, key) do update");
        var to = take.indexOf("returning a.list_id", from);
        var reading = take.substring(0, Math.max(from, 0)) + "on conflict do nothing\n" + take.substring(Math.max(to, 0));
        reading = reading.replaceFirst("from sighted s where s.seen > 1", """
                from sighted s where s.seen > 1
                union all
                select a.list_id, a.function, wanted.word, a.message, a.outcome
                  from unnest(targets) x(t), jsonb_array_elements_text(x.t->'keys') wanted(word), arrival a
                 where a.list_id = (x.t->>'list')::bigint and a.function = x.t->>'function' and a.key = decode(wanted.word, 'hex')""")
                .replace("and a.seen = 1", "and false");
        if (from < 0 || to < 0 || !reading.contains("union all\nselect a.list_id") || !reading.contains("and false")) {
            throw new IllegalStateException("take() is written otherwise than this control knows");
        }
        site.postgres().execute(Site.DATABASE, reading);
        var goOn = new AtomicBoolean(true);
        var letter = Letter.write("control", 1, List.of(list), 2_000);
        var offer = plant(tally, site, standby, line, letter, goOn);
        tally.check(Workplace.await(Duration.ofSeconds(60), offer::isDone) && offer.get().accepted(),
                "the sender tries again and reads 250 though no standby has the post");
        goOn.set(false);
        site.postgres().kill();
        standby.execute("postgres", "select pg_promote()");
        tally.check(standby.count(Site.DATABASE, found(letter)) == 0, "the primary's disk is gone, the standby promoted: the loss is seen");
    }

    /// The primary shows a commit that no standby has: recovery brings it back although nobody was told.
    private void crash(Workplace place, Tally tally, Site site, Postgres standby, FaultProxy line, String list) throws Exception {
        var primary = site.postgres();
        var letter = Letter.write("planted", 1, List.of(list), 2_000);
        var found = found(letter);
        var goOn = new AtomicBoolean(true);
        var offer = plant(tally, site, standby, line, letter, goOn);
        Workplace.pause(Duration.ofSeconds(20));
        tally.check(!offer.isDone(), "the sender tried for 20 s more and nobody said 250 or 5xx");
        line.cut();    // the connections of before the crash
        line.release();
        var done = Workplace.await(Duration.ofSeconds(90), offer::isDone);
        goOn.set(false);
        var told = offer.get().told();
        var replies = new ArrayList<String>();
        told.forEach(one -> replies.add(one.code() == 0 ? "lost" : String.valueOf(one.code())));
        place.say("replies: %s", replies);
        tally.check(done && offer.get().accepted(), "when the standby is back the sender reads 250");
        tally.check(Workplace.await(Duration.ofSeconds(10), () -> standby.count(Site.DATABASE, found) == 1),
                "and the standby has the post");
        tally.check(site.drained(Duration.ofSeconds(60)), "its copies are sent");
        tally.check(primary.count(Site.DATABASE, found) == 1, "it is one post");
        var books = site.evidence(List.of(), List.of(new Offered(letter.messageId(), List.of(list), "", "", Said.ACCEPTED)), List.of(list),
                List.of());
        var report = Checker.check(books, 0);
        tally.check(!report.found().containsKey(Checker.Fault.GAP) && !report.found().containsKey(Checker.Fault.CHAIN),
                "numbers and chain of %s are whole: %d posts",
                list, report.posts());
    }
}
