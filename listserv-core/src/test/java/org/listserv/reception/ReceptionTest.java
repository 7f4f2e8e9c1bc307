package org.listserv.reception;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.posting.Taken;

/// What follows from a received message, over a real database.
class ReceptionTest {
    private static final String HELLO = """
            From: Jane <jane@example.org>
            Subject: Hello
            Message-ID: <%s@example.org>

            Hi.
            """;

    private static Site site;

    @BeforeAll
    static void start() {
        site = new Site();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static String hello(String id) {
        return HELLO.formatted(id);
    }

    @Test
    void a_post_is_numbered_chained_owed_and_counted_in_the_commit_that_is_answered_250() {
        var list = site.list("first");
        site.subscribe(list, "ann@example.net", "bob@example.net");
        assertThat(site.send("jane@example.org", hello("a1"), "first@lists.example.org")).hasToString("250 2.0.0 taken");
        assertThat(site.ask("select last_number || ' ' || last_seq from list_head where list_id = " + list.id())).isEqualTo("1 1");
        assertThat(site.ask("select recipients || ' ' || reverse_path from outgoing where list_id = " + list.id()))
                .isEqualTo("2 first-return-1-{u}@lists.example.org");
        assertThat(site.ask("select recipients || ' ' || done::text from batch where list_id = " + list.id())).isEqualTo("2 00");
        assertThat(site.ask("select posts from list_month where list_id = " + list.id())).isEqualTo("1");
        assertThat(site
                .ask("select convert_from(m.octets, 'UTF8') from message m join post p on p.message = m.id where p.list_id = " + list.id()))
                .isEqualTo(hello("a1").replace("\n", "\r\n"));
        assertThat(site.chain.check(list.id(), _ -> {}).faults()).isEmpty();
    }

    @Test
    void the_same_message_again_is_answered_250_and_not_taken_again_and_the_sighting_is_written() {
        var list = site.list("twice");
        site.send("jane@example.org", hello("b1"), "twice@lists.example.org");
        assertThat(site.send("jane@example.org", hello("b1"), "twice@lists.example.org").code()).isEqualTo(250);
        assertThat(site.ask("select count(*) from post where list_id = " + list.id())).isEqualTo("1");
        assertThat(site.ask("select max(seen) from arrival where list_id = " + list.id())).isEqualTo("2");
    }

    @Test
    void a_copy_that_came_another_way_is_known_by_its_fingerprint() {
        var list = site.list("another-way");
        site.send("jane@example.org", hello("c1"), "another-way@lists.example.org");
        assertThat(site.send("jane@example.org", "Received: by a backup MX\n" + hello("c1"), "another-way@lists.example.org").code())
                .isEqualTo(250);
        assertThat(site.ask("select count(*) from post where list_id = " + list.id())).isEqualTo("1");
    }

    @Test
    void the_same_message_id_with_other_content_is_another_post() {
        var list = site.list("other-content");
        site.send("jane@example.org", hello("d1"), "other-content@lists.example.org");
        site.send("jane@example.org", hello("d1").replace("Hi.", "Ho."), "other-content@lists.example.org");
        assertThat(site.ask("select last_number from list_head where list_id = " + list.id())).isEqualTo("2");
    }

    @Test
    void one_message_to_two_lists_is_one_message_and_two_posts() {
        var one = site.list("one");
        var two = site.list("two");
        site.send("jane@example.org", hello("e1"), "one@lists.example.org", "two@lists.example.org", "ONE@lists.example.org");
        assertThat(site
                .ask("select count(distinct message) || ' ' || count(*) from post where list_id in (%d, %d)".formatted(one.id(), two.id())))
                .isEqualTo("1 2");
    }

    @Test
    void many_posts_at_once_get_numbers_without_gaps_and_a_whole_chain() throws Exception {
        var list = site.list("crowd");
        site.subscribe(list, "ann@example.net");
        try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> posts = IntStream.range(0, 200)
                    .<Callable<Integer>>mapToObj(
                            i -> () -> site.send("jane@example.org", hello("f" + i / 2), "crowd@lists.example.org").code())
                    .toList();
            for (Future<Integer> sent : senders.invokeAll(posts)) {
                assertThat(sent.get()).isIn(250, 451);      // more than 64 waiting may be asked to come back
            }
        }
        for (var i = 0; i < 100; i++) {
            assertThat(site.send("jane@example.org", hello("f" + i), "crowd@lists.example.org").code()).isEqualTo(250);
        }
        assertThat(site.ask("select count(*) || ' ' || max(number) || ' ' || max(seq) from post where list_id = " + list.id()))
                .isEqualTo("100 100 100");
        assertThat(site.ask("select count(*) from batch where list_id = " + list.id())).isEqualTo("100");
        assertThat(site.chain.check(list.id(), _ -> {}).faults()).isEmpty();
    }

