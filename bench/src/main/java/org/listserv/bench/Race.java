package org.listserv.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Sender.Offer;
import org.listserv.bench.Sender.Told;

/// P2 and P3 between nodes: the same message reaches two nodes at once.
@Command(name = "bench/race", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Offers every message to two nodes within 10 ms, as two processes on one database: each must become one post, numbers must have no gap.",
        "A sender goes as far as the text with both nodes, then ends DATA at both, one right after the other."})
final class Race implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long WITHIN = 10_000_000;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "500", description = "Messages (${DEFAULT-VALUE}).")
    private int messages;

    @Option(names = "--senders", paramLabel = "N", defaultValue = "16", description = "Senders at once (${DEFAULT-VALUE}).")
    private int senders;

    private final Queue<Offer> offers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger close = new AtomicInteger();
    private final AtomicInteger bothPositive = new AtomicInteger();
    private final CopyLog copies = new CopyLog();

    public static void main(String... words) {
        System.exit(new CommandLine(new Race()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("race")) {
            var tally = new Tally(place);
            var relay = place.add(Sink.start(copies));
            var site = Site.create(place, relay.port());
            var list = site.list("race", 3, "posting=anyone");
            for (var i = 0; i < 2; i++) {
                site.node("smtp,delivery,jobs", List.of(), Node.SHORT_LIVED).start();
            }
            site.nodes().forEach(Node::awaitReady);
            place.say("two nodes take mail");
            var threads = new ArrayList<Thread>();
            for (var i = 0; i < senders; i++) {
                threads.add(Thread.ofVirtual().start(() -> send(site, list)));
            }
            for (var thread : threads) {
                thread.join(Duration.ofMinutes(5));
            }
            tally.check(offers.size() == messages && offers.stream().allMatch(Offer::accepted), "%d of %d messages were accepted",
                    offers.stream().filter(Offer::accepted).count(), messages);
            tally.check(close.get() * 100L >= messages * 98L, "%d of %d were offered to both nodes within 10 ms", close.get(), messages);
            tally.check(site.drained(Duration.ofSeconds(60)), "everything owed is sent");
            var report = Checker.check(site.evidence(offers, List.of(), List.of(list), copies.copies()), 0);
            place.say("%s", report);
            for (var fault : Checker.Fault.values()) {
                if (fault != Checker.Fault.QUEUE) {    // an outgoing without batches goes with the sweep
                    tally.quietly(!report.found().containsKey(fault), "%s", fault);
                }
            }
            var decided = site.postgres().count(Site.DATABASE, "select count(*) from arrival where seen > 1 and get_byte(key, 0) = 0");
            var sightings = site.postgres().count(Site.DATABASE, "select sum(seen) from arrival where get_byte(key, 0) = 0");
            tally.check(decided > 50, "the unique key decided %d times (%d sightings of %d messages, %d read 250 from both nodes)", decided,
                    sightings, messages,
                    bothPositive.get());
            return tally.summary();
        }
    }

    private void send(Site site, String list) {
        for (var number = next.incrementAndGet(); number <= messages; number = next.incrementAndGet()) {
            var letter = Letter.write("race", number, List.of(list), 3_000);
            try {
                offers.add(offerToBoth(site, letter));
            } catch (IOException e) {
                offers.add(new Offer(letter, List.of(new Told(0, System.nanoTime(), 0, String.valueOf(e.getMessage()), true))));
            }
        }
    }

    private Offer offerToBoth(Site site, Letter letter) throws IOException {
        var first = ThreadLocalRandom.current().nextInt(2);
        try (var one = ready(site, first, letter); var other = ready(site, 1 - first, letter)) {
            var dot = new byte[]{'.', '\r', '\n'};
            var began = System.nanoTime();
            one.send(dot);
            other.send(dot);
            close.addAndGet(System.nanoTime() - began < WITHIN ? 1 : 0);
            var told = new ArrayList<Told>();
            for (var session : List.of(one, other)) {
                var reply = session.reply();
                told.add(new Told(session == one ? first : 1 - first, System.nanoTime(), reply.code(), reply.text(), false));
            }
            bothPositive.addAndGet(told.stream().allMatch(reply -> reply.code() == 250) ? 1 : 0);
            if (told.stream().noneMatch(reply -> reply.code() == 250)) {
                told.addAll(new Sender(site.smtp(), () -> true).deliver(letter, PATIENCE).told());
            } else if (told.getLast().code() != 250) {
                told.add(told.getFirst());    // one node has it
            }
            return new Offer(letter, told);
        }
    }

    /// As far as the end of the text; the dot is still to come.
    private static SmtpSession ready(Site site, int node, Letter letter) throws IOException {
        var session = SmtpSession.open(site.smtp().get(node), PATIENCE);
        session.ehlo();
        var reply = session.begin("MAIL FROM:<ann@letters.example>", letter.lists());
        if (reply.code() != 354) {
            session.close();
            throw new IOException("not ready: " + reply);
        }
        session.content(letter.octets());
        return session;
    }
}
