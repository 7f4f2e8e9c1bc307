package org.listserv.archive;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import org.apache.lucene.document.LongField;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermStatistics;

/// Weighs words as if what the reader may not read were not in the index. How rare a word is decides the order by relevance and, to the last
/// bit, the scores in its cursors; counted over all posts it would tell strangers what is being written on closed lists.
///
/// One query each, on one thread.
final class ReadableSearcher extends IndexSearcher {
    /// Posts looked at for one word. A word in more of them is not told from the others like it.
    private static final int MOST = 1_000_000;

    private final long[] unreadable;
    private final Map<Term, TermStatistics> known = new HashMap<>();
    private long readable = -1;

    /// @param unreadable ids of lists
    ReadableSearcher(IndexReader reader, long[] unreadable) {
        super(reader);
        this.unreadable = unreadable.clone();
        Arrays.sort(this.unreadable);
    }

    @Override
    public TermStatistics termStatistics(Term term, int docFreq, long totalTermFreq) throws IOException {
        if (unreadable.length == 0) {
            return super.termStatistics(term, docFreq, totalTermFreq);
        }
        var statistics = known.get(term);
        if (statistics == null) {
            // One at least: a word that only unreadable posts have weighs what it likes, since it scores nothing that is shown.
            int posts = Math.max(1, posts(term));
            statistics = new TermStatistics(term.bytes(), posts, posts);
            known.put(term, statistics);
        }
        return statistics;
    }

    /// How long a field is on average is told to a power of two only.
    @Override
    public CollectionStatistics collectionStatistics(String field) throws IOException {
        var all = super.collectionStatistics(field);
        if (unreadable.length == 0 || all == null) {
            return all;
        }
        if (readable < 0) {
            readable = Math.max(1, getIndexReader().numDocs() - count(LongField.newSetQuery(Indexed.LIST, unreadable)));
        }
        long length = Math.max(1, Long.highestOneBit(all.sumTotalTermFreq() / all.docCount()));
        return new CollectionStatistics(field, getIndexReader().maxDoc(), readable, length * readable, readable);
    }

    private int posts(Term term) throws IOException {
        int posts = 0;
        int looked = 0;
        for (var leaf : getIndexReader().leaves()) {
            var postings = leaf.reader().postings(term, PostingsEnum.NONE);
            if (postings != null && looked < MOST) {
                var live = leaf.reader().getLiveDocs();
                var lists = DocValues.getSortedNumeric(leaf.reader(), Indexed.LIST);
                for (int doc = postings.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS && looked < MOST; doc = postings.nextDoc()) {
                    looked++;
                    if ((live == null || live.get(doc)) && lists.advanceExact(doc)
                            && Arrays.binarySearch(unreadable, lists.nextValue()) < 0) {
                        posts++;
                    }
                }
            }
        }
        return posts;
    }
}
