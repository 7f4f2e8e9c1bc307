package org.listserv.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Relays as they are on a bad day. Whatever they do, each subscriber ends in delivered, deferred or bounced, and the relay's log agrees.
@Command(name = "bench/relays", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "A post each through a relay that is killed half way and comes back; that hangs while another is well; that hangs for a while in the middle;",
        "that answers every 7th recipient 4xx, or 5xx; that makes one reply a second; that goes away after the final dot of every 10th message.",
        "Afterwards the relay's log, the tables and `find` must agree on every subscriber. Exit 1: they do not. Needs PostgreSQL.",
        "About 4 minutes, at most 20; with --short a minute, without the slow and the hanging ones."})
final class RelayTrouble implements Callable<Integer> {

    /// A relay knows nobody twice unless a session broke: then at most what was under way on each connection.
    private static final int CONNECTIONS = 20;
    private static final int SLOW_LIST = 40;
    private static final Duration SETTLED = Duration.ofSeconds(300);
    private static final Pattern FOUND = Pattern.compile("(\\d+) of (\\d+) delivered, (\\d+) refused, (\\d+) waiting");

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "${env:SUBSCRIBERS:-2000}", description = "(${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(names = "--down", paramLabel = "SECONDS", defaultValue = "10", description = "How long a relay is away or hangs (${DEFAULT-VALUE}).")
    private int down;

    @Option(names = "--short", description = "For every build: 500 subscribers, away for 3 s, nothing slow and nothing that hangs.")
    private boolean brief;

    private final Workplace place = Workplace.create("relays");
    private final Tally tally = new Tally(place);
    private final Scores scores = new Scores(tally, true);
    private final String run = "r" + System.currentTimeMillis();
    private long letters;

    public static void main(String... words) {
        System.exit(new CommandLine(new RelayTrouble()).execute(words));
    }

    /// A relay that can be told how to behave, and that keeps what it answered.
    private static final class Relay implements Sink.Manners, AutoCloseable {
        private final Gate gate = new Gate();
        private final ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
        private final Set<String> later = ConcurrentHashMap.newKeySet();
        private final Set<String> refused = ConcurrentHashMap.newKeySet();
        private final AtomicLong messages = new AtomicLong();
        private volatile Duration perReply = Duration.ZERO;
        private volatile int everySeventh;
        private volatile boolean drops;
        private Sink sink;

        Relay() {
            sink = Sink.start(0, this::take, this);
        }

        private void take(Sink.Taken message) {
            taken.addAll(message.forwardPaths());
        }

        int port() {
            return sink.port();
        }

        void forget() {
            taken.clear();
            later.clear();
            refused.clear();
        }

        void kill() {
            sink.close();
        }

        void startAgain() {
            sink = Sink.start(sink.port(), this::take, this);
        }

        Fates.Relay log() {
            return new Fates.Relay(List.copyOf(taken), Set.copyOf(later), Set.copyOf(refused));
        }

        @Override
        public void beforeReply() throws InterruptedException {
            gate.pass();
            if (perReply.isPositive()) {
                Thread.sleep(perReply);
            }
        }

        /// Who is meant goes by the recipient, so that a second try gets the same answer.
        @Override
        public Optional<String> toRecipient(String forwardPath) {
            if (everySeventh == 0 || !isSeventh(forwardPath)) {
                return Optional.empty();
            }
            (everySeventh < 500 ? later : refused).add(forwardPath);
            return Optional.of(everySeventh < 500 ? "450 4.2.1 mailbox busy" : "550 5.1.1 no such mailbox");
        }

        private static boolean isSeventh(String forwardPath) {
            return Integer.parseInt(forwardPath.substring(1, forwardPath.indexOf('@'))) % 7 == 0;
        }

        @Override
        public boolean dropsAfterDot(List<String> forwardPaths) {
            return drops && messages.incrementAndGet() % 10 == 0;
        }

        @Override
        public void close() {
            gate.open();
            sink.close();
        }
    }

    private interface Trouble {
        void make() throws Exception;
    }

    private static final Trouble NONE = () -> {};

    @Override
    public Integer call() throws Exception {
        if (brief) {
            subscribers = 500;
            down = 3;
        }
        try (place) {
            var relay = place.add(new Relay());
            var site = Site.create(place, relay.port());
            var node = site.unwatched("one-relay", "127.0.0.1:" + relay.port(), Expansion.ROLES, List.of(), List.of("-Xmx256m"));
            node.startAndWait();
            scenario(site, node, "a good relay", subscribers, relay, List.of(relay), 0, NONE);
            scenario(site, node, "killed half way, back after %d s".formatted(down), subscribers, relay, List.of(relay), CONNECTIONS,
                    () -> {
                        relay.kill();
                        Workplace.pause(Duration.ofSeconds(down));
                        relay.startAgain();
                    });
            for (var code : List.of(450, 550)) {
                relay.everySeventh = code;
                scenario(site, node, "%d to every 7th recipient".formatted(code), subscribers, relay, List.of(relay), 0, NONE);
                relay.everySeventh = 0;
            }
            relay.drops = true;
            scenario(site, node, "goes away after the dot of every 10th message", subscribers, relay, List.of(relay), 0, NONE);
            relay.drops = false;
            if (!brief) {
                slow(site, node, relay);
                node.stop();
                hanging(site, relay);
            }
            scores.print();
            return tally.summary();
        }
    }

    private void slow(Site site, Node node, Relay relay) throws Exception {
        relay.perReply = Duration.ofSeconds(1);
        scenario(site, node, "one reply a second", SLOW_LIST, relay, List.of(relay), 0, NONE);
        relay.perReply = Duration.ZERO;
    }

