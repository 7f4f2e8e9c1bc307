package org.listserv.bench;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What readers and importers wait for: import and index, rebuild, search, pages, at a given size of the archive.
@Command(name = "bench/archive", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Imports a made archive into PostgreSQL and the index of one node that runs, then asks for pages and searches over HTTP, each address once, to",
        "the last octet. Bars are those of 100,000 messages; `--short` is a small archive for every build."})
final class ArchiveBench implements Callable<Integer> {
    private static final Pattern WORD = Pattern.compile("[a-z]{4,14}");
    private static final int SEARCHES = 500;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "100000", description = "In the archive (${DEFAULT-VALUE}).")
    private int messages;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of the archive and of what is asked for (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "1g", description = "-Xmx of the node (${DEFAULT-VALUE}).")
    private String heap = "";

    @Option(names = "--grow", paramLabel = "N", defaultValue = "1", description = "At the end the archive becomes N times as large, and pages are asked for again.")
    private int grow;

    @Option(names = "--short", description = "4,000 messages; figures are shown, not judged.")
    private boolean brief;

    @Option(names = "--look", description = "After the import the node stays for whoever wants to look, until a line comes from standard input.")
    private boolean look;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Random random = new Random();
    private String base = "";
    private String list = "";

    public static void main(String... words) {
        System.exit(new CommandLine(new ArchiveBench()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            messages = 4_000;
        }
        random = new Random(seed);
        try (var place = Workplace.create("archive")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, !brief);
            var site = Site.create(place, Workplace.freePort());
            list = site.list("dev", 0, "posting=anyone");
            var mail = new ArchiveMail(list, seed);
            var mbox = place.path("archive.mbox");
            mail.write(mbox, messages);
            place.say("made %d messages, %d MB", messages, Files.size(mbox) >> 20);
            var node = site.unwatched("node", "127.0.0.1:1", "smtp,archive,web", List.of(), List.of("-Xmx" + heap));
            node.startAndWait();
            base = node.web();

            var began = System.nanoTime();
            site.command("import", "mbox", list, mbox.toString());
            var imported = seconds(began);
            indexed();
            var all = seconds(began);
            tally.check(site.count("post") == messages, "%d posts of %d messages", site.count("post"), messages);
            scores.atLeast("import and index, messages/s", messages / all, 1_500, 4_000, "/s");
            scores.tell("  of it the import", messages / imported, "/s");
            site.postgres().execute(Site.DATABASE, "vacuum analyze");
            site.postgres().execute(Site.DATABASE, "checkpoint");
            place.say("imported in %.1f s, indexed after %.1f s", imported, all);

            if (look) {
                place.say("%s/%s/ until you press Enter", base, list);
                System.in.read();
            }
            var small = new Asked("", mail.ids(), mail.pageThreads(), months(YearMonth.of(2012, 2), messages / ArchiveMail.A_MONTH - 2),
                    mail.longThread());
            pages(scores, small);
            searches(scores, mbox);
            visible(scores, node);
            rates(scores, mail);

            node.stop();
            Workplace.delete(place.path("node-index"));
            began = System.nanoTime();
            Program.run(node.configuration(), "archive", "reindex").orFail();
            scores.atLeast("index made anew, the start of the program included, messages/s", messages / seconds(began), 3_000, 8_000, "/s");
            if (grow > 1) {
                larger(scores, site, node, mail, place);
            }
            scores.print();
            return tally.summary();
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private void indexed() {
        if (!Workplace.await(Duration.ofMinutes(10), () -> {
            return metric(get("/metrics").body(), "listserv_index_posts") >= messages;
        })) {
            throw new IllegalStateException("the index does not catch up");
        }
    }

    private static double metric(String metrics, String name) {
        return metrics.lines().filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst().orElse(0);
    }

    // --- pages -------------------------------------------------------------------------------------------------------

    /// @param size    of the archive, in words; empty for the first
    /// @param threads of 50 messages
    private record Asked(String size, List<String> ids, List<String> threads, List<String> months, String longThread) {}

    private List<String> months(YearMonth first, int count) {
        var months = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            months.add("/" + list + "/" + first.plusMonths(i) + "/");
        }
        return months;
    }

    private void pages(Scores scores, Asked asked) throws InterruptedException, IOException {
        var some = new ArrayList<>(asked.ids());
        Collections.shuffle(some, random);
        int each = Math.min(1_000, some.size() / 4);
        warm(some.subList(0, Math.min(300, each)).stream().map(this::message).toList());
        timed(scores, asked.size() + "message page", some.subList(each, 2 * each).stream().map(this::message).toList(), 1);
        timed(scores, asked.size() + "message page", some.subList(2 * each, 3 * each).stream().map(this::message).toList(), 10);
        var threads = asked.threads().stream().map(id -> message(id) + "T/").toList();
        warm(often(threads.subList(0, threads.size() / 4)));
        timed(scores, asked.size() + "thread page of 50", threads.subList(threads.size() / 4, threads.size() / 2), 1);
        timed(scores, asked.size() + "thread page of 50", threads.subList(threads.size() / 2, threads.size()), 10);
        var months = new ArrayList<>(asked.months());
        Collections.shuffle(months, random);
        warm(often(months.subList(0, months.size() / 4)));
        timed(scores, asked.size() + "month page of 1,000 posts", months.subList(months.size() / 4, months.size() / 2), 1);
        timed(scores, asked.size() + "month page of 1,000 posts", months.subList(months.size() / 2, months.size()), 10);
        warm(often(Collections.nCopies(10, "/" + list + "/")));
        timed(scores, asked.size() + "list overview", Collections.nCopies(50, "/" + list + "/"), 1);
        timed(scores, asked.size() + "list overview", Collections.nCopies(100, "/" + list + "/"), 10);
        if (!asked.longThread().isEmpty()) {
            var took = new long[3];
            for (int i = 0; i < took.length; i++) {
                took[i] = micros(message(asked.longThread()) + "T/?all=1");
            }
            Arrays.sort(took);
            scores.atMost(
                    asked.size() + "thread of %,d messages on one page, s".formatted(Math.min(ArchiveMail.LONGEST_THREAD, messages / 4)),
                    took[1] / 1e6, 1.5, 0.5,
                    "s");
        }
    }

    /// The list gets copies of all its posts in earlier years, with Message-IDs and threads of their own; the octets they stand for are the same rows.
    /// Its head stays, so that the index does not take them in meanwhile.
    private void larger(Scores scores, Site site, Node node, ArchiveMail mail, Workplace place) throws InterruptedException, IOException {
        int years = messages / ArchiveMail.A_MONTH / 12 + 1;
        for (int i = 1; i < grow; i++) {
            site.postgres().execute(Site.DATABASE, """
                    insert into thread (id, list_id, merged_into) overriding system value
                    select id + %1$d::bigint * 10000000, list_id, merged_into + %1$d::bigint * 10000000 from thread where id < 10000000
                    """.formatted(i), """
                    insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, refs, thread_id, author_name,
                                      author_address, subject, size, filed_at, sent_at)
                    select list_id, seq + %1$d * %2$d + 1000, number + %1$d * %2$d + 1000, message, sha256, chain, message_id || '.%1$d',
                           ('x' || substr(encode(sha256(convert_to(message_id || '.%1$d', 'UTF8')), 'hex'), 1, 16))::bit(64)::bigint,
                           array(select r || '.%1$d' from unnest(refs) r), thread_id + %1$d::bigint * 10000000, author_name, author_address,
                           subject, size, filed_at - interval '%3$d years', sent_at - interval '%3$d years'
                      from post where seq <= %2$d
                    """.formatted(i, messages, i * years));
        }
        site.postgres().execute(Site.DATABASE, """
                insert into list_month (list_id, month, posts, last_seq)
                select list_id, date_trunc('month', filed_at at time zone 'UTC')::date, count(*), max(seq)
                  from post where seq > %d group by 1, 2
                on conflict do nothing
                """.formatted(messages),
                "update list_head set last_seq = (select max(seq) from post), last_number = (select max(number) from post)",
                "vacuum analyze", "checkpoint");
        place.say("%,d posts", site.count("post"));
        node.startAndWait();
        var ids = new ArrayList<String>();
        var threads = new ArrayList<String>();
        for (int i = 0; i < 8_000; i++) {
            ids.add(copy(mail.ids().get(random.nextInt(mail.ids().size())), random.nextInt(grow)));
        }
        for (var thread : mail.pageThreads()) {
            threads.add(copy(thread, random.nextInt(grow)));
        }
        // The node has just started, and the first figures were of one that had imported all this.
        warm(ids.subList(0, ids.size() / 2).stream().map(this::message).toList());
        warm(often(months(YearMonth.of(2012, 2), 20)));
        int months = messages / ArchiveMail.A_MONTH - 2;
        pages(scores,
                new Asked("%,d posts: ".formatted(grow * messages), ids.subList(ids.size() / 2, ids.size()).stream().distinct().toList(),
                        threads,
                        months(YearMonth.of(2012 - grow / 2 * years, 2), months), copy(mail.longThread(), 1)));
        node.stop();
    }

    private static String copy(String id, int which) {
        return which == 0 ? id : id + "." + which;
    }

    private String message(String id) {
        return "/" + list + "/" + encoded(id) + "/";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%40", "@");
    }

    /// A node that has run for a minute has compiled what it runs often; that minute is not what is measured.
    private static List<String> often(List<String> paths) {
        var all = new ArrayList<String>();
        while (!paths.isEmpty() && all.size() < 300) {
            all.addAll(paths);
        }
        return all;
    }

    private void warm(List<String> paths) throws InterruptedException {
        run(paths, 4, new String[0]);
    }

    private void timed(Scores scores, String what, List<String> paths, int clients) throws InterruptedException {
        if (paths.isEmpty()) {
            return;
        }
        var took = run(paths, clients, new String[0]);
        scores.atMost("%s, p95 of %d, %d %s".formatted(what, paths.size(), clients, clients == 1 ? "client" : "clients"),
                percentile(took, 95) / 1e3, 50, 15,
                "ms");
        scores.tell("  median", percentile(took, 50) / 1e3, "ms");
    }

    private static double percentile(long[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    /// @return microseconds of each, sorted
    private long[] run(List<String> paths, int clients, String[] headers) throws InterruptedException {
        var next = new AtomicInteger();
        var took = new long[paths.size()];
        var failed = ConcurrentHashMap.<String>newKeySet();
        var threads = new ArrayList<Thread>();
        for (int client = 0; client < clients; client++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = next.getAndIncrement(); i < took.length; i = next.getAndIncrement()) {
                    try {
                        took[i] = micros(paths.get(i), headers);
                    } catch (IOException | IllegalStateException e) {
                        failed.add(paths.get(i) + ": " + e.getMessage());
                    }
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        if (!failed.isEmpty()) {
            throw new IllegalStateException(failed.size() + " failed, such as " + failed.iterator().next());
        }
        Arrays.sort(took);
        return took;
    }

    private long micros(String path, String... headers) throws IOException {
        var began = System.nanoTime();
        var answer = get(path, headers);
        if (answer.statusCode() != 200 && answer.statusCode() != 304) {
            throw new IllegalStateException("answered " + answer.statusCode());
        }
        return (System.nanoTime() - began) / 1_000;
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException {
        try {
            var request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(60));
            return http.send((headers.length == 0 ? request : request.headers(headers)).build(),
                    BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    // --- search ------------------------------------------------------------------------------------------------------

    /// From the text of the archive itself: two words, a phrase, author and word, an exact token, a prefix, a span of time, a common word.
    private void searches(Scores scores, Path mbox) throws IOException, InterruptedException {
        var lines = sample(mbox);
        var queries = new ArrayList<String>();
        for (int i = 0; queries.size() < SEARCHES + 60; i++) {
            var words = lines.get(random.nextInt(lines.size()));
            var other = lines.get(random.nextInt(lines.size()));
            var first = words.get(random.nextInt(words.size() - 1));
            var query = switch (i % 7) {
                case 0 -> first + " " + other.get(random.nextInt(other.size()));
                case 1 -> {
                    int at = random.nextInt(words.size() - 1);
                    yield '"' + words.get(at) + " " + words.get(at + 1) + '"';
                }
                case 2 -> "from:a" + random.nextInt(400) + "@people.example " + first;
                case 3 -> "LUCENE-" + random.nextInt(9_000);
                case 4 -> first.substring(0, 4) + "* " + other.get(random.nextInt(other.size()));
                case 5 -> "date:%d-%02d..%d-%02d %s".formatted(2012 + random.nextInt(3), 1 + random.nextInt(12), 2016 + random.nextInt(3),
                        1 + random.nextInt(12), first);
                default -> Collections.min(words, Comparator.comparing(String::length)) + " has:quote size:>" + i;
            };
            if (!queries.contains(query)) {
                queries.add(query);
            }
        }
        var paths = queries.stream().map(query -> "/search?q=" + encoded(query)).toList();
        warm(paths.subList(SEARCHES, paths.size()));
        var took = run(paths.subList(0, SEARCHES), 1, new String[0]);
        scores.atMost("search, %d queries, none twice, with counts and chart: p95".formatted(SEARCHES), percentile(took, 95) / 1e3, 50, 15,
                "ms");
        scores.tell("  median", percentile(took, 50) / 1e3, "ms");
        scores.tell("  longest", took[took.length - 1] / 1e3, "ms");
    }

    private List<List<String>> sample(Path mbox) throws IOException {
        var lines = new ArrayList<List<String>>();
        try (var file = Files.newBufferedReader(mbox, StandardCharsets.ISO_8859_1)) {
            for (var line = file.readLine(); line != null && lines.size() < 200_000; line = file.readLine()) {
                if (random.nextInt(40) == 0 && !line.contains(":") && !line.contains("=")) {
                    var words = WORD.matcher(line).results().map(found -> found.group()).toList();
                    if (words.size() > 5) {
                        lines.add(words);
                    }
                }
            }
        }
        return lines;
    }

    // --- new posts, rates --------------------------------------------------------------------------------------------

    private void visible(Scores scores, Node node) throws IOException {
        var pages = new ArrayList<Double>();
        var searches = new ArrayList<Double>();
        for (int i = 0; i < 5; i++) {
            var letter = Letter.write("visible", i, List.of(list), 2_000);
            new Sender(List.of(node.smtp()), () -> true).deliver(letter, Duration.ofSeconds(10));
            var began = System.nanoTime();
            var page = message(letter.messageId());
            Workplace.await(Duration.ofSeconds(10), () -> get(page).statusCode() == 200);
            pages.add(seconds(began));
            Workplace.await(Duration.ofSeconds(10),
                    () -> get("/search?format=json&q=id:" + encoded(letter.messageId())).body().contains("\"found\":1"));
            searches.add(seconds(began));
        }
        scores.atMost("accepted post visible on its page, s after 250", Collections.max(pages), 0.5, 0.1, "s");
        scores.atMost("accepted post found by search, s after 250", Collections.max(searches), 1, 0.5, "s");
    }

    private void rates(Scores scores, ArchiveMail mail) throws InterruptedException, IOException {
        var some = new ArrayList<>(mail.ids());
        Collections.shuffle(some, new Random(seed + 1));
        var paths = some.subList(0, Math.min(10_000, some.size())).stream().map(this::message).toList();
        var began = System.nanoTime();
        run(paths, 8, new String[0]);
        scores.atLeast("message pages/s, 8 connections, rendered", paths.size() / seconds(began), 713, 1_500, "/s");
        var tags = new ArrayList<String>();
        var known = paths.subList(0, Math.min(500, paths.size()));
        for (var path : known) {
            tags.add(get(path).headers().firstValue("ETag").orElse(""));
        }
        var count = new AtomicLong();
        var end = System.nanoTime() + 5_000_000_000L;
        began = System.nanoTime();
        var threads = new ArrayList<Thread>();
        for (int client = 0; client < 8; client++) {
            int first = client;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = first; System.nanoTime() < end; i++) {
                    try {
                        if (get(known.get(i % known.size()), "If-None-Match", tags.get(i % known.size())).statusCode() == 304) {
                            count.incrementAndGet();
                        }
                    } catch (IOException e) {
                        return;
                    }
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        scores.atLeast("message pages/s, 8 connections, revalidated (304)", count.get() / seconds(began), 3_000, 8_000, "/s");
    }
}
