package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.lists.MailingList;
import org.listserv.members.PausesOver;
import org.listserv.smtp.MailSite;

/// Joining and leaving by mail: the mails a person sends, and what comes back. Numbers in names are rows of docs/ezmlm-compatibility.md.
class SubscribingTest {
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

    private static MailingList fresh(String... settings) {
        return site.list("s" + ++lists, settings);
    }

    private static String at(MailingList list, String words) {
        return list.localPart() + "-" + words + "@lists.example.org";
    }

    @Test
    void row_2_4_01_who_is_subscribed_already_is_told_so_and_not_asked_to_confirm() {
        var list = fresh();
        site.subscribe(list, "r1@a.example");
        site.mail("r1@a.example", at(list, "subscribe"));
        assertThat(site.letter("r1@a.example").subject()).isEqualTo("Already subscribed to " + list.address());
        assertThat(site.letter("r1@a.example").replyTo()).isEmpty();
    }

    @Test
    void row_2_4_02_a_moderator_who_asks_for_another_confirms_himself_at_his_stored_address() {
        var list = fresh();
        site.role(list, "moderator", "Mod.Two@b.example");
        site.mail("mod.two@B.example", at(list, "subscribe-r2=b.example"));
        assertThat(site.letters("r2@b.example")).isEmpty();
        var asked = site.letter("Mod.Two@b.example");
        assertThat(asked.subject()).isEqualTo("CONFIRM subscribe to " + list.address());
        assertThat(asked.replyTo()).startsWith(list.localPart() + "-rc.").endsWith("-r2=b.example@lists.example.org");
        site.mail("anybody@b.example", asked.replyTo());
        assertThat(site.members(list, "main")).isEqualTo("r2@b.example");
        var welcome = site.letter("r2@b.example");
        assertThat(welcome.subject()).isEqualTo("WELCOME to " + list.address());
        assertThat(welcome.text()).contains("<suppressed>").doesNotContain("mod.two").doesNotContain("anybody");
        assertThat(site.log(list, "main")).isEqualTo("+mod r2@b.example");
    }

    @Test
    void row_2_4_03_row_2_4_06_who_asks_confirms_by_a_reply_and_is_welcomed() {
        var list = fresh();
        site.mailAs("Jane Doe <r3@c.example>", "r3@c.example", at(list, "subscribe"), "subscribe", "");
        var confirm = site.letter("r3@c.example");
        assertThat(confirm.subject()).isEqualTo("confirm subscribe to " + list.address());
        assertThat(confirm.replyTo()).matches(list.localPart() + "-sc\\.[a-z2-7]{26}-r3=c\\.example@lists\\.example\\.org");
        assertThat(confirm.reversePath()).isEqualTo(list.localPart() + "-return-@lists.example.org");
        assertThat(confirm.field("Auto-Submitted")).isEqualTo("auto-replied");
        assertThat(site.members(list, "main")).isEmpty();
        site.mailAs("Jane Doe <r3@c.example>", "r3@c.example", confirm.replyTo(), "Re: " + confirm.subject(), "> Hi!\n");
        assertThat(site.members(list, "main")).isEqualTo("r3@c.example");
        var welcome = site.lastLetter("r3@c.example");
        assertThat(welcome.subject()).isEqualTo("WELCOME to " + list.address());
        assertThat(welcome.field("List-Unsubscribe"))
                .isEqualTo("<mailto:" + list.localPart() + "-unsubscribe-r3=c.example@lists.example.org>");
        assertThat(site.ask("select name from membership_log where address = 'r3@c.example'")).isEqualTo("Jane Doe");
        assertThat(site.log(list, "main")).isEqualTo("+ r3@c.example");
    }

