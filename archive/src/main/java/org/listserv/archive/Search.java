package org.listserv.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.LongField;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.SortedNumericSelector;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.search.TopFieldDocs;
import org.apache.lucene.search.TotalHits;
import org.jspecify.annotations.Nullable;

import org.listserv.archive.SearchResult.Counts;
import org.listserv.archive.SearchResult.Facet;
import org.listserv.archive.SearchResult.Hit;
import org.listserv.archive.SearchResult.Interpretation;
import org.listserv.archive.SearchResult.Piece;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Database;

/// One query, from what was typed to what is shown.
///
/// Which lists the reader may not read is asked of the database after the state of the index is fixed, so no list can slip in
/// between; and every hit is read from the database by a statement with the reader's access in it, which also drops what was redacted
/// or replaced since it was indexed.
final class Search {
    /// After this a search stops and says that there may be more.
    private static final Duration BUDGET = Duration.ofSeconds(2);
    /// Counting stops here.
    private static final int COUNTED = 10_000;

    private static final String LIST = "select " + Access.LIST_ID;
    private static final String UNREADABLE = "select l.id from list l where not " + Access.READABLE;
    private static final String NAMED = """
            select l.id
              from list l
              join domain d on d.id = l.domain_id
             where l.local_part like ? and d.name like ? and
            """ + Access.READABLE;
    private static final String POSTS = "select k.list_id, d.name, l.local_part, " + Rows.postColumns("p") + """
              from unnest(?::bigint[], ?::bigint[]) k(list_id, seq)
              join post p on p.list_id = k.list_id and p.seq = k.seq
              join list l on l.id = p.list_id
              join domain d on d.id = l.domain_id
             where p.redacted_at is null and
            """ + Access.READABLE;

    private static final SortField FILED = LongField.newSortField(Indexed.FILED, true, SortedNumericSelector.Type.MIN);
    private static final SortField LIST_ORDER = LongField.newSortField(Indexed.LIST, false, SortedNumericSelector.Type.MIN);
    private static final SortField SEQ = LongField.newSortField(Indexed.SEQ, true, SortedNumericSelector.Type.MIN);
    /// List and `seq` name a post, so a place in either order is exact, whatever happens to the files of the index.
    private static final Sort BY_DATE = new Sort(FILED, LIST_ORDER, SEQ);
    private static final Sort BY_RELEVANCE = new Sort(SortField.FIELD_SCORE, FILED, LIST_ORDER, SEQ);
    private static final Sort OLDEST_FIRST = new Sort(LongField.newSortField(Indexed.FILED, false, SortedNumericSelector.Type.MIN),
            LIST_ORDER,
            LongField.newSortField(Indexed.SEQ, false, SortedNumericSelector.Type.MIN));
    /// Facet values shown.
    private static final int FACETS = 8;
    /// Results looked through, a page at a time, for the first ones of their threads.
    private static final int COLLAPSED_ROUNDS = 12;
    private static final String NAMES = """
            select l.id, l.local_part, d.name
              from list l
              join domain d on d.id = l.domain_id
             where l.id = any (?) and
            """ + Access.READABLE;

    private final Database database;
    private final Analyzer analyzer;
    private final Snippets snippets;
    private final IndexedThreads threads;

    Search(Database database, Analyzer analyzer) {
        this.database = database;
        this.analyzer = analyzer;
        this.snippets = new Snippets(analyzer);
        this.threads = new IndexedThreads(database);
    }

    SearchResult run(IndexSearcher shared, Reader reader, SearchRequest request) throws IOException {
        var typed = SearchQuery.parse(request.query());
        var notes = new ArrayList<>(typed.notes());
        var scope = request.list() == null ? Optional.<Long>empty() : scope(reader, request.list());
        if (request.list() != null && scope.isEmpty()) {
            notes.add("There is no list " + request.list() + ".");
            return nothing(typed, notes, request.order());
        }
        var root = typed.root();
        if (root == null) {
            notes.add("There is nothing to search for.");
            return nothing(typed, notes, request.order());
        }
        if (!typed.isPositive() && scope.isEmpty()) {
            notes.add("What is left out must be left out of something: add a word, a list or a date.");
            return nothing(typed, notes, request.order());
        }
        var unreadable = unreadable(reader);
        var searcher = bounded(shared, unreadable);
        var sizes = new Sizes(searcher);
        var wanted = new LuceneQueries(analyzer, pattern -> named(reader, pattern, notes), new Whole(searcher, unreadable, sizes, notes))
                .of(root);
        var query = allowed(wanted, scope, unreadable);
        var order = typed.sort() == null ? request.order() : typed.sort();
        var sort = sort(order, sizes);
        var page = request.collapse() ? collapsed(searcher, query, sort, order, request) : page(searcher, query, sort, order, request);
        var counts = request.counted() && request.after() == null ? counts(searcher, query, reader, scope.isPresent()) : null;
        if (searcher.timedOut()) {
            notes.add("Time ran out; there may be more.");
        }
        if (counts != null && !counts.complete()) {
            notes.add("Counted were the first %,d posts.".formatted(Counting.MOST));
        }
        return new SearchResult(new Interpretation(typed.toString(), notes), hits(searcher, wanted, reader, page.shown()), page.found(),
                page.atLeast(), searcher.timedOut(), order, page.next(), counts);
    }

