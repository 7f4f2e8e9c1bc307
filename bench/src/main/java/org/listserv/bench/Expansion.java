package org.listserv.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Expander.Sent;
import org.listserv.bench.Peers.Figure;
import org.listserv.bench.Peers.Peer;

/// One post to many: copies a second and what they cost, beside the raw limit, mlmmj and Postfix in the same run.
@Command(name = "bench/expansion", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "One 4 kB post to a list, every subscriber with a reverse-path of its own, into a counting receiver on loopback: copies a second, CPU, first",
        "copy; with and without quick ACKs at the receiver, with personal copies, and through a Postfix with XVERP. Beside it, in the same run: the raw",
        "limit (smtp-source), mlmmj, a Postfix alias, Postfix XVERP, mlmmj through Postfix XVERP. Each copy is checked: who got it, and that all got",
        "the same octets. Exit 1: a bar is missed; 3: void, since a peer is more than 20 %% off its place beside the raw limit (busy machine).",
        "Needs cc, PostgreSQL, postfix and mlmmj (Debian); as root. About 5 minutes, at most 20; with --short half a minute."})
final class Expansion implements Callable<Integer> {

    static final String ROLES = "smtp,delivery,jobs";
    private static final double OFF = 0.2;
    private static final int VOID = 3;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "${env:RUNS:-3}", description = "Of each, in turns; medians are shown (${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "${env:SUBSCRIBERS:-10000}", description = "(${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(names = "--large", paramLabel = "N", defaultValue = "${env:LARGE:-100000}", description = "Subscribers of the large list (${DEFAULT-VALUE}).")
    private int large;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "${env:MESSAGES:-40000}", description = "Of smtp-source, a run (${DEFAULT-VALUE}).")
    private int messages;

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "${env:HEAP:-256m}", description = "-Xmx of the node (${DEFAULT-VALUE}).")
    private String heap = "";

    @Option(names = "--java-options", split = ",", paramLabel = "OPTION", description = "More for the node's JVM.")
    private List<String> javaOptions = List.of();

    @Option(names = "--no-peers", description = "Only the raw limit and ours: nothing is compared.")
    private boolean noPeers;

    @Option(names = "--no-postfix", description = "Nothing through Postfix.")
    private boolean noPostfix;

    @Option(names = "--short", description = "For every build: 2,000 and 5,000 subscribers, one run; copies are judged, rates are not.")
    private boolean brief;

    private final Map<Peer, List<Figure>> theirs = new EnumMap<>(Peer.class);

    public static void main(String... words) {
        System.exit(new CommandLine(new Expansion()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            runs = 1;
            subscribers = 2_000;
            large = 5_000;
            messages = 20_000;
        }
        var missing = noPeers ? List.of() : Peers.missingPrograms();
        if (!missing.isEmpty()) {
            System.err.println("missing: " + missing + " (Debian: apt-get install postfix mlmmj; nothing needs to be started)");
            return 2;
        }
        try (var place = Workplace.create("expansion")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, !brief);
            var sink = FastSink.start(place);
            var site = Site.create(place, sink.port());
            var database = Group.create(place, "database");
            database.add(site.postgres().pid());
            var peers = new Peers(sink, Group.create(place, "peers"));
            var ours = new Ours(place, site, sink, tally, database);
            ours.lists();
            ours.toSink(peers, scores);
            if (!noPostfix && !noPeers) {
                ours.throughPostfix(peers, scores);
            }
            theirs.forEach((peer, figures) -> scores.tell(peer.text(), "%,.0f/s, %.3f CPU s/1,000".formatted(rate(peer), cpu(peer))));
            scores.print();
            var exit = tally.summary();
            var off = busy();
            return exit != 0 ? exit : off && !brief ? VOID : 0;
        }
    }

    private boolean busy() {
        var raw = rate(Peer.RAW);
        var found = false;
        for (var peer : theirs.keySet()) {
            var off = peer.off(rate(peer), raw);
            if (peer != Peer.RAW && off > OFF) {
                found = true;
                System.out.printf(Locale.ROOT, "VOID: %s did %,.0f/s at a raw limit of %,.0f/s, %.0f %% off its place%n", peer.text(),
                        rate(peer), raw, off * 100);
            }
        }
        return found;
    }

