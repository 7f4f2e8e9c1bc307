package org.listserv.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.listserv.bench.Evidence.Copy;
import org.listserv.bench.Evidence.ListBooks;
import org.listserv.bench.Evidence.Movement;
import org.listserv.bench.Evidence.Offered;
import org.listserv.bench.Evidence.Post;
import org.listserv.bench.Evidence.Said;
import org.listserv.bench.Evidence.Span;

/// Compares what the senders, the database and the relay say. Pure, so that it can be shown to notice what it is there for.
final class Checker {

    /// What can be wrong.
    enum Fault {
        /// 250 was said, and the message is neither archived nor held.
        LOST,
        /// Archived, and nobody sent it, or it was refused.
        GHOST,
        /// One message, two posts.
        TWICE,
        /// Numbers or seq not 1, 2, 3, ..., or not as the head says.
        GAP,
        /// The hash chain, computed anew, is another.
        CHAIN,
        /// Archive or copy does not hold the octets that were sent.
        ALTERED,
        /// A subscriber did not get an accepted post.
        NOT_COPIED,
        /// A copy nobody is owed.
        STRAY_COPY,
        /// Welcomed and no subscriber, or seen off and still one.
        MEMBERSHIP,
        /// A moderator accepted it, was answered 250, and it is not published.
        NOT_PUBLISHED,
        /// More double copies than P4 allows.
        TOO_MANY_COPIES,
        /// Batches, outgoings or problems were left.
        QUEUE,
        /// The sender never got an answer that ends it.
        UNANSWERED
    }

    private static final int SHOWN = 8;

    private final Map<Fault, List<String>> found = new EnumMap<>(Fault.class);
    private long posts;
    private long copies;
    private long doubles;

    private Checker() {}

    /// @param doubles copies beyond the first of a post and subscriber
    record Report(long offers, long posts, long copies, long doubles, Map<Fault, List<String>> found) {
        boolean clean() {
            return found.isEmpty();
        }

        @Override
        public String toString() {
            var text = new StringBuilder(
                    "%d letters offered, %d posts, %d copies, %d of them double".formatted(offers, posts, copies, doubles));
            found.forEach((fault, cases) -> {
                text.append("\n  %s: %d".formatted(fault, cases.size()));
                cases.stream().limit(SHOWN).forEach(one -> text.append("\n    ").append(one));
            });
            return text.toString();
        }
    }

    /// @param allowedDoubles what P4 permits for the faults of the run: W a node and fault
    static Report check(Evidence evidence, long allowedDoubles) {
        var checker = new Checker();
        var offers = new HashMap<String, Offered>();
        for (var offer : evidence.offers()) {
            offers.put(offer.messageId(), offer);
            if (offer.said() == Said.NOTHING) {
                checker.found(Fault.UNANSWERED, offer.messageId());
            }
        }
        evidence.lists().forEach((list, books) -> {
            checker.numbersAndChain(list, books);
            checker.postsAgainstOffers(list, books, offers);
        });
        checker.copiesAgainstPosts(evidence, offers, allowedDoubles);
        checker.membersAgainstMovements(evidence);
        checker.postsAgainstDecisions(evidence);
        if (evidence.leftBatches() + evidence.leftOutgoing() + evidence.leftProblems() > 0) {
            checker.found(Fault.QUEUE,
                    "%d batches, %d outgoings, %d problems are left".formatted(evidence.leftBatches(), evidence.leftOutgoing(),
                            evidence.leftProblems()));
        }
        return new Report(evidence.offers().size(), checker.posts, checker.copies, checker.doubles, Map.copyOf(checker.found));
    }

    private void found(Fault fault, String what) {
        found.computeIfAbsent(fault, _ -> new ArrayList<>()).add(what);
    }

