package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.listserv.archive.Shelf.DEV;
import static org.listserv.archive.Shelf.HIDDEN;
import static org.listserv.archive.Shelf.MEMBER;
import static org.listserv.archive.Shelf.PRIVATE;
import static org.listserv.archive.Shelf.USERS;
import static org.listserv.archive.Shelf.message;

import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.archive.Conversation.Node.Ghost;
import org.listserv.archive.Conversation.Node.Present;
import org.listserv.archive.ListOverview.MonthCount;
import org.listserv.mail.EmailAddress;

class ReadingTest {
    private static final Reader ANYONE = Reader.ANONYMOUS;
    private static final Reader ONE_MEMBER = Reader.of(MEMBER);
    private static final YearMonth MARCH = YearMonth.of(2024, 3);

    private final Shelf shelf = new Shelf();
    private final Overviews overviews = new Overviews(shelf.database);
    private final Months months = new Months(shelf.database);
    private final Messages messages = new Messages(shelf.database);
    private final Threads threads = new Threads(shelf.database);

    @AfterEach
    void close() {
        shelf.close();
    }

    private void release_discussion() {
        shelf.post(DEV, "2024-02-27T09:00:00Z", message("plan@x", "Ann <ann@example.org>", "Release plan", "Shall we?"));
        shelf.post(DEV, "2024-03-01T09:00:00Z", message("other@x", "Bob <bob@example.org>", "Broken build", "It is broken."));
        shelf.post(DEV, "2024-03-02T09:00:00Z", message("yes@x", "Bob <bob@example.org>", "Re: Release plan", "Yes.", "plan@x"));
        shelf.post(DEV, "2024-03-03T09:00:00Z", message("when@x", "Cid <cid@example.org>", "Re: Release plan", "When?", "plan@x", "yes@x"));
        shelf.post(DEV, "2024-04-01T09:00:00Z",
                message("now@x", "Ann <ann@example.org>", "Re: Release plan", "Now.", "plan@x", "yes@x", "when@x"));
    }

    @Test
    void the_front_page_names_every_list_the_reader_may_read() {
        shelf.post(USERS, null, message("1@x", "Ann <ann@example.org>", "Hello", "Hello").getBytes(UTF_8));
        assertThat(overviews.lists(ANYONE, null, 10).items()).extracting(list -> list.address().localPart()).containsExactly("dev",
                "users");
        assertThat(overviews.lists(ONE_MEMBER, null, 10).items()).extracting(list -> list.address().localPart()).containsExactly("dev",
                "private", "users");
        var users = overviews.list(ANYONE, USERS).orElseThrow();
        assertThat(users.posts()).isEqualTo(1);
        assertThat(users.postsThisMonth()).isEqualTo(1);
        assertThat(users.lastPostAt()).isNotNull();
        assertThat(overviews.list(ANYONE, DEV).orElseThrow().lastPostAt()).isNull();
    }

    @Test
    void a_listing_goes_on_where_its_cursor_says() {
        var first = overviews.lists(ANYONE, null, 1);
        var rest = overviews.lists(ANYONE, new Cursor(first.next().text()), 1);
        assertThat(first.items()).extracting(list -> list.address().localPart()).containsExactly("dev");
        assertThat(rest.items()).extracting(list -> list.address().localPart()).containsExactly("users");
        assertThat(rest.next()).isNull();
        assertThatThrownBy(() -> overviews.lists(ANYONE, new Cursor("nonsense"), 1)).isInstanceOf(Cursor.BadCursor.class);
        assertThatThrownBy(() -> months.byDate(ANYONE, DEV, MARCH, new Cursor("x.y"), 1)).isInstanceOf(Cursor.BadCursor.class);
    }