    private void add(Workplace place, Peer peer, Figure figure) {
        theirs.computeIfAbsent(peer, _ -> new ArrayList<>()).add(figure);
        place.say("%s: %,.0f/s", peer.text(), figure.perSecond());
    }

    private double rate(Peer peer) {
        return Scores.median(theirs.getOrDefault(peer, List.of()).stream().map(Figure::perSecond).toList());
    }

    private double cpu(Peer peer) {
        return Scores.median(theirs.getOrDefault(peer, List.of()).stream().map(Figure::cpuPer1000).toList());
    }

    /// Our side of it, and the order of the run: each round measures everything once, so that what disturbs one disturbs all.
    private final class Ours {
        private final Workplace place;
        private final Site site;
        private final FastSink sink;
        private final Tally tally;
        private final Group database;
        private final Expander expander;
        private final List<String> some = Site.subscribers(subscribers);
        private final List<String> many = Site.subscribers(large);
        private final List<String> few = Site.subscribers(10);
        private String plain = "";
        private String largeOne = "";
        private String personal = "";
        private String probe = "";

        Ours(Workplace place, Site site, FastSink sink, Tally tally, Group database) {
            this.place = place;
            this.site = site;
            this.sink = sink;
            this.tally = tally;
            this.database = database;
            this.expander = new Expander(site, sink, tally);
        }

        void lists() {
            plain = site.list("plain", subscribers, "posting=anyone");
            largeOne = site.list("large", large, "posting=anyone");
            personal = site.list("personal", subscribers, "posting=anyone", "personal=unsubscribe");
            probe = site.list("probe", few.size(), "posting=anyone", "personal=unsubscribe");
            site.postgres().execute(Site.DATABASE, "vacuum analyze");
            place.say("lists are there");
        }

