package org.listserv.reception;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.bounce.Report;
import org.listserv.bounce.ReportReader;
import org.listserv.lists.MailingList;
import org.listserv.mail.Corpora;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;
import org.listserv.members.MemberSet;

/// What comes back to the reverse-paths of a list, and what is made of it.
class BouncesTest {

    private static final Site SITE = new Site();

    @AfterAll
    static void close() {
        SITE.close();
    }

    /// With these subscribers, who got post 1.
    private static MailingList list(String local, String... subscribers) {
        var list = SITE.list(local);
        SITE.subscribe(list, subscribers);
        SITE.send("jane@example.org", "From: jane@example.org\nSubject: One\nMessage-ID: <1@%s.example>\n\nHi.\n".formatted(local),
                list.address().toString());
        return list;
    }

    private static String recipient(String address, String action, String status, String diagnostic) {
        return "\nFinal-Recipient: rfc822; %s\nAction: %s\nStatus: %s\nDiagnostic-Code: smtp; %s\n".formatted(address, action, status,
                diagnostic);
    }

    private static String gone(String address) {
        return recipient(address, "failed", "5.1.1", "550 5.1.1 no such mailbox");
    }

    private static int reports;

    /// No two are the same mail.
    private static String report(String... recipients) {
        return report("delivery-status", "message/delivery-status", "Reporting-MTA: dns; mx.example.net\n" + String.join("", recipients));
    }

    private static String report(String report, String type, String fields) {
        return """
                From: MAILER-DAEMON@mx.example.net
                Subject: Undelivered Mail Returned to Sender
                Message-ID: <report-%d@mx.example.net>
                MIME-Version: 1.0
                Content-Type: multipart/report; report-type=%s; boundary=b

                --b

                Sorry.
                --b
                Content-Type: %s

                %s
                --b--
                """.formatted(++reports, report, type, fields);
    }

    private static void comesBack(String to, String report) {
        assertThat(SITE.send("", report, to + "@lists.example.org").code()).isEqualTo(250);
    }

    /// Every failure recorded, a line each.
    private static String recorded(MailingList list) {
        return SITE.ask("""
                select coalesce(string_agg(concat_ws(' ', number, address, kind, status, diagnostic), E'\\n' order by id), '')
                  from bounce where list_id = %d
                """.formatted(list.id()));
    }