    @Test
    void the_overview_has_months_and_topics() {
        release_discussion();
        var overview = overviews.overview(ANYONE, DEV).orElseThrow();
        assertThat(overview.months()).containsExactly(new MonthCount(YearMonth.of(2024, 2), 1), new MonthCount(MARCH, 3),
                new MonthCount(YearMonth.of(2024, 4), 1));
        assertThat(overview.newTopics()).extracting(topic -> topic.start().messageId()).containsExactly("other@x", "plan@x");
        assertThat(overview.activeTopics()).extracting(topic -> topic.last().messageId()).containsExactly("now@x", "other@x");
        var plan = overview.newTopics().getLast();
        assertThat(plan.last().messageId()).isEqualTo("now@x");
        assertThat(plan.posts()).isEqualTo(4);
        assertThat(plan.people()).isEqualTo(3);
        assertThat(overview.head().number()).isEqualTo(5);
    }

    @Test
    void a_month_by_thread_shows_those_active_in_it_at_their_last_post_in_it() {
        release_discussion();
        var march = months.byThread(ANYONE, DEV, MARCH, null, 10).orElseThrow();
        assertThat(march.posts()).isEqualTo(3);
        assertThat(march.previous()).isEqualTo(YearMonth.of(2024, 2));
        assertThat(march.next()).isEqualTo(YearMonth.of(2024, 4));
        assertThat(march.slice().items()).extracting(topic -> topic.last().messageId()).containsExactly("when@x", "other@x");
        assertThat(march.slice().items().getFirst().start().messageId()).isEqualTo("plan@x");
    }

    @Test
    void every_order_of_a_month_shows_every_post_once_whatever_the_piece() {
        release_discussion();
        for (int i = 0; i < 7; i++) {
            shelf.post(DEV, "2024-03-05T09:00:00Z",
                    message(i + "@same-time", i % 2 == 0 ? "Zoe <zoe@example.org>" : "ann@example.org", "Topic " + i, "x"));
        }
        for (int limit : List.of(1, 2, 3, 100)) {
            assertThat(all(limit, cursor -> months.byDate(ANYONE, DEV, MARCH, cursor, limit).orElseThrow().slice())).hasSize(10)
                    .doesNotHaveDuplicates()
                    .isSortedAccordingTo(Comparator.comparing(Post::filedAt));
            assertThat(all(limit, cursor -> months.byAuthor(ANYONE, DEV, MARCH, cursor, limit).orElseThrow().slice())).hasSize(10)
                    .doesNotHaveDuplicates()
                    .extracting(post -> post.author().name()).startsWith("", "", "", "Bob", "Bob", "Cid");
            assertThat(all(limit, cursor -> months.byThread(ANYONE, DEV, MARCH, cursor, limit).orElseThrow().slice())).hasSize(9)
                    .doesNotHaveDuplicates();
        }
    }

    private interface Listing<T> {
        Slice<T> from(Cursor cursor);
    }

    private static <T> List<T> all(int limit, Listing<T> listing) {
        var all = new ArrayList<T>();
        Cursor cursor = null;
        do {
            var slice = listing.from(cursor);
            assertThat(slice.items()).hasSizeLessThanOrEqualTo(limit);
            all.addAll(slice.items());
            cursor = slice.next();
        } while (cursor != null);
        return all;
    }

    @Test
    void a_message_knows_its_neighbours_and_where_else_it_is() {
        release_discussion();
        shelf.post(USERS, "2024-03-03T09:00:00Z",
                message("when@x", "Cid <cid@example.org>", "Re: Release plan", "When?", "plan@x", "yes@x"));
        shelf.post(PRIVATE, "2024-03-03T09:00:00Z",
                message("when@x", "Cid <cid@example.org>", "Re: Release plan", "When?", "plan@x", "yes@x"));
        var when = messages.find(ANYONE, DEV, "when@x").orElseThrow();
        assertThat(when.previous().messageId()).isEqualTo("yes@x");
        assertThat(when.next().messageId()).isEqualTo("now@x");
        assertThat(when.previousInThread().messageId()).isEqualTo("yes@x");
        assertThat(when.alsoOn()).extracting(Post::list).containsExactly(USERS);
        assertThat(messages.find(ONE_MEMBER, DEV, "when@x").orElseThrow().alsoOn()).extracting(Post::list).containsExactly(PRIVATE, USERS);
        var other = messages.find(ANYONE, DEV, "other@x").orElseThrow();
        assertThat(other.previousInThread()).isNull();
        assertThat(other.nextInThread()).isNull();
        assertThat(messages.find(ANYONE, DEV, "plan@x").orElseThrow().previous()).isNull();
        assertThat(messages.byNumber(ANYONE, DEV, 4)).hasValueSatisfying(post -> assertThat(post.messageId()).isEqualTo("when@x"));
        assertThat(messages.byNumber(ANYONE, DEV, 99)).isEmpty();
        assertThat(messages.onAnyList(ANYONE, "when@x")).extracting(Post::list).containsExactly(DEV, USERS);
    }

