package org.listserv.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A queue is the database's, not the node's: its heap does not grow with what waits.
@Command(name = "bench/memory", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "A node that may have so much heap and no more takes many posts to a large list while its relay is down, and then sends for a while. What is",
        "live after a collection, with everything queued and while sending; whether it still sends; no OutOfMemoryError. Exit 1: a bar is missed.",
        "Needs cc, PostgreSQL and a JDK's jcmd. About 2 minutes; with --short half a minute."})
final class Memory implements Callable<Integer> {

    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "${env:SUBSCRIBERS:-100000}", description = "(${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(names = "--posts", paramLabel = "N", defaultValue = "${env:POSTS:-100}", description = "Queued (${DEFAULT-VALUE}).")
    private int posts;

    @Option(names = "--heap", paramLabel = "MB", defaultValue = "256", description = "-Xmx of the node (${DEFAULT-VALUE}).")
    private int heap;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "30", description = "How long it sends then (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--short", description = "For every build: 5,000 subscribers, 20 posts, sends for 5 s.")
    private boolean brief;

    public static void main(String... words) {
        System.exit(new CommandLine(new Memory()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            subscribers = 5_000;
            posts = 20;
            seconds = 5;
        }
        try (var place = Workplace.create("memory")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, true);
            var sink = FastSink.start(place);
            var down = Workplace.freePort();
            var site = Site.create(place, down);
            var list = site.list("large", subscribers, "posting=anyone");
            var options = List.of("-Xmx" + heap + "m");
            var receiving = site.unwatched("receiving", "127.0.0.1:" + down, Expansion.ROLES, List.of(), options);
            receiving.startAndWait();
            for (var i = 1; i <= posts; i++) {
                Expander.post(receiving, Expander.letter("m" + System.currentTimeMillis(), i, list));
            }
            place.say("%d posts are queued: %,d batches", posts, site.count("batch"));
            var queued = liveMegabytes(receiving);
            var peak = receiving.peakKilobytes() / 1024;
            receiving.stop();
            var sending = site.unwatched("sending", "127.0.0.1:" + sink.port(), Expansion.ROLES, List.of(), options);
            sending.startAndWait();
            sink.await(1, Duration.ofSeconds(60));
            var live = 0L;
            var until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
            while (System.nanoTime() < until) {
                live = Math.max(live, liveMegabytes(sending));
                Workplace.pause(Duration.ofSeconds(2));
            }
            var stat = sink.stat();
            var exhausted = Files.readString(receiving.log()).contains("OutOfMemoryError")
                    || Files.readString(sending.log()).contains("OutOfMemoryError");
            tally.quietly(sending.isAlive() && !exhausted, "the heap was enough");
            tally.quietly(stat.copies() > 0, "it sends: %d copies in %d s", stat.copies(), seconds);
            scores.atMost("heap the node may use (-Xmx), %,d subscribers and %d posts queued".formatted(subscribers, posts), heap, 256,
                    Double.NaN, "MB");
            scores.tell("   live with all of them queued", queued, "MB");
            scores.tell("   live while sending, at most", live, "MB");
            scores.tell("   resident memory of the process, at most: receiving", peak, "MB");
            scores.tell("   resident memory of the process, at most: sending", sending.peakKilobytes() / 1024, "MB");
            scores.tell("copies/s meanwhile, collections asked for included",
                    stat.copies() / Math.max(1e-6, (stat.last() - stat.first()) / 1e6), "/s");
            scores.print();
            return tally.summary();
        }
    }

    /// After a full collection.
    private static long liveMegabytes(Node node) {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Shell.run(jcmd, "" + node.pid(), "GC.run");
        var used = USED.matcher(Shell.run(jcmd, "" + node.pid(), "GC.heap_info"));
        if (!used.find()) {
            throw new IllegalStateException("GC.heap_info tells no heap");
        }
        return Long.parseLong(used.group(1)) / 1024;
    }
}
