package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.listserv.lists.MailingList;
import org.listserv.reception.Site;
import org.listserv.smtp.MailSite;

/// Whole conversations, each step with another node and written by another mail program.
class ClusterDialogueTest {
    private static MailSite site;
    private static final AtomicInteger STEPS = new AtomicInteger();

    @BeforeAll
    static void start() {
        site = new MailSite();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    /// How mail programs answer. What stands in the mail does not matter; it must only do no harm.
    enum Program {
        MUTT("""
                From: %1$s
                To: %2$s
                Subject: Re: %3$s
                Message-ID: <Z%4$d@mutt>
                In-Reply-To: <x@lists.example.org>
                References: <x@lists.example.org>
                User-Agent: Mutt/2.2.12
                Content-Type: text/plain; charset=us-ascii

                On Mon, Jan 01, 2024 at 10:00:00AM +0000, dev-help@lists.example.org wrote:
                > Somebody, we hope you, asked to subscribe
                """),
        GMAIL("""
                MIME-Version: 1.0
                References: <x@lists.example.org>
                In-Reply-To: <x@lists.example.org>
                From: %1$s
                Date: Mon, 1 Jan 2024 10:00:00 +0100
                Message-ID: <CA%4$d@mail.gmail.com>
                Subject: Re: %3$s
                To: %2$s
                Content-Type: multipart/alternative; boundary="00000000000012"

                --00000000000012
                Content-Type: text/plain; charset="UTF-8"

                yes please

                On Mon, Jan 1, 2024 at 10:00 AM <dev-help@lists.example.org> wrote:

                > Somebody, we hope you, asked to subscribe
                >

                --00000000000012
                Content-Type: text/html; charset="UTF-8"
                Content-Transfer-Encoding: quoted-printable

                <div dir=3D"ltr">yes please</div><br><div class=3D"gmail_quote"><blockquote>Somebody</blockquote></div>
                --00000000000012--
                """),
        OUTLOOK("""
                From: "%1$s" <%1$s>
                To: "%2$s"
                \t<%2$s>
                Subject: RE: %3$s
                Thread-Topic: %3$s
                Thread-Index: AQHaPL
                Date: Mon, 1 Jan 2024 09:00:00 +0000
                Message-ID: <DB%4$d@EURP.PROD.OUTLOOK.COM>
                X-MS-Has-Attach:
                Content-Type: text/html; charset="iso-8859-1"
                Content-Transfer-Encoding: quoted-printable
                MIME-Version: 1.0

                <html><body><p>OK</p><hr><b>From:</b> dev-help@lists.example.org<br>Somebody, we hope you, asked</body></html>
                """),
        /// In German, answered above the quotation, the subject folded anew and its white space another.
        OUTLOOK_GERMAN("""
                From: "Doe, Jane" <%1$s>
                To: <%2$s>
                References: <x@lists.example.org>
                In-Reply-To: <x@lists.example.org>
                Subject: AW:\t%3$s\s
                Date: Mon, 1 Jan 2024 10:00:00 +0100
                Message-ID: <000%4$d$@de.example>
                MIME-Version: 1.0
                Content-Type: multipart/alternative;
                \tboundary="----=_NextPart_000_0001"
                X-Mailer: Microsoft Outlook 16.0
                Content-Language: de

                This is a multipart message in MIME format.

                ------=_NextPart_000_0001
                Content-Type: text/plain; charset="iso-8859-1"
                Content-Transfer-Encoding: quoted-printable

                Ja, gerne!

                -----Urspr=FCngliche Nachricht-----
                Von: dev-help@lists.example.org=20
                Betreff: confirm

                Somebody, we hope you,=20
                asked to subscribe

                ------=_NextPart_000_0001
                Content-Type: text/html; charset="iso-8859-1"
                Content-Transfer-Encoding: quoted-printable

                <html><body><p>Ja, gerne!</p><p>Somebody, we hope you</p></body></html>
                ------=_NextPart_000_0001--
                """),
        /// Everything in base 64, nothing quoted.
        PHONE("""
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: base64
                From: %1$s
                Mime-Version: 1.0 (1.0)
                Date: Mon, 1 Jan 2024 10:00:00 +0100
                Subject: Re: %3$s
                Message-Id: <A0-%4$d@phone.example>
                In-Reply-To: <x@lists.example.org>
                To: %2$s
                X-Mailer: iPhone Mail (21A329)

                SmENClNlbnQgZnJvbSBteSBpUGhvbmUNCg==
                """),
        SWAKS("""
                Date: Mon, 01 Jan 2024 10:00:00 +0100
                To: %2$s
                From: %1$s
                Subject: test
                Message-Id: <%4$d@swaks>
                X-Mailer: swaks v20201014.0 jetmore.org/john/code/swaks/

                This is a test mailing
                """);

        private final String shape;

        Program(String shape) {
            this.shape = shape;
        }

        String mail(String from, String to, String subject, int id) {
            return shape.formatted(from, to, subject, id);
        }
    }

    /// To the next node, and the same mail once more to the one behind it.
    private static void step(Program program, String from, String to, String subject) {
        step(program, from, to, subject, STEPS.incrementAndGet());
    }

    private static void step(Program program, String from, String to, String subject, int step) {
        var mail = program.mail(from, to, subject, step);
        assertThat(site.sendTo(step % MailSite.NODES, from, mail, to).code()).isEqualTo(250);
        assertThat(site.sendTo((step + 1) % MailSite.NODES, from, mail, to).code()).isEqualTo(250);
    }

    private static String at(MailingList list, String words) {
        return list.localPart() + "-" + words + "@lists.example.org";
    }

    @ParameterizedTest
    @EnumSource
    void subscribe_confirm_post_hold_accept_and_unsubscribe_each_step_twice_and_each_with_another_node(Program program) {
        var name = program.name().toLowerCase(Locale.ROOT).replace('_', '-');
        var list = site.list("d-" + name, "posting", "moderated");
        var jane = "jane@" + name + ".example";
        var mod = "mod@" + name + ".example";
        site.role(list, "moderator", mod);
        step(program, jane, at(list, "subscribe"), "subscribe");
        var confirm = site.letter(jane);
        step(program, jane, confirm.replyTo(), confirm.subject());
        assertThat(site.members(list, "main")).isEqualTo(jane);
        assertThat(site.letters(jane)).hasSize(2);
        step(program, jane, list.address().toString(), "A post");
        var moderate = site.letter(mod);
        step(program, mod, moderate.replyTo(), moderate.subject());
        assertThat(site.ask("select last_number from list_head where list_id = " + list.id())).isEqualTo("1");
        assertThat(site.letters(mod)).hasSize(1);
        site.later("25 hours");
        step(program, jane, at(list, "unsubscribe"), "unsubscribe");
        var leave = site.lastLetter(jane);
        step(program, jane, leave.replyTo(), leave.subject());
        assertThat(site.members(list, "main")).isEmpty();
        assertThat(site.lastLetter(jane).subject()).startsWith("GOODBYE");
        assertThat(site.log(list, "main")).isEqualTo("+ " + jane + ", - " + jane);
    }

    /// A person who sees nothing happen replies again: another mail, to another node.
    @Test
    void who_answers_twice_is_told_how_things_stand_and_nothing_happens_twice() {
        var list = site.list("d-twice", "posting", "moderated");
        var jane = "jane@twice.example";
        var mod = "mod@twice.example";
        site.role(list, "moderator", mod);
        for (var i = 0; i < 2; i++) {
            step(Program.GMAIL, jane, at(list, "subscribe"), "subscribe");
        }
        var confirm = site.letter(jane);
        for (var i = 0; i < 2; i++) {
            step(Program.GMAIL, jane, confirm.replyTo(), confirm.subject());
        }
        assertThat(site.letters(jane)).extracting(Site.Letter::subject).containsExactly("confirm subscribe to " + list.address(),
                "WELCOME to " + list.address(), "Already subscribed to " + list.address());
        step(Program.GMAIL, jane, list.address().toString(), "A post");
        var moderate = site.letter(mod);
        for (var i = 0; i < 2; i++) {
            step(Program.OUTLOOK, mod, moderate.replyTo(), moderate.subject());
        }
        assertThat(site.letters(mod)).hasSize(1);
        assertThat(site.copies(jane)).hasSize(1);
        site.later("25 hours");
        for (var i = 0; i < 2; i++) {
            step(Program.GMAIL, jane, at(list, "unsubscribe"), "unsubscribe");
        }
        var leave = site.lastLetter(jane);
        for (var i = 0; i < 2; i++) {
            step(Program.GMAIL, jane, leave.replyTo(), leave.subject());
        }
        assertThat(site.letters(jane).subList(3, 6)).extracting(Site.Letter::subject).containsExactly(
                "confirm unsubscribe from " + list.address(), "GOODBYE from " + list.address(), "Not subscribed to " + list.address());
        assertThat(site.log(list, "main")).isEqualTo("+ " + jane + ", - " + jane);
    }

    /// Whoever alters an address, in any place, changes nothing, and is told what to do.
    @Test
    void a_token_altered_in_any_place_is_refused_by_every_node_with_an_answer_that_helps() {
        var list = site.list("d-altered");
        var token = "-sc\\.([a-z2-7]{26})-";
        for (var place = 0; place < 26; place++) {
            var jane = "jane" + place + "@altered" + place + ".example";
            step(Program.SWAKS, jane, at(list, "subscribe"), "subscribe");
            var replyTo = site.letter(jane).replyTo();
            var found = Pattern.compile(token).matcher(replyTo);
            assertThat(found.find()).isTrue();
            var at = found.start(1) + place;
            var altered = replyTo.substring(0, at) + (replyTo.charAt(at) == 'q' ? 'r' : 'q') + replyTo.substring(at + 1);
            site.later("25 hours");
            step(Program.SWAKS, jane, altered, "confirm");
            assertThat(site.members(list, "main")).as("place %d", place).isEmpty();
            assertThat(site.lastLetter(jane).text()).contains("too old, or not complete");
        }
    }

    @Test
    void steps_in_another_order_are_answered_so_that_one_knows_what_to_do() {
        var list = site.list("d-order");
        var jane = "jane@order.example";
        step(Program.MUTT, jane, at(list, "subscribe"), "x");
        var join = site.letter(jane).replyTo();
        step(Program.MUTT, jane, join, "x");
        site.later("25 hours");
        step(Program.MUTT, jane, at(list, "unsubscribe"), "x");
        var leave = site.lastLetter(jane).replyTo();
        step(Program.MUTT, jane, leave, "x");
        step(Program.MUTT, jane, leave, "again");
        assertThat(site.lastLetter(jane).subject()).startsWith("Not subscribed to");
        step(Program.MUTT, jane, join, "again");
        assertThat(site.lastLetter(jane).subject()).startsWith("WELCOME to");
        step(Program.MUTT, jane, join, "once more");
        assertThat(site.lastLetter(jane).subject()).startsWith("Already subscribed to");
        assertThat(site.members(list, "main")).isEqualTo(jane);
    }
}
