package org.listserv.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// First figures: posts accepted a second beside Postfix, copies a second, import, memory.
@Command(name = "bench/figures", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Posts accepted a second with Postfix's smtp-source, 4 kB to one list, beside a Postfix that only discards, in the same run; then copies a second",
        "to smtp-sink, import rate, and memory of the node. Needs postfix, smtp-source and smtp-sink (Debian: postfix)."})
final class Figures implements Callable<Integer> {

    private static final double BAR = 1.3;
    private static final String LIST = "bench@" + Site.DOMAIN;

    @Option(names = "--sessions", split = ",", paramLabel = "N", defaultValue = "1,8,32", description = "(${DEFAULT-VALUE}).")
    private List<Integer> sessions = List.of();

    @Option(names = "--messages", paramLabel = "N", defaultValue = "4000", description = "A run (${DEFAULT-VALUE}).")
    private int messages;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Of each, ours and Postfix in turn; medians are shown (${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--subscribers", split = ",", paramLabel = "N", defaultValue = "1000,10000", description = "(${DEFAULT-VALUE}).")
    private List<Integer> subscribers = List.of();

    @Option(names = "--import", paramLabel = "N", defaultValue = "20000", description = "Messages imported (${DEFAULT-VALUE}).")
    private int imported;

    @Option(names = "--roles", paramLabel = "ROLES", defaultValue = "smtp,delivery,archive,web,jobs", description = "Of the node (${DEFAULT-VALUE}).")
    private String roles = "";

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "1g", description = "-Xmx of the node (${DEFAULT-VALUE}).")
    private String heap = "";

    @Option(names = "--no-postfix", description = "Only ours.")
    private boolean noPostfix;

    public static void main(String... words) {
        System.exit(new CommandLine(new Figures()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("figures")) {
            var tally = new Tally(place);
            var relay = Workplace.freePort();
            place.add(new Running(new ProcessBuilder("smtp-sink", "-u", "nobody", "127.0.0.1:" + relay, "1000").redirectErrorStream(true)
                    .redirectOutput(place.path("smtp-sink.log").toFile()).start()));
            var site = Site.create(place, relay);
            site.list("bench", 1, "posting=anyone");
            var node = site.unwatched("node", "127.0.0.1:" + relay, roles, List.of(), List.of("-Xmx" + heap));
            node.startAndWait();
            var idle = node.residentKilobytes();
            accept(place, tally, site, node);
            copies(place, site, node);
            imports(place, site);
            System.out.printf("%nmemory of the node (-Xmx%s): %d MB after start, %d MB now, %d MB at most%n", heap, idle / 1024,
                    node.residentKilobytes() / 1024,
                    node.peakKilobytes() / 1024);
            return tally.summary();
        }
    }

    private record Running(Process process) implements AutoCloseable {
        @Override
        public void close() {
            process.destroy();
            if (!Workplace.await(Duration.ofSeconds(5), () -> !process.isAlive())) {
                process.destroyForcibly();
            }
        }
    }

    // --- accept ------------------------------------------------------------------------------------------------------

    private record Cell(String way, int sessions) {}

    private void accept(Workplace place, Tally tally, Site site, Node node) throws Exception {
        var ours = new LinkedHashMap<Cell, List<Double>>();
        var done = new LinkedHashMap<Cell, List<Double>>();
        var theirs = new LinkedHashMap<Cell, List<Double>>();
        var postfix = noPostfix ? null : Postfix.start(place, "postfix", List.of("transport_maps = inline:{ d@lists.test=discard: }"));
        source(node.smtp().getPort(), LIST, 32, 5 * messages, false);    // a node runs for weeks, and what it does is compiled after half a minute
        site.drained(Duration.ofSeconds(120));
        for (var run = 0; run < runs; run++) {
            for (var kept : List.of(false, true)) {
                for (var count : sessions) {
                    var cell = new Cell(kept ? "kept connections (-d)" : "new connections", count);
                    var before = site.count("post");
                    var began = System.nanoTime();
                    var seconds = source(node.smtp().getPort(), LIST, count, messages, kept);
                    ours.computeIfAbsent(cell, _ -> new ArrayList<>()).add(messages / seconds);
                    site.drained(Duration.ofSeconds(120));
                    done.computeIfAbsent(cell, _ -> new ArrayList<>()).add(messages / ((System.nanoTime() - began) / 1e9));
                    var posts = site.count("post") - before;
                    tally.quietly(posts == messages, "%s, %d sessions: %d posts of %d", cell.way(), count, posts, messages);
                    var beside = "";
                    if (postfix != null) {
                        var rate = messages / source(postfix.port(), "d@lists.test", count, messages, kept);
                        theirs.computeIfAbsent(cell, _ -> new ArrayList<>()).add(rate);
                        beside = ", Postfix %.0f/s".formatted(rate);
                        Workplace.pause(Duration.ofSeconds(3));
                    }
                    place.say("run %d, %s, %d sessions: %.0f/s%s", run + 1, cell.way(), count, messages / seconds, beside);
                }
            }
        }
        System.out.printf("%nposts/s accepted, smtp-source, 4 kB, one list, 1 subscriber, medians of %d%n", runs);
        System.out.printf("%-24s %9s %10s %22s %10s%n", "", "sessions", "ours", "ours, copies sent too", "Postfix");
        ours.forEach((cell, rates) -> System.out.printf("%-24s %9d %10.0f %22.0f %10s%n", cell.way(), cell.sessions(), median(rates),
                median(done.getOrDefault(cell, List.of())),
                theirs.containsKey(cell) ? "%.0f".formatted(median(theirs.getOrDefault(cell, List.of()))) : "-"));
        var judged = new Cell("new connections", 32);
        if (postfix != null && ours.containsKey(judged)) {
            var factor = median(ours.getOrDefault(judged, List.of())) / median(theirs.getOrDefault(judged, List.of()));
            tally.check(factor >= BAR, "at 32 sessions with new connections %.2f x Postfix (bar %.1f)", factor, BAR);
        }
    }

    private static double median(List<Double> rates) {
        var sorted = rates.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    /// @return seconds
    private static double source(int port, String to, int sessions, int messages, boolean kept) throws IOException, InterruptedException {
        var words = new ArrayList<>(
                List.of("smtp-source", "-4", "-s", "" + sessions, "-m", "" + messages, "-l", "4096", "-f", "a@x.example", "-t", to));
        if (kept) {
            words.add("-d");
        }
        words.add("127.0.0.1:" + port);
        var began = System.nanoTime();
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("smtp-source: " + said);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    // --- copies, import ----------------------------------------------------------------------------------------------

    private void copies(Workplace place, Site site, Node node) throws InterruptedException {
        System.out.printf("%ncopies/s to smtp-sink, one post of 4 kB, from 250 to the last mark, %d runs%n", runs);
        for (var count : subscribers) {
            var list = site.list("l" + count, count, "posting=anyone");
            var rates = new ArrayList<Double>();
            for (var run = 0; run < runs; run++) {
                var letter = Letter.write("copies-%d-%d".formatted(count, run), run, List.of(list), 4_096);
                Load.run(List.of(node.smtp()), 1, 1, _ -> letter);
                var began = System.nanoTime();
                if (!site.drained(Duration.ofSeconds(300))) {
                    throw new IllegalStateException("copies are not sent");
                }
                rates.add(count / ((System.nanoTime() - began) / 1e9));
            }
            System.out.printf("%9d subscribers: %6.0f/s (%s)%n", count, median(rates),
                    Arrays.toString(rates.stream().mapToLong(Math::round).toArray()));
        }
        place.say("copies done");
    }

    private void imports(Workplace place, Site site) throws IOException {
        var list = site.list("imported", 0);
        var mbox = place.path("import.mbox");
        try (var out = Files.newBufferedWriter(mbox)) {
            for (var i = 0; i < imported; i++) {
                var letter = new String(Letter.write("import", i, List.of(list), 4_096).octets(), StandardCharsets.UTF_8).replace("\r\n",
                        "\n");
                out.write("From ann@letters.example Mon Jan  5 10:00:00 2026\n" + letter.replaceAll("(?m)^(>*From )", ">$1") + "\n");
            }
        }
        var rates = IntStream.range(0, 2).mapToDouble(_ -> {
            var began = System.nanoTime();
            site.command("import", "mbox", list, mbox.toString());
            return imported / ((System.nanoTime() - began) / 1e9);
        }).toArray();
        System.out.printf("%nimport mbox, %d messages of 4 kB, the start of the program included: %.0f/s; again, nothing new: %.0f/s%n",
                imported, rates[0], rates[1]);
    }
}