    /// As `find MESSAGE-ID` shows it, of the last mail that came back.
    private static String outcome(MailingList list) {
        return SITE.ask("select outcome from arrival where function like 'bounce%%' and list_id = %d order by message desc limit 1"
                .formatted(list.id()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            hard   | 5.1.1 | 550 5.1.1 no such mailbox
            soft   | 5.2.2 | 552 5.2.2 mailbox full
            policy | 5.7.1 | 550 5.7.1 message looks like spam
            """)
    void why_a_copy_failed_is_recorded_with_subscriber_and_post(String kind, String status, String diagnostic) {
        var list = list("k-" + kind, "ann@example.net");
        comesBack("k-" + kind + "-return-1-Ann=Example.Net", report(recipient("ann@example.net", "failed", status, diagnostic)));
        assertThat(recorded(list)).isEqualTo("1 ann@example.net " + kind + " " + status + " " + diagnostic);
        assertThat(outcome(list)).isEqualTo("bounce");
        assertThat(SITE.ask("select subscription_id = (select id from subscription where list_id = %1$d) from bounce where list_id = %1$d"
                .formatted(list.id()))).isEqualTo("t");
    }

    @Test
    void a_reverse_path_without_room_for_the_address_names_the_subscription() {
        var who = "x".repeat(60) + "@example.net";
        var list = list("long", who);
        var id = Long.parseLong(SITE.ask("select id from subscription where list_id = " + list.id()));
        var path = SITE.verp.reversePath("long-return-1-{u}@lists.example.org", id, EmailAddress.parse(who)).toString();
        SITE.send("", report(gone("elsewhere@example.com")), path.replaceAll("[<>]", ""));
        assertThat(recorded(list)).isEqualTo("1 " + who + " hard 5.1.1 550 5.1.1 no such mailbox");

        SITE.run("delete from subscription where list_id = " + list.id());
        SITE.send("", report(gone("elsewhere@example.com")), path.replaceAll("[<>]", ""));
        assertThat(outcome(list)).isEqualTo("dropped: the subscriber has left");
    }

    @Test
    void of_several_recipients_the_subscribers_own_counts_else_what_harms_him_least() {
        var list = list("several", "ann@example.net", "bob@example.net", "cy@example.net");
        comesBack("several-return-1-ann=example.net",
                report(recipient("other@example.com", "failed", "5.2.2", "552 5.2.2 mailbox full"), gone("ann@example.net")));
        comesBack("several-return-1-bob=example.net",
                report(gone("b1@example.com"), recipient("b2@example.com", "failed", "5.2.2", "552 5.2.2 mailbox full")));
        comesBack("several-return-1-cy=example.net",
                report(gone("c1@example.com"), recipient("c2@example.com", "delivered", "2.0.0", "250 ok")));
        assertThat(outcome(list)).isEqualTo("dropped: it names nobody it failed for");
        assertThat(recorded(list)).isEqualTo("""
                1 ann@example.net hard 5.1.1 550 5.1.1 no such mailbox
                1 bob@example.net soft 5.2.2 552 5.2.2 mailbox full""");
    }

    @Test
    void without_a_subscriber_in_the_reverse_path_every_subscriber_a_report_names_is_taken_and_no_stranger() {
        var list = list("plain", "ann@example.net", "bob@example.net", "cy@example.net");
        comesBack("plain-return-1-", report(gone("bob@example.net"), gone("stranger@example.com"),
                recipient("cy@example.net", "delayed", "4.2.1", "450 4.2.1 try later"),
                "\nOriginal-Recipient: rfc822; ann@example.net" + gone("ann.lee@example.com")));
        assertThat(recorded(list)).isEqualTo("""
                1 ann@example.net hard 5.1.1 550 5.1.1 no such mailbox
                1 bob@example.net hard 5.1.1 550 5.1.1 no such mailbox""");
        assertThat(outcome(list)).isEqualTo("bounce");
        comesBack("plain-return-1-", report(gone("stranger@example.com")));
        assertThat(outcome(list)).isEqualTo("dropped: it names nobody who got the post");
    }

    @Test
    void whoever_got_the_post_and_left_is_recorded_and_whoever_came_later_is_not() {
        var list = list("moving", "ann@example.net");
        SITE.members.remove(list, MemberSet.MAIN, List.of("ann@example.net"), "test", _ -> {});
        SITE.subscribe(list, "late@example.net");
        comesBack("moving-return-1-late=example.net", report(gone("late@example.net")));
        assertThat(outcome(list)).isEqualTo("dropped: it names nobody who got the post");
        comesBack("moving-return-1-ann=example.net", report(gone("ann@example.net")));
        assertThat(recorded(list)).isEqualTo("1 ann@example.net hard 5.1.1 550 5.1.1 no such mailbox");
    }

    @Test
    void a_claim_about_a_post_that_was_never_sent_or_long_ago_is_none() {
        var list = list("forged", "ann@example.net");
        comesBack("forged-return-2-ann=example.net", report(gone("ann@example.net")));
        assertThat(outcome(list)).isEqualTo("dropped: no such post");
        comesBack("forged-return-ann=example.net", report(gone("ann@example.net")));
        comesBack("forged-return-x", report(gone("ann@example.net")));
        assertThat(outcome(list)).isEqualTo("dropped: it names no post");
        SITE.later("29 days");
        comesBack("forged-return-1-ann=example.net", report(gone("ann@example.net")));
        SITE.later("2 days");
        comesBack("forged-return-1-ann=example.net", report(gone("ann@example.net")));
        assertThat(outcome(list)).isEqualTo("dropped: the post is older than 30 days");
        assertThat(recorded(list)).hasLineCount(1);
    }

    @Test
    void a_subscriber_is_recorded_once_a_day_for_each_post() {
        var list = list("daily", "ann@example.net");
        SITE.send("jane@example.org", "From: jane@example.org\nSubject: Two\nMessage-ID: <2@daily.example>\n\nHi.\n",
                "daily@lists.example.org");
        comesBack("daily-return-1-ann=example.net", report(gone("ann@example.net")));
        comesBack("daily-return-1-ann=example.net", report(gone("ann@example.net")));
        assertThat(outcome(list)).isEqualTo("dropped: recorded today already");
        assertThat(recorded(list)).hasLineCount(1);
        comesBack("daily-return-2-", report(gone("ann@example.net")));
        assertThat(recorded(list)).hasLineCount(2);
        SITE.later("1 day");
        comesBack("daily-return-1-ann=example.net", report(gone("ann@example.net")));
        assertThat(recorded(list)).hasLineCount(3);
    }

    @Test
    void reports_about_the_same_subscribers_at_once_on_two_nodes_are_recorded_once() {
        var list = list("crowd", "ann@example.net", "bob@example.net");
        var nodes = List.of(SITE.reception(Upstream.QUEUED), SITE.anotherNode());
        var client = new Client("192.0.2.1", "mx.example.org", "ESMTP");
        var to = List.of(EmailAddress.parse("crowd-return-1-@lists.example.org"));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var replies = IntStream.range(0, 40).mapToObj(i -> {
                var report = i % 2 == 0
                        ? report(gone("ann@example.net"), gone("bob@example.net"))
                        : report(gone("bob@example.net"), gone("ann@example.net"));
                var submission = new Submission(client, new ReversePath.Null(), to, false, report.replace("\n", "\r\n").getBytes(UTF_8));
                return threads.submit(() -> nodes.get(i / 2 % 2).receive(submission).getFirst().code());
            }).toList();
            assertThat(replies).allSatisfy(reply -> assertThat(reply.get()).isEqualTo(250));
        }
        assertThat(recorded(list)).hasLineCount(2).contains("1 ann@", "1 bob@");
        assertThat(SITE
                .ask("select string_agg(distinct outcome, ', ' order by outcome) from arrival where function = 'bounce 1-' and list_id = "
                        + list.id()))
                .isEqualTo("bounce, dropped: recorded today already");
    }

    @Test
    void what_is_no_failure_is_dropped_with_its_name() {
        var list = list("others", "ann@example.net");
        comesBack("others-return-1-ann=example.net", report(recipient("ann@example.net", "delayed", "4.4.1", "451 4.4.1 no answer")));
        assertThat(outcome(list)).isEqualTo("dropped: a report of delay or delivery");
        comesBack("others-return-1-ann=example.net",
                "From: ann@example.net\nAuto-Submitted: auto-replied\nSubject: Away\nMessage-ID: <a@others.example>\n\nI am away.\n");
        assertThat(outcome(list)).isEqualTo("dropped: an automatic answer");
        comesBack("others-return-1-ann=example.net",
                report("feedback-report", "message/feedback-report", "Feedback-Type: auth-failure\nVersion: 1\nUser-Agent: x/1"));
        assertThat(outcome(list)).isEqualTo("dropped: a report about authentication");
        SITE.send("ann@example.net", "From: ann@example.net\nSubject: Hello\nMessage-ID: <b@others.example>\n\nIs anybody there?\n",
                "others-return-1-ann=example.net@lists.example.org");
        assertThat(outcome(list)).isEqualTo("dropped: not a report");
        assertThat(recorded(list)).isEmpty();
    }

    /// Whatever MTAs say fits into the rows; nothing has to be looked at by a person.
    @Test
    void reports_of_real_mtas_are_recorded_as_the_reader_has_them() {
        var files = Corpora.files("bounces/sisimai");
        assertThat(files).isNotEmpty();
        var who = IntStream.range(0, files.size()).mapToObj(i -> "u" + i + "@example.net").toList();
        var list = list("real", who.toArray(String[]::new));
        var reader = new ReportReader();
        var expected = new ArrayList<String>();
        for (var i = 0; i < files.size(); i++) {
            var octets = Corpora.octets(files.get(i));
            var subscriber = EmailAddress.parse(who.get(i));
            if (reader.read(new ReversePath.Null(), octets) instanceof Report.Delivery delivery) {
                delivery.failure(subscriber)
                        .map(one -> subscriber + " " + one.kind().name().toLowerCase(Locale.ROOT) + " " + one.status() + " "
                                + one.diagnostic())
                        .ifPresent(expected::add);
            }
            SITE.send(Upstream.QUEUED, "ESMTP", "", octets, "real-return-1-u" + i + "=example.net@lists.example.org",
                    "real-return-1-@lists.example.org");
        }
        assertThat(expected).hasSizeGreaterThan(200);
        assertThat(SITE.ask(
                "select string_agg(address || ' ' || kind || ' ' || status || ' ' || diagnostic, E'\\n' order by id) from bounce where list_id = "
                        + list.id())
                .split("\n")).containsExactlyElementsOf(expected);
        assertThat(SITE.ask("select count(*) from aside where list_id = " + list.id())).isEqualTo("0");
    }

    @Test
    void a_complaint_goes_to_the_owners_with_the_address_it_came_to_and_is_no_failure() {
        var list = list("spam", "ann@example.net");
        SITE.role(list, "owner", "owner@example.com");
        comesBack("spam-return-1-ann=example.net",
                report("feedback-report", "message/feedback-report", "Feedback-Type: abuse\nVersion: 1\nUser-Agent: x/1"));
        assertThat(outcome(list)).isEqualTo("complaint");
        assertThat(recorded(list)).isEmpty();
        assertThat(SITE.ask("""
                select b.forward_path || ' ' || convert_from(o.edit_put[1], 'UTF8') from batch b join outgoing o on o.id = b.outgoing_id
                 where o.kind = 'forward' and o.list_id = %d
                """.formatted(list.id()))).startsWith("owner@example.com ")
                .contains("Delivered-To: spam-return-1-ann=example.net@lists.example.org\r\n");
    }
}