    @Test
    void two_posts_with_one_message_id_are_both_to_be_found() {
        shelf.post(DEV, "2024-03-01T09:00:00Z", message("twice@x", "Ann <ann@example.org>", "First", "x"));
        shelf.post(DEV, "2024-03-02T09:00:00Z", message("twice@x", "Ann <ann@example.org>", "Second", "y"));
        var message = messages.find(ANYONE, DEV, "twice@x").orElseThrow();
        assertThat(message.post().subject()).isEqualTo("First");
        assertThat(message.twins()).extracting(Post::subject).containsExactly("Second");
        assertThat(threads.find(ANYONE, DEV, "twice@x").orElseThrow().posts()).hasSize(2);
    }

    @Test
    void octets_are_exactly_as_received() {
        var octets = new byte[]{'A', ':', 0, (byte) 0xff, '\r', '\r', '\n', '\n', 0};
        shelf.post(DEV, Instant.parse("2024-03-01T00:00:00Z"), octets);
        var post = messages.byNumber(ANYONE, DEV, 1).orElseThrow();
        assertThat(messages.octets(ANYONE, DEV, post.seq())).hasValue(octets);
        shelf.testDatabase.sql("update message set octets = null; update post set redacted_at = now()");
        assertThat(messages.octets(ANYONE, DEV, post.seq())).isEmpty();
        assertThat(messages.byNumber(ANYONE, DEV, 1).orElseThrow().redacted()).isTrue();
    }

    @Test
    void a_thread_is_a_tree_with_ghosts_where_messages_are_missing() {
        release_discussion();
        shelf.post(DEV, "2024-04-02T09:00:00Z",
                message("lost-answer@x", "Dan <dan@example.org>", "Re: Release plan", "?", "plan@x", "missing@elsewhere"));
        var thread = threads.find(ANYONE, DEV, "when@x").orElseThrow();
        assertThat(thread.start().messageId()).isEqualTo("plan@x");
        assertThat(thread.outline()).extracting(ReadingTest::line).containsExactly("0 plan@x", "1 yes@x", "2 when@x", "3 now@x",
                "1 (missing@elsewhere)", "2 lost-answer@x");
    }

    private static String line(Conversation.Line line) {
        return line.depth() + " " + switch (line.node()) {
            case Present(var post, _) -> post.messageId();
            case Ghost(var messageId, _) -> "(" + messageId + ")";
        };
    }

    @Test
    void a_late_parent_unites_two_threads_everywhere() {
        shelf.post(DEV, "2024-03-01T09:00:00Z", message("left@x", "Ann <ann@example.org>", "Left", "x", "top@x"));
        shelf.post(DEV, "2024-03-02T09:00:00Z", message("right@x", "Bob <bob@example.org>", "Right", "x", "middle@x"));
        assertThat(threads.find(ANYONE, DEV, "left@x").orElseThrow().posts()).hasSize(1);
        shelf.post(DEV, "2024-03-03T09:00:00Z", message("middle@x", "Cid <cid@example.org>", "Middle", "x", "top@x"));
        assertThat(threads.find(ANYONE, DEV, "right@x").orElseThrow().outline()).extracting(ReadingTest::line)
                .containsExactly("0 (top@x)", "1 left@x", "1 middle@x", "2 right@x");
        assertThat(months.byThread(ANYONE, DEV, MARCH, null, 10).orElseThrow().slice().items()).singleElement().satisfies(topic -> {
            assertThat(topic.start().messageId()).isEqualTo("left@x");
            assertThat(topic.last().messageId()).isEqualTo("middle@x");
            assertThat(topic.posts()).isEqualTo(3);
        });
        assertThat(messages.find(ANYONE, DEV, "left@x").orElseThrow().nextInThread().messageId()).isEqualTo("right@x");
    }

