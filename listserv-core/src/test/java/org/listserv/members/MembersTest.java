package org.listserv.members;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.lists.Progress;
import org.listserv.mail.EmailAddress;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

class MembersTest {
    private static TestDatabase test;
    private static WakeUps wakeUps;
    private Members members;
    private MailingList dev;
    private MailingList user;

    @BeforeAll
    static void open() {
        test = TestDatabase.fresh();
        wakeUps = new WakeUps(test.settings());
    }

    @AfterAll
    static void close() {
        wakeUps.close();
        test.close();
    }

    @BeforeEach
    void two_lists() {
        test.clear();
        members = new Members(test.database());
        var lists = new Lists(test.database(), wakeUps);
        lists.createDomain("lists.example.org", "root");
        dev = list(lists, "dev@lists.example.org");
        user = list(lists, "user@lists.example.org");
    }

    @Test
    void people_are_added_once_however_often_they_are_named() {
        assertThat(add("ann@example.org", "Bob@example.org", "ANN@Example.org")).isEqualTo(new Enrolled(2, 1, List.of()));
        assertThat(add("ann@example.org", "bob@example.org")).isEqualTo(new Enrolled(0, 2, List.of()));
        assertThat(addresses(MemberSet.MAIN)).containsExactly("ann@example.org", "Bob@example.org");
    }

    @Test
    void a_line_that_is_no_address_is_reported_with_its_number_and_the_others_go_in() {
        var enrolled = add("# our people", "ann@example.org", "", "not an address", "  bob@example.org  ", "@example.org");
        assertThat(enrolled.changed()).isEqualTo(2);
        assertThat(enrolled.problems()).extracting(Enrolled.Problem::line).containsExactly(4L, 6L);
        assertThat(enrolled.problems().getFirst()).hasToString("line 4: address has no @: not an address");
    }

    @Test
    void main_and_digest_are_two_subscriptions_that_may_both_stand() {
        add("ann@example.org");
        members.add(dev, MemberSet.DIGEST, null, List.of("ann@example.org"), "root", Progress.NONE);
        var about = members.about(EmailAddress.parse("ann@example.org")).orElseThrow();
        assertThat(about.subscriptions()).extracting(About.Subscribed::list, About.Subscribed::set).containsExactlyInAnyOrder(
                org.assertj.core.groups.Tuple.tuple("dev@lists.example.org", MemberSet.MAIN),
                org.assertj.core.groups.Tuple.tuple("dev@lists.example.org", MemberSet.DIGEST));
        members.remove(dev, MemberSet.DIGEST, List.of("ann@example.org"), "root", Progress.NONE);
        assertThat(members.counts(dev.id())).isEqualTo(new Counts(1, 0, 0, 0, 0, 0));
    }

    @Test
    void a_mode_changes_only_when_it_is_given() {
        members.add(dev, MemberSet.MAIN, Mode.NONE, List.of("ann@example.org"), "root", Progress.NONE);
        assertThat(add("ann@example.org").unchanged()).isEqualTo(1);
        assertThat(members.recipients(dev.id())).isEmpty();
        assertThat(members.add(dev, MemberSet.MAIN, Mode.EACH, List.of("ann@example.org"), "root", Progress.NONE).changed()).isEqualTo(1);
        assertThat(members.recipients(dev.id())).hasSize(1);
    }

    @Test
    void whoever_comes_back_gets_another_id() {
        add("ann@example.org");
        long before = members.recipients(dev.id())[0];
        assertThat(remove("ANN@example.org", "nobody@example.org")).isEqualTo(new Enrolled(1, 1, List.of()));
        add("ann@example.org");
        assertThat(members.recipients(dev.id())[0]).isGreaterThan(before);
    }

