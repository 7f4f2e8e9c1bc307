package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.listserv.archive.Shelf.DEV;
import static org.listserv.archive.Shelf.HIDDEN;
import static org.listserv.archive.Shelf.MEMBER;
import static org.listserv.archive.Shelf.PRIVATE;
import static org.listserv.archive.Shelf.USERS;
import static org.listserv.archive.Shelf.message;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.listserv.archive.SearchRequest.Order;
import org.listserv.archive.SearchResult.Hit;
import org.listserv.archive.SearchResult.Piece;
import org.listserv.mail.EmailAddress;

class LuceneIndexTest {
    private static final Reader ANYONE = Reader.ANONYMOUS;

    @TempDir
    private Path folder;

    private final Shelf shelf = new Shelf();
    private LuceneIndex index;

    @BeforeEach
    void open() {
        index = new LuceneIndex(shelf.database, new ArchiveSettings(folder)).start();
    }

    @AfterEach
    void close() {
        index.close();
        shelf.close();
    }

    private void reopen() {
        index.close();
        open();
    }

    private SearchResult search(Reader reader, String query) {
        return index.search(reader, new SearchRequest(query, null, Order.DATE, null, 50));
    }

    private List<String> found(Reader reader, String query) {
        return search(reader, query).hits().stream().map(hit -> hit.post().messageId()).toList();
    }

    private List<String> found(String query) {
        return found(ANYONE, query);
    }

