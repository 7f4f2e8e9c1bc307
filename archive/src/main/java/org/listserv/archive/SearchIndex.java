package org.listserv.archive;

import java.time.Duration;

/// Finding posts by what they say. One machine's index is [LuceneIndex]; others may come behind the same few names.
public interface SearchIndex {
    /// Never throws on account of what the query says: [SearchResult#interpretation] tells how it was understood.
    ///
    /// @throws Busy when too many searches are waiting already
    /// @throws Cursor.BadCursor when the request goes on at a place that no result of this query named
    SearchResult search(Reader reader, SearchRequest request);

    IndexStatus status();

    /// Too many search at once; to be tried again later.
    final class Busy extends RuntimeException {
        private static final long serialVersionUID = 1;

        Busy() {
            super("too many searches are waiting");
        }
    }

    /// How far this node's index is.
    ///
    /// @param posts      that can be found
    /// @param lag        posts accepted and not yet indexed, when last looked
    /// @param age        since the index was last seen to hold all there is
    /// @param rebuilding not everything has been seen yet since the index was opened or made anew; results are partial
    record IndexStatus(long posts, long lag, Duration age, boolean rebuilding) {}
}
