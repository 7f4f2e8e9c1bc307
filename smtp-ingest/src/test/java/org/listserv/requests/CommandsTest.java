package org.listserv.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.smtp.MailSite;

/// Every other command. Numbers in names are rows of docs/ezmlm-compatibility.md.
class CommandsTest {
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
        return site.list("c" + ++lists, settings);
    }

    private static String at(MailingList list, String words) {
        return list.localPart() + "-" + words + "@lists.example.org";
    }

    /// Somebody nobody has heard of, so that budgets are whole.
    private static String stranger() {
        return "p" + lists + "@d" + lists + ".example";
    }

    private static String moderator(MailingList list) {
        var mod = "mod" + lists + "@mods" + lists + ".example";
        if (site.ask("select count(*) from list_role where list_id = " + list.id()).equals("0")) {
            site.role(list, "moderator", mod);
        }
        return mod;
    }

    private static void posts(MailingList list, int many) {
        for (var i = 1; i <= many; i++) {
            site.send("author@posts.example",
                    "From: Author %d <author@posts.example>\nTo: x\nX-Secret: no\nSubject: %s\nMessage-ID: <%s-%d@posts.example>\n\nBody %d.\n"
                            .formatted(i, i % 2 == 0 ? "Re: even" : "odd " + i, list.localPart(), i, i),
                    list.address().toString());
        }
    }

    // 2.1 dispatch

    @Test
    void row_2_1_01_row_2_1_02_row_2_1_04_post_owner_and_return_addresses_are_no_commands() {
        var list = fresh();
        site.role(list, "owner", "boss@o.example");
        site.subscribe(list, "ann@x.example");
        posts(list, 1);
        site.mail("p@x.example", at(list, "owner"));
        site.mail("p@x.example", at(list, "digest-owner"));
        site.send("", """
                From: MAILER-DAEMON@x.example
                Message-ID: <ret@x.example>
                Content-Type: multipart/report; report-type=delivery-status; boundary=b

                --b
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mx.x.example

                Final-Recipient: rfc822; ann@x.example
                Action: failed
                Status: 5.1.1
                --b--
                """, at(list, "return-1-ann=x.example"));
        assertThat(site.ask("select last_number from list_head where list_id = " + list.id())).isEqualTo("1");
        assertThat(site.copies("boss@o.example")).hasSize(2);
        assertThat(site.ask("select count(*) from bounce where list_id = " + list.id())).isEqualTo("1");
    }

    @Test
    void row_2_1_05_row_2_1_06_names_may_have_dashes_and_the_longest_wins() {
        var dev = site.list("foo-dev");
        site.mail("p@dash.example", "foo-dev-subscribe@lists.example.org");
        assertThat(site.letter("p@dash.example").subject()).isEqualTo("confirm subscribe to " + dev.address());
    }

    @Test
    void row_2_1_07_a_slash_is_in_no_address_of_ours() {
        fresh();
        var said = site.mail("p@x.example", "c" + lists + "-get/x@lists.example.org");
        assertThat(said.code()).isEqualTo(550);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"SUBSCRIBE", "Subscribe", "subscribe"})
    void row_2_1_08_command_words_are_matched_without_case(String word) {
        var list = fresh();
        site.mail(stranger(), at(list, word));
        assertThat(site.letter(stranger()).subject()).startsWith("confirm subscribe");
    }

    @Test
    void row_2_1_10_row_2_12_13_the_last_equals_sign_of_a_target_is_its_at() {
        var list = fresh();
        site.mail("p@eq.example", at(list, "subscribe-a=b=eq.example"));
        assertThat(site.letter("a=b@eq.example").replyTo()).endsWith("-a=b=eq.example@lists.example.org");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
            "SRS0=abc=de=srs.example=%s@forwarder.example, srs.example",
            "SRS0+abc=de=srs.example=%s@forwarder.example, srs.example",
            "prvs=0123456789=%s@batv.example, batv.example",
            "prvs=%s/0123456789@batv.example, batv.example",
            "btv1==0123==%s@btv.example, btv.example"})
    void row_2_1_11_the_sender_behind_a_rewritten_reverse_path_is_meant(String rewritten, String domain) {
        var list = fresh();
        site.mail(rewritten.formatted("who" + lists), at(list, "subscribe"));
        assertThat(site.letter("who" + lists + "@" + domain).subject()).startsWith("confirm subscribe");
    }

    @Test
    void row_2_1_12_row_2_1_14_nothing_is_answered_to_a_null_reverse_path_or_to_what_went_over_a_list() {
        var list = fresh();
        site.send("", "From: p@null.example\nMessage-ID: <n1@x>\n\n", at(list, "help"));
        site.send("p@null.example", "From: p@null.example\nMailing-List: contact a@b\nMessage-ID: <n2@x>\n\n", at(list, "help"));
        assertThat(site.letters("p@null.example")).isEmpty();
    }

    @Test
    void row_2_12_07_a_person_s_auto_submitted_no_is_answered() {
        var list = fresh();
        site.send(stranger(), "From: p@x\nAuto-Submitted: no\nMessage-ID: <no%d@x>\n\n".formatted(lists), at(list, "help"));
        assertThat(site.letter(stranger()).field("Auto-Submitted")).isEqualTo("auto-replied");
    }

    // 2.2 commands

    @Test
    void row_2_2_03_help_is_for_everybody_and_comes_from_an_address_whose_answers_are_dropped() {
        var list = fresh("subscribing", "closed");
        site.mail(stranger(), at(list, "help"));
        var help = site.letter(stranger());
        assertThat(help.subject()).isEqualTo("Help for " + list.address());
        assertThat(help.field("From")).isEqualTo(at(list, "return-"));
        assertThat(help.text()).contains(at(list, "subscribe-jane=example.org")).doesNotContain("<#");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"nonsense", "put-something", "subscribe-no.address", "sc.nothing", "dig.secret"})
    void row_2_2_04_what_is_not_understood_is_answered_with_help(String words) {
        var list = fresh();
        site.mail(stranger(), at(list, words));
        var help = site.letter(stranger());
        assertThat(help.subject()).isEqualTo("Help for " + list.address());
        assertThat(help.field("From")).isEqualTo(at(list, "help"));
    }

    @Test
    void row_2_2_05_a_moderator_gets_both_helps_at_his_stored_address() {
        var list = fresh();
        var mod = moderator(list);
        site.mail(mod, at(list, "help"));
        var help = site.letter(mod);
        assertThat(help.subject()).isEqualTo("Moderator help for " + list.address());
        assertThat(help.text()).contains(at(list, "list"), at(list, "subscribe-jane=example.org"));
    }

    @Test
    void row_2_2_01_a_private_list_answers_moderators_only_but_lets_everybody_leave() {
        var list = fresh("subscribing", "closed");
        var mod = moderator(list);
        for (var word : new String[]{"subscribe", "query", "info", "get.1"}) {
            var who = word.replace(".", "") + stranger();
            site.mail(who, at(list, word));
            assertThat(site.letter(who).text()).as(word).contains("takes no requests of this kind");
        }
        site.mail(mod, at(list, "subscribe-new=x.example"));
        assertThat(site.lastLetter(mod).subject()).startsWith("CONFIRM subscribe");
        site.subscribe(list, stranger());
        site.mail(stranger(), at(list, "unsubscribe"));
        assertThat(site.letter(stranger()).subject()).startsWith("confirm unsubscribe");
    }

    @Test
    void row_2_2_06_info_and_faq_are_sent_to_whom_they_are_asked_for() {
        var list = fresh("description", "About tea");
        site.mail("p@x.example", at(list, "info-" + stranger().replace('@', '=')));
        assertThat(site.lastLetter(stranger()).text()).contains("About tea");
        site.mail(stranger(), at(list, "faq"));
        assertThat(site.lastLetter(stranger()).subject()).isEqualTo("FAQ of " + list.address());
    }

    @Test
    void row_2_2_07_query_tells_the_target_or_the_moderator_who_asks() {
        var list = fresh();
        var mod = moderator(list);
        site.subscribe(list, stranger());
        site.mail(stranger(), at(list, "query"));
        assertThat(site.letter(stranger()).text()).contains("is subscribed to the list");
        site.mail("spy@x.example", at(list, "query-absent=" + lists + ".example"));
        assertThat(site.letters("spy@x.example")).isEmpty();
        assertThat(site.letter("absent@" + lists + ".example").text()).contains("is not subscribed");
        site.mail(mod, at(list, "query-" + stranger().replace('@', '=')));
        assertThat(site.letter(mod).text()).contains("is subscribed to the list");
        assertThat(site.letters(stranger())).hasSize(1);
    }

    @Test
    void row_2_2_10_row_2_2_11_moderators_get_the_list_and_its_number_and_strangers_do_not() {
        var list = fresh();
        var mod = moderator(list);
        site.subscribe(list, "a@m.example", "b@m.example");
        site.mail(mod, at(list, "list"));
        assertThat(site.lastLetter(mod).subject()).isEqualTo("Subscriber list for " + list.address());
        assertThat(site.lastLetter(mod).text()).contains("a@m.example\r\nb@m.example\r\n").contains("Total addresses: 2");
        site.mail(mod, at(list, "listn"));
        assertThat(site.lastLetter(mod).text()).contains("Total addresses: 2").doesNotContain("a@m.example");
        site.mail(stranger(), at(list, "list"));
        assertThat(site.letter(stranger()).text()).contains("moderators only").doesNotContain("a@m.example");
        var hiding = fresh("member-list", "off");
        site.role(hiding, "moderator", mod);
        site.mail(mod, at(hiding, "list"));
        assertThat(site.lastLetter(mod).text()).contains("moderators only");
    }

    @Test
    void row_2_2_19_each_set_has_its_list_and_its_log() {
        var list = fresh();
        var mod = moderator(list);
        site.run(
                "insert into list_access values (%1$d, 'allow', 'friend@x.example'), (%1$d, 'deny', '@spam.example')".formatted(list.id()));
        site.mail(mod, at(list, "allow-list"));
        assertThat(site.lastLetter(mod).text()).contains("friend@x.example").doesNotContain("@spam.example");
        site.mail(mod, at(list, "deny-list"));
        assertThat(site.lastLetter(mod).text()).contains("@spam.example");
        site.mail(mod, at(list, "digest-list"));
        assertThat(site.lastLetter(mod).text()).contains("Total addresses: 0");
        site.mail(mod, at(list, "digest-log"));
        assertThat(site.lastLetter(mod).text()).contains("nothing in the log");
    }

    @Test
    void row_2_2_12_the_log_shows_who_came_and_went_and_is_searched() {
        var list = fresh("subscribing", "open", "unsubscribing", "open");
        var mod = moderator(list);
        site.mailAs("Jane Doe <jane.d@log.example>", "jane.d@log.example", at(list, "subscribe"), "", "");
        site.mail("bob@log.example", at(list, "subscribe"));
        site.mail("bob@log.example", at(list, "unsubscribe"));
        site.mail(mod, at(list, "log"));
        assertThat(site.lastLetter(mod).text()).contains(" + jane.d@log.example Jane Doe").contains(" + bob@log.example")
                .contains(" - bob@log.example");
        site.mail(mod, at(list, "log.JANE-d"));
        assertThat(site.lastLetter(mod).text()).contains("jane.d@log.example").doesNotContain("bob@");
        site.mail(stranger(), at(list, "log"));
        assertThat(site.letter(stranger()).text()).contains("moderators only");
    }

    @Test
    void row_2_2_13_row_2_2_14_a_moderator_edits_a_text_by_mail_and_it_is_used_from_then_on() {
        var list = fresh();
        var mod = moderator(list);
        site.mail(mod, at(list, "edit"));
        assertThat(site.lastLetter(mod).text()).contains("    sub-confirm");
        site.mail(mod, at(list, "edit.sub_ok"));
        var edit = site.lastLetter(mod);
        assertThat(edit.replyTo()).matches(list.localPart() + "-ed\\.sub-ok\\.[a-z2-7]{26}@lists\\.example\\.org");
        assertThat(edit.text()).contains("%%% START OF TEXT FILE").contains("    <#A#>");
        site.mail(mod, edit.replyTo(), "Re: edit", """
                > bla
                > %%% START OF TEXT FILE
                > Hello <#A#>,
                >
                > here you are!
                > %%% END OF TEXT FILE
                > bla
                """);
        assertThat(site.lastLetter(mod).text()).contains("\"sub-ok\" is changed");
        site.mail(stranger(), at(list, "subscribe"));
        site.mail(stranger(), site.letter(stranger()).replyTo());
        assertThat(site.lastLetter(stranger()).text().replace("\r", "")).contains("Hello " + stranger() + ",\n\nhere you are!\n")
                .doesNotContain("bla");
        // the address died with the text it was made for
        site.mail(mod, edit.replyTo(), "Re: edit", "%%% START OF TEXT FILE\nother\n%%% END OF TEXT FILE\n");
        assertThat(site.lastLetter(mod).text()).contains("could not be changed");
        assertThat(site.ask("select text from notice_text where list_id = " + list.id())).startsWith("Hello");
        site.mail(stranger(), at(list, "edit.sub-ok"));
        assertThat(site.lastLetter(stranger()).text()).contains("moderators only");
    }

    // 2.7 retrieval

    @Test
    void row_2_7_05_row_2_7_08_row_2_12_17_get_sends_posts_as_a_digest_with_selected_fields() {
        var list = fresh();
        posts(list, 5);
        site.mail(stranger(), at(list, "get.2_3"));
        var letter = site.letter(stranger());
        assertThat(letter.subject()).isEqualTo(list.localPart() + " Digest of: get.2_3");
        assertThat(letter.field("From")).isEqualTo(at(list, "help"));
        assertThat(letter.text()).contains("multipart/digest", "Body 2.", "Body 3.", "Subject: odd 3").doesNotContain("Body 1.", "Body 4.",
                "X-Secret");
        var mime = MimeView.of(letter.text().getBytes(UTF_8));
        assertThat(mime.parts().stream().filter(part -> part.mediaType().equals("message/rfc822")).count()).isEqualTo(2);
    }

    @ParameterizedTest(name = "{0}: {1}, not {2}")
    @CsvSource(delimiter = '|', textBlock = """
            get-4            | Body 4.           | Body 3.
            get4             | Body 4.           | Body 3.
            get.4-5          | Body 5.           | Body 3.
            get.1_999        | Body 5.           | nothing
            get.99_120       | Body 5.           | nothing
            get              | Body 1.           | nothing
            digest           | Body 1.           | nothing
            getv.2           | X-Secret          | Body 1.
            getx.2           | X-Secret          | Body 1.
            getn.2           | X-Secret          | Body 1.
            getr.2           | End of Digest     | multipart/
            getm.2           | multipart/digest  | X-Secret
            GET.2            | Body 2.           | Body 1.
            """)
    void row_2_7_06_row_2_7_07_row_2_7_09_numbers_and_format_letters(String words, String there, String absent) {
        var list = fresh();
        posts(list, 5);
        site.mail(stranger(), at(list, words));
        assertThat(site.letter(stranger()).text()).contains(there).doesNotContain(absent.equals("nothing") ? "\u0001" : absent);
    }

    @Test
    void row_2_7_10_index_has_two_lines_a_post() {
        var list = fresh();
        posts(list, 3);
        site.mail(stranger(), at(list, "index"));
        var letter = site.letter(stranger());
        assertThat(letter.subject()).isEqualTo(list.localPart() + " Result of: index");
        assertThat(letter.text()).containsPattern("3: odd 3\r\n\t.*; Author 3\r\n");
    }

    @Test
    void row_2_7_11_thread_has_what_answers_and_what_has_the_same_subject() {
        var list = fresh();
        posts(list, 5);
        site.mail(stranger(), at(list, "thread.2"));
        assertThat(site.letter(stranger()).text()).contains("Body 2.", "Body 4.").doesNotContain("Body 1.", "Body 3.");
        site.mail(stranger(), at(list, "thread.99"));
        assertThat(site.lastLetter(stranger()).text()).contains("There is no such post. The last one has number 5.");
    }

    @ParameterizedTest(name = "{0}, {1}: {2} gets it {3}")
    @CsvSource({
            "public, readers, stranger, true", "public, members, stranger, false", "public, members, member, true",
            "members, readers, stranger, false", "members, readers, member, true", "off, readers, member, false",
            "public, moderators, member, false", "public, moderators, moderator, true"})
    void row_2_7_01_row_2_7_02_row_2_7_03_row_2_7_04_who_may_read_gets_posts_at_that_address(String archive, String retrieval, String who,
            boolean gets) {
        var list = fresh("archive", archive, "retrieval", retrieval);
        var mod = moderator(list);
        posts(list, 1);
        var member = "member" + stranger();
        site.subscribe(list, member);
        var asker = who.equals("stranger") ? stranger() : who.equals("member") ? member : mod;
        site.mail(asker, at(list, "get.1"));
        assertThat(site.letter(asker).text().contains("Body 1.")).isEqualTo(gets);
    }

    @Test
    void asking_in_a_members_name_brings_the_asker_nothing() {
        var list = fresh("archive", "members");
        posts(list, 1);
        site.subscribe(list, "real" + stranger());
        site.send("thief@x.example", "From: real%s\nMessage-ID: <thief%d@x>\n\n".formatted(stranger(), lists), at(list, "get.1"));
        assertThat(site.letters("thief@x.example")).isEmpty();
        assertThat(site.letter("real" + stranger()).text()).contains("Body 1.");
    }

    // 2.8 request and site

    @ParameterizedTest(name = "{0} / {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            subscribe              | x               | confirm subscribe
            sub                    | x               | confirm subscribe
            Re: subscribe          | x               | confirm subscribe
            %s-subscribe           | x               | confirm subscribe
            unsub                  | x               | Not subscribed
            signoff                | x               | Not subscribed
            remove                 | x               | Not subscribed
            123                    | subscribe       | confirm subscribe
            set                    | x               | Help for
            system                 | x               | Help for
            who                    | x               | Your request
            bla                    | x               | Help for
            """)
    void row_2_8_01_row_2_8_03_row_2_8_04_row_2_8_05_row_2_8_06_a_command_in_the_subject_or_the_first_line(String subject, String body,
            String answer) {
        var list = fresh();
        site.mail(stranger(), at(list, "request"), subject.formatted(list.localPart()), body);
        assertThat(site.letter(stranger()).subject()).startsWith(answer);
    }

    @Test
    void row_2_8_02_a_line_of_a_signature_is_no_command() {
        var list = fresh();
        site.mail(stranger(), at(list, "request"), "", "-- \nsubscribe\n");
        assertThat(site.letter(stranger()).subject()).startsWith("Help for");
    }

    @Test
    void row_2_8_03b_another_address_in_the_subject() {
        var list = fresh();
        site.mail("p@x.example", at(list, "request"), "subscribe " + stranger(), "");
        assertThat(site.letter(stranger()).subject()).startsWith("confirm subscribe");
    }

    @Test
    void row_2_8_07_row_2_8_08_the_site_s_address_takes_commands_for_every_list() {
        var list = fresh("description", "Tea and cakes");
        var hidden = fresh("archive", "members", "description", "Hidden");
        site.mail(stranger(), "listserv@lists.example.org", "lists", "");
        assertThat(site.lastLetter(stranger()).text()).contains(list.address().toString(), "Tea and cakes")
                .doesNotContain(hidden.address().toString());
        site.subscribe(hidden, stranger());
        site.mail(stranger(), "listserv@lists.example.org", "which", "");
        assertThat(site.lastLetter(stranger()).text()).contains(hidden.address().toString()).doesNotContain(list.address().toString());
        site.mail("p@x.example", "listserv@lists.example.org", "subscribe " + list.localPart() + " other" + stranger(), "");
        assertThat(site.letter("other" + stranger()).subject()).isEqualTo("confirm subscribe to " + list.address());
        site.mail("third" + stranger(), "listserv@lists.example.org", "subscribe " + list.address(), "");
        assertThat(site.letter("third" + stranger()).subject()).isEqualTo("confirm subscribe to " + list.address());
        site.mail("fourth" + stranger(), "listserv@lists.example.org", "nonsense", "");
        assertThat(site.letter("fourth" + stranger()).subject()).isEqualTo("Help for listserv@lists.example.org");
    }

    // what an answer looks like

    @Test
    void row_2_2_20_row_2_2_21_row_2_2_22_fields_of_an_answer_in_their_order() {
        var list = fresh();
        site.mail(stranger(), at(list, "subscribe"));
        var letter = site.letter(stranger());
        assertThat(letter.reversePath()).isEqualTo(at(list, "return-"));
        var names = HeaderSection.parse(letter.text().getBytes(UTF_8)).fields().stream()
                .map(org.listserv.mail.HeaderField::name).toList();
        assertThat(names).containsExactly("Mailing-List", "List-Id", "List-Help", "List-Post", "List-Subscribe", "Date", "Message-ID",
                "From", "To",
                "Delivered-To", "Auto-Submitted", "MIME-Version", "Reply-To", "Subject", "Content-Type", "Content-Transfer-Encoding");
        assertThat(letter.field("Delivered-To")).isEqualTo("responder for " + list.address());
        assertThat(letter.field("From")).isEqualTo(at(list, "help"));
        assertThat(letter.field("To")).isEqualTo(stranger());
        assertThat(letter.text()).contains("Return-Path: <" + stranger() + ">");
    }
}