    @ParameterizedTest(name = "{0}, from {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            anyone          | stranger@example.com  | posted
            members         | member@example.com    | posted
            members         | digest@example.com    | posted
            members         | allowed@example.com   | posted
            members         | any@friends.example   | posted
            members         | stranger@example.com  | held
            members-or-hold | stranger@example.com  | held
            members-or-hold | denied@example.com    | held
            members-or-hold | moderator@example.com | posted
            moderated       | member@example.com    | held
            moderators-only | moderator@example.com | held
            moderators-only | member@example.com    | held
            """)
    void who_may_post_is_the_posting_setting_and_a_no_is_held_when_the_client_has_the_mail_already(String posting, String from,
            String outcome) {
        var local = "p-" + posting + "-" + from.replaceAll("[@.]", "-");
        var list = site.list(local, "posting", posting);
        site.subscribe(list, "member@example.com");
        site.run("insert into subscription (list_id, kind, address_id) values (%d, 'digest', %s)".formatted(list.id(),
                site.address("digest@example.com")));
        site.run(
                "insert into list_access values (%1$d, 'allow', 'allowed@example.com'), (%1$d, 'allow', '@friends.example'), (%1$d, 'deny', 'denied@example.com')"
                        .formatted(list.id()));
        site.run("insert into list_role values (%d, 'moderator', %s)".formatted(list.id(), site.address("moderator@example.com")));
        // the envelope sender is another, the author decides; and the other way round
        site.send("bounces@esp.example", hello("g1").replace("jane@example.org", from), local + "@lists.example.org");
        assertThat(site.outcomes(list)).containsExactly(outcome);
        site.send(from, hello("g2").replace("jane@example.org", "other@example.com"), local + "@lists.example.org");
        assertThat(site.outcomes(list)).containsExactly(outcome, outcome);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            null reverse-path                | ''               | X-A: b                                                          | discarded
            a vacation answer                | jane@example.org | Auto-Submitted: auto-replied (vacation)                         | discarded
            a commit mail                    | jane@example.org | Auto-Submitted: auto-generated                                  | posted
            a notification                   | jane@example.org | Auto-Submitted: auto-notified; owner-email="a@b.example"         | posted
            bulk                             | jane@example.org | Precedence: bulk                                                | posted
            another list                     | jane@example.org | List-Id: <other.example.net>                                    | posted
            another list run by ezmlm        | jane@example.org | Mailing-List: contact other-help@example.net; run by ezmlm      | posted
            our own copy, by List-Id         | jane@example.org | List-Id: Robots <robots.lists.example.org>                      | discarded
            our own copy, by Delivered-To    | jane@example.org | Delivered-To: mailing list robots@lists.example.org             | discarded
            our own copy, by Mailing-List    | jane@example.org | Mailing-List: contact robots-help@lists.example.org; run by any | discarded
            delivered to somebody            | jane@example.org | Delivered-To: robots@lists.example.org                          | posted
            """)
    void what_robots_write_for_people_is_posted_and_what_they_answer_is_not(String what, String reversePath, String field, String outcome) {
        var list = site.lists.find(org.listserv.mail.EmailAddress.parse("robots@lists.example.org")).orElseGet(() -> site.list("robots"));
        assertThat(site.send(reversePath, field + "\n" + hello("h" + what.hashCode()), "robots@lists.example.org").code()).isEqualTo(250);
        assertThat(site.outcomes(list)).last().asString().startsWith(outcome);
    }

