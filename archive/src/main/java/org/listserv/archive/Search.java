package org.listserv.archive;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.LongField;
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

    private final Database database;
    private final Analyzer analyzer;
    private final Snippets snippets;

    Search(Database database, Analyzer analyzer) {
        this.database = database;
        this.analyzer = analyzer;
        this.snippets = new Snippets(analyzer);
    }

    SearchResult run(IndexSearcher shared, Reader reader, SearchRequest request) throws IOException {
        var typed = SearchQuery.parse(request.query());
        var notes = new ArrayList<>(typed.notes());
        var scope = request.list() == null ? Optional.<Long>empty() : scope(reader, request.list());
        if (request.list() != null && scope.isEmpty()) {
            notes.add("There is no list " + request.list() + ".");
            return nothing(typed, notes);
        }
        var root = typed.root();
        if (root == null) {
            notes.add("There is nothing to search for.");
            return nothing(typed, notes);
        }
        if (!typed.isPositive() && scope.isEmpty()) {
            notes.add("What is left out must be left out of something: add a word, a list or a date.");
            return nothing(typed, notes);
        }
        var wanted = new LuceneQueries(analyzer, pattern -> named(reader, pattern, notes)).of(root);
        var searcher = bounded(shared);
        var hits = find(searcher, allowed(wanted, scope, unreadable(reader)), request);
        if (searcher.timedOut()) {
            notes.add("Time ran out; there may be more.");
        }
        var shown = hits.scoreDocs.length > request.limit() ? List.of(hits.scoreDocs).subList(0, request.limit()) : List.of(hits.scoreDocs);
        var next = hits.scoreDocs.length > request.limit() ? place((FieldDoc) shown.getLast(), request.order()) : null;
        return new SearchResult(new Interpretation(typed.toString(), notes), hits(searcher, wanted, reader, shown), hits.totalHits.value(),
                hits.totalHits.relation() != TotalHits.Relation.EQUAL_TO, searcher.timedOut(), next);
    }

    static SearchResult nothing(SearchQuery typed, List<String> notes) {
        return new SearchResult(new Interpretation(typed.toString(), notes), List.of(), 0, false, false, null);
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

    private static IndexSearcher bounded(IndexSearcher shared) {
        var searcher = new IndexSearcher(shared.getIndexReader());
        long end = System.nanoTime() + BUDGET.toNanos();
        searcher.setTimeout(() -> System.nanoTime() - end > 0);
        return searcher;
    }

    private static TopFieldDocs find(IndexSearcher searcher, Query query, SearchRequest request) throws IOException {
        var sort = request.order() == SearchRequest.Order.DATE ? BY_DATE : BY_RELEVANCE;
        return searcher.search(query, new TopFieldCollectorManager(sort, request.limit() + 1, after(request), COUNTED));
    }

    private static Cursor place(FieldDoc hit, SearchRequest.Order order) {
        var values = new ArrayList<Object>(List.of(hit.fields));
        if (order == SearchRequest.Order.RELEVANCE) {
            values.set(0, (long) Float.floatToIntBits((Float) hit.fields[0]));
        }
        return Cursor.of(values.toArray());
    }

    private static @Nullable FieldDoc after(SearchRequest request) {
        if (request.after() == null) {
            return null;
        }
        boolean byDate = request.order() == SearchRequest.Order.DATE;
        var parts = request.after().parts(byDate ? 3 : 4);
        var values = new Object[byDate ? 3 : 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = parts.number(i);
        }
        if (!byDate) {
            values[0] = Float.intBitsToFloat((int) parts.number(0));
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
