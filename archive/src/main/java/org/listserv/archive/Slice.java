package org.listserv.archive;

import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/// A piece of a listing.
///
/// @param next where the listing goes on; null at its end
public record Slice<T>(List<T> items, @Nullable Cursor next) {
    public Slice {
        items = List.copyOf(items);
    }

    /// A piece from rows of which one more than wanted was asked for: that one only tells that there are more.
    static <T> Slice<T> of(List<T> rows, int wanted, Function<T, Cursor> place) {
        return rows.size() <= wanted
                ? new Slice<>(rows, null)
                : new Slice<>(rows.subList(0, wanted), place.apply(rows.get(wanted - 1)));
    }
}