        private Node start(String name, int relay) {
            var options = new ArrayList<>(List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError"));
            options.addAll(javaOptions);
            var node = site.unwatched(name, "127.0.0.1:" + relay, ROLES, List.of(), options);
            node.startAndWait();
            return node;
        }

        private Group counted(Node node) {
            var group = Group.create(place, node.name());
            group.add(node.pid());
            return group;
        }

        private Sent said(String what, Sent sent) {
            place.say("ours, %s: %,.0f/s, first copy %.3f s after the 250, marked after %.2f s, CPU s/1,000: node %.3f, database %.3f",
                    what,
                    sent.perSecond(), sent.first(), sent.marked(), sent.nodeCpu() / sent.copies() * 1_000,
                    sent.databaseCpu() / sent.copies() * 1_000);
            return sent;
        }

        void toSink(Peers peers, Scores scores) throws IOException {
            var node = start("node", sink.port());
            var group = counted(node);
            var cold = said("cold", expander.expand(node, plain, some, group, database));
            for (var i = 0; i < 3; i++) {
                said("warming", expander.expand(node, plain, some, group, database));
            }
            expander.expand(node, largeOne, many, group, database);
            var mlmmj = noPeers ? null : Mlmmj.create(place, "direct", some, sink.port(), false);
            var mlmmjLarge = noPeers ? null : Mlmmj.create(place, "large", many, sink.port(), false);
            var quick = new ArrayList<Sent>();
            var delayed = new ArrayList<Sent>();
            var larges = new ArrayList<Sent>();
            var own = new ArrayList<Sent>();
            for (var run = 0; run < runs; run++) {
                sink.acknowledgeAtOnce(true);
                add(place, Peer.RAW, peers.raw(messages));
                if (mlmmj != null && mlmmjLarge != null) {
                    add(place, Peer.MLMMJ, peers.mlmmj(mlmmj, subscribers));
                    add(place, Peer.MLMMJ_LARGE, peers.mlmmj(mlmmjLarge, large));
                }
                quick.add(said("quick ACKs", expander.expand(node, plain, some, group, database)));
                larges.add(said("large", expander.expand(node, largeOne, many, group, database)));
                sink.acknowledgeAtOnce(false);
                delayed.add(said("delayed ACKs", expander.expand(node, plain, some, group, database)));
                own.add(said("personal", expander.expand(node, personal, some, group, database, "List-Unsubscribe",
                        "List-Unsubscribe-Post")));
            }
            var arePersonal = personalCopies(node, group);
            node.stop();
            var raw = rate(Peer.RAW);
            var best = rates(quick);
            for (var figures : List.of(Map.entry("receiver acknowledges at once", quick), Map.entry("delayed ACKs", delayed))) {
                var rate = rates(figures.getValue());
                scores.tell("copies/s, VERP, %,d subscribers, %s".formatted(subscribers, figures.getKey()), rate, "/s");
                if (!noPeers) {
                    scores.atLeast("   beside mlmmj at its best", rate / rate(Peer.MLMMJ), 2, Double.NaN, "x");
                }
                scores.atLeast("   beside the raw limit (aim only)", rate / raw, 0, 1, "x");
            }
            scores.atLeast("copies/s at %,d subscribers, beside %,d".formatted(large, subscribers), rates(larges) / best, 1, Double.NaN,
                    "x");
            scores.tell("   copies/s at %,d subscribers".formatted(large), rates(larges), "/s");
            scores.atMost("CPU per 1,000 copies, node and all database processes, warm", cpus(quick), 0.10, 0.05, "s");
            scores.tell("   of the large list", cpus(larges), "s");
            scores.tell("   the first post after the start, cold", cold.cpuPer1000(), "s");
            if (arePersonal) {
                scores.atLeast("personal copies, beside plain VERP", rates(own) / rates(delayed), 0.7, Double.NaN, "x");
            } else {
                scores.atLeast("personal copies: copies of a list with personal=unsubscribe do not differ", 0, 0.7, Double.NaN, "x");
            }
            scores.atMost("first copy after the 250, %,d subscribers".formatted(large),
                    Scores.median(larges.stream().map(Sent::first).toList()), 0.3, 0.1, "s");
        }

        /// Whether copies differ where they should: with nothing left out of the comparison each has a content of its own.
        private boolean personalCopies(Node node, Group group) throws IOException {
            sink.reset();
            Expander.post(node, expander.letter(probe));
            sink.await(few.size(), Duration.ofSeconds(30));
            site.drained(Duration.ofSeconds(30));
            return sink.stat().contents() == few.size() && group.cpuSeconds() > 0;
        }

        void throughPostfix(Peers peers, Scores scores) throws IOException {
            var single = Postfix.relaying(place, "postfix-xverp", sink.port(), 1);
            var mlmmj = Mlmmj.create(place, "xverp", some, single.port(), true);
            var alias = Postfix.relaying(place, "postfix-alias", sink.port(), 50);
            alias.list("many", some);
            peers.count(single);
            peers.count(alias);
            var node = start("node-xverp", single.port());
            var group = counted(node);
            sink.acknowledgeAtOnce(true);
            said("through Postfix, warming", expander.expand(node, plain, some, group, database, "Received"));
            var ours = new ArrayList<Sent>();
            for (var run = 0; run < runs; run++) {
                add(place, Peer.POSTFIX_ALIAS, peers.alias(alias, "many", subscribers));
                add(place, Peer.POSTFIX_XVERP, peers.xverp(single, some));
                add(place, Peer.MLMMJ_XVERP, peers.mlmmj(mlmmj, subscribers));
                ours.add(said("through Postfix", expander.expand(node, plain, some, group, database, "Received")));
            }
            node.stop();
            scores.tell("copies/s through Postfix with XVERP", rates(ours), "/s");
            scores.atLeast("   beside mlmmj through Postfix XVERP", rates(ours) / rate(Peer.MLMMJ_XVERP), 1.5,
                    rate(Peer.POSTFIX_XVERP) / rate(Peer.MLMMJ_XVERP), "x");
            tally.quietly(ours.stream().allMatch(sent -> sent.count().isExact()), "through Postfix every subscriber got one");
        }

        private static double rates(List<Sent> sent) {
            return Scores.median(sent.stream().map(Sent::perSecond).toList());
        }

        private static double cpus(List<Sent> sent) {
            return Scores.median(sent.stream().map(Sent::cpuPer1000).toList());
        }
    }
}