    private void hanging(Site site, Relay relay) throws Exception {
        var well = place.add(new Relay());
        var node = site.unwatched("two-relays", "127.0.0.1:%d, 127.0.0.1:%d".formatted(relay.port(), well.port()), Expansion.ROLES,
                List.of(), List.of("-Xmx256m"));
        node.startAndWait();
        scenario(site, node, "hangs half way for %d s, another is well".formatted(down), subscribers, relay, List.of(relay, well),
                CONNECTIONS, () -> {
                    relay.gate.close();
                    Workplace.pause(Duration.ofSeconds(down));
                    relay.gate.open();
                });
        relay.kill();    // its sessions end, so that it meets the next post with a greeting that does not come
        relay.gate.close();
        relay.startAgain();
        scenario(site, node, "hangs from the start and for good, another is well", subscribers, well, List.of(relay, well), CONNECTIONS,
                NONE);
    }

    /// @param watched whose half of the copies is waited for before the trouble
    private void scenario(Site site, Node node, String what, int count, Relay watched, List<Relay> relays, int mayBeDouble, Trouble trouble)
            throws Exception {
        var list = site.list("list" + ++letters, count, "posting=anyone");
        relays.forEach(Relay::forget);
        var letter = Expander.letter(run, letters, list);
        Expander.post(node, letter);
        var began = System.nanoTime();
        if (trouble != NONE) {
            Workplace.await(SETTLED, () -> watched.taken.size() >= count / 2 / relays.size());
        }
        trouble.make();
        var settled = Workplace.await(SETTLED, () -> owed(site, letter) == 0);
        var seconds = (System.nanoTime() - began) / 1e9;
        tally.quietly(settled, "%s: %d subscribers are neither delivered, deferred nor bounced after %d s", what, owed(site, letter),
                SETTLED.toSeconds());
        var taken = new ArrayList<String>();
        var later = new HashSet<String>();
        var refused = new HashSet<String>();
        for (var relay : relays) {
            var log = relay.log();
            taken.addAll(log.taken());
            later.addAll(log.later());
            refused.addAll(log.refused());
        }
        var told = new Fates.Relay(taken, later, refused);
        var books = books(site, letter);
        var wrong = Fates.differences(Site.subscribers(count), told, books, mayBeDouble);
        tally.quietly(wrong.isEmpty(), "%s: relay and database: %s", what, wrong);
        found(site, letter, what, count, books);
        place.say("%s: %d delivered, %d deferred, %d bounced after %.1f s; %d taken twice", what, books.delivered(),
                books.deferred().size(), books.bounced().size(), seconds, taken.size() - new HashSet<>(taken).size());
        scores.exactly(what + ": not accounted for", settled && wrong.isEmpty() ? 0 : Math.max(1, owed(site, letter)), 0, "");
        scores.tell("   seconds; delivered, deferred, bounced", "%.1f; %d, %d, %d".formatted(seconds, books.delivered(),
                books.deferred().size(), books.bounced().size()));
    }

    /// What an administrator is told.
    private void found(Site site, Letter letter, String what, int count, Fates.Books books) {
        var says = site.command("find", letter.messageId()).out();
        var line = FOUND.matcher(says);
        tally.quietly(
                line.find() && Long.parseLong(line.group(1)) == books.delivered() && Integer.parseInt(line.group(2)) == count
                        && Integer.parseInt(line.group(3)) == books.bounced().size()
                        && Integer.parseInt(line.group(4)) == books.deferred().size(),
                "%s: find says %s", what, says);
    }

    private static final String POST = """
            (select p.list_id, p.number from post p where p.message_id = '%s')
            """;

    /// Subscribers of whom nothing is known yet.
    private static long owed(Site site, Letter letter) {
        var post = POST.formatted(letter.messageId());
        return site.postgres().count(Site.DATABASE, """
                select coalesce((select sum(b.recipients - bit_count(b.done)) from batch b join outgoing o on o.id = b.outgoing_id
                                  where (o.list_id, o.number) in %1$s), 0)
                     - (select count(*) from delivery_problem d join batch b on b.id = d.batch_id join outgoing o on o.id = b.outgoing_id
                         where (o.list_id, o.number) in %1$s)
                """.formatted(post));
    }

    private static Fates.Books books(Site site, Letter letter) throws SQLException {
        var post = POST.formatted(letter.messageId());
        // Batches that are gone are in the total, those that wait for the rest of their copies are not.
        var delivered = site.postgres().count(Site.DATABASE, """
                select coalesce((select sum(delivered) from delivery_total where (list_id, number) in %1$s), 0)
                     + coalesce((select sum(bit_count(b.done) - b.refused - b.departed) from batch b join outgoing o on o.id = b.outgoing_id
                                  where (o.list_id, o.number) in %1$s), 0)
                """.formatted(post));
        var deferred = addresses(site, """
                select d.forward_path from delivery_problem d join batch b on b.id = d.batch_id join outgoing o on o.id = b.outgoing_id
                 where (o.list_id, o.number) in %s""".formatted(post));
        var bounced = addresses(site, "select address from bounce where source = 'relay' and (list_id, number) in " + post);
        return new Fates.Books(delivered, deferred, bounced);
    }

    private static Set<String> addresses(Site site, String sql) throws SQLException {
        var found = new HashSet<String>();
        try (var connection = site.postgres().connect(Site.DATABASE);
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            while (row.next()) {
                found.add(row.getString(1));
            }
        }
        return found;
    }
}
