package org.listserv.members;

import java.util.List;
import java.util.Optional;

/// Some rows of a long listing, in an order that stays as it is.
///
/// @param next what to ask the next page with; empty at the end
public record Page<T>(List<T> rows, Optional<String> next) {
    public Page {
        rows = List.copyOf(rows);
    }
}