    @Test
    void row_2_4_04_row_2_4_07_where_moderators_approve_they_are_all_asked_and_the_first_suffices() {
        var list = fresh("subscribing", "approve");
        site.role(list, "moderator", "one4@m.example");
        site.role(list, "subscription-moderator", "two4@m.example");
        site.role(list, "post-moderator", "three4@m.example");
        site.mail("r4@d.example", at(list, "subscribe"));
        assertThat(site.letters("r4@d.example")).isEmpty();
        assertThat(site.letters("three4@m.example")).isEmpty();
        var asked = site.letter("one4@m.example");
        assertThat(asked.subject()).isEqualTo("CONFIRM subscribe to " + list.address());
        assertThat(asked.replyTo()).startsWith(list.localPart() + "-tc.");
        site.mail("one4@m.example", asked.replyTo());
        assertThat(site.members(list, "main")).isEqualTo("r4@d.example");
        assertThat(site.letter("r4@d.example").subject()).startsWith("WELCOME");
        site.mail("two4@m.example", site.letter("two4@m.example").replyTo());
        assertThat(site.letters("two4@m.example")).hasSize(1);
        assertThat(site.letters("r4@d.example")).hasSize(1);
        assertThat(site.log(list, "main")).isEqualTo("+mod r4@d.example");
    }

    @Test
    void row_2_4_05_an_open_list_takes_who_asks() {
        var list = fresh("subscribing", "open");
        site.mail("r5@e.example", at(list, "subscribe"));
        assertThat(site.members(list, "main")).isEqualTo("r5@e.example");
        assertThat(site.letter("r5@e.example").subject()).startsWith("WELCOME");
    }

    @Test
    void row_2_4_06b_a_confirmed_subscriber_of_a_moderated_list_waits_for_a_moderator_but_a_moderator_does_not() {
        var list = fresh("subscribing", "confirm-and-approve", "remote-admin", "off");
        site.role(list, "moderator", "mod6@m.example");
        site.mail("r6@f.example", at(list, "subscribe"));
        site.mail("r6@f.example", site.letter("r6@f.example").replyTo());
        assertThat(site.members(list, "main")).isEmpty();
        site.mail("mod6@m.example", site.letter("mod6@m.example").replyTo());
        assertThat(site.members(list, "main")).isEqualTo("r6@f.example");
        site.mail("mod6@m.example", at(list, "subscribe"));
        site.mail("mod6@m.example", site.lastLetter("mod6@m.example").replyTo());
        assertThat(site.members(list, "main")).isEqualTo("mod6@m.example r6@f.example");
    }

    @Test
    void row_2_4_08_row_2_4_11_who_leaves_confirms_by_a_reply_and_is_said_goodbye() {
        var list = fresh();
        site.subscribe(list, "r8@g.example");
        site.mail("r8@g.example", at(list, "unsubscribe"));
        var confirm = site.letter("r8@g.example");
        assertThat(confirm.subject()).isEqualTo("confirm unsubscribe from " + list.address());
        assertThat(confirm.replyTo()).startsWith(list.localPart() + "-uc.");
        assertThat(site.members(list, "main")).isEqualTo("r8@g.example");
        site.mail("r8@g.example", confirm.replyTo());
        assertThat(site.members(list, "main")).isEmpty();
        assertThat(site.lastLetter("r8@g.example").subject()).isEqualTo("GOODBYE from " + list.address());
        assertThat(site.log(list, "main")).isEqualTo("- r8@g.example");
    }

    @Test
    void row_2_4_09_who_is_not_subscribed_learns_how_to_find_the_address_that_is() {
        var list = fresh();
        site.mail("r9@h.example", at(list, "unsubscribe"));
        var told = site.letter("r9@h.example");
        assertThat(told.subject()).isEqualTo("Not subscribed to " + list.address());
        assertThat(told.text()).contains("Return-Path").contains(list.localPart() + "-unsubscribe-jane=example.org@lists.example.org");
    }

    @Test
    void row_2_4_10_a_moderator_who_removes_another_confirms_himself_and_the_other_is_said_goodbye() {
        var list = fresh();
        site.subscribe(list, "r10@i.example");
        site.role(list, "moderator", "mod10@m.example");
        site.mail("mod10@m.example", at(list, "unsubscribe-r10=i.example"));
        var asked = site.letter("mod10@m.example");
        assertThat(asked.subject()).isEqualTo("CONFIRM unsubscribe from " + list.address());
        assertThat(asked.replyTo()).startsWith(list.localPart() + "-wc.");
        site.mail("mod10@m.example", asked.replyTo());
        assertThat(site.members(list, "main")).isEmpty();
        assertThat(site.letter("r10@i.example").subject()).startsWith("GOODBYE");
        assertThat(site.letter("r10@i.example").text()).doesNotContain("mod10");
        assertThat(site.log(list, "main")).isEqualTo("-mod r10@i.example");
    }

