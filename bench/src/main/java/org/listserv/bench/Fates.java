package org.listserv.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What became of each subscriber's copy of one post, by the relay's log and by the database. Pure.
final class Fates {

    private static final int SHOWN = 5;

    private Fates() {}

    /// By what the relay answered.
    ///
    /// @param taken   250 after the dot
    /// @param later   4xx
    /// @param refused 5xx
    record Relay(List<String> taken, Set<String> later, Set<String> refused) {}

    /// By the database.
    ///
    /// @param delivered how many, which it does not tell by name
    /// @param deferred  who has a delivery problem and waits
    /// @param bounced   whose refusal is recorded
    record Books(long delivered, Set<String> deferred, Set<String> bounced) {}

    /// @param mayBeDouble copies a relay may have taken beyond a subscriber's first
    /// @return what does not agree; empty when everything does
    static List<String> differences(Collection<String> owed, Relay relay, Books books, long mayBeDouble) {
        var wrong = new ArrayList<String>();
        var taken = new HashSet<>(relay.taken());
        for (var subscriber : owed) {
            var ends = (taken.contains(subscriber) ? 1 : 0) + (books.deferred().contains(subscriber) ? 1 : 0)
                    + (books.bounced().contains(subscriber) ? 1 : 0);
            if (ends != 1) {
                wrong.add("%s: taken %s, deferred %s, bounced %s".formatted(subscriber, taken.contains(subscriber),
                        books.deferred().contains(subscriber), books.bounced().contains(subscriber)));
            }
        }
        if (!books.deferred().equals(relay.later())) {
            wrong.add("the relay told %d to come later, %d are deferred".formatted(relay.later().size(), books.deferred().size()));
        }
        if (!books.bounced().equals(relay.refused())) {
            wrong.add("the relay refused %d, %d have bounced".formatted(relay.refused().size(), books.bounced().size()));
        }
        if (books.delivered() != taken.size()) {
            wrong.add("the relay took copies for %d, %d are marked delivered".formatted(taken.size(), books.delivered()));
        }
        if (!owed.containsAll(taken)) {
            wrong.add("copies for others than subscribers");
        }
        if (relay.taken().size() - taken.size() > mayBeDouble) {
            wrong.add("%d taken twice, %d allowed".formatted(relay.taken().size() - taken.size(), mayBeDouble));
        }
        return wrong.size() <= SHOWN ? wrong : List.copyOf(wrong.subList(0, SHOWN));
    }
}
