package org.listserv.archive;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import org.apache.lucene.document.LongField;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.search.CollectorManager;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;

import org.listserv.store.Database;

/// Threads as the index knows them. A post keeps there the thread it was filed in; which of those were united since is asked of the
/// database, since that changes no post.
final class IndexedThreads {
    /// Threads that one `thread:` may mean.
    private static final int MOST = 20_000;
    private static final String UNITED = """
            with root as (
                select distinct coalesce(merged_into, id) as id from thread where id = any (?))
            select id from root
            union
            select t.id from root join thread t on t.merged_into = root.id
            """;
    private static final String MERGED = "select id, merged_into from thread where merged_into is not null";

    private final Database database;

    IndexedThreads(Database database) {
        this.database = database;
    }

    /// All posts of the threads in which there is one of these.
    ///
    /// @param overflow run when there are more threads than are looked at
    Query with(IndexSearcher searcher, Query posts, Runnable overflow) throws IOException {
        var found = searcher.search(posts, new ThreadsManager());
        if (found.isEmpty()) {
            return MatchNoDocsQuery.INSTANCE;
        }
        if (found.size() >= MOST) {
            overflow.run();
        }
        var united = database.readPage(
                connection -> Rows.all(connection, UNITED, row -> row.getLong(1), (Object) found.toArray(Long[]::new)));
        return LongField.newSetQuery(Indexed.THREAD, united.stream().mapToLong(Long::longValue).toArray());
    }

    /// How many messages and people each thread has.
    ///
    /// @param posts  by thread
    /// @param people by thread
    /// @param merged a thread and the one it is part of now
    record Sizes(Map<Long, Integer> posts, Map<Long, Integer> people, Map<Long, Long> merged) {
        int replies(long thread) {
            return posts.getOrDefault(root(thread), 1) - 1;
        }

        int people(long thread) {
            return people.getOrDefault(root(thread), 1);
        }

        private long root(long thread) {
            return merged.getOrDefault(thread, thread);
        }
    }

    /// One pass over the whole index; only queries that ask for sizes of threads pay for it.
    Sizes sizes(IndexSearcher searcher) throws IOException {
        var merged = new HashMap<Long, Long>();
        database.readPage(connection -> Rows.all(connection, MERGED, row -> merged.put(row.getLong(1), row.getLong(2))));
        var index = new HashMap<Long, Integer>();
        int all = searcher.getIndexReader().maxDoc();
        var pairs = new long[all]; // thread and 32 bits of its author: a small set needs no more
        int count = 0;
        for (var leaf : searcher.getIndexReader().leaves()) {
            var threads = DocValues.getSortedNumeric(leaf.reader(), Indexed.THREAD);
            var authors = DocValues.getNumeric(leaf.reader(), Indexed.AUTHOR_NUMBER);
            var live = leaf.reader().getLiveDocs();
            for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
                if ((live == null || live.get(doc)) && threads.advanceExact(doc)) {
                    long thread = threads.nextValue();
                    long author = authors.advanceExact(doc) ? authors.longValue() : 0;
                    int at = index.computeIfAbsent(merged.getOrDefault(thread, thread), _ -> index.size());
                    pairs[count++] = (long) at << 32 | author & 0xffffffffL;
                }
            }
        }
        var sorted = Arrays.copyOf(pairs, count);
        Arrays.sort(sorted);
        var posts = new int[index.size()];
        var people = new int[index.size()];
        for (int i = 0; i < count; i++) {
            int thread = (int) (sorted[i] >>> 32);
            posts[thread]++;
            people[thread] += i == 0 || sorted[i] != sorted[i - 1] ? 1 : 0;
        }
        var postsOf = new HashMap<Long, Integer>();
        var peopleOf = new HashMap<Long, Integer>();
        index.forEach((thread, at) -> {
            postsOf.put(thread, posts[at]);
            peopleOf.put(thread, people[at]);
        });
        return new Sizes(postsOf, peopleOf, merged);
    }

    private static final class ThreadsManager implements CollectorManager<ThreadsOf, Set<Long>> {
        @Override
        public ThreadsOf newCollector() {
            return new ThreadsOf();
        }

        @Override
        public Set<Long> reduce(java.util.Collection<ThreadsOf> collectors) {
            var all = new HashSet<Long>();
            collectors.forEach(one -> all.addAll(one.threads));
            return all;
        }
    }

    private static final class ThreadsOf extends SimpleCollector {
        private final Set<Long> threads = new HashSet<>();
        private SortedNumericDocValues values;

        private ThreadsOf() {
            values = DocValues.emptySortedNumeric();
        }

        @Override
        protected void doSetNextReader(LeafReaderContext context) throws IOException {
            values = DocValues.getSortedNumeric(context.reader(), Indexed.THREAD);
        }

        @Override
        public void collect(int doc) throws IOException {
            if (threads.size() < MOST && values.advanceExact(doc)) {
                threads.add(values.nextValue());
            }
        }

        @Override
        public ScoreMode scoreMode() {
            return ScoreMode.COMPLETE_NO_SCORES;
        }
    }
}
