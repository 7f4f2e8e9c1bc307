package org.listserv.archive;

import java.io.IOException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.search.CollectionTerminatedException;
import org.apache.lucene.search.CollectorManager;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;

/// Counts what a query finds by list, author, month and kind, in one pass without scores.
final class Counting implements CollectorManager<Counting.Collector, Counting.Tally> {
    /// Posts looked at; what many more have in common, these show as well.
    static final int MOST = 500_000;

    private final int most;

    Counting() {
        this(MOST);
    }

    /// @param most posts looked at
    Counting(int most) {
        this.most = most;
    }

    /// @param months by number since year 0
    record Tally(boolean complete, Map<Long, Long> lists, Map<String, Long> authors, TreeMap<Integer, Long> months,
            Map<String, Long> kinds) {
        List<SearchResult.InMonth> inMonths() {
            var all = new ArrayList<SearchResult.InMonth>();
            months.forEach((number, posts) -> all.add(new SearchResult.InMonth(month(number), posts)));
            return all;
        }

        TreeMap<Integer, Long> years() {
            var years = new TreeMap<Integer, Long>(Comparator.reverseOrder());
            months.forEach((number, posts) -> years.merge(month(number).getYear(), posts, Long::sum));
            return years;
        }

        /// The largest first, those of one size in their own order.
        static <K extends Comparable<K>> List<Map.Entry<K, Long>> largest(Map<K, Long> counts, int most) {
            return counts.entrySet().stream()
                    .sorted(Map.Entry.<K, Long>comparingByValue(Comparator.reverseOrder()).thenComparing(Map.Entry.comparingByKey()))
                    .limit(most).toList();
        }

        private static YearMonth month(int number) {
            return YearMonth.of(Math.floorDiv(number, 12), Math.floorMod(number, 12) + 1);
        }
    }

    @Override
    public Collector newCollector() {
        return new Collector(most);
    }

    @Override
    public Tally reduce(Collection<Collector> collectors) throws IOException {
        var tally = new Tally(collectors.stream().allMatch(one -> one.left > 0), new HashMap<>(), new HashMap<>(), new TreeMap<>(),
                new HashMap<>());
        for (var one : collectors) {
            one.finishSegment();
            one.lists.forEach((list, posts) -> tally.lists().merge(list, (long) posts[0], Long::sum));
            one.authors.forEach((author, posts) -> tally.authors().merge(author, posts, Long::sum));
            one.months.forEach((month, posts) -> tally.months().merge(month, (long) posts[0], Long::sum));
            one.kinds.forEach((kind, posts) -> tally.kinds().merge(kind, posts, Long::sum));
        }
        return tally;
    }

    static final class Collector extends SimpleCollector {
        private final Map<Long, int[]> lists = new HashMap<>();
        private final Map<Integer, int[]> months = new HashMap<>();
        private final Map<String, Long> authors = new HashMap<>();
        private final Map<String, Long> kinds = new HashMap<>();
        private int left;
        private SortedNumericDocValues list = DocValues.emptySortedNumeric();
        private SortedNumericDocValues filed = DocValues.emptySortedNumeric();
        private SortedDocValues author = DocValues.emptySorted();
        private SortedSetDocValues kind = DocValues.emptySortedSet();
        private int[] byAuthor = new int[0];
        private int[] byKind = new int[0];
        private long lastList = Long.MIN_VALUE;
        private int[] ofList = new int[1];
        /// Neighbours in the index are mostly of one month.
        private long monthStart;
        private long monthEnd = Long.MIN_VALUE;
        private int[] ofMonth = new int[1];

        private Collector(int most) {
            left = most;
        }

        @Override
        protected void doSetNextReader(LeafReaderContext context) throws IOException {
            finishSegment();
            list = DocValues.getSortedNumeric(context.reader(), Indexed.LIST);
            filed = DocValues.getSortedNumeric(context.reader(), Indexed.FILED);
            author = DocValues.getSorted(context.reader(), Indexed.AUTHOR_NAME);
            kind = DocValues.getSortedSet(context.reader(), Indexed.HAS);
            byAuthor = new int[author.getValueCount()];
            byKind = new int[(int) kind.getValueCount()];
        }

        @Override
        public void collect(int doc) throws IOException {
            if (left-- <= 0) {
                left = 0;
                throw new CollectionTerminatedException();
            }
            if (list.advanceExact(doc)) {
                long value = list.nextValue();
                if (value != lastList) {
                    lastList = value;
                    ofList = lists.computeIfAbsent(value, _ -> new int[1]);
                }
                ofList[0]++;
            }
            if (filed.advanceExact(doc)) {
                month(filed.nextValue());
            }
            if (author.advanceExact(doc)) {
                byAuthor[author.ordValue()]++;
            }
            if (kind.advanceExact(doc)) {
                for (int i = 0; i < kind.docValueCount(); i++) {
                    byKind[(int) kind.nextOrd()]++;
                }
            }
        }

        private void month(long micros) {
            if (micros < monthStart || micros >= monthEnd) {
                var month = YearMonth.from(Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
                monthStart = Indexed.micros(month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant());
                monthEnd = Indexed.micros(month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant());
                ofMonth = months.computeIfAbsent(month.getYear() * 12 + month.getMonthValue() - 1, _ -> new int[1]);
            }
            ofMonth[0]++;
        }

        private void finishSegment() throws IOException {
            for (int ord = 0; ord < byAuthor.length; ord++) {
                if (byAuthor[ord] > 0) {
                    authors.merge(author.lookupOrd(ord).utf8ToString(), (long) byAuthor[ord], Long::sum);
                }
            }
            for (int ord = 0; ord < byKind.length; ord++) {
                if (byKind[ord] > 0) {
                    kinds.merge(kind.lookupOrd(ord).utf8ToString(), (long) byKind[ord], Long::sum);
                }
            }
            byAuthor = new int[0];
            byKind = new int[0];
        }

        @Override
        public ScoreMode scoreMode() {
            return ScoreMode.COMPLETE_NO_SCORES;
        }
    }
}
