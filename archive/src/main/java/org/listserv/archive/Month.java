package org.listserv.archive;

import java.time.YearMonth;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// A month of a list: a piece of its threads, or of its posts by date or by author.
///
/// @param <T>      [Topic] by thread, [Post] otherwise
/// @param previous the month with posts before this one, or null
/// @param next     the month with posts after this one, or null
/// @param posts    in this month
public record Month<T>(ListSummary list, YearMonth month, int posts, @Nullable YearMonth previous,
        @Nullable YearMonth next, Slice<T> slice) {

    public String tag() {
        return EntityTag.of(list.address(), list.description(), month, posts, previous, next, slice.next(),
                slice.items().stream().map(item -> (Object) item).map(Month::shown).toList());
    }

    private static Object shown(Object item) {
        return item instanceof Topic(Post start, Post last, int posts, int people)
                ? List.of(start, last, posts, people)
                : item;
    }
}
