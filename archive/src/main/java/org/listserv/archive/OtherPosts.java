package org.listserv.archive;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.TwoPhaseIterator;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;

/// What only other posts tell of a post: that nobody answered it, that it stands on another list too. Each candidate costs a look for its
/// Message-ID, so this only filters what the rest of a query found. Posts that the reader may not read do not exist here.
final class OtherPosts extends Query {
    private static final float COST = 1_000;

    private final SearchQuery.Flag flag;
    private final long[] unreadable;

    /// @param unreadable ids of lists
    OtherPosts(SearchQuery.Flag flag, long[] unreadable) {
        this.flag = flag;
        this.unreadable = unreadable.clone();
        Arrays.sort(this.unreadable);
    }

    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost) {
        return new ConstantScoreWeight(this, boost) {
            @Override
            public ScorerSupplier scorerSupplier(LeafReaderContext context) throws IOException {
                var ids = DocValues.getBinary(context.reader(), Indexed.MESSAGE_ID);
                var lists = DocValues.getSortedNumeric(context.reader(), Indexed.LIST);
                var all = DocIdSetIterator.all(context.reader().maxDoc());
                var matching = new TwoPhaseIterator(all) {
                    @Override
                    public boolean matches() throws IOException {
                        int doc = approximation().docID();
                        return matchesDoc(searcher.getIndexReader(), ids, doc, lists.advanceExact(doc) ? lists.nextValue() : 0);
                    }

                    @Override
                    public float matchCost() {
                        return COST;
                    }
                };
                return new DefaultScorerSupplier(new ConstantScoreScorer(score(), scoreMode, matching));
            }

            @Override
            public boolean isCacheable(LeafReaderContext context) {
                return false; // it depends on other segments
            }
        };
    }

    private boolean matchesDoc(IndexReader index, BinaryDocValues ids, int doc, long list) throws IOException {
        if (!ids.advanceExact(doc)) {
            return false;
        }
        var id = BytesRef.deepCopyOf(ids.binaryValue());
        return switch (flag) {
            case UNANSWERED -> !exists(index, new Term(Indexed.PARENT, id), -1);
            case CROSSPOST -> exists(index, new Term(Indexed.MESSAGE_ID, id), list);
        };
    }

    /// @param not a list that does not count
    private boolean exists(IndexReader index, Term term, long not) throws IOException {
        for (var leaf : index.leaves()) {
            var postings = leaf.reader().postings(term, PostingsEnum.NONE);
            if (postings == null) {
                continue;
            }
            var live = leaf.reader().getLiveDocs();
            var lists = DocValues.getSortedNumeric(leaf.reader(), Indexed.LIST);
            for (int doc = postings.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = postings.nextDoc()) {
                if ((live == null || live.get(doc)) && lists.advanceExact(doc)) {
                    long list = lists.nextValue();
                    if (list != not && Arrays.binarySearch(unreadable, list) < 0) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Override
    public void visit(QueryVisitor visitor) {
        visitor.visitLeaf(this);
    }

    @Override
    public String toString(String field) {
        return "other posts: " + flag;
    }

    @Override
    public boolean equals(Object other) {
        return sameClassAs(other) && flag == ((OtherPosts) other).flag && Arrays.equals(unreadable, ((OtherPosts) other).unreadable);
    }

    @Override
    public int hashCode() {
        return Objects.hash(classHash(), flag, Arrays.hashCode(unreadable));
    }
}
