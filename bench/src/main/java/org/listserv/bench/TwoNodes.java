package org.listserv.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Whether a second node helps.
@Command(name = "bench/nodes", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Posts to one large list with two nodes, each limited to a part of a processor by a control group, then with one of them. Nobody may get a copy",
        "twice. Exit 1: a bar is missed. Needs cc, PostgreSQL, root and control groups. About 4 minutes, at most 15; with --short half a minute."})
final class TwoNodes implements Callable<Integer> {

    @Option(names = "--large", paramLabel = "N", defaultValue = "${env:LARGE:-100000}", description = "Subscribers (${DEFAULT-VALUE}).")
    private int large;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "${env:RUNS:-3}", description = "Of each; medians count (${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--cores", paramLabel = "N", defaultValue = "0.5", description = "Of each node (${DEFAULT-VALUE}).")
    private double cores;

    @Option(names = "--short", description = "For every build: 10,000 subscribers, one run; copies are judged, rates are not.")
    private boolean brief;

    private static final int WARMING = 12;

    public static void main(String... words) {
        System.exit(new CommandLine(new TwoNodes()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            large = 10_000;
            runs = 1;
        }
        try (var place = Workplace.create("nodes")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, !brief);
            var sink = FastSink.start(place);
            var site = Site.create(place, sink.port());
            var list = site.list("large", large, "posting=anyone");
            site.postgres().execute(Site.DATABASE, "vacuum analyze");
            var owed = Site.subscribers(large);
            var expander = new Expander(site, sink, tally);
            var database = Group.create(place, "database");
            database.add(site.postgres().pid());
            var nodes = new ArrayList<Node>();
            for (var name : List.of("node1", "node2")) {
                var node = site.unwatched(name, "127.0.0.1:" + sink.port(), Expansion.ROLES, List.of(), List.of("-Xmx256m"));
                node.startAndWait();
                nodes.add(node);
            }
            for (var i = 0; i < (brief ? 3 : WARMING); i++) {    // limited while still compiling, both would be slower than later
                expander.expand(nodes.get(i % 2), list, owed, database, database);
            }
            for (var node : nodes) {
                Group.limited(place, node.name() + "-limited", cores).add(node.pid());
            }
            var both = rates(place, expander, nodes.getFirst(), list, owed, database, "two nodes");
            nodes.getLast().stop();
            var one = rates(place, expander, nodes.getFirst(), list, owed, database, "one node");
            scores.tell("copies/s of one node with %.2f core".formatted(cores), Scores.median(one), "/s");
            scores.tell("copies/s of two such nodes", Scores.median(both), "/s");
            scores.atLeast("   beside one", Scores.median(both) / Scores.median(one), 1.7, Double.NaN, "x");
            scores.print();
            return tally.summary();
        }
    }

    private List<Double> rates(Workplace place, Expander expander, Node node, String list, List<String> owed, Group database, String what)
            throws Exception {
        var rates = new ArrayList<Double>();
        for (var run = 0; run < runs; run++) {
            var sent = expander.expand(node, list, owed, database, database);
            place.say("%s: %,.0f/s; %s", what, sent.perSecond(), sent.count());
            rates.add(sent.perSecond());
        }
        return rates;
    }
}
