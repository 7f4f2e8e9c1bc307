package org.listserv.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.lists.MailingList;
import org.listserv.moderation.HeldPosts.HeldPost;
import org.listserv.moderation.HeldTimeouts;
import org.listserv.reception.Site;
import org.listserv.smtp.MailSite;

/// Posts decided about by mail. Numbers in names are rows of docs/ezmlm-compatibility.md.
class ModerationByMailTest {
    private static MailSite site;
    private static int lists;

    @BeforeAll
    static void start() {
        site = new MailSite();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    /// A list whose posts wait for one moderator.
    private static MailingList moderated(String... more) {
        var settings = new ArrayList<>(List.of("posting", "moderated"));
        settings.addAll(List.of(more));
        var list = site.list("m" + ++lists, settings.toArray(String[]::new));
        site.role(list, "moderator", moderator(list));
        site.subscribe(list, "reader@readers.example");
        return list;
    }

    private static String moderator(MailingList list) {
        return "mod-" + list.localPart() + "@mods.example";
    }

    private static Site.Letter posted(MailingList list, String subject) {
        site.send("author@authors.example", """
                From: Author <author@authors.example>
                To: %s
                Subject: %s
                Message-ID: <%s-%s@authors.example>

                First line.
                %s
                """.formatted(list.address(), subject, list.localPart(), subject, "more\n".repeat(25)), list.address().toString());
        return site.lastLetter(moderator(list));
    }

    /// `L-reject-...`, the author of the letter to a moderator.
    private static String reject(Site.Letter letter) {
        return letter.field("From");
    }

    private static List<Site.Letter> copies(MailingList list) {
        return site.copies("reader@readers.example").stream().filter(copy -> copy.reversePath().startsWith(list.localPart() + "-"))
                .toList();
    }

    private static String posts(MailingList list) {
        return site.ask("select last_number from list_head where list_id = " + list.id());
    }

    private static String state(MailingList list) {
        return site.ask("select string_agg(state, ' ' order by id) from held_post where list_id = " + list.id());
    }

    @Test
    void row_2_5_03_row_2_5_04_row_2_5_05_row_2_5_06_row_2_5_07_moderators_see_reason_beginning_and_all_of_a_post_and_where_to_answer() {
        var list = moderated();
        var letter = posted(list, "look");
        assertThat(letter.subject()).isEqualTo("MODERATE for " + list.address());
        assertThat(letter.reversePath()).isEqualTo(list.localPart() + "-return-@lists.example.org");
        assertThat(letter.field("From")).matches(list.localPart() + "-reject-\\d+\\.[a-z2-7]{26}@lists\\.example\\.org");
        assertThat(letter.replyTo()).matches(list.localPart() + "-accept-\\d+\\.[a-z2-7]{26}@lists\\.example\\.org");
        assertThat(letter.field("To")).isEqualTo("<" + list.localPart() + "-moderators@lists.example.org>");
        assertThat(letter.field("Cc"))
                .matches("<" + list.localPart() + "-allow-tc\\.[a-z2-7]{26}-author=authors\\.example@lists\\.example\\.org>");
        assertThat(letter.field("Auto-Submitted")).isEqualTo("auto-generated");
        assertThat(letter.text()).contains("the list is moderated").contains("    First line.").contains("Content-Type: message/rfc822");
        assertThat(Pattern.compile("(?m)^    more$").matcher(letter.text().replace("\r", "")).results().count()).isEqualTo(19);
        assertThat(posts(list)).isEqualTo("0");
    }

    @Test
    void row_2_5_08_row_2_12_14_row_2_12_16_a_reply_accepts_and_every_subscriber_gets_it_as_if_its_author_had_just_sent_it() {
        var list = moderated();
        var letter = posted(list, "reply");
        site.mail(moderator(list), letter.replyTo(), "Re: " + letter.subject(), "fine\n");
        assertThat(posts(list)).isEqualTo("1");
        assertThat(state(list)).isEqualTo("accepted");
        assertThat(copies(list)).singleElement().satisfies(copy -> {
            assertThat(copy.reversePath()).isEqualTo(list.localPart() + "-return-1-reader=readers.example@lists.example.org");
            assertThat(copy.text()).contains("First line.");
        });
        assertThat(site.ask("select author_address from post where list_id = " + list.id())).isEqualTo("author@authors.example");
        assertThat(site.ask("select actor from audit where action = 'held.accepted' and list_id = " + list.id()))
                .isEqualTo(moderator(list));
    }

    @Test
    void row_2_5_09_row_2_12_08_a_reply_to_all_accepts_allows_and_does_not_reject() {
        var list = moderated();
        var letter = posted(list, "all");
        var allow = letter.field("Cc").replaceAll("[<>]", "");
        var mail = "From: %s\nTo: %s, %s\nCc: %s, %s\nMessage-ID: <all-%s@mods.example>\nSubject: Re: MODERATE\n\nok\n".formatted(
                moderator(list),
                letter.replyTo(), reject(letter), letter.field("To"), allow, list.localPart());
        site.send(moderator(list), mail, reject(letter), letter.replyTo(), list.localPart() + "-moderators@lists.example.org", allow);
        assertThat(posts(list)).isEqualTo("1");
        assertThat(state(list)).isEqualTo("accepted");
        assertThat(site.members(list, "allow")).isEqualTo("author@authors.example");
        assertThat(site.letters("author@authors.example").stream().filter(one -> one.text().contains(list.localPart() + "@"))).isEmpty();
        assertThat(site.letters(moderator(list))).extracting(Site.Letter::text).anyMatch(text -> text.contains("The post was accepted"));
    }

    @Test
    void row_2_12_08b_the_same_when_a_mail_server_sends_each_recipient_by_itself_and_the_rejecting_one_first() {
        var list = moderated();
        var letter = posted(list, "apart");
        var mail = "From: %s\nTo: %s, %s\nMessage-ID: <apart-%s@mods.example>\n\nok\n".formatted(moderator(list), letter.replyTo(),
                reject(letter),
                list.localPart());
        site.send(moderator(list), mail, reject(letter));
        site.send(moderator(list), mail, letter.replyTo());
        assertThat(state(list)).isEqualTo("accepted");
    }

    @Test
    void row_2_5_11_a_rejection_goes_back_to_the_author_with_the_comment_and_without_the_moderator() {
        var list = moderated();
        var letter = posted(list, "reject");
        site.mail(moderator(list), reject(letter), "Re: MODERATE", """
                hello
                > %%% please
                > Please ask on
                > the other list.
                >
                > Thanks.
                > %%%
                > more
                """);
        assertThat(posts(list)).isEqualTo("0");
        assertThat(state(list)).isEqualTo("rejected");
        var returned = site.lastLetter("author@authors.example");
        assertThat(returned.subject()).isEqualTo("Returned post for " + list.address());
        assertThat(returned.field("From")).isEqualTo(list.localPart() + "-owner@lists.example.org");
        assertThat(returned.text().replace("\r", "")).contains("    Please ask on\n    the other list.\n").contains("    Thanks.")
                .doesNotContain("mod-")
                .contains("Subject: reject").doesNotContain("First line.").doesNotContain("hello");
    }

    @ParameterizedTest(name = "{0} after {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            accept | accept | silent
            reject | reject | silent
            reject | accept | accepted already
            accept | reject | rejected already
            """)
    void row_2_5_12_row_2_5_13_the_first_decision_stands_the_same_again_is_silent_and_the_opposite_is_told(String second, String first,
            String told) {
        var list = moderated();
        var letter = posted(list, "twice");
        site.mail(moderator(list), first.equals("accept") ? letter.replyTo() : reject(letter));
        var before = site.letters("other-" + moderator(list)).size();
        site.mail("other-" + moderator(list), second.equals("accept") ? letter.replyTo() : reject(letter));
        assertThat(state(list)).isEqualTo(first.equals("accept") ? "accepted" : "rejected");
        assertThat(posts(list)).isEqualTo(first.equals("accept") ? "1" : "0");
        var letters = site.letters("other-" + moderator(list));
        if (told.equals("silent")) {
            assertThat(letters).hasSize(before);
        } else {
            assertThat(letters.getLast().text()).contains(told);
        }
        assertThat(site.ask("select repeats from held_post where list_id = " + list.id())).isEqualTo("1");
    }

    @Test
    void row_2_5_14_what_is_gone_and_what_was_never_there_is_told() {
        var list = moderated();
        var letter = posted(list, "gone");
        site.run("update held_post set state = 'expired', decided_at = now(), decided_by = 'job' where list_id = " + list.id());
        site.mail(moderator(list), letter.replyTo());
        assertThat(site.lastLetter(moderator(list)).text()).contains("I no longer have it");
        site.mail("stranger@x.example", letter.replyTo().replaceAll("accept-\\d+\\.", "accept-999."));
        assertThat(site.letter("stranger@x.example").text()).contains("I no longer have this message");
        assertThat(posts(list)).isEqualTo("0");
    }

    @Test
    void a_token_altered_anywhere_decides_nothing() {
        var list = moderated();
        var accept = posted(list, "altered").replyTo();
        var start = accept.lastIndexOf('.', accept.indexOf('@')) + 1;
        for (var at = start; at < start + 26; at++) {
            var other = accept.charAt(at) == 'b' ? 'c' : 'b';
            site.mail("guess" + at + "@x.example", accept.substring(0, at) + other + accept.substring(at + 1));
        }
        assertThat(state(list)).isEqualTo("held");
        site.mail("anybody@x.example", accept);
        assertThat(state(list)).isEqualTo("accepted");
    }

    @Test
    void row_2_5_15_row_2_12_01_time_is_over_without_traffic_and_the_author_is_told_where_the_list_says_so() {
        var silent = moderated("hold-hours", "24");
        var returning = moderated("hold-hours", "24", "timed-out", "return");
        posted(silent, "silent");
        posted(returning, "returning");
        site.run("update held_post set expires_at = clock_now() - interval '1 second' where list_id in (%d, %d)".formatted(silent.id(),
                returning.id()));
        new HeldTimeouts(site.database, site.held).run();
        assertThat(state(silent)).isEqualTo("expired");
        assertThat(state(returning)).isEqualTo("expired");
        var returned = site.letters("author@authors.example").stream().filter(one -> one.text().contains("none of them decided in time"))
                .toList();
        assertThat(returned).singleElement().satisfies(one -> {
            assertThat(one.subject()).isEqualTo("Returned post for " + returning.address());
            assertThat(one.text()).doesNotContain("First line.");
        });
    }

    @Test
    void row_2_5_10_a_moderator_s_own_post_is_confirmed_by_himself_alone() {
        var list = site.list("m" + ++lists, "posting", "moderators-only");
        site.role(list, "moderator", "author@authors.example");
        site.role(list, "moderator", moderator(list));
        site.send("author@authors.example", "From: author@authors.example\nSubject: announce\nMessage-ID: <own@authors.example>\n\nHi.\n",
                list.address().toString());
        assertThat(site.letters(moderator(list))).isEmpty();
        var letter = site.lastLetter("author@authors.example");
        assertThat(letter.subject()).isEqualTo("MODERATE for " + list.address());
        assertThat(letter.field("Cc")).isEmpty();
        site.mail("author@authors.example", letter.replyTo());
        assertThat(posts(list)).isEqualTo("1");
    }

    @Test
    void one_hundred_replies_at_once_on_three_nodes_publish_once() throws Exception {
        var list = moderated();
        var accept = posted(list, "rush").replyTo();
        try (var nodes = Executors.newVirtualThreadPerTaskExecutor()) {
            var replies = new ArrayList<Callable<Integer>>();
            for (var i = 0; i < 100; i++) {
                var node = i % MailSite.NODES;
                var mail = "From: mod%d@mods.example\r\nTo: %s\r\nMessage-ID: <rush%d@mods.example>\r\n\r\nok\r\n".formatted(node, accept,
                        i);
                replies.add(() -> site.hand(node, "mod" + node + "@mods.example", mail.getBytes(UTF_8), accept).code());
            }
            for (var reply : nodes.invokeAll(replies)) {
                assertThat(reply.get()).isEqualTo(250);
            }
        }
        assertThat(posts(list)).isEqualTo("1");
        assertThat(copies(list)).hasSize(1);
        assertThat(site.chain.check(list.id(), _ -> {}).faults()).isEmpty();
    }

    @Test
    void row_2_6_01_row_2_6_02_row_2_6_04_an_author_confirms_his_post_by_a_reply() {
        var list = site.list("m" + ++lists, "confirm-posts", "on");
        site.subscribe(list, "reader@readers.example");
        site.send("writer6@w.example", "From: writer6@w.example\nSubject: mine\nMessage-ID: <mine@w.example>\n\nHi.\n",
                list.address().toString());
        assertThat(posts(list)).isEqualTo("0");
        var letter = site.letter("writer6@w.example");
        assertThat(letter.subject()).isEqualTo("Confirm post to " + list.address());
        assertThat(letter.field("From")).isEqualTo(list.localPart() + "-owner@lists.example.org");
        assertThat(letter.replyTo()).startsWith(list.localPart() + "-confirm-");
        assertThat(letter.reversePath()).startsWith(list.localPart() + "-discard-");
        site.mail("writer6@w.example", letter.replyTo());
        assertThat(posts(list)).isEqualTo("1");
    }

    @Test
    void row_2_6_03_a_report_about_the_letter_drops_the_post() {
        var list = site.list("m" + ++lists, "confirm-posts", "on");
        site.send("nobody6@w.example", "From: nobody6@w.example\nSubject: forged\nMessage-ID: <forged@w.example>\n\nHi.\n",
                list.address().toString());
        var letter = site.letter("nobody6@w.example");
        site.send("", "From: MAILER-DAEMON@w.example\nMessage-ID: <report@w.example>\n\nNo such user.\n", letter.reversePath());
        assertThat(state(list)).isEqualTo("discarded");
        site.mail("nobody6@w.example", letter.replyTo());
        assertThat(posts(list)).isEqualTo("0");
        assertThat(site.lastLetter("nobody6@w.example").text()).contains("dropped already");
    }

    @Test
    void row_2_6_05_a_confirmed_post_still_goes_to_the_moderators_where_it_would_have() {
        var list = moderated("confirm-posts", "on");
        site.send("writer7@w.example", "From: writer7@w.example\nSubject: both\nMessage-ID: <both@w.example>\n\nHi.\n",
                list.address().toString());
        assertThat(state(list)).isEqualTo("unconfirmed");
        assertThat(site.letters(moderator(list))).isEmpty();
        site.mail("writer7@w.example", site.letter("writer7@w.example").replyTo());
        assertThat(state(list)).isEqualTo("held");
        var letter = site.letter(moderator(list));
        assertThat(letter.text()).contains("the list is moderated");
        site.mail(moderator(list), letter.replyTo());
        assertThat(posts(list)).isEqualTo("1");
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            unsubscribe      | whatever                          | Not subscribed
            Re: unsubscribe  | whatever                          | Not subscribed
            Subscribe        | x                                 | confirm subscribe
            hello            | please unsubscribe me.            | Not subscribed
            hello            | unsubscribe                       | Not subscribed
            abmelden         | x                                 | Not subscribed
            help             | x                                 | Help for
            """)
    void row_2_10_03_a_command_sent_to_everybody_is_answered_to_its_author(String subject, String body, String answer) {
        var list = site.list("m" + ++lists);
        var who = "w" + lists + "@c" + lists + ".example";
        site.mail(who, list.address().toString(), subject, body + "\n\n> quoted\n-- \nMe\n");
        assertThat(posts(list)).isEqualTo("0");
        assertThat(site.letter(who).subject()).startsWith(answer);
    }

    @Test
    void a_sentence_with_a_command_in_it_is_a_post() {
        var list = site.list("m" + ++lists);
        site.mail("talker@c.example", list.address().toString(), "How to unsubscribe", "I want to unsubscribe, how?\n");
        assertThat(posts(list)).isEqualTo("1");
    }

    @Test
    void several_posts_are_decided_about_by_one_reply() {
        var list = moderated();
        for (var subject : List.of("one", "two", "three", "four")) {
            posted(list, subject);
        }
        var ids = site.held.waiting(Optional.of(list), 0, 10).stream().map(HeldPost::id).toList();
        site.mail(moderator(list), list.localPart() + "-held@lists.example.org");
        var letter = site.lastLetter(moderator(list));
        assertThat(letter.subject()).isEqualTo("MODERATE for " + list.address());
        assertThat(letter.text()).contains("%6d  author@authors.example".formatted(ids.getFirst()), "        three\r\n");
        site.mail(moderator(list), letter.replyTo(), "Re: MODERATE", """
                %d ok %d reject Please ask on the other list.
                %d discard
                %d ok

                On Monday dev-help wrote:
                > %d ok
                """.formatted(ids.get(0), ids.get(1), ids.get(2), ids.getLast() + 1000, ids.get(3)));
        assertThat(state(list)).isEqualTo("accepted rejected discarded held");
        assertThat(copies(list)).singleElement().satisfies(copy -> assertThat(copy.subject()).isEqualTo("one"));
        assertThat(site.lastLetter("author@authors.example").text()).contains("    Please ask on the other list.");
        assertThat(site.lastLetter(moderator(list)).text()).contains("are not in the list you answered to: " + (ids.getLast() + 1000));
        site.mail(moderator(list), letter.replyTo(), "Re: MODERATE", ids.get(0) + " reject\n" + ids.get(3) + " ok\n");
        assertThat(state(list)).isEqualTo("accepted rejected discarded accepted");
        assertThat(site.lastLetter(moderator(list)).text()).contains("accepted already");
        assertThat(site
                .ask("select string_agg(distinct actor, ' ') from audit where action like 'held.%%' and list_id = %d".formatted(list.id())))
                .isEqualTo(moderator(list));
    }

    @Test
    void a_reply_about_several_posts_needs_the_address_it_was_sent_to_and_a_decision() {
        var list = moderated();
        posted(list, "guarded");
        var id = site.held.waiting(Optional.of(list), 0, 10).getFirst().id();
        site.mail("stranger@guess.example", list.localPart() + "-held@lists.example.org");
        assertThat(site.letter("stranger@guess.example").text()).contains("moderators only");
        site.mail(moderator(list), list.localPart() + "-held@lists.example.org");
        var replyTo = site.lastLetter(moderator(list)).replyTo();
        site.mail("stranger@guess.example", replyTo.replaceFirst("_\\d+\\.", "_99999."), "x", id + " ok\n");
        site.mail("stranger@guess.example", replyTo.replaceFirst("\\.[a-z2-7]", ".2"), "x", id + " ok\n");
        assertThat(state(list)).isEqualTo("held");
        site.mail(moderator(list), replyTo, "Re: MODERATE", "Let me think about it.\n");
        assertThat(site.lastLetter(moderator(list)).text()).contains("found no decision in your mail");
        assertThat(state(list)).isEqualTo("held");
    }

    @Test
    void moderators_are_reminded_at_half_time_and_owners_are_told_when_nobody_answers() {
        site.run("update held_post set state = 'discarded', decided_at = now(), decided_by = 'x' where decided_at is null");
        var list = moderated("hold-hours", "100");
        site.role(list, "owner", "owner-" + moderator(list));
        posted(list, "forgotten one");
        posted(list, "forgotten two");
        var before = site.letters(moderator(list)).size();
        var reminders = site.reminders();
        site.later("49 hours");
        assertThat(reminders.run()).isZero();
        site.later("2 hours");
        assertThat(reminders.run()).isEqualTo(1);
        assertThat(reminders.run()).isZero();
        assertThat(site.letters(moderator(list))).hasSize(before + 1);
        var reminder = site.lastLetter(moderator(list));
        assertThat(reminder.text()).contains("Half of their time is over", "forgotten one", "forgotten two");
        assertThat(site.held.counts().unanswered()).isZero();
        site.later("25 hours");
        assertThat(reminders.run()).isEqualTo(1);
        assertThat(site.letter("owner-" + moderator(list)).text()).contains("have not answered");
        assertThat(site.held.counts().unanswered()).isEqualTo(2);
        var ids = site.held.waiting(Optional.of(list), 0, 10).stream().map(HeldPost::id).toList();
        site.mail("owner-" + moderator(list), site.letter("owner-" + moderator(list)).replyTo(), "Re:",
                ids.get(0) + " ok, " + ids.get(1) + " spam\n");
        assertThat(state(list)).isEqualTo("accepted discarded");
        assertThat(reminders.run()).isZero();
    }

    @Test
    void an_author_may_ask_what_became_of_his_posts() {
        var list = moderated();
        var who = "asks@where" + lists + ".example";
        for (var subject : List.of("first", "second")) {
            site.mail(who, list.address().toString(), subject, "Text.\n");
        }
        site.mail(moderator(list), site.letters(moderator(list)).getFirst().replyTo());
        site.mail(who, list.localPart() + "-where@lists.example.org");
        assertThat(site.lastLetter(who).text().replace("\r", ""))
                .contains("    second\n        waits for a moderator\n    first\n        was accepted, and is post 1 now\n");
        site.mail("other@where.example", list.localPart() + "-where@lists.example.org");
        assertThat(site.letter("other@where.example").text()).contains("    none").doesNotContain("second");
    }
}