    private void numbersAndChain(String list, ListBooks books) {
        var chain = new byte[32];
        var expected = 1L;
        for (var post : books.posts()) {
            if (post.seq() != expected || post.number() != expected) {
                found(Fault.GAP, "%s: seq %d number %d where %d is next".formatted(list, post.seq(), post.number(), expected));
            }
            expected = post.seq() + 1;
            var link = ByteBuffer.allocate(16).putLong(post.seq()).putLong(post.number()).array();
            chain = Digest.sha256(chain, link, HexFormat.of().parseHex(post.octets()));
            if (!HexFormat.of().formatHex(chain).equals(post.chain())) {
                found(Fault.CHAIN, "%s: at number %d".formatted(list, post.number()));
                chain = HexFormat.of().parseHex(post.chain());    // told once
            }
            if (!post.octets().equals(post.written())) {
                found(Fault.ALTERED, "%s: number %d has other octets than its hash".formatted(list, post.number()));
            }
        }
        var head = books.head();
        if (head.lastSeq() != expected - 1 || head.lastNumber() != expected - 1) {
            found(Fault.GAP, "%s: the head says seq %d number %d, the last post is %d".formatted(list, head.lastSeq(), head.lastNumber(),
                    expected - 1));
        }
        if (!head.chain().equals(HexFormat.of().formatHex(chain))) {
            found(Fault.CHAIN, "%s: the head's".formatted(list));
        }
        posts += books.posts().size();
    }

    private void postsAgainstOffers(String list, ListBooks books, Map<String, Offered> offers) {
        var archived = new HashSet<String>();
        for (var post : books.posts()) {
            var offer = offers.get(post.messageId());
            if (offer == null || !offer.lists().contains(list)) {
                found(Fault.GHOST, "%s: number %d, nobody sent %s".formatted(list, post.number(), post.messageId()));
                continue;
            }
            if (offer.said() == Said.REFUSED) {
                found(Fault.GHOST, "%s: number %d, %s was refused".formatted(list, post.number(), post.messageId()));
            }
            if (!archived.add(post.messageId())) {
                found(Fault.TWICE, "%s: %s again as number %d".formatted(list, post.messageId(), post.number()));
            }
            if (!offer.octets().equals(post.octets())) {
                found(Fault.ALTERED, "%s: number %d, %s was sent otherwise".formatted(list, post.number(), post.messageId()));
            }
        }
        for (var offer : offers.values()) {
            if (offer.lists().contains(list) && offer.said() == Said.ACCEPTED && !archived.contains(offer.messageId())
                    && !books.held().contains(offer.messageId())) {
                found(Fault.LOST, "%s: %s".formatted(list, offer.messageId()));
            }
        }
    }

    private void membersAgainstMovements(Evidence evidence) {
        for (var movement : evidence.movements()) {
            var books = evidence.lists().get(movement.list());
            var subscribed = books != null && books.subscribers().contains(movement.address());
            if (movement.isAnswered() && movement.comes() != subscribed && (!movement.comes() || !goes(evidence, movement))) {
                found(Fault.MEMBERSHIP, "%s: %s was %s and is %s".formatted(movement.list(), movement.address(),
                        movement.comes() ? "welcomed" : "seen off", subscribed ? "subscribed" : "not subscribed"));
            }
        }
    }

    private static boolean goes(Evidence evidence, Movement came) {
        return evidence.movements().stream()
                .anyMatch(other -> !other.comes() && other.list().equals(came.list()) && other.address().equals(came.address()));
    }

    private void postsAgainstDecisions(Evidence evidence) {
        var published = evidence.lists().values().stream().flatMap(books -> books.posts().stream()).map(Post::messageId)
                .collect(Collectors.toSet());
        evidence.decided().stream().filter(id -> !published.contains(id)).forEach(id -> found(Fault.NOT_PUBLISHED, id));
    }

    /// Who may get a copy of a post, and who must, where people come and go: what was accepted before somebody asked to come is not his, what was
    /// offered after his welcome is. Who asked to go may get less, and nothing that was offered after the goodbye.
    private static final class Comings {
        private final Map<String, Map<String, List<Movement>>> byList = new HashMap<>();
        private final Map<String, Span> when;

