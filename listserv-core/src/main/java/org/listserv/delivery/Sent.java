package org.listserv.delivery;

import java.util.List;

/// A transaction that is over, however it ended.
///
/// @param outcomes one for each forward-path of the copy, in the same order
public record Sent(Copy copy, List<Outcome> outcomes) {
    public Sent {
        outcomes = List.copyOf(outcomes);
    }
}