    @Test
    void a_held_message_is_told_to_the_moderators_and_posted_when_one_accepts_it_once() {
        var list = site.list("quiet", "posting", "moderated", "description", "Quiet");
        site.subscribe(list, "ann@example.net");
        site.run("insert into list_role values (%d, 'moderator', %s)".formatted(list.id(), site.address("mod@example.com")));
        site.send("jane@example.org", hello("i1"), "quiet@lists.example.org");

        assertThat(site.ask("select forward_path from batch where list_id = " + list.id())).isEqualTo("mod@example.com");
        var notice = site.ask("select convert_from(octets, 'UTF8') from outgoing where list_id = " + list.id());
        var held = site.held.waiting(java.util.Optional.of(list), 0, 10).getFirst();
        assertThat(notice).contains("Subject: MODERATE for quiet@lists.example.org\r\n", "Auto-Submitted: auto-generated\r\n",
                "the list is moderated",
                "Reply-To: <quiet-accept-" + held.id() + ".", "    Hi.\r\n");

        assertThat(site.held.accept(held.id(), "mod")).isInstanceOfSatisfying(Taken.Done.class,
                done -> assertThat(done.number()).isEqualTo(1));
        assertThat(site.held.accept(held.id(), "other")).isInstanceOfSatisfying(Taken.Decided.class,
                decided -> assertThat(decided.by()).isEqualTo("mod"));
        assertThat(site.held.reject(held.id(), "other", null)).isInstanceOfSatisfying(Taken.Decided.class,
                decided -> assertThat(decided.state()).isEqualTo("accepted"));
        assertThat(site.ask("select count(*) from post where list_id = " + list.id())).isEqualTo("1");
        assertThat(site.ask("select count(*) from outgoing where kind = 'post' and list_id = " + list.id())).isEqualTo("1");
        assertThat(site.ask("select action || ' ' || actor from audit where list_id = %d and action like 'held%%'".formatted(list.id())))
                .isEqualTo("held.accepted mod");
    }

