package org.listserv.archive;

import java.time.Duration;

/// Finding posts by what they say. One machine's index is [LuceneIndex]; others may come behind the same few names.
public interface SearchIndex {
    /// Never throws on account of what the query says: [SearchResult#interpretation] tells how it was understood.
    ///
    /// @throws Cursor.BadCursor when the request goes on at a place that no result of this query named
    SearchResult search(Reader reader, SearchRequest request);

    IndexStatus status();

    /// How far this node's index is.
    ///
    /// @param posts      in the index
    /// @param lag        posts accepted and not yet indexed, when last looked
    /// @param age        since the index was last known to be complete or was last compared with the database
    /// @param rebuilding the index is being made from nothing, results are partial
    record IndexStatus(long posts, long lag, Duration age, boolean rebuilding) {}
}
