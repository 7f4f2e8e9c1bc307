package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.listserv.archive.Shelf.USERS;

import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.archive.Conversation.Node.Ghost;
import org.listserv.archive.Conversation.Node.Present;
import org.listserv.archive.ThreadRepair.Split;
import org.listserv.lists.MailingList;
import org.listserv.lists.RefusedChange;
import org.listserv.mail.EmailAddress;
import org.listserv.posting.Redaction;

/// Threads that an owner splits and joins, and what mail makes of them later.
class ThreadRepairTest {
    /// One database, and a list in it for each test.
    private static final Shelf SHELF = new Shelf();
    private static int lists;

    private final EmailAddress dev = EmailAddress.parse("dev" + ++lists + "@lists.example.org");
    private final MailingList list = create(dev);
    private final Threads threads = new Threads(SHELF.database);
    private final ThreadRepair repair = new ThreadRepair(SHELF.database);
    private final Instant start = Instant.parse("2024-03-01T09:00:00Z");
    private int hours;

    private static MailingList create(EmailAddress address) {
        SHELF.testDatabase
                .sql("insert into list (domain_id, local_part, archive) select id, '" + address.localPart() + "', 'public' from domain;"
                        + "insert into list_head (list_id, chain) select max(id), sha256('') from list");
        return SHELF.list(address);
    }

    @AfterAll
    static void close() {
        SHELF.close();
    }

    /// `c:a+b` is a post c that refers to a and then b; each an hour after the one before.
    private void posts(String posts) {
        posts(dev, posts);
    }

    private void posts(EmailAddress to, String posts) {
        for (var post : posts.split(" ")) {
            SHELF.post(to, start.plusSeconds(3600L * hours++), message(post));
        }
    }

    private static byte[] message(String post) {
        var parts = post.split(":");
        var references = parts.length == 1 ? Stream.<String>empty() : Stream.of(parts[1].split("\\+"));
        return Shelf.message(parts[0] + "@x", "Ann <ann@example.org>", "About " + parts[0], "x",
                references.map(reference -> reference + "@x").toArray(String[]::new)).getBytes(UTF_8);
    }

    /// A command in words: `split b`, `join a m`.
    private void decide(String decision) {
        var words = decision.split(" ");
        if (words[0].equals("split")) {
            assertThat(repair.split(list, number(words[1]), "", "test")).as(decision).isPresent();
            assertThat(repair.split(list, number(words[1]), "", "test")).as("%s, again", decision).isEmpty();
        } else {
            assertThat(repair.join(list, number(words[1]), number(words[2]), "", "test")).as(decision).isPresent();
            assertThat(repair.join(list, number(words[1]), number(words[2]), "", "test")).as("%s, again", decision).isEmpty();
        }
    }

    private long number(String messageId) {
        return one("min(number) from post where message_id = '" + messageId + "@x' and ");
    }

    /// @param what ends where the condition that it is of this list belongs
    private long one(String what) {
        return SHELF.one("select " + what + "list_id = " + list.id());
    }

    /// The thread of a post in its outline's order, each with its depth; brackets say that it is not here.
    private String thread(String messageId) {
        return outline(messageId).stream()
                .map(line -> line.depth() + switch (line.node()) {
                    case Present(var post, _) -> post.messageId();
                    case Ghost(var missing, _) -> "(" + missing + ")";
                }).collect(Collectors.joining(" ")).replace("@x", "");
    }

