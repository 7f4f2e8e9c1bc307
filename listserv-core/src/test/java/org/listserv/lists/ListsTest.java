package org.listserv.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.listserv.mail.EmailAddress;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

class ListsTest {
    private static final EmailAddress DEV = EmailAddress.parse("dev@lists.example.org");

    private static TestDatabase test;
    private WakeUps wakeUps;
    private Lists lists;

    @BeforeAll
    static void openDatabase() {
        test = TestDatabase.fresh();
    }

    @AfterAll
    static void closeDatabase() {
        test.close();
    }

    @BeforeEach
    void open() {
        test.clear();
        wakeUps = new WakeUps(test.settings());
        lists = new Lists(test.database(), wakeUps);
    }

    @AfterEach
    void close() {
        wakeUps.close();
    }

    @Test
    void a_domain_can_be_made_twice_and_removed_twice() {
        assertThat(lists.createDomain("Lists.Example.ORG", "root")).isEqualTo(Change.CREATED);
        assertThat(lists.createDomain("lists.example.org", "root")).isEqualTo(Change.UNCHANGED);
        assertThat(lists.domains()).extracting(MailDomain::name).containsExactly("lists.example.org");
        assertThat(lists.deleteDomain("lists.example.org", "root")).isEqualTo(Change.DELETED);
        assertThat(lists.deleteDomain("lists.example.org", "root")).isEqualTo(Change.UNCHANGED);
        assertThat(audit()).containsExactly("root domain.create lists.example.org", "root domain.delete lists.example.org");
    }

    @Test
    void a_domain_is_the_same_in_both_of_its_spellings() {
        lists.createDomain("bücher.example", "root");
        assertThat(lists.createDomain("xn--bcher-kva.example", "root")).isEqualTo(Change.UNCHANGED);
        lists.create(EmailAddress.parse("neu@bücher.example"), Map.of(), "root");
        assertThat(lists.find(EmailAddress.parse("neu@xn--bcher-kva.example"))).isPresent();
    }

    @Test
    void what_is_no_domain_is_refused() {
        assertThatThrownBy(() -> lists.createDomain("not a domain", "root")).isInstanceOf(RefusedChange.class);
        assertThatThrownBy(() -> lists.createDomain("[192.0.2.1]", "root")).isInstanceOf(RefusedChange.class);
    }

    @Test
    void a_domain_with_lists_stays() {
        dev();
        assertThatThrownBy(() -> lists.deleteDomain("lists.example.org", "root"))
                .isInstanceOf(RefusedChange.class)
                .hasMessage("lists.example.org has 1 list: delete them first");
    }

    @Test
    void a_new_list_has_the_defaults_that_its_table_has() {
        var list = dev();
        test.sql("insert into list (domain_id, local_part) select id, 'bare' from domain");
        test.sql("insert into list_head (list_id, chain) select id, sha256('') from list where local_part = 'bare'");
        var bare = lists.existing(EmailAddress.parse("bare@lists.example.org"));
        assertThat(list.settings()).isEqualTo(bare.settings());
        for (var setting : Setting.values()) {
            assertThat(setting.text(list.settings())).isEqualTo(setting.defaultText());
        }
    }

    @Test
    void a_list_is_made_set_and_shown() {
        dev();
        assertThat(lists.create(DEV, Map.of(), "root")).isEqualTo(Change.UNCHANGED);
        assertThat(lists.create(DEV, Map.of("description", "Development"), "root")).isEqualTo(Change.CHANGED);
        assertThat(lists.set(DEV, Map.of("posting", "anyone", "max-size", "2MB"), "root")).isEqualTo(Change.CHANGED);
        assertThat(lists.set(DEV, Map.of("posting", "anyone", "max-size", "2097152"), "root")).isEqualTo(Change.UNCHANGED);
        var list = lists.existing(EmailAddress.parse("DEV@Lists.Example.org"));
        assertThat(list.settings().description()).isEqualTo("Development");
        assertThat(list.settings().posting()).isEqualTo(ListSettings.Posting.ANYONE);
        assertThat(list.settings().maxSize()).isEqualTo(2 * 1024 * 1024);
        assertThat(lists.byId(list.id())).contains(list);
    }

