package org.listserv.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// One post, two nodes, and in the middle something goes: the promises P4 and P5 counted copy by copy.
@Command(name = "bench/killed", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "A post goes out from two nodes, and half way: kill -9 of the node that took it; SIGSTOP of it, and SIGCONT later; that node cut off from the",
        "database and from nothing else; SIGSTOP of all processes of the database. Then: who got no copy, who got two, when was it done, and do the",
        "marks add up although a node came back and wanted to mark what is no longer its own? Exit 1: a bar is missed. Needs cc and PostgreSQL.",
        "About 5 minutes, at most 12; with --short a minute."})
final class Killed implements Callable<Integer> {

    /// P4: copies a node may have sent beyond its last mark.
    private static final int WINDOW = 64;
    private static final int AS_QMAIL = 17;
    private static final int DONE_SECONDS = 20;
    private static final Duration DRAIN = Duration.ofSeconds(120);

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "${env:SUBSCRIBERS:-10000}", description = "(${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "${env:RUNS:-3}", description = "Of kill -9; of everything else one (${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--frozen", paramLabel = "SECONDS", defaultValue = "60", description = "How long a node is frozen or cut off (${DEFAULT-VALUE}).")
    private int frozen;

    @Option(names = "--stalled", paramLabel = "SECONDS", defaultValue = "30", description = "How long the database is frozen (${DEFAULT-VALUE}).")
    private int stalled;

    @Option(names = "--short", description = "For every build: 4,000 subscribers, one kill, frozen and cut off for 12 s, database frozen for 4 s.")
    private boolean brief;

    private final Workplace place = Workplace.create("killed");
    private final Tally tally = new Tally(place);
    private final Scores scores = new Scores(tally, true);
    private final String run = "k" + System.currentTimeMillis();
    private int letters;

    public static void main(String... words) {
        System.exit(new CommandLine(new Killed()).execute(words));
    }

    private interface Blow {
        void fall() throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            subscribers = 4_000;
            runs = 1;
            frozen = 12;
            stalled = 4;
        }
        try (place) {
            var sink = FastSink.start(place);
            var site = Site.create(place, sink.port());
            var list = site.list("halved", subscribers, "posting=anyone");
            var first = site.node(Expansion.ROLES, List.of(), List.of("-Xmx256m"));
            var second = site.node(Expansion.ROLES, List.of(), List.of("-Xmx256m"));
            site.nodes().forEach(Node::start);
            site.nodes().forEach(Node::awaitReady);
            for (var node : site.nodes()) {    // both are warm
                halved(site, sink, list, node, "undisturbed", 0, () -> {});
            }
            for (var i = 1; i <= runs; i++) {
                var end = halved(site, sink, list, first, "kill -9, run " + i, 1, first::kill);
                scores.exactly("kill -9, run %d: from the kill to the last copy".formatted(i), end, DONE_SECONDS, "s");
                first.start();
                first.awaitReady();
                halved(site, sink, list, first, "undisturbed", 0, () -> {});
            }
            halved(site, sink, list, first, "node frozen %d s".formatted(frozen), 1, () -> {
                first.freeze();
                Workplace.pause(Duration.ofSeconds(frozen));
                first.thaw();
            });
            halved(site, sink, list, second, "node without its database %d s".formatted(frozen), 1, () -> {
                site.proxy(second).hold();
                Workplace.pause(Duration.ofSeconds(frozen));
                site.proxy(second).release();
            });
            halved(site, sink, list, first, "database frozen %d s".formatted(stalled), 2, () -> {
                site.postgres().signal(Signals.STOP);
                Workplace.pause(Duration.ofSeconds(stalled));
                site.postgres().signal(Signals.CONT);
            });
            scores.print();
            return tally.summary();
        }
    }

    /// @param nodes how many nodes may send copies twice
    /// @return seconds from the blow to the last copy
    private double halved(Site site, FastSink sink, String list, Node to, String what, int nodes, Blow blow) throws Exception {
        awaitJoined(site);
        var letter = Expander.letter(run, ++letters, list);
        sink.reset();
        Expander.post(to, letter);
        var half = sink.await(subscribers / 2, DRAIN);
        var at = Expander.micros();
        blow.fall();
        var drained = site.drained(DRAIN);
        Workplace.pause(Duration.ofSeconds(nodes > 0 ? 3 : 0));    // copies that come late would be double
        var count = CopyCount.of(sink.taken(), Site.subscribers(subscribers));
        var stat = sink.stat();
        var end = Math.max(0, (stat.last() - at) / 1e6);
        place.say("%s at %d: %s; last copy %.1f s later", what, half.copies(), count, end);
        tally.quietly(drained, "%s: everything owed is sent and marked within %d s", what, DRAIN.toSeconds());
        tally.quietly(count.isWhole() && stat.bare() == 0, "%s: %s", what, count);
        tally.quietly(marked(site, letter) == subscribers, "%s: %d copies of %d are marked, each once", what, marked(site, letter),
                subscribers);
        if (nodes > 0) {
            scores.exactly(what + ": lost", count.lost(), 0, "");
            scores.exactly("   twice" + (nodes == 1 ? " (aim %d)".formatted(AS_QMAIL) : ", by %d nodes".formatted(nodes)), count.doubles(),
                    (long) WINDOW * nodes, "");
            scores.tell("   seconds from the fault to the last copy", String.format(Locale.ROOT, "%.1f s", end));
        } else {
            tally.quietly(count.isExact(), "%s: %s", what, count);
        }
        return end;
    }

    /// What the books say became of it. A mark that came too late and yet counted would make this more than there are subscribers.
    private static long marked(Site site, Letter letter) {
        return site.postgres().count(Site.DATABASE, """
                select coalesce(sum(t.delivered + t.refused + t.departed), 0) from delivery_total t
                  join post p on p.list_id = t.list_id and p.number = t.number where p.message_id = '%s'
                """.formatted(letter.messageId()));
    }

    /// Both nodes take mail and have raised their beats; who was accused has come back.
    private static void awaitJoined(Site site) throws IOException {
        site.nodes().forEach(Node::awaitReady);
        Workplace.pause(Duration.ofSeconds(2));
    }
}