        Comings(Evidence evidence) {
            when = evidence.when();
            evidence.movements().forEach(movement -> byList.computeIfAbsent(movement.list(), _ -> new HashMap<>())
                    .computeIfAbsent(movement.address(), _ -> new ArrayList<>()).add(movement));
        }

        private List<Movement> of(String list, String address) {
            return byList.getOrDefault(list, Map.of()).getOrDefault(address, List.of());
        }

        /// @return null where he neither came nor went
        @Nullable
        Boolean may(String list, String address, String messageId) {
            var movements = of(list, address);
            var offered = when.get(messageId);
            return movements.isEmpty() || offered == null
                    ? null
                    : movements.stream().allMatch(movement -> movement.comes()
                            ? offered.to() >= movement.span().from()
                            : offered.from() <= movement.span().to());
        }

        boolean must(String list, String address, String messageId) {
            var offered = when.get(messageId);
            return offered == null || of(list, address).stream()
                    .allMatch(movement -> movement.comes() && movement.span().to() <= offered.from());
        }

        Set<String> everybody(String list, Set<String> subscribers) {
            var all = new HashSet<>(subscribers);
            all.addAll(byList.getOrDefault(list, Map.of()).keySet());
            return all;
        }
    }

    private record Owing(Map<Long, Post> posts, Set<String> subscribers) {}

    private record Owed(String list, long number, String recipient) {}

    private void copiesAgainstPosts(Evidence evidence, Map<String, Offered> offers, long allowedDoubles) {
        var comings = new Comings(evidence);
        var owing = new HashMap<String, Owing>();
        evidence.lists().forEach((list, books) -> {
            var byNumber = new HashMap<Long, Post>();
            books.posts().forEach(post -> byNumber.put(post.number(), post));
            owing.put(list, new Owing(byNumber, books.subscribers()));
        });
        var got = new HashMap<Owed, Integer>();
        for (var copy : evidence.copies()) {
            var list = owing.getOrDefault(copy.list(), new Owing(Map.of(), Set.of()));
            var post = list.posts().get(copy.number());
            if (post == null || !post.messageId().equals(copy.messageId())) {
                found(Fault.STRAY_COPY, "%s: a copy of %s as number %d".formatted(copy.list(), copy.messageId(), copy.number()));
            } else if (!Objects.requireNonNullElseGet(comings.may(copy.list(), copy.recipient(), copy.messageId()),
                    () -> list.subscribers().contains(copy.recipient()))) {
                found(Fault.STRAY_COPY,
                        "%s: number %d to %s, who is not subscribed".formatted(copy.list(), copy.number(), copy.recipient()));
            } else {
                altered(copy, offers.get(copy.messageId()));
                got.merge(new Owed(copy.list(), copy.number(), copy.recipient()), 1, Integer::sum);
            }
        }
        copies = evidence.copies().size();
        doubles = got.values().stream().mapToLong(times -> times - 1).sum();
        if (doubles > allowedDoubles) {
            found(Fault.TOO_MANY_COPIES, "%d double copies, %d are allowed".formatted(doubles, allowedDoubles));
        }
        evidence.lists().forEach((list, books) -> {
            var everybody = comings.everybody(list, books.subscribers());
            books.posts().forEach(post -> everybody.forEach(subscriber -> {
                if (comings.must(list, subscriber, post.messageId()) && !got.containsKey(new Owed(list, post.number(), subscriber))) {
                    found(Fault.NOT_COPIED, "%s: number %d to %s".formatted(list, post.number(), subscriber));
                }
            }));
        });
    }

    private void altered(Copy copy, @Nullable Offered offer) {
        if (offer != null && !offer.body().equals(copy.body())) {
            found(Fault.ALTERED,
                    "%s: the copy of number %d to %s has another body".formatted(copy.list(), copy.number(), copy.recipient()));
        }
    }
}