    @Test
    void row_2_4_12_moderators_may_have_to_approve_leaving_as_well() {
        var list = fresh("unsubscribing", "confirm-and-approve");
        site.subscribe(list, "r12@j.example");
        site.role(list, "moderator", "mod12@m.example");
        site.mail("r12@j.example", at(list, "unsubscribe"));
        site.mail("r12@j.example", site.letter("r12@j.example").replyTo());
        assertThat(site.members(list, "main")).isEqualTo("r12@j.example");
        assertThat(site.letter("mod12@m.example").replyTo()).startsWith(list.localPart() + "-vc.");
        site.mail("mod12@m.example", site.letter("mod12@m.example").replyTo());
        assertThat(site.members(list, "main")).isEmpty();
    }

    @Test
    void row_2_4_13_a_second_moderator_who_removes_nobody_is_told() {
        var list = fresh();
        site.subscribe(list, "r13@k.example");
        site.role(list, "moderator", "mod13@m.example");
        site.mail("mod13@m.example", at(list, "unsubscribe-r13=k.example"));
        var asked = site.letter("mod13@m.example").replyTo();
        site.mail("mod13@m.example", asked);
        site.mail("mod13@m.example", asked);
        assertThat(site.lastLetter("mod13@m.example").subject()).isEqualTo("Not subscribed to " + list.address());
        assertThat(site.letters("r13@k.example")).hasSize(1);
    }

    @Test
    void row_2_4_14_an_open_list_lets_go_who_asks() {
        var list = fresh("unsubscribing", "open");
        site.subscribe(list, "r14@l.example");
        site.mail("r14@l.example", at(list, "unsubscribe"));
        assertThat(site.members(list, "main")).isEmpty();
        assertThat(site.letter("r14@l.example").subject()).startsWith("GOODBYE");
    }