    @Test
    void not_found_and_not_allowed_look_the_same() {
        shelf.post(PRIVATE, "2024-03-01T09:00:00Z", message("secret@x", "Ann <ann@example.org>", "Secret", "x"));
        shelf.post(HIDDEN, "2024-03-01T09:00:00Z", message("deep@x", "Ann <ann@example.org>", "Deep", "x"));
        record Try(Reader reader, EmailAddress list) {}
        for (var refused : List.of(new Try(ANYONE, PRIVATE), new Try(ANYONE, HIDDEN), new Try(ONE_MEMBER, HIDDEN),
                new Try(Reader.of(EmailAddress.parse("stranger@example.net")), PRIVATE),
                new Try(ANYONE, EmailAddress.parse("none@lists.example.org")))) {
            var reader = refused.reader();
            var list = refused.list();
            assertThat(overviews.list(reader, list)).isEmpty();
            assertThat(overviews.overview(reader, list)).isEmpty();
            assertThat(overviews.head(reader, list)).isEmpty();
            assertThat(months.byThread(reader, list, MARCH, null, 10)).isEmpty();
            assertThat(months.byDate(reader, list, MARCH, null, 10)).isEmpty();
            assertThat(months.byAuthor(reader, list, MARCH, null, 10)).isEmpty();
            assertThat(messages.byNumber(reader, list, 1)).isEmpty();
            assertThat(messages.octets(reader, list, 1)).isEmpty();
            for (var messageId : List.of("secret@x", "deep@x")) {
                assertThat(messages.find(reader, list, messageId)).isEmpty();
                assertThat(threads.find(reader, list, messageId)).isEmpty();
                assertThat(messages.onAnyList(Reader.ANONYMOUS, messageId)).isEmpty();
            }
        }
        assertThat(messages.find(ONE_MEMBER, PRIVATE, "secret@x")).isPresent();
        assertThat(messages.octets(ONE_MEMBER, PRIVATE, 1)).isPresent();
    }

    @Test
    void tags_change_with_what_is_shown_and_only_then() {
        release_discussion();
        var tags = List.of(messages.find(ANYONE, DEV, "other@x").orElseThrow().tag(),
                threads.find(ANYONE, DEV, "plan@x").orElseThrow().tag(),
                months.byThread(ANYONE, DEV, MARCH, null, 10).orElseThrow().tag(),
                months.byDate(ANYONE, DEV, MARCH, null, 10).orElseThrow().tag());
        assertThat(tags).doesNotHaveDuplicates().allMatch(tag -> tag.matches("[A-Za-z0-9_-]{22}"));
        shelf.post(DEV, "2024-05-01T09:00:00Z", message("elsewhere@x", "Ann <ann@example.org>", "New", "x"));
        assertThat(messages.find(ANYONE, DEV, "other@x").orElseThrow().tag()).isEqualTo(tags.get(0));
        assertThat(threads.find(ANYONE, DEV, "plan@x").orElseThrow().tag()).isEqualTo(tags.get(1));
        assertThat(months.byThread(ANYONE, DEV, MARCH, null, 10).orElseThrow().tag()).isEqualTo(tags.get(2));
        assertThat(months.byDate(ANYONE, DEV, MARCH, null, 10).orElseThrow().tag()).isEqualTo(tags.get(3));
        shelf.testDatabase.sql("update post set revision = 1, redacted_at = now() where message_id = 'yes@x'");
        assertThat(messages.find(ANYONE, DEV, "other@x").orElseThrow().tag()).isNotEqualTo(tags.get(0));
        assertThat(threads.find(ANYONE, DEV, "plan@x").orElseThrow().tag()).isNotEqualTo(tags.get(1));
        assertThat(months.byDate(ANYONE, DEV, MARCH, null, 10).orElseThrow().tag()).isNotEqualTo(tags.get(3));
    }
}