    /// Found out once, and only for queries that ask.
    private final class Sizes {
        private final IndexSearcher searcher;
        private IndexedThreads.@Nullable Sizes known;

        Sizes(IndexSearcher searcher) {
            this.searcher = searcher;
        }

        IndexedThreads.Sizes get() throws IOException {
            var sizes = known;
            if (sizes == null) {
                sizes = threads.sizes(searcher);
                known = sizes;
            }
            return sizes;
        }
    }

    /// What the index as a whole says, as this reader may see it.
    private final class Whole implements LuceneQueries.Others {
        private final IndexSearcher searcher;
        private final long[] unreadable;
        private final Sizes sizes;
        private final List<String> notes;

        Whole(IndexSearcher searcher, long[] unreadable, Sizes sizes, List<String> notes) {
            this.searcher = searcher;
            this.unreadable = unreadable;
            this.sizes = sizes;
            this.notes = notes;
        }

        @Override
        public Query threads(Query posts) {
            try {
                return threads.with(searcher, allowed(posts, Optional.empty(), unreadable),
                        () -> notes.add("“thread:” means more threads than can be looked at; some are missing."));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Query sized(SearchQuery.Measure measure, long from, long to) {
            try {
                var all = sizes.get();
                return new ThreadSized(all, measure, from, to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Query state(SearchQuery.Flag flag) {
            return new OtherPosts(flag, unreadable);
        }
    }

    static SearchResult nothing(SearchQuery typed, List<String> notes, SearchRequest.Order order) {
        return new SearchResult(new Interpretation(typed.toString(), notes), List.of(), 0, false, false,
                typed.sort() == null ? order : typed.sort(), null, null);
    }

    private Optional<Long> scope(Reader reader, EmailAddress list) {
        return database.readPage(connection -> Rows.one(connection, LIST, row -> row.getLong(1), Access.list(reader, list)))
                .filter(id -> id != 0);
    }

    private long[] unreadable(Reader reader) {
        return database.readPage(connection -> Rows.all(connection, UNREADABLE, row -> row.getLong(1), Access.reader(reader))).stream()
                .mapToLong(Long::longValue).toArray();
    }

    /// A list that may not be read is as unknown as one that is not there.
    private List<Long> named(Reader reader, String pattern, List<String> notes) {
        int at = pattern.lastIndexOf('@');
        var localPart = at < 0 ? pattern : pattern.substring(0, at);
        var domain = at < 0 ? "*" : pattern.substring(at + 1);
        var lists = database.readPage(
                connection -> Rows.all(connection, NAMED, row -> row.getLong(1), like(localPart), like(domain), Access.reader(reader)));
        if (lists.isEmpty()) {
            notes.add("There is no list “" + pattern + "”.");
        }
        return lists;
    }

    private static String like(String pattern) {
        return pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%");
    }

    private static Query allowed(Query wanted, Optional<Long> scope, long[] unreadable) {
        var query = new BooleanQuery.Builder().add(wanted, Occur.MUST);
        scope.ifPresent(list -> query.add(LongField.newExactQuery(Indexed.LIST, list), Occur.FILTER));
        if (unreadable.length > 0) {
            query.add(LongField.newSetQuery(Indexed.LIST, unreadable), Occur.MUST_NOT);
        }
        return query.build();
    }

    private static IndexSearcher bounded(IndexSearcher shared, long[] unreadable) {
        var searcher = new ReadableSearcher(shared.getIndexReader(), unreadable);
        long end = System.nanoTime() + BUDGET.toNanos();
        searcher.setTimeout(() -> System.nanoTime() - end > 0);
        return searcher;
    }

    private record Page(List<ScoreDoc> shown, long found, boolean atLeast, @Nullable Cursor next) {}

    private static Sort sort(SearchRequest.Order order, Sizes sizes) throws IOException {
        return switch (order) {
            case DATE -> BY_DATE;
            case DATE_ASC -> OLDEST_FIRST;
            case RELEVANCE -> BY_RELEVANCE;
            case REPLIES -> new Sort(new ThreadSized.Replies(sizes.get()).getSortField(true), FILED, LIST_ORDER, SEQ);
        };
    }

    private static Page page(IndexSearcher searcher, Query query, Sort sort, SearchRequest.Order order, SearchRequest request)
            throws IOException {
        var hits = find(searcher, query, sort, request.limit() + 1, after(request.after(), order));
        boolean more = hits.scoreDocs.length > request.limit();
        var shown = more ? List.of(hits.scoreDocs).subList(0, request.limit()) : List.of(hits.scoreDocs);
        return new Page(shown, hits.totalHits.value(), hits.totalHits.relation() != TotalHits.Relation.EQUAL_TO,
                more ? place((FieldDoc) shown.getLast()) : null);
    }

    /// Each result that is the first of its thread, in this order.
    private static Page collapsed(IndexSearcher searcher, Query query, Sort sort, SearchRequest.Order order, SearchRequest request)
            throws IOException {
        var shown = new ArrayList<ScoreDoc>();
        var seen = new HashSet<Long>();
        var after = after(request.after(), order);
        long found = 0;
        boolean atLeast = false;
        for (int round = 0; round < COLLAPSED_ROUNDS; round++) {
            var hits = find(searcher, query, sort, request.limit() + 1, after);
            if (round == 0) {
                found = hits.totalHits.value();
                atLeast = hits.totalHits.relation() != TotalHits.Relation.EQUAL_TO;
            }
            boolean more = hits.scoreDocs.length > request.limit();
            for (var hit : more ? List.of(hits.scoreDocs).subList(0, request.limit()) : List.of(hits.scoreDocs)) {
                long thread = thread(searcher, hit.doc);
                if (seen.add(thread) && isFirst(searcher, query, sort, thread, hit)) {
                    if (shown.size() == request.limit()) {
                        return new Page(shown, found, atLeast, place((FieldDoc) shown.getLast()));
                    }
                    shown.add(hit);
                }
                after = (FieldDoc) hit;
            }
            if (!more) {
                return new Page(shown, found, atLeast, null);
            }
        }
        return new Page(shown, found, atLeast, after == null ? null : place(after));
    }

    private static boolean isFirst(IndexSearcher searcher, Query query, Sort sort, long thread, ScoreDoc hit) throws IOException {
        var inThread = new BooleanQuery.Builder().add(query, Occur.MUST).add(LongField.newExactQuery(Indexed.THREAD, thread), Occur.FILTER)
                .build();
        var first = searcher.search(inThread, new TopFieldCollectorManager(sort, 1, null, 1)).scoreDocs;
        return first.length == 0 || first[0].doc == hit.doc;
    }

    private static long thread(IndexSearcher searcher, int doc) throws IOException {
        var leaves = searcher.getIndexReader().leaves();
        var leaf = leaves.get(ReaderUtil.subIndex(doc, leaves));
        var values = DocValues.getSortedNumeric(leaf.reader(), Indexed.THREAD);
        return values.advanceExact(doc - leaf.docBase) ? values.nextValue() : -1;
    }

    private static TopFieldDocs find(IndexSearcher searcher, Query query, Sort sort, int limit, @Nullable FieldDoc after)
            throws IOException {
        return searcher.search(query, new TopFieldCollectorManager(sort, limit, after, COUNTED));
    }

    /// @param one only one list is searched
    private Counts counts(IndexSearcher searcher, Query query, Reader reader, boolean one) throws IOException {
        var tally = searcher.search(query, new Counting());
        var largest = Counting.Tally.largest(tally.lists(), FACETS);
        var lists = new ArrayList<Facet>();
        if (!one) {
            var names = names(reader, largest.stream().map(Map.Entry::getKey).toArray(Long[]::new));
            for (var entry : largest) {
                Optional.ofNullable(names.get(entry.getKey()))
                        .ifPresent(name -> lists.add(new Facet(name, "list:" + name, entry.getValue())));
            }
        }
        // Whoever gave no name can only be named by a mailbox, and that is hidden.
        tally.authors().remove("");
        var authors = Counting.Tally.largest(tally.authors(), FACETS).stream().map(entry -> {
            var name = reader.anonymous() ? AddressHiding.hide(entry.getKey()) : entry.getKey();
            return new Facet(name, "from:\"" + entry.getKey().replaceAll("[\"\\p{Cntrl}]", " ").strip() + "\"", entry.getValue());
        }).filter(facet -> facet.term().codePoints().skip("from:".length()).anyMatch(SearchQuery::isSearchable))
                .filter(facet -> !reader.anonymous() || facet.value().equals(facet.term().substring(6, facet.term().length() - 1)))
                .toList();
        var years = tally.years().entrySet().stream().limit(30)
                .map(entry -> new Facet(Integer.toString(entry.getKey()), "date:%04d".formatted(entry.getKey()), entry.getValue()))
                .toList();
        var kinds = Counting.Tally.largest(tally.kinds(), FACETS).stream()
                .map(entry -> new Facet(entry.getKey(), "has:" + entry.getKey(), entry.getValue())).toList();
        return new Counts(tally.complete(), tally.inMonths(), lists, authors, years, kinds);
    }

    private Map<Long, String> names(Reader reader, Long[] lists) {
        var names = new HashMap<Long, String>();
        database.readPage(connection -> Rows.all(connection, NAMES,
                row -> names.put(row.getLong(1), row.getString(2) + "@" + row.getString(3)), lists, Access.reader(reader)));
        return names;
    }

    private static Cursor place(FieldDoc hit) {
        var values = new ArrayList<Object>(List.of(hit.fields));
        switch (values.getFirst()) {
            case Float score -> values.set(0, (long) Float.floatToIntBits(score));
            case Double size -> values.set(0, size.longValue());
            default -> {}
        }
        return Cursor.of(values.toArray());
    }

    private static @Nullable FieldDoc after(@Nullable Cursor cursor, SearchRequest.Order order) {
        if (cursor == null) {
            return null;
        }
        var parts = cursor.parts(order == SearchRequest.Order.DATE || order == SearchRequest.Order.DATE_ASC ? 3 : 4);
        var values = new Object[order == SearchRequest.Order.DATE || order == SearchRequest.Order.DATE_ASC ? 3 : 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = parts.number(i);
        }
        switch (order) {
            case RELEVANCE -> values[0] = Float.intBitsToFloat((int) parts.number(0));
            case REPLIES -> values[0] = (double) parts.number(0);
            case DATE, DATE_ASC -> {}
        }
        // Equal in all values is the post itself and is passed over whatever its number inside the index is.
        return new FieldDoc(Integer.MAX_VALUE, Float.NaN, values);
    }

    private List<Hit> hits(IndexSearcher searcher, Query wanted, Reader reader, List<ScoreDoc> found) throws IOException {
        record Key(long list, long seq) {}
        var keys = new ArrayList<Key>();
        var texts = new HashMap<Key, String>();
        var chains = new HashMap<Key, String>();
        for (var hit : found) {
            var document = searcher.storedFields().document(hit.doc);
            var key = new Key(document.getField(Indexed.LIST).numericValue().longValue(),
                    document.getField(Indexed.SEQ).numericValue().longValue());
            keys.add(key);
            texts.put(key, document.get(Indexed.BODY));
            var chain = document.getBinaryValue(Indexed.CHAIN);
            chains.put(key, HexFormat.of().formatHex(chain.bytes, chain.offset, chain.offset + chain.length));
        }
        var posts = new HashMap<Key, Post>();
        for (var read : database.readPage(connection -> read(connection, reader, keys.stream().map(Key::list).toArray(Long[]::new),
                keys.stream().map(Key::seq).toArray(Long[]::new)))) {
            posts.put(new Key(read.list(), read.post().seq()), read.post());
        }
        var hits = new ArrayList<Hit>();
        for (var key : keys) {
            var post = posts.get(key);
            if (post != null && post.chain().equals(chains.get(key))) {
                hits.add(new Hit(post, pieces(Indexed.SUBJECT, wanted, reader, post.subject()),
                        pieces(Indexed.BODY, wanted, reader, texts.get(key))));
            }
        }
        return hits;
    }

    private record Read(long list, Post post) {}

    private static List<Read> read(Connection connection, Reader reader, Long[] lists, Long[] seqs) throws SQLException {
        return Rows.all(connection, POSTS,
                row -> new Read(row.getLong(1), Rows.post(row, 4, new EmailAddress(row.getString(3), row.getString(2)))),
                lists, seqs, Access.reader(reader));
    }

    private List<Piece> pieces(String field, Query wanted, Reader reader, @Nullable String text) {
        var shown = text == null ? "" : reader.anonymous() ? AddressHiding.hide(text) : text;
        return field.equals(Indexed.SUBJECT) ? snippets.whole(field, wanted, shown) : snippets.around(field, wanted, shown);
    }
}
