package org.listserv.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.lists.MailingList;
import org.listserv.lists.Progress;
import org.listserv.lists.RefusedChange;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.members.MemberSet;
import org.listserv.reception.Upstream;
import org.listserv.smtp.MailSite;

/// Rows of docs/ezmlm-compatibility.md that no other scenario tells of.
class CompatibilityTest {
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
        return site.list("k" + ++lists, settings);
    }

    private static String at(MailingList list, String words) {
        return list.localPart() + "-" + words + "@lists.example.org";
    }

    private static String who(String local) {
        return local + "@k" + lists + ".example";
    }

    private static void post(MailingList list, String from, String id) {
        site.send(from,
                "From: %s\nTo: %s\nSubject: s %s\nMessage-ID: <%s-%d@k.example>\n\nText.\n".formatted(from, list.address(), id, id, lists),
                list.address().toString());
    }

    private static String outcome(MailingList list) {
        return site.outcomes(list).getLast();
    }

    @Test
    void row_2_1_03_accept_reject_confirm_and_discard_need_a_token() {
        var list = fresh("posting", "moderated");
        site.role(list, "moderator", who("mod"));
        post(list, who("author"), "a");
        for (var verb : new String[]{"accept", "reject", "confirm", "discard"}) {
            site.mail(who(verb), at(list, verb + "-1.aaaaaaaaaaaaaaaaaaaaaaaaaa"));
        }
        assertThat(site.ask("select string_agg(state, ' ') from held_post where list_id = " + list.id())).isEqualTo("held");
    }

    @Test
    void row_2_1_13_row_2_1_17_without_a_target_the_sender_is_meant() {
        var list = fresh();
        site.mail(who("p"), at(list, "subscribe"));
        assertThat(site.letter(who("p")).replyTo()).endsWith("-" + who("p").replace('@', '=') + "@lists.example.org");
    }

    @Test
    void row_2_1_15_a_message_that_comes_back_to_the_responder_is_dropped() {
        var list = fresh();
        site.send(who("p"), "From: p\nDelivered-To: responder for %s\nMessage-ID: <l%d@x>\n\n".formatted(list.address(), lists),
                at(list, "help"));
        assertThat(site.letters(who("p"))).isEmpty();
        assertThat(site.ask("select min(outcome) from arrival where list_id = " + list.id())).isEqualTo("dropped: this message is looping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev-digest", "dev-owner", "dev-default", "dev-request", "listserv"})
    void row_2_1_16_no_list_takes_a_name_that_belongs_to_another(String name) {
        assertThatThrownBy(() -> site.list(name)).isInstanceOf(RefusedChange.class);
    }

    @Test
    void row_2_1_18_sendsubscribertomod_is_answered_with_help() {
        var list = fresh();
        site.mail(who("p"), at(list, "sendsubscribertomod-subscribe-x=y.example"));
        assertThat(site.letter(who("p")).subject()).startsWith("Help for");
    }

    @Test
    void row_2_2_02_who_is_a_moderator_is_asked_of_sender_and_author_and_only_the_stored_address_is_written_to() {
        var list = fresh();
        site.role(list, "moderator", who("mod"));
        site.send("other@x.example", "From: %s\nMessage-ID: <who%d@x>\n\n".formatted(who("mod"), lists), at(list, "list"));
        assertThat(site.letter(who("mod")).subject()).startsWith("Subscriber list");
        assertThat(site.letters("other@x.example")).isEmpty();
    }

    @Test
    void row_2_2_08_row_2_2_09_subscribe_and_unsubscribe_take_another_address() {
        var list = fresh();
        site.subscribe(list, who("in"));
        site.mail("p@x.example", at(list, "subscribe-" + who("new").replace('@', '=')));
        site.mail("p@x.example", at(list, "unsubscribe-" + who("in").replace('@', '=')));
        assertThat(site.letter(who("new")).subject()).startsWith("confirm subscribe to");
        assertThat(site.letter(who("in")).subject()).startsWith("confirm unsubscribe from");
    }

    @Test
    void row_2_2_16_the_allow_set_changes_by_its_user_or_by_a_moderator() {
        var list = fresh();
        site.mail(who("user"), at(list, "allow-subscribe"));
        site.mail(who("user"), site.letter(who("user")).replyTo());
        assertThat(site.members(list, "allow")).isEqualTo(who("user"));
        site.later("25 hours");
        site.mail(who("user"), at(list, "allow-unsubscribe"));
        site.mail(who("user"), site.lastLetter(who("user")).replyTo());
        assertThat(site.members(list, "allow")).isEmpty();
    }

    @Test
    void row_2_2_17_digest_alone_is_get() {
        var list = fresh();
        post(list, who("author"), "d");
        site.mail(who("p"), at(list, "digest"));
        assertThat(site.letter(who("p")).subject()).isEqualTo(list.localPart() + " Digest of: get");
    }

    @Test
    void row_2_2_18_no_code_makes_a_digest() {
        var list = fresh();
        site.mail(who("p"), at(list, "dig.code"));
        assertThat(site.letter(who("p")).subject()).startsWith("Help for");
    }

    @Test
    void row_2_2_23_row_2_12_12_subjects_people_filter_on_are_in_english_whatever_the_list_s_language() {
        var list = fresh("language", "de");
        site.mail(who("p"), at(list, "subscribe"));
        assertThat(site.letter(who("p")).subject()).isEqualTo("confirm subscribe to " + list.address());
        assertThat(site.letter(who("p")).text()).contains("antworten Sie einfach auf diese", "charset=utf-8");
        site.mail(who("q"), at(list, "query"));
        assertThat(site.letter(who("q")).subject()).startsWith("Status of ");
        assertThat(site.letter(who("q")).text()).contains("Sie haben gefragt nach", "ist in der Liste nicht angemeldet");
    }

    @Test
    void row_2_2_24_row_2_3_08_row_2_12_18_what_a_moderator_confirms_does_not_show_him_and_whoever_has_the_address_may() {
        var list = fresh();
        site.role(list, "moderator", who("mod"));
        site.mail(who("mod"), at(list, "subscribe-" + who("new").replace('@', '=')));
        site.mail("somebody@else.example", site.letter(who("mod")).replyTo());
        assertThat(site.letter(who("new")).text()).contains("<suppressed>").doesNotContain("somebody", "mod@");
    }

    @Test
    void row_2_3_03_the_spelling_of_a_target_is_kept() {
        var list = fresh();
        site.mail("p@x.example", at(list, "subscribe-Jane.DOE=K" + lists + ".Example"));
        var letter = site.letter("jane.doe@k" + lists + ".example");
        assertThat(letter.replyTo()).contains("-Jane.DOE=");
        site.mail("p@x.example", letter.replyTo());
        assertThat(site.members(list, "main")).isEqualTo("Jane.DOE@k" + lists + ".example");
    }

    @Test
    void row_2_3_07_a_moderator_s_confirmation_that_is_not_valid_is_renewed_for_a_moderator_and_refused_to_others() {
        var list = fresh();
        site.role(list, "moderator", who("mod"));
        site.mail(who("mod"), at(list, "subscribe-" + who("new").replace('@', '=')));
        var replyTo = site.letter(who("mod")).replyTo();
        var broken = replyTo.replaceFirst("-rc\\..", "-rc.z");
        site.mail(who("mod"), broken);
        assertThat(site.lastLetter(who("mod")).subject()).startsWith("CONFIRM subscribe to");
        site.mail(who("stranger"), broken);
        assertThat(site.letter(who("stranger")).subject()).isEqualTo("Illegal or outdated moderator request");
        assertThat(site.members(list, "main")).isEmpty();
    }

    @Test
    void row_2_3_09_a_confirmation_lives_eleven_days_and_a_half() {
        var list = fresh();
        var now = Instant.now();
        var purpose = "sc main";
        var target = who("late");
        var old = site.tokens.make(purpose, list.id(), target, now.minus(Tokens.CONFIRMATION).minusSeconds(3700), Tokens.CONFIRMATION);
        site.mail(target, at(list, "sc." + old + "-" + target.replace('@', '=')));
        assertThat(site.members(list, "main")).isEmpty();
        assertThat(site.letter(target).text()).contains("too old, or not complete");
        var inTime = site.tokens.make(purpose, list.id(), target, now.minus(Tokens.CONFIRMATION).plusSeconds(60), Tokens.CONFIRMATION);
        site.mail(target, at(list, "sc." + inTime + "-" + target.replace('@', '=')));
        assertThat(site.members(list, "main")).isEqualTo(target);
    }

    @Test
    void row_2_4_15_row_2_4_16_row_2_4_17_who_came_and_went_is_in_the_log_with_name_and_server_and_owners_get_no_copies() {
        var list = fresh("subscribing", "open");
        site.role(list, "owner", "owner-" + who("x"));
        site.mailAs("\"Doe, Jane\" <" + who("jane") + ">", who("jane"), at(list, "subscribe"), "", "");
        assertThat(site
                .ask("select event || ' ' || address || ' ' || name || ' ' || actor || ' ' || client from membership_log where list_id = "
                        + list.id()))
                .isEqualTo("+ " + who("jane") + " Doe, Jane " + who("jane") + " client.example [127.0.0.1]");
        assertThat(site.letters("owner-" + who("x"))).isEmpty();
        site.members.add(list, MemberSet.MAIN, null, List.of("Sam <" + who("sam") + ">", who("jane")),
                "root@node1",
                Progress.NONE);
        site.members.remove(list, MemberSet.MAIN, List.of(who("sam")), "root@node1",
                Progress.NONE);
        assertThat(site.log(list, "main")).isEqualTo("+ " + who("jane") + ", +manual " + who("sam") + ", -manual " + who("sam"));
    }

    @Test
    void row_2_4_18_addresses_are_compared_without_case_and_kept_as_they_were_written() {
        var list = fresh();
        site.subscribe(list, "Mixed.Case@K" + lists + ".example");
        site.mail("mixed.case@k" + lists + ".EXAMPLE", at(list, "subscribe"));
        assertThat(site.letter("mixed.case@k" + lists + ".example").subject()).startsWith("Already subscribed");
        var longest = "x".repeat(150) + "@" + "y".repeat(60) + ".example";
        site.mail("p@x.example", at(list, "subscribe-" + longest.replace('@', '=')));
        assertThat(site.letter(longest).replyTo()).matches(list.localPart() + "-sc\\.[a-z2-7]{26}-~\\d+@lists\\.example\\.org");
    }

    @Test
    void row_2_4_19_an_entry_at_domain_stands_for_everybody_there() {
        var list = fresh("posting", "members");
        site.run(
                "insert into list_access values (%1$d, 'allow', '@friends.example'), (%1$d, 'deny', '@spam.example')".formatted(list.id()));
        post(list, "anybody@friends.example", "f");
        assertThat(outcome(list)).isEqualTo("posted");
    }

    @Test
    void row_2_5_01_row_2_5_02_a_held_post_has_a_number_of_its_own_and_its_octets_are_as_received() {
        var list = fresh("posting", "moderated");
        site.role(list, "moderator", who("mod"));
        post(list, who("author"), "kept");
        assertThat(site.ask(
                "select convert_from(m.octets, 'UTF8') from held_post h join message m on m.id = h.message where h.list_id = " + list.id()))
                .startsWith("From: " + who("author") + "\r\n");
        assertThat(site.ask("select m.reverse_path from held_post h join message m on m.id = h.message where h.list_id = " + list.id()))
                .isEqualTo(who("author"));
    }

    @Test
    void row_2_5_16_what_goes_to_the_moderators_address_is_dropped() {
        var list = fresh();
        site.mail(who("p"), at(list, "moderators"));
        assertThat(site.letters(who("p"))).isEmpty();
        assertThat(site.ask("select min(outcome) from arrival where list_id = " + list.id())).startsWith("dropped: an answer to all");
    }

    @Test
    void row_2_5_17_on_a_list_of_moderators_others_are_held_and_told_nothing() {
        var list = fresh("posting", "moderators-only");
        site.role(list, "moderator", who("mod"));
        post(list, who("stranger"), "m");
        assertThat(outcome(list)).isEqualTo("held");
        assertThat(site.letters(who("stranger"))).isEmpty();
    }

    @Test
    void row_2_5_18_posts_are_also_decided_by_command() {
        var list = fresh("posting", "moderated");
        site.role(list, "moderator", who("mod"));
        post(list, who("author"), "c");
        var id = site.held.waiting(Optional.of(list), 0, 10).getFirst().id();
        site.held.accept(id, "root@node1");
        site.mail(who("late"), site.letter(who("mod")).field("From"));
        assertThat(site.letter(who("late")).text()).contains("accepted already");
    }

    @Test
    void row_2_5_19_a_flood_makes_the_list_moderated_until_somebody_sets_it_back() {
        var list = fresh("flood-limit", "3");
        site.role(list, "moderator", who("mod"));
        for (var i = 0; i < 5; i++) {
            post(list, who("author"), "flood" + i);
        }
        assertThat(site.outcomes(list)).containsExactly("posted", "posted", "posted", "held", "held");
        assertThat(site.letters(who("mod")).getFirst().text()).contains("more than 3 posts in an hour");
        site.later("2 hours");
        site.settingsKnown();
        post(list, who("author"), "after");
        assertThat(outcome(list)).isEqualTo("held");
        assertThat(site.ask("select posting from list where id = " + list.id())).isEqualTo("moderated");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"main, posted", "digest, posted", "allow, posted", "mod, posted", "nobody, held"})
    void row_2_5_20_row_2_5_21_who_is_in_any_set_posts_and_others_wait(String set, String outcome) {
        var list = fresh("posting", "members-or-hold");
        switch (set) {
            case "main" -> site.subscribe(list, who("p"));
            case "digest" -> site.run("insert into subscription (list_id, kind, address_id) values (%d, 'digest', %s)".formatted(list.id(),
                    site.address(who("p"))));
            case "allow" -> site.run("insert into list_access values (%d, 'allow', '%s')".formatted(list.id(), who("p")));
            case "mod" -> site.role(list, "moderator", who("p"));
            default -> {}
        }
        post(list, who("p"), "gate");
        assertThat(outcome(list)).isEqualTo(outcome);
    }

    @Test
    void row_2_7_12_what_does_not_fit_into_one_mail_is_said_with_the_number_to_go_on_with() {
        var list = fresh("max-size", "0");
        var large = "x".repeat(70) + "\r\n";
        for (var i = 0; i < 3; i++) {
            site.send(Upstream.QUEUED, "ESMTP", who("a"),
                    ("From: a\r\nSubject: big\r\nMessage-ID: <big" + i + "@k>\r\n\r\n" + large.repeat(50_000)).getBytes(UTF_8),
                    list.address().toString());
        }
        site.mail(who("p"), at(list, "get.1_3"));
        assertThat(site.letter(who("p")).text()).contains("Go on with number 3.");
    }

    @Test
    void row_2_8_09_a_list_s_request_address_is_of_that_list() {
        var list = fresh();
        site.mail(who("p"), at(list, "request").toUpperCase(Locale.ROOT), "help", "");
        assertThat(site.letter(who("p")).subject()).isEqualTo("Help for " + list.address());
    }

    @Test
    void row_2_12_02_a_post_need_not_name_the_list_in_to_or_cc() {
        var list = fresh();
        site.send(who("p"), "From: p\nTo: undisclosed:;\nSubject: bcc\nMessage-ID: <bcc%d@k>\n\nText.\n".formatted(lists),
                list.address().toString());
        assertThat(outcome(list)).isEqualTo("posted");
    }

    @Test
    void row_2_12_03_a_media_type_is_found_in_every_layer() {
        var list = fresh("reject-types", "application/x-evil");
        site.send(who("p"), """
                From: p
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=a
                Message-ID: <layers@k>

                --a
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: application/x-evil

                x
                --b--
                --a--
                """, list.address().toString());
        assertThat(outcome(list)).isEqualTo("held");
    }

    @Test
    void row_2_12_04_a_copy_has_one_reply_to() {
        var list = fresh("reply-to", "list");
        site.subscribe(list, who("r"));
        site.send(who("p"),
                "From: p\nReply-To: a@b.example\nReply-To: c@d.example\nSubject: x\nMessage-ID: <rt%d@k>\n\nText.\n".formatted(lists),
                list.address().toString());
        var fields = HeaderSection.parse(site.copies(who("r")).getFirst().text().getBytes(UTF_8)).all("Reply-To");
        assertThat(fields).singleElement().satisfies(field -> assertThat(field.value().strip()).isEqualTo("<" + list.address() + ">"));
    }

    @Test
    void row_2_12_06_an_answer_says_that_a_program_wrote_it() {
        var list = fresh();
        site.mail(who("p"), at(list, "info"));
        assertThat(site.letter(who("p")).field("Auto-Submitted")).isEqualTo("auto-replied");
    }

    @Test
    void row_2_12_09_the_tokens_of_this_program_are_keyed_with_a_secret_of_the_whole_site() {
        var list = fresh();
        assertThat(site.ask("select min(length(secret)) >= 32 from signing_key")).isEqualTo("t");
        site.mail(who("p"), at(list, "subscribe"));
        assertThat(EmailAddress.parse(site.letter(who("p")).replyTo(), EmailAddress.LONGEST_LOCAL_OCTETS).localPart())
                .matches(".*-sc\\.[a-z2-7]{26}-.*");
    }
}
