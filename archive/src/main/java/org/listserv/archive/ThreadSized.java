package org.listserv.archive;

import java.io.IOException;
import java.util.Objects;

import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.TwoPhaseIterator;
import org.apache.lucene.search.Weight;

/// Posts whose thread has so many replies or people.
final class ThreadSized extends Query {
    private static final float COST = 20;

    private final IndexedThreads.Sizes sizes;
    private final SearchQuery.Measure measure;
    private final long from;
    private final long to;

    /// @param from included, as `to` is
    ThreadSized(IndexedThreads.Sizes sizes, SearchQuery.Measure measure, long from, long to) {
        this.sizes = sizes;
        this.measure = measure;
        this.from = from;
        this.to = to;
    }

    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost) {
        return new ConstantScoreWeight(this, boost) {
            @Override
            public ScorerSupplier scorerSupplier(LeafReaderContext context) throws IOException {
                var threads = DocValues.getSortedNumeric(context.reader(), Indexed.THREAD);
                var matching = new TwoPhaseIterator(DocIdSetIterator.all(context.reader().maxDoc())) {
                    @Override
                    public boolean matches() throws IOException {
                        if (!threads.advanceExact(approximation().docID())) {
                            return false;
                        }
                        long thread = threads.nextValue();
                        int size = measure == SearchQuery.Measure.PEOPLE ? sizes.people(thread) : sizes.replies(thread);
                        return size >= from && size <= to;
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
                return false; // sizes change without this segment
            }
        };
    }

    @Override
    public void visit(QueryVisitor visitor) {
        visitor.visitLeaf(this);
    }

    @Override
    public String toString(String field) {
        return measure + " " + from + ".." + to;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // of one search; comparing maps would cost more than the search
    public boolean equals(Object other) {
        return sameClassAs(other) && measure == ((ThreadSized) other).measure && from == ((ThreadSized) other).from
                && to == ((ThreadSized) other).to && sizes == ((ThreadSized) other).sizes;
    }

    @Override
    public int hashCode() {
        return Objects.hash(classHash(), measure, from, to, System.identityHashCode(sizes));
    }

    /// What `sort:replies` goes by.
    static final class Replies extends DoubleValuesSource {
        private final IndexedThreads.Sizes sizes;

        Replies(IndexedThreads.Sizes sizes) {
            this.sizes = sizes;
        }

        @Override
        public DoubleValues getValues(LeafReaderContext context, DoubleValues scores) throws IOException {
            var threads = DocValues.getSortedNumeric(context.reader(), Indexed.THREAD);
            return new DoubleValues() {
                private double replies;

                @Override
                public double doubleValue() {
                    return replies;
                }

                @Override
                public boolean advanceExact(int doc) throws IOException {
                    boolean known = threads.advanceExact(doc);
                    replies = known ? sizes.replies(threads.nextValue()) : 0;
                    return known;
                }
            };
        }

        @Override
        public boolean needsScores() {
            return false;
        }

        @Override
        public DoubleValuesSource rewrite(IndexSearcher searcher) {
            return this;
        }

        @Override
        public Explanation explain(LeafReaderContext context, int doc, Explanation score) {
            return Explanation.match(0, "replies");
        }

        @Override
        public boolean isCacheable(LeafReaderContext context) {
            return false;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // as above
        public boolean equals(Object other) {
            return other instanceof Replies replies && replies.sizes == sizes;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(sizes);
        }

        @Override
        public String toString() {
            return "replies";
        }
    }
}