    @Test
    void of_two_decisions_at_the_same_moment_the_second_is_told_what_the_first_was() {
        var list = site.list("hurried", "posting", "moderated");
        site.send("jane@example.org", hello("i2"), "hurried@lists.example.org");
        var held = site.held.waiting(java.util.Optional.of(list), 0, 10).getFirst().id();
        var second = site.database.write(connection -> {
            try (var first = connection.createStatement()) {
                // Decided by another node, which has not committed yet.
                first.execute("""
                        update held_post set state = 'accepted', decided_at = clock_now(), decided_by = 'mod', number = 7 where id = %d
                        """.formatted(held));
                var deciding = CompletableFuture.supplyAsync(() -> site.held.reject(held, "other", null));
                await().until(
                        () -> !site.ask(
                                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
                                .equals("0"));
                return deciding;
            }
        });
        assertThat(second.join()).isEqualTo(new Taken.Decided("accepted", "mod", 7));
        assertThat(site.ask("select state || ' ' || repeats from held_post where id = " + held)).isEqualTo("accepted 1");
    }

    @Test
    void a_rejected_author_is_told_with_the_comment_and_not_by_whom() {
        var list = site.list("strict", "posting", "moderated");
        site.send("jane@example.org", hello("j1"), "strict@lists.example.org");
        var held = site.held.waiting(java.util.Optional.of(list), 0, 10).getFirst();
        site.held.reject(held.id(), "mod@example.com", "Too long.");
        assertThat(site.ask(
                "select convert_from(o.octets, 'UTF8') from outgoing o join batch b on b.outgoing_id = o.id where b.forward_path = 'jane@example.org'"))
                .contains("Subject: Returned post for strict@lists.example.org", "Too long.").doesNotContain("mod@example.com");
    }

    @Test
    void nobody_to_moderate_means_the_owners_and_nobody_at_all_the_postmaster() {
        var owned = site.list("owned", "posting", "moderated");
        site.run("insert into list_role values (%d, 'owner', %s)".formatted(owned.id(), site.address("owner@example.com")));
        site.send("jane@example.org", hello("k1"), "owned@lists.example.org");
        assertThat(site.ask("select forward_path from batch where list_id = " + owned.id())).isEqualTo("owner@example.com");
        var orphan = site.list("orphan", "posting", "moderated");
        site.send("jane@example.org", hello("k2"), "orphan@lists.example.org");
        assertThat(site.ask("select forward_path from batch where list_id = " + orphan.id())).isEqualTo("postmaster@example.org");
    }

    @Test
    void in_session_a_policy_refusal_is_5xx_and_nothing_is_kept() {
        var list = site.list("inline", "posting", "members");
        var replies = site.send(Upstream.INLINE, "ESMTP", "jane@example.org", hello("l1").getBytes(UTF_8), "inline@lists.example.org");
        assertThat(replies.getFirst())
                .hasToString("550 5.7.2 only subscribers may post to inline@lists.example.org, from the address they subscribed");
        assertThat(site.ask("select count(*) from arrival where list_id = " + list.id())).isEqualTo("0");
    }

    @Test
    void where_only_one_of_two_lists_says_no_smtp_takes_it_and_lmtp_answers_each() {
        site.list("open");
        var closed = site.list("members-only", "posting", "members");
        var smtp = site.send(Upstream.INLINE, "ESMTP", "jane@example.org", hello("m1").getBytes(UTF_8), "open@lists.example.org",
                "members-only@lists.example.org");
        assertThat(smtp).extracting(Object::toString).containsExactly("250 2.0.0 taken", "250 2.0.0 taken");
        assertThat(site.outcomes(closed)).containsExactly("held");
        var lmtp = site.send(Upstream.INLINE, "LMTP", "jane@example.org", hello("m2").getBytes(UTF_8), "open@lists.example.org",
                "members-only@lists.example.org");
        assertThat(lmtp).extracting(reply -> reply.code()).containsExactly(250, 550);
    }

    @Test
    void a_list_may_discard_what_it_refuses() {
        var list = site.list("discards", "posting", "members", "refused", "discard");
        assertThat(site.send("jane@example.org", hello("n1"), "discards@lists.example.org").code()).isEqualTo(250);
        assertThat(site.outcomes(list)).singleElement().asString().startsWith("discarded: only subscribers may post");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            max-size     | 100   | held
            max-size     | 1k    | posted
            min-size     | 2     | posted
            min-size     | 100   | held
            reject-types | text  | held
            """)
    void size_and_media_type_are_policy(String setting, String value, String outcome) {
        var list = site.list("s-" + setting + "-" + value, setting, value);
        site.send("jane@example.org", hello("o1") + "x".repeat(50) + "\n", list.address().toString());
        assertThat(site.outcomes(list)).containsExactly(outcome);
    }

    @Test
    void owners_get_owner_mail_and_a_report_about_a_notice_is_dropped() {
        var list = site.list("desk");
        site.run("insert into list_role values (%d, 'owner', %s)".formatted(list.id(), site.address("desk-owner@example.com")));
        site.send("jane@example.org", hello("p1"), "desk-owner@lists.example.org");
        site.send("", hello("p3"), "desk-unsubscribe@lists.example.org");
        site.send("", hello("p4"), "desk-return-@lists.example.org");
        assertThat(site.ask("select count(*) || ' ' || min(forward_path) from batch where list_id = " + list.id()))
                .isEqualTo("1 desk-owner@example.com");
        assertThat(site.ask("select reverse_path from outgoing where list_id = " + list.id())).isEqualTo("desk-return-@lists.example.org");
    }

    @Test
    void postmaster_and_abuse_of_every_domain_reach_the_postmaster() {
        for (var who : List.of("postmaster", "abuse", "PostMaster")) {
            assertThat(site.send("jane@example.org", hello("r-" + who), who + "@lists.example.org").code()).isEqualTo(250);
        }
        assertThat(site.ask("select count(*) from batch where list_id = 0 and forward_path = 'postmaster@example.org'")).isEqualTo("3");
    }

    @ParameterizedTest(name = "RCPT TO:<{0}>: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            known@lists.example.org           | 250 2.1.5
            KNOWN@Lists.Example.ORG           | 250 2.1.5
            known-owner@lists.example.org     | 250 2.1.5
            known-subscribe@lists.example.org | 250 2.1.5
            postmaster@lists.example.org      | 250 2.1.5
            nobody@lists.example.org          | 550 5.1.1
            known@elsewhere.example           | 550 5.1.1
            shut@lists.example.org            | 550 5.2.1
            shut-owner@lists.example.org      | 250 2.1.5
            """)
    void a_recipient_is_known_or_refused_at_once(String recipient, String reply) {
        if (site.lists.find(org.listserv.mail.EmailAddress.parse("known@lists.example.org")).isEmpty()) {
            site.list("known");
            site.list("shut", "state", "closed");
        }
        var said = site.reception(Upstream.QUEUED).recipient(new Client("192.0.2.1", "mx", "ESMTP"),
                new org.listserv.mail.ReversePath.Null(),
                org.listserv.mail.EmailAddress.parse(recipient));
        assertThat(said.toString()).startsWith(reply);
    }
}