    @Test
    void row_2_12_11_who_writes_from_another_envelope_than_he_is_subscribed_with_leaves_all_the_same() {
        var list = fresh();
        site.subscribe(list, "person@n.example");
        site.send("bounces+person@esp.example", """
                From: Person <person@n.example>
                Message-ID: <envelope@n.example>

                """, at(list, "unsubscribe"));
        assertThat(site.letter("person@n.example").subject()).startsWith("confirm unsubscribe");
        assertThat(site.letters("bounces+person@esp.example")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(ints = {0, 1, 4, 5, 12, 25})
    void row_2_3_05_a_token_altered_anywhere_is_answered_with_a_fresh_confirmation_and_subscribes_nobody(int position) {
        var list = fresh();
        var who = "t" + position + "@o" + position + ".example";
        site.mail(who, at(list, "subscribe"));
        var replyTo = site.letter(who).replyTo();
        var at = replyTo.indexOf("-sc.") + 4 + position;
        var other = replyTo.charAt(at) == 'b' ? 'c' : 'b';
        site.later("25 hours");
        site.mail(who, replyTo.substring(0, at) + other + replyTo.substring(at + 1));
        assertThat(site.members(list, "main")).isEmpty();
        var fresh = site.lastLetter(who);
        assertThat(fresh.subject()).isEqualTo("confirm subscribe to " + list.address());
        assertThat(fresh.text()).contains("too old, or not complete");
        site.mail(who, fresh.replyTo().toUpperCase(Locale.ROOT));
        assertThat(site.members(list, "main")).isEqualToIgnoringCase(who);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"sc, uc", "sc, tc", "uc, sc", "sc, digest-sc", "sc, allow-sc"})
    void row_2_3_04_a_token_for_one_thing_is_worth_nothing_for_another(String made, String used) {
        var list = fresh();
        var other = fresh();
        var who = made + used + "@p.example";
        if (made.equals("uc")) {
            site.subscribe(list, who);
            site.mail(who, at(list, "unsubscribe"));
        } else {
            site.mail(who, at(list, "subscribe"));
        }
        var replyTo = site.letter(who).replyTo();
        var before = site.members(list, "main");
        site.mail(who, replyTo.replace("-" + made + ".", "-" + used + "."));
        site.mail(who, replyTo.replace(list.localPart() + "-", other.localPart() + "-"));
        site.mail(who, replyTo.replace(who.replace('@', '='), "victim=p.example"));
        assertThat(site.members(list, "main")).isEqualTo(before);
        assertThat(site.members(list, "digest") + site.members(list, "allow") + site.members(other, "main")).isEmpty();
    }

    @Test
    void row_2_1_09_the_digest_and_allow_sets_have_the_same_commands_and_speak_as_themselves() {
        var list = fresh();
        site.mail("r19@q.example", at(list, "digest-subscribe"));
        var digest = site.letter("r19@q.example");
        assertThat(digest.subject()).isEqualTo("confirm subscribe to " + list.localPart() + "-digest@lists.example.org");
        assertThat(digest.replyTo()).startsWith(list.localPart() + "-digest-sc.");
        site.mail("r19@q.example", digest.replyTo());
        assertThat(site.members(list, "digest")).isEqualTo("r19@q.example");
        assertThat(site.members(list, "main")).isEmpty();
        site.mail("r19b@q.example", at(list, "allow-subscribe"));
        site.mail("r19b@q.example", site.letter("r19b@q.example").replyTo());
        assertThat(site.members(list, "allow")).isEqualTo("r19b@q.example");
        assertThat(site.log(list, "allow")).isEqualTo("+ r19b@q.example");
    }

    @Test
    void row_2_2_15_row_2_12_10_only_moderators_change_the_deny_set_and_are_told_that_it_is_done() {
        var list = fresh();
        site.role(list, "moderator", "mod20@m.example");
        site.mail("r20@r.example", at(list, "deny-subscribe-victim=r.example"));
        assertThat(site.letter("r20@r.example").text()).contains("moderators only");
        site.mail("mod20@m.example", at(list, "deny-subscribe-troll=r.example"));
        site.mail("mod20@m.example", site.letter("mod20@m.example").replyTo());
        assertThat(site.members(list, "deny")).isEqualTo("troll@r.example");
        assertThat(site.letters("troll@r.example")).isEmpty();
        assertThat(site.lastLetter("mod20@m.example").text()).contains("may not post to the list");
    }

    @Test
    void nomail_and_mail_change_what_a_subscriber_gets_once_he_confirmed_it() {
        var list = fresh();
        site.subscribe(list, "r21@s.example");
        site.mail("r21@s.example", at(list, "nomail"));
        site.mail("r21@s.example", site.letter("r21@s.example").replyTo());
        assertThat(site.ask("select mode from subscription where list_id = " + list.id())).isEqualTo("none");
        assertThat(site.lastLetter("r21@s.example").text()).contains(list.localPart() + "-mail-r21=s.example@lists.example.org");
        site.later("25 hours");
        site.mail("r21@s.example", at(list, "mail"));
        site.mail("r21@s.example", site.lastLetter("r21@s.example").replyTo());
        assertThat(site.ask("select mode from subscription where list_id = " + list.id())).isEqualTo("each");
    }

    @Test
    void nomail_until_a_day_ends_on_that_day() {
        var list = fresh();
        var ann = "ann-" + list.localPart() + "@pause.example";
        site.subscribe(list, ann);
        var day = LocalDate.now(ZoneOffset.UTC).plusDays(10);
        site.mail(ann, at(list, "nomail." + day));
        assertThat(site.letter(ann).text()).contains("gets no mail of the list before " + day);
        assertThat(site.letter(ann).replyTo()).contains("-nc." + day.toString().replace("-", "") + ".");
        var tomorrow = day.minusDays(9).toString().replace("-", "");
        site.mail(ann, site.letter(ann).replyTo().replace(day.toString().replace("-", ""), tomorrow));
        assertThat(site.ask("select mode from subscription where list_id = " + list.id())).as("the day is covered by the token")
                .isEqualTo("each");
        site.mail(ann, site.letters(ann).getFirst().replyTo());
        assertThat(site.ask("select mode from subscription where list_id = " + list.id())).isEqualTo("none");
        assertThat(site.ask("select mail_again_at at time zone 'UTC' from subscription where list_id = " + list.id()))
                .isEqualTo(day + " 00:00:00");
        var pauses = new PausesOver(site.database);
        site.run("update subscription set mail_again_at = clock_now() + interval '1 hour' where list_id = " + list.id());
        assertThat(pauses.run()).isZero();
        site.later("1 hour");
        assertThat(pauses.run()).isEqualTo(1);
        assertThat(site.ask("select mode from subscription where list_id = " + list.id())).isEqualTo("each");
        assertThat(site.log(list, "main")).isEqualTo("nomail " + ann + ", mail " + ann);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nomail.2001-01-01", "nomail.2199-01-01", "nomail.2026-02-30", "nomail.soon"})
    void a_day_nobody_can_wait_for_is_refused(String words) {
        var list = fresh();
        var ann = "ann-" + list.localPart() + "@pause.example";
        site.subscribe(list, ann);
        site.mail(ann, at(list, words));
        assertThat(site.letter(ann).text()).contains("I could not read the day");
        assertThat(site.ask("select mode from subscription where list_id = " + list.id())).isEqualTo("each");
    }

    @Test
    void who_wants_no_mail_from_us_gets_none_whoever_asks_and_can_take_it_back() {
        var list = fresh();
        var other = fresh();
        site.mail("forger@t.example", at(list, "subscribe-victim=u.example"));
        var text = site.letter("victim@u.example").text();
        var never = text.substring(text.indexOf(list.localPart() + "-never.")).lines().findFirst().orElseThrow();
        site.mail("victim@u.example", never);
        var again = site.lastLetter("victim@u.example").replyTo();
        assertThat(again).startsWith(list.localPart() + "-again.");
        site.later("25 hours");
        site.mail("forger@t.example", at(other, "subscribe-victim=u.example"));
        assertThat(site.letters("victim@u.example")).hasSize(2);
        site.mail("victim@u.example", again);
        site.mail("victim@u.example", at(other, "subscribe"));
        assertThat(site.letters("victim@u.example")).hasSize(4);
    }

    @Test
    void row_2_3_06_row_2_12_15_cookies_of_ezmlm_are_honoured_on_lists_that_brought_their_key() {
        var list = fresh();
        var other = fresh();
        site.run("insert into ezmlm_key (list_id, key) values (%d, '0123456789abcdef')".formatted(list.id()));
        var now = System.currentTimeMillis() / 1000 - 60;
        var key = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        var cookie = EzmlmCookie.of(key, Long.toString(now), "Old@v.example", "s");
        site.mail("old@v.example", at(list, "sc." + now + "." + cookie + "-Old=v.example"));
        assertThat(site.members(list, "main")).isEqualTo("Old@v.example");
        site.mail("old@v.example", at(other, "sc." + now + "." + cookie + "-Old=v.example"));
        assertThat(site.members(other, "main")).isEmpty();
        var stale = now - 1_000_001;
        site.mail("stale@v.example",
                at(list, "sc." + stale + "." + EzmlmCookie.of(key, Long.toString(stale), "stale@v.example", "s") + "-stale=v.example"));
        assertThat(site.members(list, "main")).isEqualTo("Old@v.example");
    }

    @Test
    void an_address_that_does_not_fit_is_named_by_its_id() {
        var list = fresh();
        var who = "a.person.with.a.rather.long.name@an.even.longer.department.of.a.university.example";
        site.mail(who, at(list, "subscribe"));
        var replyTo = site.letter(who).replyTo();
        assertThat(replyTo).matches(list.localPart() + "-sc\\.[a-z2-7]{26}-~\\d+@lists\\.example\\.org");
        site.mail(who, replyTo);
        assertThat(site.members(list, "main")).isEqualTo(who);
    }

    @Test
    void the_same_mail_twice_is_answered_once() {
        var list = fresh();
        var mail = "From: r30@w.example\nMessage-ID: <twice@w.example>\n\n";
        site.send("r30@w.example", mail, at(list, "subscribe"));
        site.send("r30@w.example", mail, at(list, "subscribe"));
        assertThat(site.letters("r30@w.example")).hasSize(1);
    }
}