    @Test
    void every_setting_can_be_set_and_is_there_when_read_again() {
        dev();
        var given = Map.ofEntries(Map.entry("state", "closed"), Map.entry("description", "d"), Map.entry("language", "de"),
                Map.entry("prefix", "[x]"), Map.entry("footer", "one\ntwo"), Map.entry("reply-to", "a@b.example"),
                Map.entry("posting", "moderated"),
                Map.entry("refused", "discard"), Map.entry("subscribing", "closed"), Map.entry("unsubscribing", "open"),
                Map.entry("archive", "off"), Map.entry("max-size", "3"), Map.entry("min-size", "2"),
                Map.entry("remove-headers", "Sender,X-A"),
                Map.entry("add-headers", "X-B: 1\nX-C: 2"), Map.entry("reject-types", "image"),
                Map.entry("remove-types", "text/html,video"),
                Map.entry("digest-count", "4"), Map.entry("digest-size", "5"), Map.entry("digest-hours", "6"),
                Map.entry("hold-hours", "25"),
                Map.entry("verp", "on"), Map.entry("personal", "footer"), Map.entry("remote-admin", "off"), Map.entry("member-list", "off"),
                Map.entry("text-editing", "off"), Map.entry("retrieval", "members"), Map.entry("confirm-posts", "on"),
                Map.entry("timed-out", "return"),
                Map.entry("flood-limit", "7"));
        assertThat(given.keySet()).containsExactlyInAnyOrderElementsOf(
                java.util.Arrays.stream(Setting.values()).map(Setting::key).toList());
        lists.set(DEV, given, "root");
        var settings = lists.existing(DEV).settings();
        given.forEach((key, value) -> assertThat(Setting.of(key).text(settings)).as(key).isEqualTo(value));
    }

