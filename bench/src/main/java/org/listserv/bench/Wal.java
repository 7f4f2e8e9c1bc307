package org.listserv.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What the copies of a post cost the database: rows, and octets of write-ahead log.
@Command(name = "bench/wal", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "After a CHECKPOINT and with nothing else to do, one post goes out. Counted by pg_waldump, record by record: rows inserted, and write-ahead log",
        "from the commit that accepted the post to the last mark, a copy; full-page images and what the commit itself wrote are told apart.",
        "Exit 1: a bar is missed. Needs cc and PostgreSQL (Debian's has pg_waldump). About a minute; with --short half of it."})
final class Wal implements Callable<Integer> {

    private static final double BYTES_A_COPY = 60;

    @Option(names = "--subscribers", split = ",", paramLabel = "N", defaultValue = "${env:SUBSCRIBERS:-10000,100000}", description = "(${DEFAULT-VALUE}).")
    private List<Integer> subscribers = List.of();

    @Option(names = "--short", description = "For every build: 10,000 subscribers.")
    private boolean brief;

    private long letters;

    public static void main(String... words) {
        System.exit(new CommandLine(new Wal()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("wal")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, true);
            var sink = FastSink.start(place);
            var site = Site.create(place, sink.port());
            var node = site.unwatched("node", "127.0.0.1:" + sink.port(), Expansion.ROLES, List.of(), List.of("-Xmx256m"));
            node.startAndWait();
            for (int count : brief ? List.of(10_000) : subscribers) {
                var list = site.list("l" + count, count, "posting=anyone");
                for (var i = 0; i < 2; i++) {
                    send(site, sink, node, list, count);
                }
                site.postgres().execute(Site.DATABASE, "vacuum analyze", "checkpoint");
                var from = lsn(site);
                var message = send(site, sink, node, list, count);
                var to = lsn(site);
                var accepted = site.postgres().ask(Site.DATABASE, "select xmin from post where message_id = '%s'".formatted(message));
                var bill = Bill.of(site.postgres().walRecords(from, to), Long.parseLong(accepted));
                place.say("%,d subscribers: %,d bytes of copies' log in %,d records, %s", count, bill.copies(), bill.records(),
                        bill.byKind());
                scores.atMost("rows inserted, a copy, %,d subscribers".formatted(count), (double) bill.rows() / count, 0.01, Double.NaN,
                        "rows");
                scores.atMost("write-ahead log from the accept's commit to the last mark, a copy", (double) bill.copies() / count,
                        BYTES_A_COPY, Double.NaN, "bytes");
                scores.tell("   full-page images beside it, a copy", (double) bill.images() / count, "bytes");
                scores.tell("   the accept itself, post and batches, up to its commit", bill.accept(), "bytes");
                scores.tell("   its full-page images", bill.acceptImages(), "bytes");
            }
            scores.print();
            return tally.summary();
        }
    }

    private static String lsn(Site site) {
        return site.postgres().ask(Site.DATABASE, "select pg_current_wal_lsn()");
    }

    private String send(Site site, FastSink sink, Node node, String list, int count) throws IOException {
        sink.reset();
        var letter = Expander.letter("w" + System.currentTimeMillis(), ++letters, list);
        Expander.post(node, letter);
        if (sink.await(count, Duration.ofSeconds(120)).copies() < count || !site.drained(Duration.ofSeconds(60))) {
            throw new IllegalStateException("copies are not sent");
        }
        return letter.messageId();
    }

    /// Records of the write-ahead log, added up.
    ///
    /// @param accept  before the accept's commit and with it; without full-page images, as `copies`
    /// @param copies  after it, everything that happened meanwhile included: claims, marks, beats of the node
    /// @param rows    inserted, before and after, the message's large value apart
    /// @param byKind  octets after the commit, by kind of record
    record Bill(long accept, long acceptImages, long copies, long images, long rows, long records, Map<String, Long> byKind) {

        private static final Pattern RECORD = Pattern.compile(
                "rmgr: (\\S+)\\s+len \\(rec/tot\\):\\s*(\\d+)/\\s*(\\d+), tx:\\s*(\\d+), lsn: \\S+, prev \\S+ desc: (\\S+)(.*)");
        private static final Pattern SUBTRANSACTIONS = Pattern.compile("subxacts: ([\\d ]+)");
        private static final Pattern TUPLES = Pattern.compile("ntuples:? (\\d+)");

        /// @param transaction that accepted the post, or one of its subtransactions
        static Bill of(List<String> records, long transaction) {
            var accept = 0L;
            var acceptImages = 0L;
            var copies = 0L;
            var images = 0L;
            var rows = 0L;
            var counted = 0L;
            var byKind = new TreeMap<String, Long>();
            var accepted = false;
            for (var record : records) {
                var part = RECORD.matcher(record);
                if (!part.find()) {
                    continue;
                }
                var octets = Long.parseLong(part.group(2));
                var imageOctets = Long.parseLong(part.group(3)) - octets;
                var kind = part.group(1) + " " + part.group(5).replaceAll("\\+INIT|:", "");
                rows += rows(kind, part.group(6));
                if (accepted) {
                    copies += octets;
                    images += imageOctets;
                    counted++;
                    byKind.merge(kind, octets, Long::sum);
                } else {
                    accept += octets;
                    acceptImages += imageOctets;
                }
                accepted |= kind.equals("Transaction COMMIT") && commits(part.group(6), Long.parseLong(part.group(4)), transaction);
            }
            if (!accepted) {
                throw new IllegalStateException("no commit of transaction " + transaction + " in the log");
            }
            return new Bill(accept, acceptImages, copies, images, rows, counted, byKind);
        }

        private static boolean commits(String description, long top, long transaction) {
            Set<Long> committed = new HashSet<>(Set.of(top));
            var below = SUBTRANSACTIONS.matcher(description);
            if (below.find()) {
                for (var one : below.group(1).strip().split(" +")) {
                    committed.add(Long.parseLong(one));
                }
            }
            return committed.contains(transaction);
        }

        private static long rows(String kind, String description) {
            if (kind.equals("Heap INSERT")) {
                return 1;
            }
            var tuples = TUPLES.matcher(description);
            return kind.equals("Heap2 MULTI_INSERT") && tuples.find() ? Long.parseLong(tuples.group(1)) : 0;
        }
    }
}
