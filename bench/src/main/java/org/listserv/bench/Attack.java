package org.listserv.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.SlowClients.Kind;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxWriter;
import org.listserv.mail.ReversePath;
import org.listserv.web.page.Place;

/// What readers have of a node that is attacked: slow clients by the thousand, expensive queries, and names of messages that proxies and containers
/// like to change.
@Command(name = "bench/attack", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "One node with a made archive. Follows the permalink of every Message-ID of the corpora, and of made ones, to its octets, at the node and",
        "through HAProxy (left out where there is none); asks expensive queries; and measures pages while slow clients hold on: header sections of",
        "an octet a second, readers of an octet a second, senders of mail of an octet a second. `--short` is for every build."})
final class Attack implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /// For the node to be rid of slow clients: its own bounds are 20 s for a header section, 60 s for an answer.
    private static final Duration HEADERS_END = Duration.ofSeconds(30);
    private static final Duration READERS_END = Duration.ofSeconds(110);
    /// Connections of our own.
    private static final int FEW = 5;

    @Option(names = "--clients", paramLabel = "N", defaultValue = "1000", description = "Slow ones of each kind (${DEFAULT-VALUE}).")
    private int clients;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "20000", description = "In the made archive (${DEFAULT-VALUE}).")
    private int messages;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "15", description = "Pages are measured beside slow clients (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "512m", description = "-Xmx of the node (${DEFAULT-VALUE}).")
    private String heap = "";

    @Option(names = "--short", description = "200 clients, 1,000 messages, one real message in eight; ends are not waited for, figures not judged.")
    private boolean brief;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private List<String> pages = List.of();

    public static void main(String... words) {
        System.exit(new CommandLine(new Attack()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            clients = 200;
            messages = 1_000;
            seconds = 3;
        }
        try (var place = Workplace.create("attack")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, !brief);
            var site = Site.create(place, Workplace.freePort());
            var list = site.list("dev", 0, "posting=anyone");
            var real = site.list("real", 0);
            var mail = new ArchiveMail(list, 1);
            var made = place.path("made.mbox");
            mail.write(made, messages);
            site.command("import", "mbox", list, made.toString());
            var all = place.path("real.mbox");
            write(all);
            site.command("import", "mbox", real, all.toString());
            site.postgres().execute(Site.DATABASE, "vacuum analyze");
            var node = site.unwatched("node", "127.0.0.1:1", "smtp,archive,web", List.of("listserv.web.trusted-proxies: 127.0.0.0/8"),
                    List.of("-Xmx" + heap));
            node.startAndWait();
            indexed(node, site.count("post"));
            pages = pages(list, mail);
            place.say("%d posts imported and indexed", site.count("post"));

            permalinks(place, tally, site, node, EmailAddress.parse(real));
            queries(scores, tally, node);
            calm(scores, node);
            slow(place, scores, tally, node, Kind.HEADER, "", HEADERS_END);
            // Not packed, so that it is more than what the kernel takes from the node at once.
            slow(place, scores, tally, node, Kind.READER, "/api/mbox.lua?list=" + list + "&date=2012-02", READERS_END);
            slow(place, scores, tally, node, Kind.SENDER, "", Duration.ZERO);

            tally.check(node.isAlive() && node.takesMail(), "the node lives and takes mail");
            tally.check(!Files.readString(node.log()).contains("OutOfMemoryError"), "no memory ran out (heap %s, resident %d MB)", heap,
                    node.peakKilobytes() >> 10);
            scores.print();
            return tally.summary();
        }
    }

    private void indexed(Node node, long posts) {
        if (!Workplace.await(Duration.ofMinutes(4), () -> text(node.web() + "/metrics").lines()
                .filter(line -> line.startsWith("listserv_index_posts "))
                .anyMatch(line -> Double.parseDouble(line.substring(line.indexOf(' '))) >= posts))) {
            throw new IllegalStateException("the index does not catch up");
        }
    }

    private static List<String> pages(String list, ArchiveMail mail) {
        var ids = new ArrayList<>(mail.ids());
        Collections.shuffle(ids, new Random(1));
        var address = EmailAddress.parse(list);
        return ids.stream().limit(2_000).map(id -> new Place.Message(address, id).path()).toList();
    }

    // --- permalinks --------------------------------------------------------------------------------------------------

    /// Every message there is, and one for each strange name we can think of.
    private void write(Path mbox) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(mbox))) {
            var writer = new MboxWriter(out);
            var at = Instant.parse("2024-03-01T00:00:00Z");
            for (var id : strange()) {
                writer.write(new ReversePath.Null(), at,
                        ("From: a@example.org\nSubject: odd\nMessage-ID: <" + id + ">\n\nodd\n").getBytes(StandardCharsets.UTF_8));
            }
            try {
                Corpus.usual().forEach(Set.of("lists", "spam", "mime", "eai", "bounces", "auth"), item -> {
                    if (item.isMail() && item.octets().length > 0 && (!brief || item.name().hashCode() % 8 == 0)) {
                        try {
                            writer.write(new ReversePath.Null(), at, item.octets());
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage() + "; only made Message-IDs are followed");
            }
        }
    }

    private static List<String> strange() {
        var ids = new ArrayList<String>();
        IntStream.rangeClosed('!', '~').filter(c -> c != '<' && c != '>').mapToObj(Character::toString)
                .forEach(c -> ids.addAll(List.of(c + "@first.example", "a" + c + c + "b@middle.example", "a@last.example" + c)));
        for (var c : List.of("é", "漢字", "😀", "e\u0301", "\u200b", "\u202e", "\ufffd", "%E9", "%25", "%2F", "%2f", "%252F", "%00", "%0d%0a",
                "+%20", ";a=b", "?q=a#b", "//", "/../", "/./", "\\..\\", "&amp;", "'\"", "${7*7}")) {
            ids.addAll(List.of(c, "a" + c + "b@" + c));
        }
        ids.addAll(
                List.of("search", "2024-03", "2024-03.mbox.gz", "12", "feed.atom", "chain", "m", "T", "raw", ".", "..", "%2E", "%2E%2E"));
        return ids;
    }

    private void permalinks(Workplace place, Tally tally, Site site, Node node, EmailAddress list)
            throws IOException, InterruptedException {
        var expected = first(site, list);
        follow(place, tally, "at the node", node.web(), list, expected);
        var proxy = Haproxy.start(place, node);
        if (proxy.isEmpty()) {
            place.say("no haproxy (Debian: apt-get install haproxy): permalinks through it are left out");
            return;
        }
        follow(place, tally, "through HAProxy", proxy.get(), list, expected);
        tally.check(get(proxy.get() + "/metrics").statusCode() == 404, "metrics are not for readers of HAProxy");
        for (var bad : List.of("/%2e%2e/etc/passwd", "/" + list + "/a%00b/", "/..;/x", "/%c0%af")) {
            tally.check(get(proxy.get() + bad).statusCode() / 100 == 4, "%s through HAProxy is refused", bad);
        }
    }

    /// By Message-ID, the SHA-256 of the post that has its address: the first with it.
    private static Map<String, String> first(Site site, EmailAddress list) {
        var all = new LinkedHashMap<String, String>();
        try (var connection = site.postgres().connect(Site.DATABASE);
                var statement = connection.prepareStatement("""
                        select p.message_id, encode(m.sha256, 'hex')
                          from post p
                          join message m on m.id = p.message
                          join list l on l.id = p.list_id
                         where l.local_part = ?
                         order by p.seq
                        """)) {
            statement.setString(1, list.localPart());
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.putIfAbsent(rows.getString(1), rows.getString(2));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return all;
    }

    private void follow(Workplace place, Tally tally, String where, String base, EmailAddress list, Map<String, String> expected)
            throws InterruptedException {
        var began = System.nanoTime();
        var wrong = new ConcurrentLinkedQueue<String>();
        var followed = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(4)) {
            expected.forEach((id, sha256) -> {
                threads.submit(() -> {
                    var path = new Place.Raw(list, id).path();
                    try {
                        var answer = octets(base + path);
                        followed.incrementAndGet();
                        if (answer.statusCode() != 200 || !Digest.hex(answer.body()).equals(sha256)) {
                            wrong.add(answer.statusCode() + " " + path);
                        }
                    } catch (IOException | RuntimeException e) {
                        wrong.add(e + " " + path);
                    }
                    return null;
                });
            });
        }
        tally.check(wrong.isEmpty() && followed.get() > 0, "%d permalinks lead to their octets %s, %d do not%s",
                followed.get() - wrong.size(),
                where, wrong.size(), wrong.isEmpty() ? "" : ": " + wrong.peek());
        place.say("%.1f s", (System.nanoTime() - began) / 1e9);
    }

    // --- expensive queries -------------------------------------------------------------------------------------------

    private void queries(Scores scores, Tally tally, Node node) throws IOException, InterruptedException {
        var words = IntStream.range(0, 3_000).mapToObj(i -> Integer.toString(i * 37, 36)).toList();
        var bombs = List.of(String.join(" OR ", words), "ba* OR be* OR bi* OR da* OR de* OR di* OR ka* OR ke* OR ki*",
                "ba* be* bi* da* de* di*",
                "ba* OR ".repeat(63) + "be*", "\"" + "ba be bi bo ".repeat(40) + "\"~100", "(".repeat(400) + "ba" + ")".repeat(400),
                "thread:{ba*} thread:{be*} thread:{bi*} thread:{from:a}", "replies:>0 people:>0 size:>0", "is:unanswered is:crosspost",
                "-is:unanswered -is:crosspost ba*", "from:a* OR to:a* OR cc:a*", "date:0000..9999 ba*", "ref:a* OR id:a*", "*:*", "ba~2",
                "/(b|b)*a/", "-ba list:dev");
        var forms = brief
                ? List.of("&sort=relevance&threads=1")
                : List.of("", "&sort=relevance&threads=1", "&sort=replies", "&format=json");
        long longest = 0;
        for (var bomb : bombs) {
            for (var form : forms) {
                var began = System.nanoTime();
                var answer = get(node.web() + "/search?q=" + URLEncoder.encode(bomb, StandardCharsets.UTF_8) + form);
                longest = Math.max(longest, System.nanoTime() - began);
                tally.quietly(answer.statusCode() == 200, "%s%s: %d", bomb.substring(0, Math.min(60, bomb.length())), form,
                        answer.statusCode());
            }
        }
        scores.atMost("%d expensive queries, the longest, s".formatted(forms.size() * bombs.size()), longest / 1e9,
                PATIENCE.toSeconds() + 0.5, 1,
                "s");
    }

    // --- slow clients ------------------------------------------------------------------------------------------------

    private void calm(Scores scores, Node node) throws InterruptedException, IOException {
        measured(node, Duration.ofSeconds(Math.min(5, seconds)));
        var took = measured(node, Duration.ofSeconds(Math.min(5, seconds)));
        scores.tell("message page, nobody else, p95 of %d".formatted(took.pages().length), percentile(took.pages(), 95), "ms");
    }

    /// @param ends until when they must be gone; zero: not looked at
    private void slow(Workplace place, Scores scores, Tally tally, Node node, Kind kind, String path, Duration ends)
            throws InterruptedException, IOException {
        try (var slow = SlowClients.start(kind, node, path, clients)) {
            Workplace.await(Duration.ofSeconds(20), () -> slow.connected() == clients);
            place.say("%d %s", slow.connected(), kind.words());
            var took = measured(node, Duration.ofSeconds(seconds));
            var what = "beside %d %s".formatted(slow.connected(), kind.words());
            scores.atMost("message page %s, p95 of %d".formatted(what, took.pages().length), percentile(took.pages(), 95), 200, 50, "ms");
            scores.tell("  longest", percentile(took.pages(), 100), "ms");
            tally.check(took.pages().length > 0 && took.failed() == 0, "%d pages %s, %d not answered", took.pages().length, what,
                    took.failed());
            tally.check(took.unready() == 0, "/health/ready %s: not ready %d times", what, took.unready());
            if (kind == Kind.SENDER) {
                tally.check(slow.greeted("127.0.0.9"), "another client is greeted by SMTP %s", what);
                scores.tell("  of them refused or ended", slow.ended(), "");
            }
            scores.tell("  resident memory of the node", node.residentKilobytes() / 1024.0, "MB");
            if (!brief && !ends.isZero()) {
                var began = System.nanoTime();
                Workplace.await(ends, () -> node.webConnections() <= FEW);
                tally.check(node.webConnections() <= FEW, "%d connections are left of %d %s, %.0f s after the measurement",
                        node.webConnections(), clients, kind.words(), (System.nanoTime() - began) / 1e9);
            }
        }
        tally.check(Workplace.await(Duration.ofSeconds(30), () -> get(node.web() + "/health/ready").statusCode() == 200),
                "ready when the %s are gone", kind.words());
    }

    /// @param pages milliseconds, sorted
    private record Measured(double[] pages, int failed, int unready) {}

    /// An ordinary client: one page after the other, one connection; and what a load balancer asks, once a second.
    private Measured measured(Node node, Duration duration) throws InterruptedException {
        var over = new AtomicBoolean();
        var unready = new AtomicInteger();
        var balancer = Thread.ofVirtual().start(() -> {
            while (!over.get()) {
                try {
                    if (get(node.web() + "/health/ready").statusCode() != 200) {
                        unready.incrementAndGet();
                    }
                    TimeUnit.MILLISECONDS.sleep(1_000);
                } catch (IOException e) {
                    unready.incrementAndGet();
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        var took = new ArrayList<Double>();
        int failed = 0;
        long end = System.nanoTime() + duration.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            var began = System.nanoTime();
            try {
                if (get(node.web() + pages.get(i % pages.size())).statusCode() == 200) {
                    took.add((System.nanoTime() - began) / 1e6);
                } else {
                    failed++;
                }
            } catch (IOException e) {
                failed++;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        over.set(true);
        balancer.join();
        return new Measured(took.stream().mapToDouble(Double::doubleValue).sorted().toArray(), failed, unready.get());
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted.length == 0 ? Double.NaN : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    // --- HTTP --------------------------------------------------------------------------------------------------------

    private HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<byte[]> octets(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofByteArray());
    }

    private String text(String url) throws IOException, InterruptedException {
        return get(url).body();
    }
}
