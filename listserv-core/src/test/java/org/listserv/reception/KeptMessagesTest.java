package org.listserv.reception;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.listserv.mail.Reply;
import org.listserv.store.Retention;

/// How long received octets are kept.
class KeptMessagesTest {
    private static Site site;

    @BeforeAll
    static void start() {
        site = new Site();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static final String REPORT = "From: MAILER-DAEMON@example.net\nSubject: Undelivered\n\n<ann@example.net>: 550 5.1.1 no such mailbox\n";

    @Test
    void octets_that_became_nothing_go_with_the_last_row_that_names_them_and_posts_stay() {
        site.subscribe(site.list("kept"), "ann@example.net");
        site.send("jane@example.org", "From: jane@example.org\nSubject: A post\nMessage-ID: <k1@example.org>\n\nHi.\n",
                "kept@lists.example.org");
        site.send("jane@example.org", "From: jane@example.org\nSubject: Away\nAuto-Submitted: auto-replied\n\nI am away.\n",
                "kept@lists.example.org");
        site.send("", REPORT, "kept-return-1-ann=example.net@lists.example.org");
        var retention = new Retention(site.database);
        assertThat(subjects()).isEqualTo("Away, Post, Report");

        retention.run();
        assertThat(subjects()).isEqualTo("Away, Post, Report");

        site.run("update clock set shift = interval '20 days'");
        retention.run();
        assertThat(subjects()).as("nothing names the reply any more; the report is a bounce").isEqualTo("Post, Report");

        site.run("update clock set shift = interval '200 days'");
        retention.run();
        assertThat(subjects()).isEqualTo("Post");
        site.run("update clock set shift = default");
    }

    private static String subjects() {
        return site.ask("""
                select string_agg(what, ', ' order by what) from (
                    select case when position('away' in convert_from(octets, 'UTF8')) > 0 then 'Away'
                                when position('Undelivered' in convert_from(octets, 'UTF8')) > 0 then 'Report' else 'Post' end as what
                      from message) m
                """);
    }

    @Test
    void one_report_to_both_sets_of_a_list_is_two_reports() {
        var list = site.list("both");
        site.subscribe(list, "ann@example.net");
        site.run("insert into subscription (list_id, kind, address_id) values (%d, 'digest', %s)".formatted(list.id(),
                site.address("ann@example.net")));
        site.send("jane@example.org", "From: jane@example.org\nSubject: To both\nMessage-ID: <k2@example.org>\n\nHi.\n",
                "both@lists.example.org");
        var replies = site.send(Upstream.QUEUED, "LMTP", "", (REPORT + "twice\n").replace("\n", "\r\n").getBytes(UTF_8),
                "both-return-1-ann=example.net@lists.example.org", "both-digest-return-1-ann=example.net@lists.example.org");
        assertThat(replies).extracting(Reply::code).containsExactly(250, 250);
        assertThat(site.ask("select count(*) from bounce where list_id = " + list.id())).isEqualTo("2");
        site.run("delete from bounce");
        site.run("delete from arrival");
        site.run("delete from post where list_id = " + list.id());
        site.run("delete from message where id not in (select message from post)");
    }
}
