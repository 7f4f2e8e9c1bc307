package org.listserv.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Mutations;
import org.listserv.mail.ReversePath;

class ReportReaderTest {
    private static final ReversePath NULL = new ReversePath.Null();
    private static final ReversePath SOMEBODY = ReversePath.parse("somebody@example.net");

    private final ReportReader reader = new ReportReader();

    @Test
    void a_delivery_report_tells_recipient_action_status_and_why() {
        var report = read(NULL, report("message/delivery-status", """
                Reporting-MTA: dns; mx.example.net

                Original-Recipient: rfc822; jane@example.org
                Final-Recipient: rfc822; jane.doe@example.com
                Action: failed
                Status: 5.1.1
                Diagnostic-Code: smtp; 550 5.1.1 <jane.doe@example.com>: Recipient
                 address rejected: User unknown
                """));
        assertThat(report).isEqualTo(new Report.Delivery(List.of(new Recipient(EmailAddress.parse("jane.doe@example.com"),
                EmailAddress.parse("jane@example.org"), Recipient.Action.FAILED, "5.1.1", Recipient.Kind.HARD,
                "550 5.1.1 <jane.doe@example.com>: Recipient address rejected: User unknown"))));
        assertThat(((Report.Delivery) report).isBounce()).isTrue();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"delayed, DELAYED SOFT", "delivered, DELIVERED NONE", "relayed, RELAYED NONE", "expanded, EXPANDED NONE",
            "failed, FAILED SOFT"})
    void only_failed_recipients_make_a_bounce(String action, String told) {
        var report = read(NULL, report("message/delivery-status",
                "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; jane@example.org\nAction: " + action + "\n"));
        assertThat(told(report)).isEqualTo("jane@example.org " + told + " ");
        assertThat(((Report.Delivery) report).isBounce()).isEqualTo(action.equals("failed"));
    }

    /// RFC 6533 §3: both forms of an address.
    @Test
    void an_internationalised_report_is_read_like_any_other() {
        assertThat(told(read(NULL, report("message/global-delivery-status", """
                Reporting-MTA: dns; mx.example.net

                Final-Recipient: utf-8; m\\x{FC}ller@example.org
                Action: failed
                Status: 5.1.1

                Final-Recipient: utf-8; jürgen@example.org
                Action: failed
                Status: 5.2.2
                """)))).isEqualTo("müller@example.org FAILED HARD 5.1.1, jürgen@example.org FAILED SOFT 5.2.2");
    }

    /// In the words of MTAs that know no delivery reports, or of old ones.
    static Stream<Arguments> words() {
        return Stream.of(
                Arguments.of("QSBMF (cr.yp.to/proto/qsbmf.txt)", "jane@example.org FAILED HARD 5.1.1, joe@example.org FAILED SOFT 4.2.2", """
                        Hi. This is the qmail-send program at example.net.
                        I'm afraid I wasn't able to deliver your message to the following addresses.
                        This is a permanent error; I've given up. Sorry it didn't work out.

                        <jane@example.org>:
                        Sorry, no mailbox here by that name. (#5.1.1)

                        <joe@example.org>:
                        192.0.2.5 does not like recipient.
                        Remote host said: 450 4.2.2 over quota
                        I'm not going to try again; this message has been in the queue too long.

                        --- Below this line is a copy of the message.

                        Received: x
                        To: <nobody@example.com>
                        """),
                Arguments.of("Exim", "jane@example.org FAILED HARD , joe@example.org FAILED HARD", """
                        This message was created automatically by mail delivery software.

                        A message that you sent could not be delivered to one or more of its
                        recipients. This is a permanent error. The following address(es) failed:

                          jane@example.org
                            Unrouteable address
                          joe@example.org
                            host mx.example.org [192.0.2.5]
                            SMTP error from remote mail server after RCPT TO:<joe@example.org>:
                            550 no such user

                        ------ This is a copy of the message, including all the headers. ------

                        From: a@example.com
                        """),
                Arguments.of("Exim, a warning", "jane@example.org DELAYED SOFT", """
                        This message was created automatically by mail delivery software.
                        A message that you sent has not yet been delivered to one or more of its
                        recipients after more than 24 hours on the queue on mx.example.net.

                          jane@example.org
                            host mx.example.org [192.0.2.5]: 550 no such user

                        No action is required on your part. Delivery attempts will continue for
                        some time.
                        """),
                Arguments.of("Postfix of 1999", "jane@example.org FAILED HARD 5.1.1", """
                        This is the Postfix program at host mx.example.net.

                        I'm sorry to have to inform you that the message returned
                        below could not be delivered to one or more destinations.

                        \t\t\tThe Postfix program

                        <jane@example.org>: host mx.example.org[192.0.2.5] said: 550
                            5.1.1 <jane@example.org>... User unknown (in reply to RCPT TO command)
                        """),
                Arguments.of("sendmail", "jane@example.org FAILED SOFT 5.2.2", """
                        The original message was received at Mon, 1 Jan 2024

                           ----- The following addresses had permanent fatal errors -----
                        <jane@example.org>
                            (reason: 552 5.2.2 over quota)

                           ----- Transcript of session follows -----
                        ... while talking to mx.example.org.:
                        >>> RCPT To:<jane@example.org>
                        <<< 552 5.2.2 over quota
                        550 5.1.1 <jane@example.org>... User unknown
                        """),
                Arguments.of("sendmail, two recipients", "jane@example.org FAILED HARD 5.1.1, joe@example.com FAILED SOFT 5.2.2", """
                           ----- The following addresses had permanent fatal errors -----
                        <jane@example.org>
                        <joe@example.com>

                           ----- Transcript of session follows -----
                        ... while talking to mx.example.org.:
                        >>> RCPT To:<jane@example.org>
                        <<< 550 5.1.1 <jane@example.org>... User unknown
                        550 <jane@example.org>... User unknown
                        ... while talking to mx.example.com.:
                        >>> RCPT To:<joe@example.com>
                        <<< 552 5.2.2 over quota
                        550 5.1.1 <joe@example.com>... User unknown
                        """),
                Arguments.of("Microsoft SMTPSVC", "jane@example.org FAILED SOFT", """
                        The email below could not be delivered to the following user:
                        <jane@example.org>

                        Old message:
                        x
                        """),
                Arguments.of("Smail", "jane@example.org FAILED HARD", """
                        Failed addresses follow: - delivery failed
                            jane@example.org  ... unknown host

                        ------- Returned message
                        To: list@example.com
                        """),
                Arguments.of("CommuniGate Pro", "jane@example.org FAILED SOFT", """
                        Failed to deliver to '<jane@example.org>'
                        SMTP module(domain example.org) reports:
                         account is full (quota exceeded)
                        """),
                Arguments.of("MDaemon", "jane@example.org FAILED HARD 5.1.1", """
                        The attached message had PERMANENT fatal delivery errors.

                        Failed address: jane@example.org

                        Session Transcript:
                         --> RCPT To:<jane@example.org>
                         <-- 550 5.1.1 unknown user
                        """),
                Arguments.of("hotpop.com", "jane@example.org FAILED SOFT", """
                        Undeliverable Address:  jane@example.org
                        The user's mailbox is full.

                        Original message attached.
                        """),
                Arguments.of("in one sentence", "jane@example.org FAILED SOFT", """
                        Delivery of your message to jane@example.org failed: user unknown
                        """),
                Arguments.of("in German", "jane@example.org FAILED HARD 5.1.1", """
                        Ihre Nachricht konnte nicht zugestellt werden.

                        jane@example.org: 550 5.1.1 unbekannt
                        """),
                Arguments.of("in Russian", "jane@example.org FAILED SOFT 5.2.2", """
                        Ваше письмо не может быть доставлено:

                        <jane@example.org>\
                        552 5.2.2 Mailbox full
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("words")
    void what_mtas_write_for_people_is_read(String mta, String told, String text) {
        var mail = "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nTo: <list-return@example.com>\nSubject: mail\n\n"
                + text;
        assertThat(told(read(NULL, mail)).strip()).as(mta).isEqualTo(told);
        assertThat(told(read(NULL, mail.replace("\n", "\r\n"))).strip()).as(mta + " with CRLF").isEqualTo(told);
    }

    @ParameterizedTest(name = "{0} is {4}")
    @CsvSource(delimiter = '|', textBlock = """
            a person's words about a bounce      | Jane <jane@example.org>       | Re: bounce   | The message could not be delivered:\\n<joe@example.org>: 550 5.1.1 User unknown | Other
            a bounce that a person quotes        | Postmaster <postmaster@example.org> | Re: x  | Look at this:\\n> could not be delivered\\n> <joe@example.org>: 550 5.1.1 User unknown    | Other
            a robot that has nothing to tell     | mailer-daemon@example.org     | hello        | Your message was put into the queue.                                       | Other
            somebody away                        | Jane <jane@example.org>       | Out of office: Re: x | I am away; mail to jane@example.org will not be delivered.          | AutoReply
            somebody away, in German             | Jane <jane@example.org>       | Abwesenheit: x | Ich bin im Urlaub.                                                        | AutoReply
            a sum of DMARC results               | noreply@example.org           | Report Domain: example.com Submitter: example.org Report-ID: <1> | see attachment          | Authentication
            """)
    void what_is_no_report_of_an_mta_is_no_bounce(String what, String from, String subject, String text, String kind) {
        var mail = "From: " + from + "\nSubject: " + subject + "\n\n" + text.replace("\\n", "\n") + "\n";
        assertThat(read(SOMEBODY, mail).getClass().getSimpleName()).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Auto-Submitted: auto-replied", "Auto-Submitted: auto-replied (vacation)", "X-Autoreply: yes",
            "X-Autorespond: vacation", "Precedence: auto_reply"})
    void automatic_answers_are_known_by_their_fields_whatever_they_say(String field) {
        assertThat(read(NULL, "From: jane@example.org\n" + field + "\nSubject: x\n\n"
                + "Mail to jane@example.org cannot be delivered, user unknown.\n")).isInstanceOf(Report.AutoReply.class);
    }

    @Test
    void a_mail_that_a_list_sent_is_no_report_in_words() {
        var text = "From: MAILER-DAEMON@example.org\nSubject: Undelivered Mail\n%s\ncould not be delivered\n\n<jane@example.org>: 550 5.1.1 no\n";
        assertThat(read(NULL, text.formatted(""))).isInstanceOf(Report.Delivery.class);
        assertThat(read(NULL, text.formatted("List-Id: <dev.example.org>\n"))).isInstanceOf(Report.Other.class);
    }

    @Test
    void a_report_that_somebody_forwards_is_none() {
        var inner = report("message/delivery-status", "Final-Recipient: rfc822; jane@example.org\nAction: failed\nStatus: 5.1.1\n");
        assertThat(read(SOMEBODY, """
                From: Jane <jane@example.org>
                Subject: Fwd: Undelivered Mail Returned to Sender
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=outer

                --outer

                What does this mean?
                --outer
                Content-Type: message/rfc822

                """ + inner + "\n--outer--\n")).isInstanceOf(Report.Other.class);
    }

    /// RFC 5965 appendix B.2, shortened.
    @Test
    void a_complaint_names_whom_it_can() {
        var report = read(SOMEBODY, report("message/feedback-report", """
                Feedback-Type: abuse
                User-Agent: SomeGenerator/1.0
                Version: 1
                Original-Mail-From: <somespammer@example.net>
                Original-Rcpt-To: <user@example.com>
                Source-IP: 192.0.2.1
                """));
        assertThat(report).isEqualTo(new Report.Complaint(List.of(EmailAddress.parse("user@example.com"))));
        assertThat(read(SOMEBODY, report("message/feedback-report", "Feedback-Type: auth-failure\nAuth-Failure: dmarc\n")))
                .isInstanceOf(Report.Authentication.class);
    }

    @Test
    void a_receipt_is_an_automatic_answer() {
        assertThat(read(NULL, report("message/disposition-notification",
                "Final-Recipient: rfc822; jane@example.org\nDisposition: manual-action/MDN-sent-manually; displayed\n")))
                .isInstanceOf(Report.AutoReply.class);
    }

    /// Where the report does not say whom it is about, the message that it gives back may; To of a list's message is the list.
    @Test
    void the_returned_message_names_the_recipient_unless_a_list_sent_it() {
        var returned = "From: Mail Delivery Subsystem <MAILER-DAEMON@example.net>\nSubject: Returned mail\n\nunable to deliver: timeout\n\n"
                + "   ----- Unsent message follows -----\n%sFrom: list@example.com\nTo: jane@example.org\n\nhello\n";
        assertThat(told(read(NULL, returned.formatted("")))).isEqualTo("jane@example.org FAILED SOFT ");
        assertThat(told(read(NULL, returned.formatted("List-Id: <dev.example.com>\n")))).isEqualTo("null FAILED SOFT ");
    }

    @ParameterizedTest(name = "{0}, {1}, {2} is {3}")
    @CsvSource(delimiter = '|', textBlock = """
            jane@example.org          | Undeliverable mail     | 550 5.1.1 jane: no such user        | null FAILED HARD 5.1.1
            jane@example.org          | Re: Undeliverable mail | 550 5.1.1 jane: no such user        | Other
            jane@example.org          | Undeliverable mail     | Do you know what to do about this?  | Other
            Mail Router <r@mx.example>| Your mail              | It could not be delivered: quota exceeded | null FAILED SOFT
            <>                        | Your mail              | It could not be delivered: quota exceeded | null FAILED SOFT
            """)
    void a_stored_report_is_known_by_its_sender_or_its_subject(String from, String subject, String text, String told) {
        assertThat(told(reader.read(octets("From: " + from + "\nSubject: " + subject + "\n\n" + text + "\n"))).strip()).isEqualTo(told);
    }

    @Test
    void a_report_about_nobody_is_still_a_report() {
        assertThat(told(read(NULL, report("message/delivery-status", "Reporting-MTA: dns; mx\n")))).isEqualTo("null FAILED SOFT ");
    }

    @Test
    void the_topmost_return_path_is_that_of_a_stored_message() {
        var text = "Subject: x\n\ncould not be delivered\n<jane@example.org>: 550 5.1.1 no\n";
        assertThat(reader.read(octets("Return-Path: <>\n" + text))).isInstanceOf(Report.Delivery.class);
        assertThat(reader.read(octets("Return-Path: <joe@example.org>\n" + text))).isInstanceOf(Report.Other.class);
        assertThat(reader.read(octets(text))).isInstanceOf(Report.Other.class);
    }

    @Test
    void anything_can_be_read() {
        var mutations = new Mutations(7);
        var seed = octets(report("message/delivery-status", "Final-Recipient: rfc822; jane@example.org\nAction: failed\nStatus: 5.1.1\n"));
        mutations.forEach(seed, 2_000, octets -> assertThat(reader.read(octets)).isNotNull());
        mutations.noise(300, 2_000, octets -> assertThat(reader.read(octets)).isNotNull());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            recipients       | Final-Recipient: rfc822; a@b.example\\nAction: failed\\n\\n
            addresses        | <a@b.example>: 550 5.1.1 user unknown\\n
            names in a row   | deliver a@b.example c@d.example\\n
            a line of marks  | <<<<<<<<@@@@@@@@>>>>>>>>
            a word           | mailbox
            codes            | 550-5.1.1 550 5.1.1
            """)
    void hostile_size_costs_no_time(String what, String piece) {
        var many = piece.replace("\\n", "\n").repeat(2_000_000 / piece.length());
        for (var type : List.of("message/delivery-status", "text/plain", "text/html", "message/feedback-report")) {
            var mail = octets(report(type, many));
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> reader.read(NULL, mail), what + " in " + type);
        }
    }

    private Report read(ReversePath reversePath, String mail) {
        return reader.read(reversePath, octets(mail));
    }

    private static byte[] octets(String mail) {
        return mail.getBytes(StandardCharsets.UTF_8);
    }

    private static String report(String type, String fields) {
        return """
                From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
                To: <list-return@example.com>
                Subject: Undelivered Mail Returned to Sender
                MIME-Version: 1.0
                Content-Type: multipart/report; boundary=b

                --b

                This is the mail system.
                --b
                Content-Type: %s

                %s
                --b--
                """.formatted(type, fields);
    }

    private static String told(Report report) {
        return report instanceof Report.Delivery(var recipients)
                ? recipients.stream().map(one -> one.address() + " " + one.action() + " " + one.kind() + " " + one.status())
                        .collect(Collectors.joining(", "))
                : report.getClass().getSimpleName();
    }
}
