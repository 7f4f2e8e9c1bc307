package org.listserv.bench;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Evidence.ListBooks;
import org.listserv.bench.Evidence.Span;

/// Posts through HAProxy into the reference cluster while its members are killed, frozen, cut off and slowed down by a seeded schedule; then
/// everything is healed and drained, and senders, all three databases and the sink behind the relays must agree.
@Command(name = "bench/faults", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Faults of every kind on the running reference cluster (deploy/cluster/up) under load, then a comparison of what was said and done."})
final class FaultRun implements Callable<Integer> {

    /// P4: copies a node may have sent beyond its last mark; here every fault may touch all three.
    private static final int WINDOW = 3 * 64;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration HEAL = Duration.ofSeconds(150);
    private static final Duration DRAIN = Duration.ofSeconds(180);
    /// Nanoseconds after a fault in which its consequences are looked for.
    private static final long SECOND = 1_000_000_000L;
    private static final long AFTERMATH = 15 * SECOND;
    /// Among the lists.
    private static final int MOVING = 3;
    private static final int HELD = 4;
    private static final String MODERATOR = "mod@moderators.example";
    private static final int READERS = 2;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "180", description = "How long posts are offered (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--every", paramLabel = "N", defaultValue = "17", description = "Seconds from one fault to the next, at least (${DEFAULT-VALUE}).")
    private int every;

    @Option(names = "--rate", paramLabel = "N", defaultValue = "52", description = "Posts offered a second (${DEFAULT-VALUE}).")
    private int rate;

    @Option(names = "--senders", paramLabel = "N", defaultValue = "32", description = "Connections at once (${DEFAULT-VALUE}).")
    private int senders;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Order of the faults and whom they hit (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--faults", paramLabel = "KIND", split = ",", description = "Only these, in turn: ${COMPLETION-CANDIDATES}.")
    private List<ClusterFault> kinds = List.of();

    @Option(names = "--control", description = "Promotes a standby that lacks commits; exit code 0 when the checker finds the loss.")
    private boolean control;

    private final Workplace place = Workplace.create("faults");
    private final Tally tally = new Tally(place);
    private final CopyLog copies = new CopyLog();
    private final Queue<Sender.Offer> offers = new ConcurrentLinkedQueue<>();
    private final AtomicLong letters = new AtomicLong();
    private @Nullable People people;
    private final Queue<Thread> moved = new ConcurrentLinkedQueue<>();
    /// Until when letters come; in the time of [System#nanoTime].
    private final AtomicLong end = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean sending = true;
    private volatile boolean settled;
    /// Elections of etcd that a fault meant to cause.
    private long planned;

    private record Struck(ClusterFault fault, long began, long ended) {}

    public static void main(String... words) {
        System.exit(new CommandLine(new FaultRun()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (place) {
            return run(Cluster.running());
        }
    }

    private int run(Cluster cluster) throws Exception {
        place.add(Sink.start(new InetSocketAddress(cluster.one("client").address(), 2500), people(cluster)));
        var run = "f" + seed + "." + System.currentTimeMillis();
        var domain = "d" + System.currentTimeMillis() + ".example.org";
        command(cluster, "domain", "create", domain);
        var lists = List.of(list(cluster, "few@" + domain, 2), list(cluster, "some@" + domain, 4), list(cluster, "many@" + domain, 12),
                list(cluster, "moving@" + domain, 2), list(cluster, "held@" + domain, 2));
        command(cluster, "list", "set", lists.get(HELD), "--set", "posting=moderated");
        command(cluster, "member", "add", lists.get(HELD), MODERATOR, "--role", "moderator");
        members(cluster, lists.get(MOVING), IntStream.range(0, seconds / 4).mapToObj(FaultRun::leaver).toList());
        tally.check(Workplace.await(HEAL, cluster::isWhole), "the cluster is whole, its primary is %s", cluster.awaitPrimary().name());
        var elections = cluster.elections();

        var threads = new ArrayList<Thread>();
        var began = System.nanoTime();
        for (var i = 0; i < senders; i++) {
            var random = new Random(seed * 1000 + i);
            threads.add(Thread.ofPlatform().daemon().start(() -> send(cluster, run, began, lists, random)));
        }
        var moving = lists.get(MOVING);
        threads.add(Thread.ofPlatform().daemon().start(() -> move(began, number -> people(cluster).join(moving, "new" + leaver(number)))));
        threads.add(Thread.ofPlatform().daemon().start(() -> move(began, number -> people(cluster).leave(moving, leaver(number)))));
        var moderator = Thread.ofPlatform().daemon().start(() -> people(cluster).moderate(MODERATOR, () -> !settled));
        for (var i = 0; i < READERS; i++) {
            threads.add(Thread.ofPlatform().daemon().start(() -> people(cluster).read("http://" + cluster.one("proxy").address(),
                    lists.stream().flatMap(list -> Stream.of("/" + list, "/search?q=letter+list:" + list)).toList(), () -> sending)));
        }
        var struck = strike(cluster, began);
        while (System.nanoTime() - began < Duration.ofSeconds(seconds).toNanos()) {
            Workplace.pause(Duration.ofMillis(100));
        }
        sending = false;
        var healed = System.nanoTime();
        end.set(healed);
        var offering = (healed - began) / 1e9;
        // With commits that wait for nothing the old primary may never find back: that is what the control shows.
        if (!control) {
            tally.check(Workplace.await(HEAL, cluster::isWhole), "the cluster is whole again");
        }
        for (var thread : threads) {
            thread.join(Duration.ofSeconds(190));
        }
        tally.check(Workplace.await(DRAIN, () -> cluster.count("select count(*) from batch") == 0), "everything owed is sent within %d s",
                DRAIN.toSeconds());
        var drained = System.nanoTime();
        for (var thread : moved) {
            thread.join(Duration.ofSeconds(190));
        }
        tally.check(Workplace.await(DRAIN, () -> cluster.count(
                "select count(*) from held_post where state = 'held' and list_id = (select id from list where local_part = 'held' order by id desc limit 1)") == 0),
                "the moderator was told of everything that waited, and decided");
        settled = true;
        moderator.join(Duration.ofSeconds(60));
        tally.quietly(Workplace.await(DRAIN, () -> cluster.count("select count(*) from batch") == 0), "what came of that is sent too");
        // The relays have their own queues: nobody is owed anything when the sink has been silent.
        silence();
        place.say("%s", people(cluster));
        indexes(cluster, lists);
        var unplanned = cluster.elections() - elections - planned;
        tell(struck, began, offering, (drained - healed) / 1e9, unplanned);
        tally.quietly(offers.stream().noneMatch(Sender.Offer::refused), "no 5xx");
        tally.quietly(unplanned == 0, "%d elections of etcd that no fault meant: this run is void", unplanned);
        return verdict(cluster, lists, struck.size());
    }

    // --- load ------------------------------------------------------------------------------------------------------

    private synchronized People people(Cluster cluster) {
        if (people == null) {
            people = new People(copies, new Sender(List.of(cluster.smtp()), () -> !settled));
        }
        return people;
    }

    /// Each of a domain of his own, so that no budget stands between.
    private static String leaver(int number) {
        return "p%d@p%d.example".formatted(number, number);
    }

    /// One every four seconds, each in his own time.
    private void move(long began, IntConsumer one) {
        for (var i = 0; sending && i < seconds / 4; i++) {
            var number = i;
            moved.add(Thread.ofPlatform().daemon().start(() -> one.accept(number)));
            Workplace.pause(Duration.ofNanos(Math.max(0, began + Duration.ofSeconds(4).multipliedBy(i + 1).toNanos() - System.nanoTime())));
        }
    }

    private static String list(Cluster cluster, String address, int subscribers) {
        command(cluster, "list", "create", address, "--set", "posting=anyone");
        members(cluster, address, Site.subscribers(subscribers));
        return address;
    }

    private static void members(Cluster cluster, String list, List<String> people) {
        var addresses = String.join("\n", people) + "\n";
        Program.run(cluster.configuration(), addresses.getBytes(StandardCharsets.US_ASCII), List.of("member", "add", list, "-")).orFail();
    }

    private static void command(Cluster cluster, String... words) {
        Program.run(cluster.configuration(), words).orFail();
    }

    private void send(Cluster cluster, String run, long began, List<String> lists, Random random) {
        var patience = Duration.ofSeconds(120).toNanos();
        var sender = new Sender(List.of(cluster.smtp()), () -> System.nanoTime() - patience < end.get());
        while (true) {
            // Mail comes when it comes: what a fault held back waits with its sender and is offered after it.
            var number = letters.incrementAndGet();
            var due = began + number * Duration.ofSeconds(1).toNanos() / rate;
            Workplace.pause(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
            if (due > end.get()) {
                return;
            }
            var list = lists.get(Math.max(0, random.nextInt(40) - 35));
            offers.add(sender.deliver(Letter.write(run, number, List.of(list), 800 + random.nextInt(4_000)), PATIENCE));
        }
    }

    // --- faults ----------------------------------------------------------------------------------------------------

    private List<Struck> strike(Cluster cluster, long began) throws Exception {
        var random = new Random(seed);
        var all = kinds.isEmpty()
                ? new ArrayList<>(EnumSet.complementOf(EnumSet.of(ClusterFault.UNSYNCHRONISED_PROMOTION)))
                : new ArrayList<>(kinds);
        if (control) {
            all = new ArrayList<>(List.of(ClusterFault.UNSYNCHRONISED_PROMOTION));
        } else if (kinds.isEmpty()) {
            if (!cluster.members("db").stream().allMatch(cluster::hasOwnDisk)) {
                place.say("skipped: DISK_FULL, the databases have no disks of their own (CLUSTER_DISK_MB)");
                all.remove(ClusterFault.DISK_FULL);
            }
            Collections.shuffle(all, random);
        }
        var struck = new ArrayList<Struck>();
        Workplace.pause(Duration.ofSeconds(8));
        for (var i = 0; System.nanoTime() - began < Duration.ofSeconds(seconds - 10).toNanos() && (!control || i == 0); i++) {
            var fault = all.get(i % all.size());
            var at = System.nanoTime();
            var elections = cluster.elections();
            place.say("%s ...", fault);
            var proof = fault.strike(cluster, random);
            struck.add(new Struck(fault, at, System.nanoTime()));
            place.say("%s healed after %.1f s: %s", fault, (System.nanoTime() - at) / 1e9, proof);
            // One fault at a time: the promises are for a cluster that was whole.
            if (!control) {
                tally.quietly(Workplace.await(HEAL, cluster::isWhole), "whole again after %s", fault);
            }
            var rest = Duration.ofSeconds(every).toNanos() - (System.nanoTime() - at);
            Workplace.pause(Duration.ofNanos(Math.max(rest, Duration.ofSeconds(2).toNanos())));
            // A member that comes back may call an election too.
            planned += fault == ClusterFault.ETCD_MINORITY ? cluster.elections() - elections : 0;
        }
        return struck;
    }

    /// Every node's index has every post, and all answer alike.
    private void indexes(Cluster cluster, List<String> lists) throws SQLException {
        var nodes = cluster.members("node");
        var posts = Workplace.await(Duration.ofSeconds(60), () -> {
            var all = cluster.count("select count(*) from post");
            return nodes.stream().allMatch(node -> cluster.text(node, ":8080/metrics").lines()
                    .anyMatch(line -> line.startsWith("listserv_index_posts") && line.endsWith(" " + (double) all)));
        });
        tally.check(posts, "the index of every node has all %d posts", cluster.count("select count(*) from post"));
        for (var list : lists) {
            // As JSON: a page says besides whether it was read from a standby.
            var answers = nodes.stream().map(node -> cluster.text(node, ":8080/search?format=json&q=letter+list:" + list)).distinct()
                    .toList();
            tally.quietly(answers.size() == 1, "a search in %s has %d different answers on %d nodes: %s", list, answers.size(),
                    nodes.size(),
                    answers.size() == 1 ? "" : difference(answers.getFirst(), answers.get(1)));
        }
    }

    private static String difference(String one, String other) {
        var at = 0;
        while (at < Math.min(one.length(), other.length()) && one.charAt(at) == other.charAt(at)) {
            at++;
        }
        return "“" + one.substring(Math.max(0, at - 80), Math.min(one.length(), at + 200)) + "” and “"
                + other.substring(Math.max(0, at - 80), Math.min(other.length(), at + 200)) + "”";
    }

    private void silence() {
        var last = -1;
        for (var quiet = 0; quiet < 12;) {
            quiet = copies.size() == last ? quiet + 1 : 0;
            last = copies.size();
            Workplace.pause(Duration.ofSeconds(1));
        }
    }

    // --- verdict ---------------------------------------------------------------------------------------------------

    private void tell(List<Struck> struck, long began, double offering, double drain, long elections) {
        var accepted = offers.stream().filter(Sender.Offer::accepted).mapToLong(offer -> offer.told().getLast().atNanos()).sorted()
                .toArray();
        var stalls = new LinkedHashMap<ClusterFault, List<String>>();
        for (var i = 0; i < struck.size(); i++) {
            var one = struck.get(i);
            // What the next fault does is not this one's doing.
            var next = i + 1 < struck.size() ? struck.get(i + 1).began() - SECOND : Long.MAX_VALUE;
            var until = Math.min(one.ended() + AFTERMATH, next);
            stalls.computeIfAbsent(one.fault(), _ -> new ArrayList<>())
                    .add("%.1f (%d)".formatted(stall(accepted, one.began(), until), tries(one, until)));
        }
        stalls.forEach((fault, all) -> place.say("%-26s longest time without acceptance, s (and most tries of a letter): %s", fault,
                String.join(" ", all)));
        if (!copies.doubled().isEmpty()) {
            var causes = copies.doubled().stream().map(at -> struck.stream().filter(fault -> fault.began() < at)
                    .reduce((_, later) -> later).map(fault -> fault.fault().name()).orElse("no fault"))
                    .collect(Collectors.groupingBy(cause -> cause, TreeMap::new, Collectors.counting()));
            place.say("double copies by the last fault before them: %s", causes);
        }
        Map<Integer, Long> replies = offers.stream().flatMap(offer -> offer.told().stream())
                .collect(Collectors.groupingBy(Sender.Told::code, TreeMap::new, Collectors.counting()));
        place.say(
                "%d offered (%.0f/s), %d accepted, replies %s, in doubt %d times, longest stall %.1f s, drained in %.1f s, %d unplanned elections of etcd",
                offers.size(), offers.size() / offering, accepted.length, replies,
                offers.stream().mapToLong(Sender.Offer::doubts).sum(),
                accepted.length == 0 ? offering : stall(accepted, began, Long.MAX_VALUE), drain, elections);
    }

    private int tries(Struck fault, long until) {
        return offers.stream().filter(offer -> offer.began() < until)
                .filter(offer -> offer.told().isEmpty() || offer.told().getLast().atNanos() > fault.began())
                .mapToInt(offer -> offer.told().size()).max().orElse(0);
    }

    /// The longest time between two acceptances of which some lies between these moments.
    private static double stall(long[] accepted, long from, long to) {
        var longest = 0L;
        for (var i = 1; i < accepted.length; i++) {
            if (accepted[i] >= from && accepted[i - 1] <= to) {
                longest = Math.max(longest, accepted[i] - accepted[i - 1]);
            }
        }
        return longest / 1e9;
    }

    private int verdict(Cluster cluster, List<String> lists, int faults) throws SQLException {
        var primary = cluster.awaitPrimary();
        var books = books(cluster, primary, lists);
        for (var standby : cluster.members("db")) {
            if (!standby.equals(primary)) {
                tally.check(Workplace.await(Duration.ofSeconds(30), () -> books(cluster, standby, lists).equals(books)),
                        "%s holds just what %s holds", standby.name(), primary.name());
            }
        }
        var when = offers.stream().collect(Collectors.toMap(offer -> offer.letter().messageId(),
                offer -> new Span(offer.began(), offer.accepted() ? offer.told().getLast().atNanos() : Span.NEVER)));
        var evidence = new Evidence(offers.stream().map(Site::offered).toList(), books, copies.copies(),
                cluster.count("select count(*) from batch"), cluster.count("select count(*) from outgoing"),
                cluster.count("select count(*) from delivery_problem"), people(cluster).movements(), when, people(cluster).decided());
        var report = Checker.check(evidence, (long) faults * WINDOW);
        place.say("%s", report);
        if (control) {
            tally.check(report.found().containsKey(Checker.Fault.LOST), "the loss was found");
        } else {
            for (var fault : Checker.Fault.values()) {
                tally.quietly(!report.found().containsKey(fault), "%s", fault);
            }
        }
        return tally.summary();
    }

    private static Map<String, ListBooks> books(Cluster cluster, Cluster.Member database, List<String> lists) throws SQLException {
        var books = new TreeMap<String, ListBooks>();
        try (var connection = cluster.connect(database)) {
            for (var list : lists) {
                books.put(list, Books.of(connection, list));
            }
        }
        return books;
    }
}
