package org.listserv.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Corpus.Item;
import org.listserv.bench.Sink.Taken;
import org.listserv.bench.SmtpSession.Reply;

/// Mail that nobody in the project wrote, through SMTP to a list, and every copy of it held against what was sent.
@Command(name = "bench/replay", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Sends the corpora by SMTP to a list with posting=anyone and 3 subscribers, and shows what became of every message.",
        "Accepted = numbered = 3 copies each; every copy is compared octet by octet with what was sent.",
        "Reads $LISTSERV_CORPORA (or ../shared/corpora)."})
final class Replay implements Callable<Integer> {

    private static final int SUBSCRIBERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern VERP = Pattern.compile("(?<local>.+)-return-(?<number>\\d+)-.+@[^@]+");
    private static final String FOOTER = "-- \nThis is the footer of the list";

    @Option(names = "--sets", split = ",", paramLabel = "SET", defaultValue = "lists,spam,eai,mime,auth", description = "Folders of the corpora (${DEFAULT-VALUE}).")
    private Set<String> sets = Set.of();

    @Option(names = "--decorated", description = "Send to a list with prefix and footer as well.")
    private boolean decorated;

    @Option(names = "--no-monsters", description = "Leave out the generated bad input and the smuggling sequences.")
    private boolean noMonsters;

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "512m", description = "-Xmx of the node (${DEFAULT-VALUE}).")
    private String heap = "";

    @Option(names = "--senders", paramLabel = "N", defaultValue = "8", description = "Sessions at once (${DEFAULT-VALUE}).")
    private int senders;

    @Option(names = "--show", paramLabel = "N", defaultValue = "10", description = "Differences shown in full (${DEFAULT-VALUE}).")
    private int show;

    /// Distinct octets of copies are kept once: three subscribers get the same.
    private final Map<String, byte[]> octets = new ConcurrentHashMap<>();
    private final Map<CopyOf, Map<String, String>> copies = new ConcurrentHashMap<>();
    private final Map<String, Integer> notices = new ConcurrentHashMap<>();
    private final List<Sent> sent = new ArrayList<>();

    public static void main(String... words) {
        System.exit(new CommandLine(new Replay()).execute(words));
    }

    private record CopyOf(String list, long number) {}

    /// @param octets as sent after DATA
    private record Sent(Item item, byte[] octets, Reply reply, long millis) {}

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("replay")) {
            return run(place, new Tally(place), Corpus.usual());
        }
    }

    private int run(Workplace place, Tally tally, Corpus corpus) throws Exception {
        var relay = place.add(Sink.start(this::take));
        var site = Site.create(place, relay.port());
        var plain = site.list("replay", SUBSCRIBERS, "posting=anyone", "max-size=0");
        var lists = new ArrayList<>(List.of(plain));
        if (decorated) {
            lists.add(site.list("decorated", SUBSCRIBERS, "posting=anyone", "max-size=0", "prefix=[decorated]", "footer=" + FOOTER));
        }
        var node = site.node("smtp,delivery,jobs", List.of(), List.of("-Xmx" + heap));
        node.startAndWait();
        place.say("a node greets, %s heap", heap);

        try (var room = new Room(senders)) {
            corpus.forEach(sets, item -> room.run(() -> send(node, lists, item)));
            if (!noMonsters) {
                Monsters.forEach(item -> room.run(() -> send(node, lists, item)));
            }
        }
        place.say("%d messages sent", sent.size());
        tally.check(site.drained(Duration.ofSeconds(300)), "everything owed is sent");
        tally.check(node.isAlive(), "the node lives; %d MB resident at most", node.peakKilobytes() / 1024);
        slowest(tally);
        if (!noMonsters) {
            smuggle(tally, site, node, plain);
        }
        for (var list : lists) {
            var check = new CopyCheck(list, list.equals(plain) ? "" : "[decorated]",
                    list.equals(plain) ? "" : FOOTER.replace("\n", "\r\n") + "\r\n");
            compare(place, tally, site, list, check);
        }
        place.say("beside copies the relay took: %s", notices.isEmpty() ? "nothing" : new TreeMap<>(notices));
        return tally.summary();
    }

    // --- sending -----------------------------------------------------------------------------------------------------

    /// So many at once, and no more read ahead.
    private static final class Room implements AutoCloseable {
        private final Semaphore places;
        private final int size;

        Room(int size) {
            this.size = size;
            this.places = new Semaphore(size);
        }

        void run(Runnable work) {
            places.acquireUninterruptibly();
            Thread.ofVirtual().start(() -> {
                try {
                    work.run();
                } finally {
                    places.release();
                }
            });
        }

        @Override
        public void close() {
            places.acquireUninterruptibly(size);
        }
    }

    private void send(Node node, List<String> lists, Item item) {
        var wire = Corpus.forTheWire(item.octets());
        var began = System.nanoTime();
        var reply = new Reply(0, "not sent");
        for (var attempt = 0; attempt < 5 && reply.code() < 500 && reply.code() != 250; attempt++) {
            reply = once(node, lists, item, wire);
        }
        synchronized (sent) {
            sent.add(new Sent(item, wire, reply, (System.nanoTime() - began) / 1_000_000));
        }
    }

    private static Reply once(Node node, List<String> lists, Item item, byte[] wire) {
        try (var session = SmtpSession.open(node.smtp(), PATIENCE)) {
            session.ehlo();
            var mail = "MAIL FROM:<replay@senders.example> SIZE=%d".formatted(wire.length);
            var eightBit = false;
            for (var octet : wire) {
                eightBit |= octet < 0;
            }
            mail += (eightBit ? " BODY=8BITMIME" : "") + (item.set().equals("eai") ? " SMTPUTF8" : "");
            var reply = session.begin(mail, lists);
            if (reply.code() != 354) {
                return reply;
            }
            session.content(wire);
            return session.end();
        } catch (IOException e) {
            return new Reply(0, "connection: " + e.getMessage());
        }
    }

    private void take(Taken message) {
        var verp = VERP.matcher(message.reversePath());
        if (!verp.matches()) {
            notices.merge(message.reversePath().isEmpty() ? "from <>" : "from " + message.reversePath(), 1, Integer::sum);
            return;
        }
        var digest = Digest.hex(message.octets());
        octets.putIfAbsent(digest, message.octets());
        var of = new CopyOf(verp.group("local") + "@" + Site.DOMAIN, Long.parseLong(verp.group("number")));
        var recipients = copies.computeIfAbsent(of, _ -> new ConcurrentHashMap<>());
        for (var recipient : message.forwardPaths()) {
            // a second copy for one recipient must show, so it gets a name of its own
            recipients.merge(recipient, digest, (before, _) -> before + "+");
        }
    }

    // --- judging -----------------------------------------------------------------------------------------------------

    private void slowest(Tally tally) {
        var slowest = sent.stream().max((a, b) -> Long.compare(a.millis(), b.millis())).orElseThrow();
        tally.check(slowest.millis() < 30_000, "the slowest answer took %d ms: %s/%s, %d octets", slowest.millis(), slowest.item().set(),
                slowest.item().name(),
                slowest.octets().length);
    }

    /// What the database knows of one message.
    private record Known(long message, Optional<Long> number, boolean held, boolean aside, String outcome) {}

    private Map<String, Known> known(Site site, String list) throws SQLException {
        var known = new HashMap<String, Known>();
        try (var connection = site.postgres().connect(Site.DATABASE)) {
            var id = Books.listId(connection, list);
            try (var ask = connection.prepareStatement("""
                    select m.id, encode(sha256(m.octets), 'hex'), p.number, h.id is not null, s.id is not null, a.outcome
                      from message m join arrival a on a.message = m.id and a.list_id = ? and get_byte(a.key, 0) = 0
                           left join post p on p.message = m.id and p.list_id = a.list_id
                           left join held_post h on h.message = m.id and h.list_id = a.list_id
                           left join aside s on s.message = m.id and s.list_id = a.list_id
                    """)) {
                ask.setLong(1, id);
                try (var row = ask.executeQuery()) {
                    while (row.next()) {
                        var number = Optional.ofNullable(row.getObject(3, Long.class));
                        known.put(row.getString(2),
                                new Known(row.getLong(1), number, row.getBoolean(4), row.getBoolean(5), row.getString(6)));
                    }
                }
            }
        }
        return known;
    }

    private void compare(Workplace place, Tally tally, Site site, String list, CopyCheck check) throws SQLException {
        var known = known(site, list);
        var table = new TreeMap<String, Map<String, Integer>>();
        var counted = new TreeMap<String, int[]>();
        var firstOf = new HashMap<Long, Item>();
        var accepted = 0;
        var numbered = 0L;
        var wrong = new ArrayList<String>();
        for (var one : sent) {
            var row = one.item().isMail() ? one.item().set() : one.item().set() + " (no mail)";
            var fact = known.get(HexFormat.of().formatHex(Digest.sha256(one.octets())));
            var verdict = verdict(one, fact, firstOf);
            if (verdict.equals("posted") && fact != null) {
                accepted++;
                numbered += fact.number().isPresent() ? 1 : 0;
                fact.number().flatMap(number -> copyFault(check, list, number, one)).ifPresent(wrong::add);
            }
            if (verdict.startsWith("LOST")) {
                wrong.add(row + " " + one.item().name() + ": " + verdict);
            }
            table.computeIfAbsent(verdict, _ -> new TreeMap<>()).merge(row, 1, Integer::sum);
            var count = counted.computeIfAbsent(row, _ -> new int[2]);
            count[0]++;
            count[1] += one.reply().code() == 250 && !verdict.startsWith("held") && !verdict.startsWith("discarded")
                    && !verdict.startsWith("set aside") ? 1 : 0;
        }
        print(place, list, table, counted);
        var books = site.postgres().count(Site.DATABASE,
                "select last_number from list_head h join list l on l.id = h.list_id where l.local_part = '%s'"
                        .formatted(list.substring(0, list.indexOf('@'))));
        var copied = copies.keySet().stream().filter(copy -> copy.list().equals(list)).count();
        tally.check(accepted == numbered && numbered == books && copied == books,
                "%s: %d accepted = %d numbered = %d in the head = %d with copies", list, accepted,
                numbered, books, copied);
        var lists = counted.getOrDefault("lists", new int[2]);
        if (sets.contains("lists")) {
            tally.check(lists[1] * 100L >= lists[0] * 95L, "%s: of lists/ %d of %d (%.1f %%) are accepted", list, lists[1], lists[0],
                    100.0 * lists[1] / lists[0]);
        }
        wrong.stream().limit(show).forEach(one -> place.say("  %s", one));
        tally.check(wrong.isEmpty(), "%s: %d posts whose copies differ where they may not, or are not %d", list, wrong.size(), SUBSCRIBERS);
        counted.forEach((row, count) -> tally.quietly(count[0] > 0, row));
    }

    private static String verdict(Sent one, @Nullable Known fact, Map<Long, Item> firstOf) {
        var reply = one.reply();
        if (reply.code() != 250) {
            return "refused: %d %s".formatted(reply.code(), reply.text().replaceAll("[0-9]{3,}", "N"));
        }
        if (fact == null) {
            // 250, and no such octets: it must have been recognised by its fingerprint
            return "duplicate by fingerprint";
        }
        if (firstOf.putIfAbsent(fact.message(), one.item()) != null) {
            return "duplicate by octets";
        }
        if (fact.number().isPresent()) {
            return "posted";
        }
        return fact.held()
                ? "held"
                : fact.aside() ? "set aside" : fact.outcome().isEmpty() ? "LOST: 250, and nothing came of it" : fact.outcome();
    }

    private Optional<String> copyFault(CopyCheck check, String list, long number, Sent one) {
        var name = "%s/%s (number %d)".formatted(one.item().set(), one.item().name(), number);
        var got = copies.getOrDefault(new CopyOf(list, number), Map.of());
        if (got.size() != SUBSCRIBERS || got.values().stream().anyMatch(digest -> digest.endsWith("+"))) {
            return Optional.of(name + ": copies went to " + got.keySet());
        }
        for (var digest : Set.copyOf(got.values())) {
            var difference = check.difference(one.octets(), octets.getOrDefault(digest, new byte[0]));
            if (difference.isPresent()) {
                return Optional.of(name + ": " + difference.get());
            }
        }
        return Optional.empty();
    }

    private static void print(Workplace place, String list, Map<String, Map<String, Integer>> table, Map<String, int[]> counted) {
        place.say("%s, by verdict and rule:", list);
        var width = table.keySet().stream().mapToInt(String::length).max().orElse(10);
        var columns = List.copyOf(counted.keySet());
        var head = new StringBuilder("%-" + width + "s").append("%16s".repeat(columns.size())).append("%10s\n");
        var cells = new ArrayList<Object>(List.of(""));
        cells.addAll(columns);
        cells.add("all");
        System.out.printf(head.toString(), cells.toArray());
        table.forEach((verdict, row) -> {
            var line = new ArrayList<Object>(List.of(verdict));
            columns.forEach(column -> line.add(row.getOrDefault(column, 0)));
            line.add(row.values().stream().mapToInt(Integer::intValue).sum());
            System.out.printf(head.toString(), line.toArray());
        });
        var sums = new ArrayList<Object>(List.of("sent"));
        columns.forEach(column -> sums.add(counted.getOrDefault(column, new int[2])[0]));
        sums.add(counted.values().stream().mapToInt(count -> count[0]).sum());
        System.out.printf(head.toString(), sums.toArray());
    }

    // --- smuggling ---------------------------------------------------------------------------------------------------

    /// Sequences in place of CRLF.CRLF after which a lenient server would take what follows for a second message (corpora/README.md).
    private static final List<String> SMUGGLING = List.of("\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\r\r\n",
            "\r\r\n.\r\r\n", "\r\n\0.\r\n");

    private static void smuggle(Tally tally, Site site, Node node, String list) {
        for (var sequence : SMUGGLING) {
            var shown = sequence.replace("\r", "CR ").replace("\n", "LF ").replace("\0", "NUL ").replace(".", ". ").strip();
            var before = site.count("post");
            var said = new ArrayList<Integer>();
            try (var session = SmtpSession.open(node.smtp(), Duration.ofSeconds(5))) {
                session.ehlo();
                said.add(session.begin("MAIL FROM:<replay@senders.example>", List.of(list)).code());
                var text = "Subject: first\r\n\r\nfirst" + sequence + "MAIL FROM:<evil@senders.example>\r\nRCPT TO:<" + list
                        + ">\r\nDATA\r\nSubject: smuggled\r\n\r\nsecond\r\n.\r\nQUIT\r\n";
                session.send(text.getBytes(StandardCharsets.ISO_8859_1));
                while (said.size() < 10) {
                    said.add(session.reply().code());
                }
            } catch (IOException ended) {
                // the server said what it had to say
            }
            var posts = site.count("post") - before;
            var smuggled = site.postgres().count(Site.DATABASE, "select count(*) from post where subject = 'smuggled'");
            tally.check(smuggled == 0 && posts == 0, "%s: replies %s, %d posts", shown, said, posts);
        }
    }
}