    @ParameterizedTest(name = "{0}, {1}, later {2}")
    @CsvSource(delimiter = '|', textBlock = """
            # posts                        | decided            | later mail               | threads, by who is asked
            a b:a c:a+b d:a                | split b            |                          | a = 0a 1d; c = 0b 1c
            a b:a c:a+b d:a                | split c            |                          | a = 0a 1b 1d; c = 0c
            # a reply names all that was above, and lands where the nearest is
            a b:a c:a+b d:a                | split b            | e:a+b+c f:a+d g:a+b      | a = 0a 1d 2f; b = 0b 1c 2e 1g
            a b:a c:a+b d:a                | split b            | e:a+c                    | a = 0a 1d; b = 0b 1c 2e
            a b:a c:a+b d:a                | split b            | e:c+d f:a+c+e            | a = 0a 1d 2e 3f; b = 0b 1c
            a b:a c:a+b d:a                | split b            | e:q+a+c f:a+c+r          | a = 0a 1d; b = 0b 1c 2e 2(r) 3f
            a b:a c:a+b d:a                | split b            | e:u+b+c f:e              | a = 0a 1d; b = 0b 1c 2e 3f
            a b:a c:a+b d:b+a              | split b            | e:b+a                    | a = 0a 1d 1e; b = 0b 1c
            # late parents: of the part that was split off, of what is left, of both, of an ordinary thread
            a b:a+x c:b+y                  | split b            | y:b x:a                  | a = 0a 1x; b = 0b 1y 2c
            b:a d:a                        | split b            | a c:a+b                  | d = 0a 1d; b = 0b 1c
            a b:a c:a+b v:u                | split b            | u:a+b                    | a = 0a; v = 0b 1c 1u 2v
            a b:a c:a+b v:u                | split b            | u:a                      | v = 0a 1u 2v; c = 0b 1c
            a b:a c:a+u d:a+b              | split b            | u:a+b e:u                | c = 0a 1(u) 2c; b = 0b 1d 1u 2e
            a b:a c:x+b+d                  | split b            | x:a y:x                  | y = 0a 1x 2y; c = 0b 1(d) 2c
            # messages only mentioned stay where they were, whoever said so
            a b:a+g+b d:g                  | split b            | h:g                      | a = 0a 1(g) 2d 2h; b = 0b
            a b:a+g c:b+h+i+k d:c          | split b            | h:b e:i                  | a = 0a; b = 0b 1h 2(i) 3(k) 4c 5d 3e
            # two posts with one Message-ID stay together
            a b:a b:a c:b                  | split b            | b:a                      | a = 0a; c = 0b 1c 0b 0b
            # joined
            m n:m a b:a                    | join b n           | c:a+b o:m d:b            | a = 0m 1n 2a 3b 4c 4d 1o
            m k:g l:g                      | join k m           | g:z z h:g                | g = 0m 1g 2k 2l 2h; z = 0z
            m n:m a b:a                    | join m b           | p:m+n+a                  | p = 0a 1b 2m 3n 1p
            # one after the other
            a b:a c:b d:c                  | split b, split c   | e:a+b+c+d f:a+d g:a+b    | a = 0a; b = 0b 1g; c = 0c 1d 2e 2f
            a b:a c:b                      | split b, join b a  | d:a+b e:c                | a = 0a 1b 2c 3e 2d
            m n:m a b:a c:b                | split b, join b n  | d:a+b+c e:a f:n          | a = 0a 1e; m = 0m 1n 2b 3c 4d 2f
            m a b:a                        | join a m, split a  | c:a+b d:m e:m+b          | a = 0a 1b 2c 2e; m = 0m 1d
            m k:g l:g                      | join k m, split k  | h:g i:g+k                | k = 0k 1i; m = 0m 1(g) 2l 2h
            a b:a m                        | split b, join a m  | c:a+b d:m+a              | b = 0b 1c; m = 0m 1a 2d
            """)
    void mail_that_comes_later_goes_where_the_nearest_it_answers_is(String posts, String decided, String later, String expected) {
        posts(posts);
        for (var decision : decided.split(", ")) {
            decide(decision);
        }
        if (later != null) {
            posts(later);
        }
        for (var one : expected.split("; ")) {
            assertThat(thread(one.substring(0, 1))).as(one).isEqualTo(one.substring(4));
        }
    }