    @Test
    void copies_go_to_active_subscribers_of_the_main_list_who_want_each_post_in_ascending_order() {
        add("ann@example.org", "bob@example.org", "eve@example.org", "joe@example.org");
        members.add(dev, MemberSet.MAIN, Mode.NONE, List.of("bob@example.org"), "root", Progress.NONE);
        members.add(dev, MemberSet.DIGEST, null, List.of("dig@example.org"), "root", Progress.NONE);
        members.add(user, MemberSet.MAIN, null, List.of("usr@example.org"), "root", Progress.NONE);
        test.sql("update subscription s set state = 'suspended' from address a where a.id = s.address_id and normal = 'eve@example.org'");
        assertThat(members.recipients(dev.id())).hasSize(2).isSorted();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', textBlock = """
            sub@example.org                    | subscriber
            SUB@Example.org                    | subscriber
            suspended@example.org              | subscriber
            holiday@example.org                | subscriber
            digest@example.org                 | subscriber
            allowed@example.org                | allowed
            anyone@friends.example             | allowed
            anyone@FRIENDS.example             | allowed
            anyone@sub.friends.example         | a stranger
            denied@example.org                 | denied
            anyone@spam.example                | denied
            mod@example.org                    | moderator
            postmod@example.org                | moderator
            submod@example.org                 | a stranger
            owner@example.org                  | owner
            elsewhere@example.org              | a stranger
            nobody@example.org                 | a stranger
            nobody@example.org sub@example.org | subscriber
            denied@example.org sub@example.org | subscriber, denied
            """)
    void what_a_list_knows_of_a_writer(String addresses, String what) {
        add("sub@example.org", "suspended@example.org");
        members.add(dev, MemberSet.MAIN, Mode.NONE, List.of("holiday@example.org"), "root", Progress.NONE);
        members.add(dev, MemberSet.DIGEST, null, List.of("digest@example.org"), "root", Progress.NONE);
        members.add(dev, MemberSet.ALLOW, null, List.of("allowed@example.org", "@friends.example"), "root", Progress.NONE);
        members.add(dev, MemberSet.DENY, null, List.of("denied@example.org", "@spam.example"), "root", Progress.NONE);
        members.grant(dev, Role.MODERATOR, List.of("mod@example.org"), "root");
        members.grant(dev, Role.POST_MODERATOR, List.of("postmod@example.org"), "root");
        members.grant(dev, Role.SUBSCRIPTION_MODERATOR, List.of("submod@example.org"), "root");
        members.grant(dev, Role.OWNER, List.of("owner@example.org"), "root");
        members.add(user, MemberSet.MAIN, null, List.of("elsewhere@example.org"), "root", Progress.NONE);
        test.sql(
                "update subscription s set state = 'suspended' from address a where a.id = s.address_id and normal = 'suspended@example.org'");
        var standing = members.standing(dev.id(), List.of(addresses.split(" ")).stream().map(EmailAddress::parse).toList());
        assertThat(words(standing)).isEqualTo(what);
    }

    @Test
    void nobody_is_a_stranger() {
        assertThat(members.standing(dev.id(), List.of())).isEqualTo(Standing.STRANGER);
    }

    @Test
    void roles_are_given_and_taken_back_and_need_no_subscription() {
        assertThat(members.grant(dev, Role.OWNER, List.of("Olga <olga@example.org>"), "root").changed()).isEqualTo(1);
        assertThat(members.grant(dev, Role.OWNER, List.of("olga@example.org"), "root").unchanged()).isEqualTo(1);
        members.grant(dev, Role.MODERATOR, List.of("olga@example.org", "max@example.org"), "root");
        members.grant(dev, Role.POST_MODERATOR, List.of("max@example.org"), "root");
        assertThat(members.withRole(dev.id(), Set.of(Role.MODERATOR, Role.POST_MODERATOR))).extracting(EmailAddress::toString)
                .containsExactly("max@example.org", "olga@example.org");
        assertThat(members.counts(dev.id())).isEqualTo(new Counts(0, 0, 0, 0, 1, 2));
        assertThat(members.revoke(dev, Role.OWNER, List.of("OLGA@example.org"), "root").changed()).isEqualTo(1);
        assertThat(members.withRole(dev.id(), Set.of(Role.OWNER))).isEmpty();
    }

    @Test
    void everything_about_an_address_is_shown_from_all_lists() {
        add("Ann Lee <Ann@example.org>");
        members.add(user, MemberSet.DIGEST, null, List.of("ann@example.org"), "root", Progress.NONE);
        members.add(user, MemberSet.DENY, null, List.of("@example.org"), "root", Progress.NONE);
        members.grant(user, Role.OWNER, List.of("ann@example.org"), "root");
        var about = members.about(EmailAddress.parse("ANN@example.org")).orElseThrow();
        assertThat(about.mailbox()).isEqualTo("Ann@example.org");
        assertThat(about.subscriptions()).extracting(About.Subscribed::list).containsExactly("dev@lists.example.org",
                "user@lists.example.org");
        assertThat(about.subscriptions().getFirst().name()).isEqualTo("Ann Lee");
        assertThat(about.roles()).extracting(About.HasRole::list, About.HasRole::role)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("user@lists.example.org", Role.OWNER));
        assertThat(about.access()).extracting(About.HasAccess::pattern).containsExactly("@example.org");
        assertThat(members.about(EmailAddress.parse("stranger@example.net"))).isEmpty();
    }

    @Test
    void a_long_set_comes_in_pages_that_miss_nobody_and_repeat_nobody() {
        add(IntStream.range(0, 25).mapToObj("p%d@example.org"::formatted).toArray(String[]::new));
        members.add(dev, MemberSet.ALLOW, null, IntStream.range(0, 25).mapToObj("@d%d.example"::formatted).toList(), "root", Progress.NONE);
        for (var set : List.of(MemberSet.MAIN, MemberSet.ALLOW)) {
            var seen = new ArrayList<String>();
            Optional<String> next = Optional.empty();
            do {
                var page = members.page(dev.id(), set, next, 10);
                page.rows().forEach(member -> seen.add(member.address()));
                next = page.next();
            } while (next.isPresent());
            assertThat(seen).hasSize(25).doesNotHaveDuplicates();
        }
    }

    @Test
    void what_changed_is_written_down_with_all_its_addresses() {
        add("ann@example.org", "bob@example.org");
        add("bob@example.org");
        remove("bob@example.org");
        assertThat(test.database().<List<String>>read(c -> {
            var lines = new ArrayList<String>();
            var rows = c.createStatement()
                    .executeQuery("select action, subject, after from audit where action like 'member.%' order by id");
            while (rows.next()) {
                lines.add(rows.getString(1) + ": " + rows.getString(2) + " " + rows.getString(3));
            }
            return lines;
        })).containsExactly(
                "member.add: 2 addresses in main of dev@lists.example.org {\"addresses\": [\"ann@example.org\", \"bob@example.org\"]}",
                "member.remove: bob@example.org in main of dev@lists.example.org {\"addresses\": [\"bob@example.org\"]}");
    }

    @Test
    void two_imports_of_the_same_people_in_opposite_order_neither_dead_lock_nor_lose_anyone() throws Exception {
        var people = IntStream.range(0, 5_000).mapToObj("p%d@example.org"::formatted).toList();
        try (var both = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = both.submit(() -> members.add(dev, MemberSet.MAIN, null, people, "root", Progress.NONE));
            var two = both.submit(() -> members.add(dev, MemberSet.MAIN, null, people.reversed(), "root", Progress.NONE));
            var three = both.submit(() -> members.add(user, MemberSet.MAIN, null, people.reversed(), "root", Progress.NONE));
            assertThat(one.get().changed() + two.get().changed()).isEqualTo(5_000);
            assertThat(three.get().changed()).isEqualTo(5_000);
        }
        assertThat(members.counts(dev.id()).main()).isEqualTo(5_000);
        assertThat(members.counts(user.id()).main()).isEqualTo(5_000);
    }

    private Enrolled add(String... lines) {
        return members.add(dev, MemberSet.MAIN, null, List.of(lines), "root", Progress.NONE);
    }

    private Enrolled remove(String... lines) {
        return members.remove(dev, MemberSet.MAIN, List.of(lines), "root", Progress.NONE);
    }

    private List<String> addresses(MemberSet set) {
        return members.page(dev.id(), set, Optional.empty(), 1000).rows().stream().map(Member::address).toList();
    }

    private static MailingList list(Lists lists, String address) {
        lists.create(EmailAddress.parse(address), Map.of(), "root");
        return lists.existing(EmailAddress.parse(address));
    }

    private static String words(Standing standing) {
        var words = new ArrayList<String>();
        if (standing.subscriber()) {
            words.add("subscriber");
        }
        if (standing.allowed()) {
            words.add("allowed");
        }
        if (standing.denied()) {
            words.add("denied");
        }
        if (standing.moderator()) {
            words.add("moderator");
        }
        if (standing.owner()) {
            words.add("owner");
        }
        return words.isEmpty() ? "a stranger" : String.join(", ", words);
    }
}
