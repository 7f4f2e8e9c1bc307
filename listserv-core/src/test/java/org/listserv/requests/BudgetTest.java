package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Reception;
import org.listserv.reception.Site;
import org.listserv.reception.Submission;
import org.listserv.reception.Upstream;

/// P11: what strangers can make us send to others.
class BudgetTest {
    private Site site;

    @BeforeEach
    void start() {
        site = new Site();
        site.list("one");
    }

    @AfterEach
    void stop() {
        site.close();
    }

    private String sent(String to) {
        return site.ask("select count(*) from batch where forward_path = '" + to + "'");
    }

    @Test
    void one_address_gets_one_confirmation_a_day_and_list() {
        site.list("two");
        for (var i = 0; i < 20; i++) {
            site.mail("forger" + i + "@x.example", "one-subscribe-victim=v.example@lists.example.org");
        }
        assertThat(sent("victim@v.example")).isEqualTo("1");
        site.mail("forger@x.example", "two-subscribe-victim=v.example@lists.example.org");
        assertThat(sent("victim@v.example")).isEqualTo("2");
        site.later("23 hours");
        site.mail("late@x.example", "one-subscribe-victim=v.example@lists.example.org");
        assertThat(sent("victim@v.example")).isEqualTo("2");
        site.later("1 hour 1 second");
        site.mail("next@x.example", "one-subscribe-victim=v.example@lists.example.org");
        assertThat(sent("victim@v.example")).isEqualTo("3");
    }

    @Test
    void one_address_gets_three_other_answers_a_day_and_list_and_ten_mails_over_all_lists() {
        for (var i = 0; i < 10; i++) {
            site.mail("victim@v.example", "one-help@lists.example.org");
            site.mail("victim@v.example", "one-nonsense@lists.example.org");
        }
        assertThat(sent("victim@v.example")).isEqualTo("3");
        for (var i = 0; i < 20; i++) {
            site.list("more" + i);
            site.mail("victim@v.example", "more" + i + "-subscribe@lists.example.org");
        }
        assertThat(sent("victim@v.example")).isEqualTo("10");
    }

    @Test
    void ten_thousand_addresses_of_one_domain_get_two_hundred_mails_an_hour_from_two_nodes_together() throws Exception {
        var receptions = new Reception[]{site.reception(Upstream.QUEUED), site.reception(Upstream.QUEUED)};
        try (var senders = Executors.newFixedThreadPool(8)) {
            var requests = new ArrayList<Callable<Integer>>();
            for (var i = 0; i < 2_000; i++) {
                var number = i;
                requests.add(() -> {
                    var mail = "From: a" + number + "@many.example\r\nMessage-ID: <" + number + "@many.example>\r\n\r\n";
                    return receptions[number % 2].receive(new Submission(
                            new Client("192.0.2.1", "mx", "ESMTP"),
                            ReversePath.parse("a" + number + "@many.example"),
                            List.of(EmailAddress.parse("one-subscribe@lists.example.org")), false,
                            mail.getBytes(StandardCharsets.UTF_8))).getFirst().code();
                });
            }
            for (var answer : senders.invokeAll(requests)) {
                assertThat(answer.get()).isEqualTo(250);
            }
        }
        assertThat(site.ask("select count(*) from batch where forward_path like '%@many.example'")).isEqualTo("200");
        assertThat(site.ask("select sent from automatic_mail where kind = 'domain' and what = 'many.example'")).isEqualTo("200");
        site.later("1 hour 1 second");
        site.mail("later@many.example", "one-subscribe@lists.example.org");
        assertThat(sent("later@many.example")).isEqualTo("1");
    }

    @Test
    void who_proved_himself_is_answered_beyond_the_budget() {
        site.mail("ann@p.example", "one-subscribe@lists.example.org");
        for (var i = 0; i < 5; i++) {
            site.mail("ann@p.example", "one-help@lists.example.org");
        }
        assertThat(sent("ann@p.example")).isEqualTo("4");
        site.mail("ann@p.example", site.letters("ann@p.example").getFirst().replyTo());
        assertThat(site.lastLetter("ann@p.example").subject()).startsWith("WELCOME");
    }

    @Test
    void moderators_are_asked_by_another_budget_so_that_nobody_uses_up_theirs() {
        var list = site.list("three", "subscribing", "approve");
        site.role(list, "moderator", "mod@m.example");
        for (var i = 0; i < 120; i++) {
            site.mail("a" + i + "@n" + i + ".example", "three-subscribe@lists.example.org");
        }
        assertThat(sent("mod@m.example")).isEqualTo("100");
        site.mail("mod@m.example", "one-help@lists.example.org");
        assertThat(sent("mod@m.example")).isEqualTo("101");
    }

    @Test
    void robots_reports_and_our_own_mail_are_taken_and_not_answered() {
        site.send("", "From: a@b.example\nMessage-ID: <1@r>\n\n", "one-subscribe@lists.example.org");
        site.send("a@b.example", "From: a@b.example\nAuto-Submitted: auto-replied\nMessage-ID: <2@r>\n\n",
                "one-subscribe@lists.example.org");
        site.send("a@b.example", "From: a@b.example\nPrecedence: bulk\nMessage-ID: <3@r>\n\n", "one-help@lists.example.org");
        site.send("a@b.example", "From: a@b.example\nDelivered-To: responder for one@lists.example.org\nMessage-ID: <4@r>\n\n",
                "one-help@lists.example.org");
        site.send("one-help@lists.example.org", "From: a@b.example\nMessage-ID: <5@r>\n\n", "one-help@lists.example.org");
        site.mail("a@b.example", "one-subscribe-one=lists.example.org@lists.example.org");
        assertThat(site.ask("select count(*) from outgoing")).isEqualTo("0");
        assertThat(site.ask("select count(*) from arrival where outcome like 'dropped: %' and get_byte(key, 0) = 0")).isEqualTo("6");
    }

    @Test
    void an_answer_quotes_the_header_section_and_never_the_body() {
        site.mail("a@b.example", "one-help@lists.example.org", "please", "BUY NOW http://spam.example/\n");
        var answer = site.letter("a@b.example").text();
        assertThat(answer).contains("Return-Path: <a@b.example>").contains("Subject: please").doesNotContain("BUY NOW");
        assertThat(answer.lines().allMatch(line -> line.length() <= 998)).isTrue();
    }
}