    @Test
    void pages_files_and_tags_follow_and_the_chain_stays_as_it_was() {
        posts("a b:a c:a+b d:a");
        var chain = one("('x' || encode(substr(chain, 1, 8), 'hex'))::bit(64)::bigint from list_head where ");
        var tags = List.of(tag("a"), tag("b"), mboxTag("a"), mboxTag("c"), stamp("d"));
        assertThat(repair.split(list, number("b"), "another matter", "ann@example.org")).hasValue(new Split(2, number("a")));
        assertThat(tags).doesNotContain(tag("a"), tag("b"), mboxTag("a"), mboxTag("c"), stamp("d"));

        var months = new Months(SHELF.database);
        assertThat(months.byThread(Reader.ANONYMOUS, dev, YearMonth.of(2024, 3), null, 10).orElseThrow().slice().items())
                .extracting(topic -> topic.start().messageId() + " " + topic.posts()).containsExactly("a@x 2", "b@x 2");
        var messages = new Messages(SHELF.database);
        assertThat(messages.find(Reader.ANONYMOUS, dev, "d@x").orElseThrow().previousInThread().messageId()).isEqualTo("a@x");
        assertThat(messages.find(Reader.ANONYMOUS, dev, "b@x").orElseThrow().previousInThread()).isNull();

        var left = threads.find(Reader.ANONYMOUS, dev, "a@x").orElseThrow();
        var split = threads.find(Reader.ANONYMOUS, dev, "c@x").orElseThrow();
        assertThat(left.splitOff()).extracting(Post::messageId).containsExactly("b@x");
        assertThat(left.splitFrom()).isNull();
        assertThat(split.splitFrom().messageId()).isEqualTo("a@x");
        assertThat(split.splitOff()).isEmpty();
        assertThat(one("revision from list_head where ")).isEqualTo(1);
        assertThat(one("count(*) from post where revision = 1 and ")).as("what indexes read again").isEqualTo(2);
        assertThat(
                one("count(*) from audit where action = 'archive.split' and actor = 'ann@example.org' and subject = 'number 2'"
                        + " and after->>'reason' = 'another matter' and after->>'from' = '1' and "))
                .isEqualTo(1);

        assertThat(repair.join(list, number("a"), number("c"), "", "ann@example.org")).hasValue(2);
        assertThat(thread("a")).isEqualTo("0b 1c 2a 3d");
        assertThat(threads.find(Reader.ANONYMOUS, dev, "a@x").orElseThrow()).satisfies(joined -> {
            assertThat(joined.splitFrom()).as("it is part of it now").isNull();
            assertThat(joined.splitOff()).isEmpty();
        });
        assertThat(one("count(*) from audit where action = 'archive.join' and after->>'to' = '3' and not after ? 'reason' and "))
                .isEqualTo(1);
        assertThat(one("('x' || encode(substr(chain, 1, 8), 'hex'))::bit(64)::bigint from list_head where "))
                .isEqualTo(chain);
    }

    private String tag(String messageId) {
        return threads.find(Reader.ANONYMOUS, dev, messageId + "@x").orElseThrow().tag();
    }

    private String mboxTag(String messageId) {
        return new MboxExport(SHELF.database).thread(Reader.ANONYMOUS, dev, messageId + "@x").orElseThrow().tag();
    }

    private String stamp(String messageId) {
        return new Messages(SHELF.database).stamp(Reader.ANONYMOUS, dev, messageId + "@x").orElseThrow();
    }

    @Test
    void what_changes_nothing_leaves_no_trace_and_what_is_not_there_is_named() {
        posts("a b:a c:g");
        assertThat(repair.split(list, number("a"), "", "test")).as("it begins its thread").isEmpty();
        assertThat(repair.split(list, number("c"), "", "test")).as("only a message that is not here is above it").isEmpty();
        assertThat(repair.join(list, number("a"), number("b"), "", "test")).as("below itself").isEmpty();
        assertThatThrownBy(() -> repair.split(list, 99, "", "test")).isInstanceOf(RefusedChange.class)
                .hasMessage(dev + " has no post 99; its page shows its number");
        assertThatThrownBy(() -> repair.join(list, 1, 99, "", "test")).isInstanceOf(RefusedChange.class).hasMessageContaining("no post 99");
        assertThat(one("count(*) from audit where ")).isZero();
        assertThat(one("revision from list_head where ")).isZero();
        assertThat(one("count(*) from thread where apart and ")).isZero();
    }

    @Test
    void the_same_messages_on_another_list_stay_as_they_are() {
        for (var to : List.of(USERS, dev)) {
            posts(to, "a b:a");
        }
        decide("split b");
        posts(USERS, "c:a+b");
        assertThat(threads.find(Reader.ANONYMOUS, USERS, "a@x").orElseThrow().posts()).hasSize(3);
        assertThat(thread("b")).isEqualTo("0b");
    }

    @Test
    void a_post_that_was_redacted_is_split_off_like_any_other() {
        posts("a b:a c:a+b");
        new Redaction(SHELF.database).redact(list, number("b"), "a secret", "test");
        decide("split b");
        posts("d:a+b+c");
        assertThat(thread("d")).isEqualTo("0b 1c 2d");
    }

