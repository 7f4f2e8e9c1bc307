package org.listserv.archive;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;

/// @param query as typed
/// @param list  search only this list; null searches all the reader may read
/// @param order of the results
/// @param after where to go on, or null
/// @param limit results wanted, 1 to 200
public record SearchRequest(String query, @Nullable EmailAddress list, Order order, @Nullable Cursor after, int limit) {
    public enum Order {
        /// newest first
        DATE,
        /// best first, newer first among equals
        RELEVANCE
    }

    public SearchRequest {
        if (limit < 1 || limit > 200) {
            throw new IllegalArgumentException("limit must be 1 to 200, is " + limit);
        }
    }
}