    @Test
    void what_changed_is_written_down_with_before_and_after() {
        dev();
        lists.set(DEV, Map.of("posting", "anyone", "hold-hours", "120"), "root@node1");
        assertThat(test.database().<String>read(c -> {
            var rows = c.createStatement().executeQuery("select actor, before, after from audit where action = 'list.set'");
            rows.next();
            return rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3);
        })).isEqualTo("root@node1 {\"posting\": \"members-or-hold\"} {\"posting\": \"anyone\"}");
    }

    @Test
    void a_wrong_setting_changes_nothing() {
        dev();
        assertThatThrownBy(() -> lists.set(DEV, Map.of("posting", "anyone", "hold-hours", "1"), "root"))
                .isInstanceOf(SettingException.class);
        assertThat(lists.existing(DEV).settings().posting()).isEqualTo(ListSettings.Posting.MEMBERS_OR_HOLD);
    }

    @Test
    void a_list_needs_its_domain() {
        assertThatThrownBy(() -> lists.create(DEV, Map.of(), "root"))
                .isInstanceOf(RefusedChange.class)
                .hasMessage("there is no mail domain lists.example.org: `listserv domain create lists.example.org` makes it one");
    }

    @Test
    void of_two_names_that_stand_in_each_others_way_only_one_is_made_even_at_the_same_time() throws Exception {
        lists.createDomain("lists.example.org", "root");
        var refused = new ArrayList<String>();
        try (var both = Executors.newVirtualThreadPerTaskExecutor()) {
            var made = List.of("dev", "dev-subscribe").stream()
                    .map(name -> both.submit(() -> lists.create(new EmailAddress(name, "lists.example.org"), Map.of(), "root")))
                    .toList();
            for (var one : made) {
                try {
                    one.get();
                } catch (java.util.concurrent.ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOf(RefusedChange.class);
                    refused.add(e.getCause().getMessage());
                }
            }
        }
        assertThat(refused).hasSize(1);
        assertThat(lists.all()).hasSize(1);
    }

    @Test
    void two_nodes_that_make_the_same_list_make_it_once() throws Exception {
        lists.createDomain("lists.example.org", "root");
        try (var all = Executors.newVirtualThreadPerTaskExecutor()) {
            var made = java.util.stream.IntStream.range(0, 8).mapToObj(i -> all.submit(() -> lists.create(DEV, Map.of(), "root"))).toList();
            var changes = new ArrayList<Change>();
            for (var one : made) {
                changes.add(one.get());
            }
            assertThat(changes).containsOnlyOnce(Change.CREATED);
        }
    }

    @Test
    void lists_are_listed_by_domain_and_name_and_in_pages() {
        dev();
        lists.createDomain("a.example", "root");
        for (var name : List.of("zebra@a.example", "ape@a.example", "user@lists.example.org")) {
            lists.create(EmailAddress.parse(name), Map.of("description", "About " + name), "root");
        }
        assertThat(lists.all()).extracting(l -> l.address().toString())
                .containsExactly("ape@a.example", "zebra@a.example", "dev@lists.example.org", "user@lists.example.org");
        var first = lists.page(Optional.empty(), 3);
        assertThat(first).hasSize(3);
        assertThat(lists.page(Optional.of(first.getLast().address()), 3)).extracting(ListSummary::description)
                .containsExactly("About user@lists.example.org");
    }

    @Test
    void what_another_node_changes_is_seen_within_a_second() {
        var list = dev();
        try (var otherWakeUps = new WakeUps(test.settings())) {
            lists.followingOthers();
            await().until(wakeUps::isListening);
            lists.byId(list.id());
            new Lists(test.database(), otherWakeUps).set(DEV, Map.of("posting", "anyone"), "root");
            await().atMost(Duration.ofSeconds(1))
                    .until(() -> lists.byId(list.id()).orElseThrow().settings().posting() == ListSettings.Posting.ANYONE);
        }
    }

    @Test
    void a_list_without_posts_goes_and_can_come_again_with_another_id() {
        var first = dev();
        assertThat(lists.delete(DEV, "root")).isEqualTo(Change.DELETED);
        assertThat(lists.delete(DEV, "root")).isEqualTo(Change.UNCHANGED);
        assertThat(lists.find(DEV)).isEmpty();
        assertThat(dev().id()).isGreaterThan(first.id());
    }

    @Test
    void a_list_with_posts_stays_unless_its_archive_is_meant_too() {
        var list = dev();
        posts(list, 2_500);
        assertThatThrownBy(() -> lists.delete(DEV, "root"))
                .isInstanceOf(RefusedChange.class)
                .hasMessageContaining("dev@lists.example.org has 2500 posts")
                .hasMessageContaining("state=closed");
        var seen = new ArrayList<Long>();
        assertThat(lists.deleteWithArchive(DEV, "root", seen::add)).isEqualTo(Change.DELETED);
        assertThat(seen).containsExactly(1000L, 2000L, 2500L);
        assertThat(lists.find(DEV)).isEmpty();
        assertThat(count("post")).isZero();
        assertThat(count("thread")).isZero();
        assertThat(count("batch")).isZero();
        assertThat(count("message")).as("the one another list has too").isEqualTo(1);
    }

    @Test
    void a_list_with_messages_that_wait_for_a_moderator_stays() {
        var list = dev();
        test.sql("""
                insert into message (size, sha256, source, received_at) values (0, sha256(''), 'smtp', now());
                insert into held_post (list_id, message, reasons, held_at, expires_at)
                select %d, id, '{why}', now(), now() from message""".formatted(list.id()));
        assertThatThrownBy(() -> lists.delete(DEV, "root")).isInstanceOf(RefusedChange.class).hasMessageContaining("wait for a moderator");
    }

    private MailingList dev() {
        lists.createDomain("lists.example.org", "root");
        lists.create(DEV, Map.of(), "root");
        return lists.existing(DEV);
    }

    private void posts(MailingList list, int posts) {
        lists.create(EmailAddress.parse("other@lists.example.org"), Map.of(), "root");
        test.sql("""
                with m as (insert into message (size, sha256, source, received_at)
                           select 0, sha256(i::text::bytea), 'smtp', now() from generate_series(1, %2$d) i returning id, sha256),
                     t as (insert into thread (list_id) values (%1$d) returning id)
                insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, thread_id, size, filed_at)
                select %1$d, row_number() over (order by m.id), row_number() over (order by m.id), m.id, m.sha256, m.sha256, m.id, m.id, t.id, 0, now()
                  from m, t;
                update list_head set last_seq = %2$d, last_number = %2$d where list_id = %1$d;
                insert into thread (list_id, merged_into) select list_id, id from thread;
                insert into legacy_id select 'mod_mbox', seq::text, list_id, seq from post where seq %% 100 = 0;
                insert into outgoing (kind, list_id, number, message, reverse_path, recipients, accepted_at)
                select 'post', list_id, number, message, 'r', 1, now() from post where seq > %2$d - 5;
                insert into batch (outgoing_id, list_id, small, forward_path, recipients, done, deferred, next_attempt_at)
                select id, list_id, true, 'a@b.example', 1, b'0', b'0', now() from outgoing;
                insert into held_post (list_id, message, reasons, held_at, expires_at)
                select l.id, p.message, '{why}', now(), now() from list l, post p where l.local_part = 'other' and p.seq = 7;
                """.formatted(list.id(), posts));
    }

    private long count(String table) {
        return test.database().<Long>read(c -> {
            var rows = c.createStatement().executeQuery("select count(*) from " + table);
            rows.next();
            return rows.getLong(1);
        });
    }

    private List<String> audit() {
        return test.database().read(c -> {
            var lines = new ArrayList<String>();
            var rows = c.createStatement().executeQuery("select actor, action, subject from audit order by id");
            while (rows.next()) {
                lines.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
            }
            return lines;
        });
    }
}
