package org.listserv.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.listserv.bench.Checker.Fault;
import org.listserv.bench.Evidence.Copy;
import org.listserv.bench.Evidence.Head;
import org.listserv.bench.Evidence.ListBooks;
import org.listserv.bench.Evidence.Movement;
import org.listserv.bench.Evidence.Offered;
import org.listserv.bench.Evidence.Post;
import org.listserv.bench.Evidence.Said;
import org.listserv.bench.Evidence.Span;

/// A fault test is worth what its checker notices: here is a run in which all is well, and each fault planted in it.
class CheckerTest {

    private static final String LIST = "dev@lists.example.org";
    private static final Set<String> SUBSCRIBERS = Set.of("a@x.example", "b@x.example");

    @Test
    void a_run_in_which_all_is_well_is_clean() {
        assertThat(new Run().check().found()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void every_fault_is_noticed_when_it_is_planted(Fault fault) {
        var run = new Run();
        plant(fault).accept(run);
        assertThat(run.check().found()).containsKey(fault);
    }

    private static Consumer<Run> plant(Fault fault) {
        return switch (fault) {
            case LOST -> run -> run.posts.removeLast();
            case GHOST -> run -> run.offers.removeIf(offer -> offer.messageId().equals("2@m"));
            case TWICE -> run -> run.posts.add(run.post(4, 4, "3@m"));
            case GAP -> run -> run.posts.set(2, run.post(3, 4, "3@m"));
            case CHAIN -> run -> run
                    .altered(post -> new Post(post.seq(), post.number(), post.messageId(), post.written(), post.octets(), hash("other")));
            case ALTERED -> run -> run.altered(
                    post -> new Post(post.seq(), post.number(), post.messageId(), post.written(), hash("one octet"), post.chain()));
            case NOT_COPIED -> run -> run.copies.removeLast();
            case STRAY_COPY -> run -> run.copies.add(new Copy(LIST, 1, "1@m", "stranger@x.example", hash("body 1@m")));
            case TOO_MANY_COPIES -> run -> {
                run.copies.add(run.copies.getFirst());
                run.copies.add(run.copies.getFirst());
            };
            case QUEUE -> run -> run.leftBatches = 1;
            case MEMBERSHIP -> run -> run.movements.add(new Movement(LIST, "welcomed@x.example", true, new Span(1, 2)));
            case NOT_PUBLISHED -> run -> run.decided.add("4@m");
            case UNANSWERED -> run -> run.offers.add(new Offered("4@m", List.of(LIST), hash("4@m"), hash("body 4@m"), Said.NOTHING));
        };
    }

    @Test
    void a_refused_message_in_the_archive_is_a_ghost() {
        var run = new Run();
        run.offers.set(0, new Offered("1@m", List.of(LIST), hash("1@m"), hash("body 1@m"), Said.REFUSED));
        assertThat(run.check().found()).containsOnlyKeys(Fault.GHOST);
    }

    @Test
    void a_message_nobody_answered_for_may_be_archived_or_not() {
        var run = new Run();
        run.offers.set(0, new Offered("1@m", List.of(LIST), hash("1@m"), hash("body 1@m"), Said.NOTHING));
        assertThat(run.check().found()).containsOnlyKeys(Fault.UNANSWERED);
    }

    @Test
    void a_held_message_is_not_lost() {
        var run = new Run();
        run.offers.add(new Offered("4@m", List.of(LIST), hash("4@m"), hash("body 4@m"), Said.ACCEPTED));
        run.held = Set.of("4@m");
        assertThat(run.check().found()).isEmpty();
    }

    @Test
    void a_copy_with_one_octet_less_is_noticed() {
        var run = new Run();
        run.copies.set(0, new Copy(LIST, 1, "1@m", run.copies.getFirst().recipient(), hash("body 1@")));
        assertThat(run.check().found()).containsOnlyKeys(Fault.ALTERED);
    }

    @Test
    void a_copy_under_another_posts_number_is_stray() {
        var run = new Run();
        run.copies.add(new Copy(LIST, 2, "1@m", "a@x.example", hash("body 1@m")));
        assertThat(run.check().found()).containsOnlyKeys(Fault.STRAY_COPY);
    }

    @Test
    void a_swap_of_two_posts_breaks_the_chain() {
        var run = new Run();
        var first = run.posts.get(0);
        var second = run.posts.get(1);
        run.posts.set(0, new Post(1, 1, second.messageId(), second.written(), second.octets(), first.chain()));
        run.posts.set(1, new Post(2, 2, first.messageId(), first.written(), first.octets(), second.chain()));
        assertThat(run.check().found()).containsKey(Fault.CHAIN);
    }

    /// Letter N is offered at 10 N and accepted at 10 N + 5.
    @ParameterizedTest
    @CsvSource(textBlock = """
            # comes, from, to,  copies of,  fault
            true,    1,    5,   1 2 3,
            true,    1,    5,   1 3,        NOT_COPIED
            # asks while the first is on its way, is welcomed while the second is: only the third is owed
            true,    12,   22,  1 2 3,
            true,    12,   22,  3,
            true,    12,   22,  ,           NOT_COPIED
            # asks when the first was accepted already
            true,    17,   18,  1 2 3,      STRAY_COPY
            # leaves while the second is on its way
            false,   21,   24,  1 2,
            false,   21,   24,  1,
            false,   21,   24,  1 2 3,      STRAY_COPY
            """, nullValues = "")
    void who_comes_or_goes_gets_what_was_offered_while_he_was_there(boolean comes, long from, long to, @Nullable String copies,
            @Nullable Fault fault) {
        var run = new Run();
        run.movements.add(new Movement(LIST, "c@x.example", comes, new Span(from, to)));
        run.subscribers = comes ? Set.of("a@x.example", "b@x.example", "c@x.example") : SUBSCRIBERS;
        for (var number : copies == null ? new String[0] : copies.split(" ")) {
            run.copies.add(new Copy(LIST, Long.parseLong(number), number + "@m", "c@x.example", hash("body " + number + "@m")));
        }
        if (fault == null) {
            assertThat(run.check().found()).isEmpty();
        } else {
            assertThat(run.check().found()).containsOnlyKeys(fault);
        }
    }

    @Test
    void who_was_seen_off_is_no_subscriber() {
        var run = new Run();
        run.movements.add(new Movement(LIST, "a@x.example", false, new Span(41, 42)));
        assertThat(run.check().found()).containsOnlyKeys(Fault.MEMBERSHIP);
    }

    @Test
    void who_asked_and_was_never_answered_may_be_a_subscriber_or_not() {
        var run = new Run();
        run.movements.add(new Movement(LIST, "a@x.example", false, new Span(41, Span.NEVER)));
        run.movements.add(new Movement(LIST, "c@x.example", true, new Span(41, Span.NEVER)));
        assertThat(run.check().found()).isEmpty();
    }

    @Test
    void double_copies_are_counted_and_as_many_as_allowed_are_no_fault() {
        var run = new Run();
        run.copies.add(run.copies.getFirst());
        var report = run.check();
        assertThat(report.doubles()).isEqualTo(1);
        assertThat(report.found()).isEmpty();
    }

    private static String hash(String text) {
        return Digest.hex(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /// Three letters, three posts, two subscribers, six copies; one double copy is allowed.
    private static final class Run {
        final List<Offered> offers = new ArrayList<>();
        final List<Post> posts = new ArrayList<>();
        final List<Copy> copies = new ArrayList<>();
        final List<Movement> movements = new ArrayList<>();
        final Set<String> decided = new HashSet<>();
        Set<String> subscribers = SUBSCRIBERS;
        Set<String> held = Set.of();
        long leftBatches;
        private byte[] chain = new byte[32];
        private final Head head;

        Run() {
            for (var number = 1; number <= 3; number++) {
                var id = number + "@m";
                offers.add(new Offered(id, List.of(LIST), hash(id), hash("body " + id), Said.ACCEPTED));
                posts.add(post(number, number, id));
                for (var subscriber : SUBSCRIBERS) {
                    copies.add(new Copy(LIST, number, id, subscriber, hash("body " + id)));
                }
            }
            head = new Head(3, 3, posts.getLast().chain());
        }

        Post post(long seq, long number, String id) {
            var link = ByteBuffer.allocate(16).putLong(seq).putLong(number).array();
            chain = Digest.sha256(chain, link, HexFormat.of().parseHex(hash(id)));
            return new Post(seq, number, id, hash(id), hash(id), HexFormat.of().formatHex(chain));
        }

        void altered(java.util.function.UnaryOperator<Post> how) {
            posts.set(1, how.apply(posts.get(1)));
        }

        Checker.Report check() {
            var when = IntStream.rangeClosed(1, 3).boxed().collect(Collectors.toMap(number -> number + "@m",
                    number -> new Span(10L * number, 10L * number + 5)));
            return Checker
                    .check(new Evidence(offers, Map.of(LIST, new ListBooks(head, posts, subscribers, held)), copies, leftBatches, 0, 0,
                            movements, when, decided), 1);
        }
    }
}
