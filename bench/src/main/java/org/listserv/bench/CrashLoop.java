package org.listserv.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Evidence.Offered;
import org.listserv.bench.Evidence.Said;
import org.listserv.bench.FaultProxy.Fault;
import org.listserv.bench.FaultProxy.Moment;

/// The promises under faults: nodes and the postmaster are killed and frozen under load, at random and at named points, and afterwards
/// senders, database and relay must agree.
@Command(name = "bench/crash", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Kills and freezes nodes and their PostgreSQL under load, then compares what senders, database and relay say.",
        "Faults: SIGKILL at random; SIGKILL at each named point of a transaction; a node that dies and stays dead; SIGSTOP; SIGSTOP inside a",
        "publish; SIGKILL of the postmaster; SIGKILL of an import between two transactions."})
final class CrashLoop implements Callable<Integer> {

    /// P4: copies a node may have sent beyond its last mark.
    private static final int WINDOW = 64;
    private static final Duration TAKE_OVER = Duration.ofSeconds(15);
    private static final Duration OTHERS_GO_ON = Duration.ofSeconds(10);
    private static final Duration STRIKE = Duration.ofSeconds(30);
    private static final Duration DRAIN = Duration.ofSeconds(180);

    private static final Pattern TAKE = Pattern.compile("\\btake\\s*\\(");
    private static final Pattern CLAIM = Pattern.compile("\\bclaim\\s*\\(");
    private static final Pattern MARK = Pattern.compile("\\bmark\\s*\\(");

    /// Where in its work a node is killed.
    enum Point {
        BEFORE_THE_COMMIT(TAKE, Moment.BEFORE),
        DURING_THE_COMMIT(TAKE, Moment.WITHIN),
        AFTER_THE_COMMIT_BEFORE_250(TAKE,
                Moment.AFTER),
        BEFORE_A_CLAIM(CLAIM, Moment.BEFORE),
        DURING_A_CLAIM(CLAIM, Moment.WITHIN),
        AFTER_A_CLAIM(CLAIM,
                Moment.AFTER),
        AFTER_THE_RELAYS_250_BEFORE_THE_MARK(MARK,
                Moment.BEFORE),
        DURING_A_MARK(MARK, Moment.WITHIN),
        AFTER_A_MARK(MARK, Moment.AFTER);

        private final Pattern statement;
        private final Moment moment;

