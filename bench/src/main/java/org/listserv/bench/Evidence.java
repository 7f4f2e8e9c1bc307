package org.listserv.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// What each side says happened: the senders, the database, the relay.
///
/// @param offers      one a letter
/// @param lists       by address
/// @param copies      one a recipient and transaction the relay took
/// @param leftBatches rows of batch when all should be done; likewise outgoing and delivery_problem
/// @param movements   who came and went meanwhile
/// @param when        from the first try to the answer that ended it, by Message-ID; needed where there are movements
/// @param decided     Message-IDs a moderator accepted and was answered 250
record Evidence(List<Offered> offers, Map<String, ListBooks> lists, List<Copy> copies, long leftBatches, long leftOutgoing,
        long leftProblems, List<Movement> movements, Map<String, Span> when, Set<String> decided) {

    Evidence {
        offers = List.copyOf(offers);
        lists = Map.copyOf(lists);
        copies = List.copyOf(copies);
        movements = List.copyOf(movements);
        when = Map.copyOf(when);
        decided = Set.copyOf(decided);
    }

    /// Nobody came or went, nothing waited for anybody.
    Evidence(List<Offered> offers, Map<String, ListBooks> lists, List<Copy> copies, long leftBatches, long leftOutgoing,
            long leftProblems) {
        this(offers, lists, copies, leftBatches, leftOutgoing, leftProblems, List.of(), Map.of(), Set.of());
    }

    /// In the time of [System#nanoTime]; without an answer it never ended.
    record Span(long from, long to) {
        static final long NEVER = Long.MAX_VALUE;
    }

    /// A subscriber who asked to come, or to go: from the asking to the welcome or goodbye.
    record Movement(String list, String address, boolean comes, Span span) {
        boolean isAnswered() {
            return span.to() != Span.NEVER;
        }
    }

    /// What the sender was told in the end.
    enum Said {
        ACCEPTED,
        REFUSED,
        NOTHING
    }

    /// @param octets hash of what was sent after DATA; `body` of what follows the empty line
    record Offered(String messageId, List<String> lists, String octets, String body, Said said) {}

    /// What the database holds of one list.
    ///
    /// @param held Message-IDs of messages that wait for a moderator
    record ListBooks(Head head, List<Post> posts, Set<String> subscribers, Set<String> held) {
        ListBooks {
            posts = List.copyOf(posts);
            subscribers = Set.copyOf(subscribers);
            held = Set.copyOf(held);
        }
    }

    record Head(long lastSeq, long lastNumber, String chain) {}

    /// In the order of seq. All hashes in hexadecimal.
    ///
    /// @param written the hash that stands in the row
    /// @param octets  hash of the stored octets
    record Post(long seq, long number, String messageId, String written, String octets, String chain) {}

    /// @param list and `number`, as the reverse-path names them
    record Copy(String list, long number, String messageId, String recipient, String body) {}
}
