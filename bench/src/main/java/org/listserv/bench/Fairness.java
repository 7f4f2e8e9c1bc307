package org.listserv.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.FastSink.Taken;

/// P7: small posts while a large one goes out, and what they cost the large one.
@Command(name = "bench/fairness", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Posts to a list of 10 while the copies of a post to a large list go out, from one node: from each small post's 250 to its last copy; and how",
        "fast the large posts go beside small ones, compared with large posts alone, in turns. Exit 1: a bar is missed. Needs cc and PostgreSQL.",
        "About 4 minutes, at most 15; with --short half a minute."})
final class Fairness implements Callable<Integer> {

    private static final int FEW = 10;
    private static final Duration LONGEST = Duration.ofSeconds(300);

    @Option(names = "--large", paramLabel = "N", defaultValue = "${env:LARGE:-100000}", description = "Subscribers of the large list (${DEFAULT-VALUE}).")
    private int large;

    @Option(names = "--small-posts", paramLabel = "N", defaultValue = "${env:SMALL_POSTS:-100}", description = "To 10 subscribers each (${DEFAULT-VALUE}).")
    private int smallPosts;

    @Option(names = "--large-posts", paramLabel = "N", defaultValue = "${env:LARGE_POSTS:-10}", description = "The small posts are spread over so many (${DEFAULT-VALUE}).")
    private int largePosts;

    @Option(names = "--short", description = "For every build: 10,000 subscribers, 20 small posts in 4 large ones; copies are judged, times are not.")
    private boolean brief;

    private final String run = "f" + System.currentTimeMillis();
    private long letters;

    public static void main(String... words) {
        System.exit(new CommandLine(new Fairness()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            large = 10_000;
            smallPosts = 20;
            largePosts = 4;
        }
        try (var place = Workplace.create("fairness")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, !brief);
            var sink = FastSink.start(place);
            var site = Site.create(place, sink.port());
            var many = site.list("many", large, "posting=anyone");
            var few = site.list("few", FEW, "posting=anyone");
            site.postgres().execute(Site.DATABASE, "vacuum analyze");
            var node = site.unwatched("node", "127.0.0.1:" + sink.port(), Expansion.ROLES, List.of(), List.of("-Xmx256m"));
            node.startAndWait();
            for (var i = 0; i < 3; i++) {
                sink.reset();
                Expander.post(node, letter(few));
                sink.await(FEW, LONGEST);
                large(site, sink, node, many, List.of(), Duration.ZERO);
            }
            var alone = new ArrayList<Double>();
            var beside = new ArrayList<Double>();
            var waits = new ArrayList<Double>();
            var missed = 0L;
            for (var i = 0; i < largePosts; i++) {
                alone.add(large(site, sink, node, many, List.of(), Duration.ZERO).seconds());
                var apart = Duration.ofNanos((long) (Scores.median(alone) * 0.9e9 / (smallPosts / largePosts)));
                var letters = new ArrayList<Letter>();
                for (var j = 0; j < smallPosts / largePosts; j++) {
                    letters.add(letter(few));
                }
                var round = large(site, sink, node, many, letters, apart);
                beside.add(round.seconds());
                waits.addAll(round.waits());
                missed += round.afterwards();
                tally.quietly(round.whole(), "large post %d: copies of it or of the small posts beside it are lost, double or altered",
                        i + 1);
                place.say("large post alone %.2f s, beside small ones %.2f s; slowest of these %.3f s", alone.getLast(), round.seconds(),
                        round.waits().stream().mapToDouble(wait -> wait).max().orElse(Double.NaN));
            }
            scores.tell("copies/s of the large post alone", large / Scores.median(alone), "/s");
            scores.atLeast("   beside small posts, of its own rate", Scores.median(alone) / Scores.median(beside), 0.9, Double.NaN, "x");
            scores.atMost("post to %d: acceptance to last copy, maximum of %d posts".formatted(FEW, waits.size()),
                    waits.stream().mapToDouble(wait -> wait).max().orElse(Double.NaN), 2, 0.5, "s");
            scores.tell("   median", Scores.median(waits), "s");
            scores.tell("   of them sent when the large post was already out", missed, "");
            scores.print();
            return tally.summary();
        }
    }

    /// @param waits      of the small posts, in seconds
    /// @param afterwards small posts accepted after the large post's last copy
    private record Round(double seconds, List<Double> waits, long afterwards, boolean whole) {}

    private Letter letter(String list) {
        return Expander.letter(run, ++letters, list);
    }

    private Round large(Site site, FastSink sink, Node node, String many, List<Letter> small, Duration apart)
            throws IOException {
        sink.reset();
        var began = Expander.micros();
        Expander.post(node, letter(many));
        var accepted = new ArrayList<Long>();
        for (var letter : small) {
            Workplace.pause(apart);
            accepted.add(Expander.post(node, letter));
        }
        var owed = large + (long) small.size() * FEW;
        sink.await(owed, LONGEST);
        if (!site.drained(LONGEST)) {
            throw new IllegalStateException("copies are not marked");
        }
        var posts = new HashMap<String, List<Taken>>();
        sink.taken().forEach(copy -> posts.computeIfAbsent(post(copy), _ -> new ArrayList<>()).add(copy));
        var whole = true;
        var last = 0L;
        var smallEnds = new ArrayList<Map.Entry<Long, Long>>();
        for (var entry : posts.entrySet()) {
            var isSmall = entry.getKey().startsWith("few-");
            whole &= CopyCount.of(entry.getValue(), Site.subscribers(isSmall ? FEW : large)).isExact();
            var end = entry.getValue().stream().mapToLong(Taken::micros).max().orElse(0);
            if (isSmall) {
                smallEnds.add(Map.entry(Long.parseLong(entry.getKey().substring(entry.getKey().lastIndexOf('-') + 1)), end));
            } else {
                last = end;
            }
        }
        // Posted one after another, so their numbers are in the order of their 250s.
        smallEnds.sort(Map.Entry.comparingByKey());
        var waits = new ArrayList<Double>();
        var afterwards = 0;
        for (var i = 0; i < smallEnds.size(); i++) {
            waits.add((smallEnds.get(i).getValue() - accepted.get(i)) / 1e6);
            afterwards += accepted.get(i) > last ? 1 : 0;
        }
        return new Round((last - began) / 1e6, waits, afterwards, whole && posts.size() == small.size() + 1);
    }

    /// `LIST-return-NUMBER` of a reverse-path.
    private static String post(Taken copy) {
        var number = copy.from().indexOf("-return-") + "-return-".length();
        return copy.from().substring(0, copy.from().indexOf('-', number));
    }
}