    /// Posts that commit together are filed by one call, which knows them from one read.
    @Test
    void mail_that_comes_together_is_filed_as_if_it_came_one_by_one() {
        posts("a b:a c:a+b+w");
        decide("split b");
        var together = Stream.of("u:a+b v:a+u e:a+v f:q g:q+c q:a".split(" ")).map(ThreadRepairTest::message).toArray(byte[][]::new);
        SHELF.post(dev, start.plusSeconds(3600L * hours), together);
        assertThat(thread("a")).isEqualTo("0a 1q 2f");
        assertThat(thread("b")).isEqualTo("0b 1(w) 2c 3g 1u 2v 3e");
    }

    /// Whatever refers to whatever: a split takes what is below and changes no other answer, a join changes what answered nothing, and a
    /// reply that names all that is above it lands beside what it answers.
    @Test
    void nothing_else_moves() {
        var random = new Random(28);
        for (int round = 0; round < 10; round++) {
            var names = new ArrayList<String>();
            for (int i = 0; i < 9; i++) {
                names.add(round + "-" + i);
            }
            var present = new ArrayList<>(names.subList(0, 7));
            Collections.shuffle(present, random);
            for (var name : present) {
                var others = new ArrayList<>(names);
                others.remove(name);
                Collections.shuffle(others, random);
                var references = others.subList(0, random.nextInt(4));
                posts(name + (references.isEmpty() ? "" : ":" + String.join("+", references)));
            }
            for (int step = 0; step < 4; step++) {
                var before = answers(present);
                var one = present.get(random.nextInt(present.size()));
                var other = present.get(random.nextInt(present.size()));
                if (random.nextBoolean()) {
                    split(one, before, present);
                } else {
                    join(one, other, before, present);
                }
                var reply = round + "-late-" + step;
                posts(reply + ":" + String.join("+", lineage(other, answers(present))));
                present.add(reply);
                assertThat(answers(present)).as("%s, a reply", reply).containsEntry(reply, other);
            }
        }
    }

    private void split(String one, Map<String, String> before, List<String> present) {
        boolean done = repair.split(list, number(one), "", "test").isPresent();
        var expected = new HashMap<>(before);
        if (done) {
            expected.put(one, "");
        }
        assertThat(answers(present)).as("split %s", one).containsAllEntriesOf(of(present, expected));
        var below = present.stream().filter(post -> lineage(post, before).contains(one)).toList();
        assertThat(members(one)).containsExactlyInAnyOrderElementsOf(done ? below : members(one));
    }

    private void join(String one, String other, Map<String, String> before, List<String> present) {
        var joined = members(one);
        boolean done = repair.join(list, number(one), number(other), "", "test").isPresent();
        assertThat(done).isEqualTo(!joined.contains(other));
        var expected = new HashMap<>(before);
        if (done) {
            joined.forEach(post -> expected.computeIfPresent(post, (_, answered) -> answered.isEmpty() ? other : answered));
        }
        assertThat(answers(present)).as("join %s %s", one, other).containsAllEntriesOf(of(present, expected));
    }

    private static Map<String, String> of(List<String> posts, Map<String, String> answers) {
        return posts.stream().collect(Collectors.toMap(post -> post, answers::get));
    }

    private List<String> members(String post) {
        return threads.find(Reader.ANONYMOUS, dev, post + "@x").orElseThrow().posts().stream()
                .map(member -> member.messageId().replace("@x", "")).toList();
    }

    /// A post and what is above it, the topmost first.
    private static List<String> lineage(String post, Map<String, String> answers) {
        var lineage = new ArrayDeque<String>();
        for (var one = post; !one.isEmpty(); one = answers.getOrDefault(one, "")) {
            lineage.push(one);
        }
        return List.copyOf(lineage);
    }

    /// What each message of these posts' threads answers, be they here or not; empty where nothing.
    private Map<String, String> answers(List<String> posts) {
        var answers = new HashMap<String, String>();
        for (var post : posts) {
            var above = new ArrayList<String>();
            for (var line : answers.containsKey(post) ? List.<Conversation.Line>of() : outline(post)) {
                above.subList(line.depth(), above.size()).clear();
                var name = switch (line.node()) {
                    case Present(var shown, _) -> shown.messageId();
                    case Ghost(var missing, _) -> missing;
                };
                answers.put(name.replace("@x", ""), above.isEmpty() ? "" : above.getLast().replace("@x", ""));
                above.add(name);
            }
        }
        return answers;
    }

    private List<Conversation.Line> outline(String post) {
        return threads.find(Reader.ANONYMOUS, dev, post + "@x").orElseThrow().outline();
    }
}
