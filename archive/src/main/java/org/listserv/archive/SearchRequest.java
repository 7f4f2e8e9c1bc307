package org.listserv.archive;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;

/// @param query as typed
/// @param list  search only this list; null searches all the reader may read
/// @param order of the results
/// @param after where to go on, or null
/// @param limit results wanted, 1 to 200
/// @param collapse of each thread only its first result
/// @param counted  facets and months are wanted too
public record SearchRequest(String query, @Nullable EmailAddress list, Order order, @Nullable Cursor after, int limit, boolean collapse,
        boolean counted) {
    public enum Order {
        /// newest first
        DATE,
        /// oldest first
        DATE_ASC,
        /// best first, newer first among equals
        RELEVANCE,
        /// of the longest threads first, newer first among equals
        REPLIES;

        /// As it is asked for: `date-asc`.
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public static Optional<Order> of(String word) {
            return Arrays.stream(values()).filter(order -> order.word().equals(word)).findFirst();
        }
    }

    public SearchRequest(String query, @Nullable EmailAddress list, Order order, @Nullable Cursor after, int limit) {
        this(query, list, order, after, limit, false, false);
    }

    public SearchRequest {
        if (limit < 1 || limit > 200) {
            throw new IllegalArgumentException("limit must be 1 to 200, is " + limit);
        }
    }
}