        Point(Pattern statement, Moment moment) {
            this.statement = statement;
            this.moment = moment;
        }

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ').replace("relays", "relay's");
        }
    }

    @Option(names = "--kills", paramLabel = "N", defaultValue = "100", description = "Random SIGKILLs (${DEFAULT-VALUE}).")
    private int kills;

    @Option(names = "--points", paramLabel = "N", defaultValue = "4", description = "SIGKILLs at each of the nine named points (${DEFAULT-VALUE}).")
    private int points;

    @Option(names = "--deaths", paramLabel = "N", defaultValue = "4", description = "Nodes that stay dead until another has taken over (${DEFAULT-VALUE}).")
    private int deaths;

    @Option(names = "--freezes", paramLabel = "N", defaultValue = "3", description = "SIGSTOPs at random, and as many inside a publish (${DEFAULT-VALUE}).")
    private int freezes;

    @Option(names = "--frozen", paramLabel = "SECONDS", defaultValue = "60", description = "How long a node stays frozen (${DEFAULT-VALUE}).")
    private int frozen;

    @Option(names = "--postmasters", paramLabel = "N", defaultValue = "4", description = "SIGKILLs of the postmaster (${DEFAULT-VALUE}).")
    private int postmasters;

    @Option(names = "--imports", paramLabel = "N", defaultValue = "3", description = "Imports killed between two transactions (${DEFAULT-VALUE}).")
    private int imports;

    @Option(names = "--senders", paramLabel = "N", defaultValue = "8", description = "Senders at once (${DEFAULT-VALUE}).")
    private int senders;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "2", description = "Nodes on the one database (${DEFAULT-VALUE}).")
    private int nodes;

    @Option(names = "--letters", paramLabel = "N", defaultValue = "0", description = {
            "Letters at least: after the faults, random SIGKILLs go on until so many are answered (${DEFAULT-VALUE}); the senders rest less then."})
    private int enough;

    @Option(names = "--seed", paramLabel = "N", description = "Order and times of the faults (now).")
    private long seed = System.currentTimeMillis();

    @Option(names = "--short", description = "For every build, about a minute: 4 kills, each point once, one of everything else, 12 s frozen.")
    private boolean brief;

    private final Queue<Sender.Offer> offers = new ConcurrentLinkedQueue<>();
    private final List<Offered> imported = new ArrayList<>();
    private final AtomicLong letters = new AtomicLong();
    private final CopyLog copies = new CopyLog();
    private final Workplace place = Workplace.create("crash");
    private final Tally tally = new Tally(place);
    private volatile boolean sending = true;
    private long windows;
    private long slowestTakeOver;
    private long slowestOther;

    public static void main(String... words) {
        System.exit(new CommandLine(new CrashLoop()).execute(words));
    }

    private interface Blow {
        void fall() throws Exception;
    }

    private record Planned(String name, Blow blow) {}

    @Override
    public Integer call() throws Exception {
        if (brief) {
            kills = 4;
            points = 1;
            deaths = 1;
            freezes = 1;
            frozen = 12;
            postmasters = 1;
            imports = 1;
        }
        try (place) {
            return run();
        }
    }

    private int run() throws Exception {
        var relay = place.add(Sink.start(copies));
        var postgres = Postgres.create(place, "pg", List.of("log_lock_waits=on"));
        postgres.start();
        var site = Site.create(place, postgres, relay.port());
        var lists = List.of(site.list("few", 3, "posting=anyone"), site.list("some", 20, "posting=anyone"),
                site.list("many", 150, "posting=anyone"));
        for (var i = 0; i < nodes; i++) {
            site.node("smtp,delivery,jobs", List.of(), Node.SHORT_LIVED);
        }
        site.nodes().forEach(Node::start);
        site.nodes().forEach(Node::awaitReady);
        place.say("%d nodes take mail, after %.1f to %.1f s of CPU; seed %d", nodes, site.nodes().getFirst().cpuSeconds(),
                site.nodes().getLast().cpuSeconds(), seed);

        var threads = new ArrayList<Thread>();
        for (var i = 0; i < senders; i++) {
            var random = new Random(seed + i);
            threads.add(Thread.ofVirtual().start(() -> send(site, lists, random)));
        }
        var plan = plan(site, lists);
        var done = 0;
        for (var planned : plan) {
            done++;
            planned.blow().fall();
            place.say("%d/%d %s; %d letters answered, %d copies", done, plan.size(), planned.name(), offers.size(), copies.size());
        }
        var random = new Random(seed);
        var turn = new AtomicLong();
        var until = System.nanoTime() + Duration.ofSeconds(enough / 5).toNanos();
        while (offers.size() < enough && System.nanoTime() < until) {
            kill(next(site, turn), random);
            place.say("killed at random, the %dth; %d letters answered, %d copies", windows, offers.size(), copies.size());
        }
        sending = false;
        for (var thread : threads) {
            thread.join(Duration.ofSeconds(150));
        }
        tally.quietly(offers.size() >= enough, "%d letters were answered", offers.size());
        var lost = new ArrayList<>(lists);
        site.nodes().forEach(Node::awaitReady);
        tally.check(site.drained(DRAIN), "everything owed is sent within %d s", DRAIN.toSeconds());
        lost.addAll(imported.stream().flatMap(offer -> offer.lists().stream()).distinct().toList());
        Workplace.await(Duration.ofSeconds(20), () -> site.count("outgoing") == 0);
        var report = Checker.check(site.evidence(offers, imported, lost, copies.copies()), windows * WINDOW);
        place.say("%s", report);
        for (var fault : Checker.Fault.values()) {
            tally.quietly(!report.found().containsKey(fault), "%s", fault);
        }
        place.say(
                "replies: %s; in doubt %d times; %d double copies, %d allowed; slowest take-over %d ms, slowest publish beside a frozen node %d ms",
                replies(), offers.stream().mapToLong(Sender.Offer::doubts).sum(), report.doubles(), windows * WINDOW, slowestTakeOver,
                slowestOther);
        return tally.summary();
    }

    private java.util.Map<Integer, Long> replies() {
        return new java.util.TreeMap<>(offers.stream().flatMap(offer -> offer.told().stream())
                .collect(java.util.stream.Collectors.groupingBy(Sender.Told::code, java.util.stream.Collectors.counting())));
    }

    // --- load ------------------------------------------------------------------------------------------------------

    private void send(Site site, List<String> lists, Random random) {
        var deadline = new AtomicLong(Long.MAX_VALUE);
        var sender = new Sender(site.smtp(), () -> {
            if (!sending) {
                deadline.compareAndSet(Long.MAX_VALUE, System.nanoTime() + Duration.ofSeconds(120).toNanos());
            }
            return System.nanoTime() < deadline.get();
        });
        while (sending) {
            offers.add(sender.deliver(letter(lists, random), Duration.ofSeconds(3 + random.nextInt(30))));
            Workplace.pause(enough > 0 ? Duration.ofMillis(random.nextInt(200)) : Duration.ofMillis(300 + random.nextInt(900)));
        }
    }

    private Letter letter(List<String> lists, Random random) {
        var to = switch (random.nextInt(10)) {
            case 0 -> List.of(lists.get(2));
            case 1, 2 -> List.of(lists.get(1));
            case 3 -> random.nextBoolean() ? List.of(lists.get(0), lists.get(1)) : List.of(lists.get(1), lists.get(0));
            default -> List.of(lists.get(0));
        };
        var size = random.nextInt(20) == 0 ? 200_000 : 1_000 + random.nextInt(5_000);
        return Letter.write("s" + seed, letters.incrementAndGet(), to, size);
    }

    // --- faults ----------------------------------------------------------------------------------------------------

    private List<Planned> plan(Site site, List<String> lists) {
        var random = new Random(seed);
        var plan = new ArrayList<Planned>();
        var turn = new AtomicLong();
        for (var i = 0; i < kills; i++) {
            plan.add(new Planned("killed at random", () -> kill(next(site, turn), random)));
        }
        for (var point : Point.values()) {
            for (var i = 0; i < points; i++) {
                plan.add(new Planned("killed " + point, () -> killAt(site, next(site, turn), point, random)));
            }
        }
        for (var i = 0; i < deaths; i++) {
            plan.add(new Planned("dead until another took over", () -> die(site, next(site, turn))));
        }
        for (var i = 0; i < freezes; i++) {
            plan.add(new Planned("frozen %d s".formatted(frozen), () -> freeze(site, next(site, turn), lists)));
            plan.add(new Planned("frozen %d s inside a publish".formatted(frozen),
                    () -> freezePublishing(site, next(site, turn), lists)));
        }
        for (var i = 0; i < postmasters; i++) {
            plan.add(new Planned("postmaster killed", () -> killPostmaster(site, lists, random)));
        }
        for (var i = 0; i < imports; i++) {
            var number = i + 1;
            plan.add(new Planned("import killed between two transactions", () -> killImport(site, number)));
        }
        Collections.shuffle(plan, random);
        return plan;
    }

    /// The nodes in turn, each when it works.
    private static Node next(Site site, AtomicLong turn) {
        var node = site.nodes().get((int) (turn.getAndIncrement() % site.nodes().size()));
        node.awaitReady();
        return node;
    }

    private static Node other(Site site, Node node) {
        var other = site.nodes().stream().filter(one -> one != node).findFirst().orElseThrow();
        other.awaitReady();
        return other;
    }

    private void kill(Node node, Random random) {
        Workplace.pause(Duration.ofMillis(random.nextInt(1_500)));
        node.kill();
        windows++;
        node.start();
        if (random.nextInt(10) == 0) {    // some die while they start
            Workplace.pause(Duration.ofMillis(random.nextInt(3_000)));
            node.kill();
            node.start();
        }
    }

    private void killAt(Site site, Node node, Point point, Random random) throws InterruptedException {
        var strike = site.proxy(node).arm(new Fault(point.statement, point.moment, random.nextInt(3), () -> {
            node.kill();
            return false;
        }));
        tally.quietly(strike.within(STRIKE), "%s: the point was reached within %d s", point, STRIKE.toSeconds());
        node.kill();
        windows++;
        node.start();
    }

    private void die(Site site, Node node) {
        other(site, node);
        node.kill();
        windows++;
        takenOver(site, "dead");
        node.start();
    }

    /// Everything that was owed at this moment is sent, and soon.
    private void takenOver(Site site, String how) {
        var began = System.nanoTime();
        var last = site.postgres().ask(Site.DATABASE, "select coalesce(max(id), 0) from batch");
        Workplace.await(Duration.ofSeconds(60),
                () -> site.postgres().count(Site.DATABASE, "select count(*) from batch where id <= " + last) == 0);
        var took = (System.nanoTime() - began) / 1_000_000;
        slowestTakeOver = Math.max(slowestTakeOver, took);
        tally.quietly(took <= TAKE_OVER.toMillis(), "a %s node's batches are sent by another within %d s: %d ms", how,
                TAKE_OVER.toSeconds(), took);
    }

    private void freeze(Site site, Node node, List<String> lists) {
        var other = other(site, node);
        node.freeze();
        duringFreeze(site, node, other, lists);
    }

    /// Frozen when the server has the whole publish, COMMIT included: the lock it took must not wait for the node.
    private void freezePublishing(Site site, Node node, List<String> lists) throws InterruptedException {
        var other = other(site, node);
        var strike = site.proxy(node).arm(new Fault(TAKE, Moment.WITHIN, 0, () -> {
            node.freeze();
            return true;
        }));
        tally.quietly(strike.within(STRIKE), "a publish to freeze in came within %d s", STRIKE.toSeconds());
        node.freeze();
        duringFreeze(site, node, other, lists);
    }

    private void duringFreeze(Site site, Node node, Node other, List<String> lists) {
        windows++;
        var until = System.nanoTime() + Duration.ofSeconds(frozen).toNanos();
        for (var list : lists) {
            var took = probe(other, list);
            slowestOther = Math.max(slowestOther, took);
            tally.quietly(took <= OTHERS_GO_ON.toMillis(), "beside a frozen node %s takes a post within %d s: %d ms", list,
                    OTHERS_GO_ON.toSeconds(), took);
        }
        takenOver(site, "frozen");
        Workplace.pause(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
        node.thaw();
    }

    /// @return milliseconds until this node has said 250
    private long probe(Node node, String list) {
        var began = System.nanoTime();
        var limit = began + Duration.ofSeconds(60).toNanos();
        var sender = new Sender(List.of(node.smtp()), () -> System.nanoTime() < limit);
        var offer = sender.deliver(Letter.write("s" + seed, letters.incrementAndGet(), List.of(list), 2_000), Duration.ofSeconds(30));
        offers.add(offer);
        var took = (System.nanoTime() - began) / 1_000_000;
        if (took > 5_000) {
            place.say("  %s to %s took %d ms: %s", list, node.name(), took,
                    offer.told().stream().map(told -> "%d after %d ms".formatted(told.code(), (told.atNanos() - began) / 1_000_000))
                            .toList());
        }
        return took;
    }

    private void killPostmaster(Site site, List<String> lists, Random random) {
        site.nodes().forEach(Node::awaitReady);
        Workplace.pause(Duration.ofMillis(random.nextInt(1_000)));
        site.postgres().kill();
        windows += site.nodes().size();
        site.postgres().start();
        for (var node : site.nodes()) {
            var took = probe(node, lists.getFirst());
            tally.quietly(took <= 30_000, "%s takes posts again within 30 s of the database's return: %d ms", node.name(), took);
        }
    }

    // --- import ----------------------------------------------------------------------------------------------------

    private void killImport(Site site, int number) throws Exception {
        var list = site.list("imported" + number, 0);
        var count = 1_000;
        var mbox = Files.createTempFile("listserv-bench", ".mbox");
        var proxy = FaultProxy.start(site.postgres().port(), Duration.ZERO);
        try (proxy) {
            var text = new StringBuilder();
            for (var i = 0; i < count; i++) {
                var letter = Letter.write("import%d-%d".formatted(number, seed), i, List.of(list), 1_500);
                var octets = new String(letter.octets(), StandardCharsets.UTF_8).replace("\r\n", "\n");
                text.append("From ann@letters.example Mon Jan  5 10:00:00 2026\n").append(octets.replaceAll("(?m)^(>*From )", ">$1"))
                        .append('\n');
                imported.add(new Offered(letter.messageId(), List.of(list), Digest.hex(octets.getBytes(StandardCharsets.UTF_8)), "",
                        Said.ACCEPTED));
            }
            Files.writeString(mbox, text);
            var configuration = site.configuration().resolveSibling("import" + number + ".yaml");
            Files.writeString(configuration, Files.readString(site.configuration()).replace("127.0.0.1:" + site.postgres().port() + "/",
                    "127.0.0.1:" + proxy.port() + "/"));
            var process = Program.start(configuration, site.configuration().resolveSibling("import" + number + ".log"), List.of(),
                    List.of("import", "mbox", list, mbox.toString()));
            var strike = proxy.arm(new Fault(TAKE, number % 2 == 1 ? Moment.BEFORE : Moment.AFTER, 2, () -> {
                process.destroyForcibly();
                return false;
            }));
            tally.quietly(strike.within(Duration.ofSeconds(60)), "an import came to its third transaction");
            process.destroyForcibly().waitFor();
            var half = site.postgres().count(Site.DATABASE, "select count(*) from post where list_id = (select max(id) from list)");
            tally.quietly(half > 0 && half < count, "the import was interrupted: %d of %d", half, count);
            site.command("import", "mbox", list, mbox.toString());
            var whole = site.postgres().count(Site.DATABASE, "select count(*) from post where list_id = (select max(id) from list)");
            tally.quietly(whole == count, "run again it is whole: %d of %d", whole, count);
        } finally {
            Files.delete(mbox);
        }
    }
}