    private void caughtUp() {
        index.awake();
        long posts = shelf.one("select count(*) from post where redacted_at is null");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> index.status().posts() == posts && index.status().lag() == 0 && !index.status().rebuilding());
    }

    private void discussion() {
        shelf.post(DEV, "2024-02-27T09:00:00Z",
                message("plan@x", "Ann <ann@example.org>", "Release plan", "Shall we ship 1.0? See LUCENE-1234.\n-- \nAnn"));
        shelf.post(DEV, "2024-03-02T09:00:00Z",
                message("vote@x", "Bob <bob@apache.example>", "Re: Release plan", "+1 (binding)\n> Shall we ship 1.0?", "plan@x"));
        shelf.post(DEV, "2024-03-03T09:00:00Z", message("code@x", "Cid <cid@example.org>", "Parser in C++",
                "The @Override of foo_bar() in org.acme.Foo breaks.\nAsk ann@example.org!"));
        shelf.post(USERS, "2024-04-01T09:00:00Z",
                message("user@x", "Ann <ann@example.org>", "Größe der Datei", "Wie groß? Nothing released yet."));
        caughtUp();
    }

    @Test
    void a_post_is_found_within_a_second_of_its_commit() {
        caughtUp();
        assertThat(found("quick fox")).as("and the code is warm").isEmpty();
        shelf.post(DEV, "2024-02-27T09:00:00Z", message("now@x", "Ann <ann@example.org>", "Hello", "quick brown fox"));
        index.awake();
        await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(10)).until(() -> found("quick fox").equals(List.of("now@x")));
    }

    /// The first document of an index decides what each field is made of.
    @Test
    void a_first_post_that_lacks_everything_keeps_no_other_out() {
        shelf.post(DEV, Instant.parse("2024-02-27T09:00:00Z"), "X: y\r\n\r\n".getBytes(UTF_8));
        caughtUp();
        shelf.post(DEV, "2024-02-27T09:00:00Z", message("now@x", "Ann <ann@example.org>", "Hello", "quick brown fox", "before@x"));
        caughtUp();
        assertThat(found("from:=ann@example.org fox people:1 replies:0")).containsExactly("now@x");
    }

    @Test
    void without_a_wake_up_the_poll_finds_it() {
        caughtUp();
        shelf.post(DEV, "2024-02-27T09:00:00Z", message("now@x", "Ann <ann@example.org>", "Hello", "quick brown fox"));
        await().atMost(Duration.ofSeconds(5)).until(() -> found("fox").equals(List.of("now@x")));
    }

    @Test
    void everything_that_can_be_typed_finds_what_it_says() {
        discussion();
        assertThat(List.of("release", "\"release plan\"", "\"plan release\"", "ship -binding", "rel*", "from:ann", "from:@apache.example",
                "f:bob@apache.example",
                "subject:parser", "subject:binding", "list:users grosse", "l:dev@lists.example.org plan", "list:*@lists.example.org ann",
                "after:2024-04", "before:2024-03",
                "after:2024-03-02 before:2024-03-03", "+1", "-1", "C++", "C", "LUCENE-1234", "LUCENE-123", "@Override", "override",
                "foo_bar", "org.acme.Foo", "Foo",
                "ann@example.org", "plan@x", "parser OR binding", "(parser OR binding) -c++", "größe", "NOT list:dev ann"))
                .extracting(query -> query + ": " + String.join(" ", found(query))).containsExactly(
                        "release: vote@x plan@x", "\"release plan\": vote@x plan@x", "\"plan release\": ", "ship -binding: plan@x",
                        "rel*: user@x vote@x plan@x",
                        "from:ann: user@x plan@x", "from:@apache.example: vote@x", "f:bob@apache.example: vote@x", "subject:parser: code@x",
                        "subject:binding: ",
                        "list:users grosse: user@x", "l:dev@lists.example.org plan: vote@x plan@x",
                        "list:*@lists.example.org ann: user@x code@x plan@x",
                        "after:2024-04: user@x", "before:2024-03: plan@x", "after:2024-03-02 before:2024-03-03: vote@x", "+1: vote@x",
                        "-1: ", "C++: code@x", "C: code@x",
                        "LUCENE-1234: plan@x", "LUCENE-123: ", "@Override: code@x", "override: code@x", "foo_bar: code@x",
                        "org.acme.Foo: code@x", "Foo: code@x",
                        "ann@example.org: user@x code@x plan@x", "plan@x: plan@x", "parser OR binding: code@x vote@x",
                        "(parser OR binding) -c++: vote@x", "größe: user@x",
                        "NOT list:dev ann: user@x");
    }

    @Test
    void a_search_in_a_list_finds_nothing_else() {
        discussion();
        var result = index.search(ANYONE, new SearchRequest("ann", USERS, Order.RELEVANCE, null, 10));
        assertThat(result.hits()).extracting(hit -> hit.post().messageId()).containsExactly("user@x");
        assertThat(index.search(ANYONE, new SearchRequest("-release", DEV, Order.DATE, null, 10)).hits())
                .extracting(hit -> hit.post().messageId())
                .containsExactly("code@x");
    }

    @Test
    void what_was_not_understood_is_said() {
        discussion();
        assertThat(search(ANYONE, "-release").interpretation().notes()).singleElement().asString()
                .contains("must be left out of something");
        assertThat(search(ANYONE, "").interpretation().notes()).containsExactly("There is nothing to search for.");
        assertThat(search(ANYONE, "list:nowhere x").interpretation().notes()).containsExactly("There is no list “nowhere”.");
        assertThat(search(ANYONE, "release (plan").interpretation().query()).isEqualTo("release AND plan");
        assertThat(search(ANYONE, "release").partial()).isFalse();
        assertThat(search(ANYONE, "release").found()).isEqualTo(2);
    }

    @Test
    void a_snippet_shows_the_hit_and_hides_addresses_from_anonymous_readers() {
        discussion();
        var hit = search(ANYONE, "breaks parser").hits().getFirst();
        assertThat(marked(hit.subject())).isEqualTo("[Parser] in C++");
        assertThat(marked(hit.snippet())).contains("[breaks]").contains("Ask a...@example.org!").doesNotContain("ann@");
        assertThat(marked(search(Reader.of(MEMBER), "breaks ann").hits().getFirst().snippet())).contains("[ann]@example.org");
        assertThat(marked(search(ANYONE, "subject:plan from:ann").hits().getFirst().snippet())).startsWith("Shall we ship 1.0?");
    }

    private static String marked(List<Piece> pieces) {
        return pieces.stream().map(piece -> piece.found() ? "[" + piece.text() + "]" : piece.text()).collect(Collectors.joining());
    }

    @ParameterizedTest
    @EnumSource
    void results_go_on_where_they_ended_whatever_came_meanwhile(Order order) {
        for (int i = 0; i < 25; i++) {
            shelf.post(i % 2 == 0 ? DEV : USERS, "2024-03-0" + (1 + i % 5) + "T00:00:00Z",
                    message(i + "@x", "Ann <ann@example.org>", "Same", "common word " + "common ".repeat(i % 3)));
        }
        caughtUp();
        var seen = new ArrayList<String>();
        @Nullable
        Cursor cursor = null;
        do {
            var result = index.search(ANYONE, new SearchRequest("common", null, order, cursor, 4));
            assertThat(result.found()).isGreaterThanOrEqualTo(25);
            result.hits().forEach(hit -> seen.add(hit.post().messageId()));
            cursor = result.next();
            if (seen.size() == 8 && order == Order.DATE) {
                shelf.post(DEV, "2024-05-01T00:00:00Z", message("new@x", "Ann <ann@example.org>", "Same", "common"));
                caughtUp();
            }
        } while (cursor != null);
        assertThat(seen).hasSize(25).doesNotHaveDuplicates();
        assertThatThrownBy(() -> index.search(ANYONE, new SearchRequest("common", null, order, new Cursor("1.2"), 4)))
                .isInstanceOf(Cursor.BadCursor.class);
    }

    @Test
    void better_comes_before_newer_when_relevance_is_wanted() {
        shelf.post(DEV, "2024-03-01T00:00:00Z",
                message("about@x", "Ann <ann@example.org>", "Walrus", "The walrus, the walrus and the walrus."));
        shelf.post(DEV, "2024-03-02T00:00:00Z", message("aside@x", "Ann <ann@example.org>", "Other",
                "Many words about other things and then one walrus among many more words."));
        caughtUp();
        assertThat(index.search(ANYONE, new SearchRequest("walrus", null, Order.RELEVANCE, null, 5)).hits())
                .extracting(hit -> hit.post().messageId())
                .containsExactly("about@x", "aside@x");
        assertThat(found("walrus")).containsExactly("aside@x", "about@x");
    }

    @Test
    void lists_that_may_not_be_read_leak_nothing() {
        discussion();
        shelf.post(PRIVATE, "2024-03-05T00:00:00Z", message("secret@x", "Eve <eve@secret.example>", "Secret", "walrus"));
        shelf.post(HIDDEN, "2024-03-05T00:00:00Z", message("deep@x", "Eve <eve@secret.example>", "Deep", "walrus"));
        caughtUp();
        for (var query : List.of("walrus", "from:eve", "secret@x", "list:private walrus", "list:private@lists.example.org",
                "-x list:private", "after:2024-03-05 before:2024-03-06", "wal*")) {
            var result = search(ANYONE, query);
            assertThat(result.hits()).as(query).isEmpty();
            assertThat(result.found()).as(query).isZero();
        }
        assertThat(search(ANYONE, "list:private walrus").interpretation().notes()).containsExactly("There is no list “private”.");
        assertThat(search(ANYONE, "list:absent walrus").interpretation().notes()).containsExactly("There is no list “absent”.");
        var scoped = index.search(ANYONE, new SearchRequest("walrus", PRIVATE, Order.DATE, null, 5));
        assertThat(scoped.found()).isZero();
        assertThat(scoped.interpretation().notes().toString()).isEqualTo(
                index.search(ANYONE, new SearchRequest("walrus", EmailAddress.parse("absent@lists.example.org"), Order.DATE, null, 5))
                        .interpretation().notes()
                        .toString().replace("absent", "private"));
        assertThat(found(Reader.of(MEMBER), "walrus")).containsExactly("secret@x");
        shelf.testDatabase.sql("update list set archive = 'members' where local_part = 'dev'");
        assertThat(found("release")).as("from now on, whatever the index knows").isEmpty();
    }

    @Test
    void a_redacted_post_vanishes_at_once_and_then_from_the_index() {
        discussion();
        shelf.testDatabase.sql("""
                update post set redacted_at = now(), revision = 1 where message_id = 'vote@x';
                update message set octets = null where id = (select message from post where message_id = 'vote@x')
                """);
        assertThat(found("binding")).isEmpty();
        shelf.testDatabase.sql("update list_head set revision = 1 where list_id = (select id from list where local_part = 'dev')");
        caughtUp();
        assertThat(search(ANYONE, "binding").found()).isZero();
        assertThat(found("release")).containsExactly("plan@x");
    }

    @Test
    void a_changed_post_is_indexed_again() {
        discussion();
        shelf.testDatabase.sql("""
                update post set subject = 'Walrus', revision = 1 where message_id = 'vote@x';
                update list_head set revision = 1 where list_id = (select id from list where local_part = 'dev')
                """);
        await().until(() -> found("subject:walrus").equals(List.of("vote@x")));
        caughtUp();
    }

    @Test
    void a_split_reaches_the_index_with_its_posts_and_a_join_without() {
        discussion();
        var repair = new ThreadRepair(shelf.database);
        assertThat(found("thread:plan@x")).containsExactlyInAnyOrder("plan@x", "vote@x");
        var list = shelf.list(DEV);
        repair.split(list, 2, "", "test");
        await().until(() -> found("thread:plan@x").equals(List.of("plan@x")));
        assertThat(found("thread:vote@x")).containsExactly("vote@x");
        assertThat(found("replies:1..")).isEmpty();
        repair.join(list, 3, 2, "", "test");
        assertThat(found("thread:vote@x")).as("at once").containsExactlyInAnyOrder("vote@x", "code@x");
        assertThat(found("replies:1..")).containsExactlyInAnyOrder("vote@x", "code@x");
        caughtUp();
    }

    @Test
    void closing_and_opening_reads_nothing_again() {
        discussion();
        reopen();
        await().untilAsserted(() -> assertThat(index.status().rebuilding()).isFalse());
        assertThat(found("release")).hasSize(2);
        shelf.post(DEV, "2024-05-01T00:00:00Z", message("later@x", "Ann <ann@example.org>", "Later", "release"));
        caughtUp();
        assertThat(found("release")).containsExactly("later@x", "vote@x", "plan@x");
    }

    @Test
    void the_folder_may_be_deleted_while_nobody_looks() throws IOException {
        discussion();
        index.close();
        delete(folder);
        open();
        caughtUp();
        assertThat(found("release")).hasSize(2);
    }

    @Test
    void the_folder_may_be_deleted_while_it_is_in_use() throws IOException {
        discussion();
        delete(folder);
        shelf.post(DEV, "2024-05-01T00:00:00Z", message("later@x", "Ann <ann@example.org>", "Later", "release"));
        await().atMost(Duration.ofSeconds(20)).until(() -> found("release").size() == 3);
        caughtUp();
        assertThat(folder.resolve("posts-" + Indexed.FORMAT)).isNotEmptyDirectory();
    }

    @ParameterizedTest(name = "{0} of every file")
    @CsvSource({"nothing", "half", "noise"})
    void a_damaged_index_is_made_anew(String left) throws IOException {
        discussion();
        index.close();
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).filter(file -> !file.endsWith("write.lock")).toList()) {
                var octets = Files.readAllBytes(file);
                Files.write(file, switch (left) {
                    case "nothing" -> new byte[0];
                    case "half" -> Arrays.copyOf(octets, octets.length / 2);
                    default -> "no index".repeat(1 + octets.length / 8).getBytes(UTF_8);
                });
            }
        }
        open();
        caughtUp();
        assertThat(found("release")).hasSize(2);
    }

    @Test
    void what_was_not_committed_is_read_again() throws IOException {
        discussion();
        var copy = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-copy").resolve("posts-" + Indexed.FORMAT));
        reopen();
        caughtUp();
        try (var files = Files.list(folder.resolve("posts-" + Indexed.FORMAT))) {
            for (var file : files.filter(file -> !file.endsWith("write.lock")).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        // As after kill -9: the state of the last Lucene commit, and a database that has gone on.
        shelf.post(DEV, "2024-05-01T00:00:00Z", message("later@x", "Ann <ann@example.org>", "Later", "release"));
        try (var other = new LuceneIndex(shelf.database, new ArchiveSettings(copy.getParent())).start()) {
            await().until(() -> other.status().posts() == 5);
            assertThat(other.search(ANYONE, new SearchRequest("release", null, Order.DATE, null, 5)).hits()).hasSize(3);
        } finally {
            delete(copy.getParent());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /// What a fail-over to a standby that had not everything, or a restored backup, looks like.
    @ParameterizedTest(name = "{0} posts vanish, {1} others come")
    @CsvSource({"1,0", "1,1", "1,3", "5,0", "5,2", "5,5", "5,9", "20,0", "20,1", "20,30"})
    void a_tail_that_vanished_is_taken_back_and_read_again(int vanish, int come) {
        shelf.post(USERS, "2024-03-01T00:00:00Z", message("user@x", "Ann <ann@example.org>", "User", "old words"));
        for (int i = 1; i <= 20; i++) {
            shelf.post(DEV, "2024-03-01T00:00:00Z", message("old" + i + "@x", "Ann <ann@example.org>", "Old", "old words"));
        }
        caughtUp();
        index.close();
        int keep = 20 - vanish;
        shelf.testDatabase.sql("""
                delete from post p using list l where l.id = p.list_id and l.local_part = 'dev' and p.seq > %1$d;
                update list_head h set last_seq = %1$d, last_number = %1$d,
                       chain = coalesce((select p.chain from post p where p.list_id = h.list_id and p.seq = %1$d), sha256(''))
                 where h.list_id = (select id from list where local_part = 'dev');
                """.formatted(keep));
        for (int i = 1; i <= come; i++) {
            shelf.post(DEV, "2024-03-01T00:00:00Z", message("new" + i + "@x", "Ann <ann@example.org>", "New", "new words"));
        }
        open();
        caughtUp();
        assertThat(search(ANYONE, "old words").found()).isEqualTo(1 + keep);
        assertThat(search(ANYONE, "new words").found()).isEqualTo(come);
        assertThat(found("list:users old")).containsExactly("user@x");
    }

    @Test
    void a_deleted_list_leaves_the_index() {
        discussion();
        shelf.testDatabase.sql("""
                delete from list_month; delete from thread_message_id;
                delete from post p using list l where l.id = p.list_id and l.local_part = 'users';
                delete from thread t using list l where l.id = t.list_id and l.local_part = 'users';
                delete from list where local_part = 'users'
                """);
        caughtUp();
        assertThat(found("ann")).containsExactly("code@x", "plan@x");
    }

    @Test
    void a_message_that_is_noise_is_found_by_its_subject() {
        shelf.post(DEV, Instant.parse("2024-03-01T00:00:00Z"),
                ("Subject: Walrus\r\nContent-Type: multipart/mixed; boundary=\"\"\r\n\r\n\0\1\2" + "--\n".repeat(1000)).getBytes(UTF_8));
        caughtUp();
        assertThat(search(ANYONE, "walrus").found()).isEqualTo(1);
    }

    @Test
    void no_query_is_an_error() {
        discussion();
        var pieces = new String[]{"(", ")", "\"", "-", "OR ", "NOT ", " ", "release", "b*", "from:", "list:", "before:2024", "+1", "*", "é",
                "\ud83d", "😀", "a@b", "subject:("};
        var random = new Random(2);
        for (int round = 0; round < 500; round++) {
            var typed = new StringBuilder();
            for (int i = random.nextInt(10); i >= 0; i--) {
                typed.append(pieces[random.nextInt(pieces.length)]);
            }
            assertThat(search(ANYONE, typed.toString()).hits()).as(typed.toString()).extracting(Hit::post).doesNotContainNull();
        }
    }

    @Test
    void reindexing_works_beside_a_running_node_and_without_one() throws IOException {
        discussion();
        assertThat(LuceneIndex.reindex(shelf.database, new ArchiveSettings(folder), progress -> {
        })).as("the node does it").isFalse();
        await().until(() -> Files.notExists(folder.resolve("reindex")));
        caughtUp();
        assertThat(found("release")).hasSize(2);
        index.close();
        var steps = new ArrayList<LuceneIndex.Progress>();
        assertThat(LuceneIndex.reindex(shelf.database, new ArchiveSettings(folder), steps::add)).as("it is done here").isTrue();
        assertThat(steps.getLast()).isEqualTo(new LuceneIndex.Progress(4, 4));
        open();
        await().untilAsserted(() -> assertThat(found("release")).hasSize(2));
    }
}
