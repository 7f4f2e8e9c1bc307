package org.listserv.posting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.lists.MailingList;
import org.listserv.reception.Site;
import org.listserv.store.Buffers;
import org.listserv.store.TestDatabase;

/// An answer that does not say what it answers joins the newest thread with its subject; nothing else is threaded by subjects.
class SubjectThreadsTest {
    private static Site site;
    private static int lists;
    private static int messages;
    private final MailingList list = site.list("subject" + ++lists);

    @BeforeAll
    static void open() {
        site = new Site();
    }

    @AfterAll
    static void close() {
        site.close();
    }

    @ParameterizedTest(name = "{0} is {1}, an answer: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            A plan                        | a plan | false
            Re: A plan                    | a plan | true
            RE:a  plan                    | a plan | true
            Aw: A plan                    | a plan | true
            Antw : Re: A plan             | a plan | true
            SV: VS: A plan                | a plan | true
            回复: A plan                   | a plan | true
            回复\uFF1ARE\uFF1AA plan             | a plan | true
            Re[2]: A plan                 | a plan | true
            Re(3): A plan                 | a plan | true
            Re^2: A plan                  | a plan | true
            [dev] Re: A plan              | a plan | true
            Re: [dev] [PATCH 1/2] A plan  | a plan | true
            [dev] A plan                  | a plan | false
            Fwd: A plan                   | a plan | false
            Fwd: Re: A plan               | a plan | false
            Re: Fwd: A plan (fwd)         | a plan | true
            Regarding: A plan             | regarding: a plan | false
            Renew: A plan                 | renew: a plan | false
            A plan, re: money             | a plan, re: money | false
            Re: Ein ÜBERBLICK             | ein ÜBerblick | true
            """)
    void the_base_subject_is_what_marks_and_tags_leave(String subject, String base, boolean answers) {
        assertThat(said("subject_key('%s') = subject_key('%s')".formatted(subject, base))).isEqualTo("t");
        assertThat(said("subject_key('%s') = subject_key('another')".formatted(subject))).isEqualTo("f");
        assertThat(said("subject_answers('%s')".formatted(subject))).isEqualTo(answers ? "t" : "f");
    }

    @ParameterizedTest(name = "[{0}] says nothing")
    @CsvSource({"''", "Re:", "Re: [dev]", "[dev] Fwd: Re: ", "'   '"})
    void a_subject_that_says_nothing_has_no_base(String subject) {
        assertThat(said("subject_key('%s') is null".formatted(subject))).isEqualTo("t");
    }

    private static String said(String expression) {
        return site.ask("select (" + expression + ")::text").substring(0, 1);
    }

    @Test
    void an_answer_without_references_goes_to_what_its_subject_names() {
        post("1", "A plan");
        post("2", "Another plan");
        post("3", "Re: A plan");
        post("4", "AW: [subject] a plan");
        post("5", "答复\uFF1AA plan");
        assertThat(threads()).isEqualTo("1 3:1 4:1 5:1, 2");
    }

    @Test
    void an_answer_to_an_answer_goes_to_what_that_one_answers() {
        post("1", "A plan");
        post("2", "Moved (was: A plan)", "1");
        post("3", "Re: Moved (was: A plan)");
        post("4", "Re: Elsewhere", "x", "y");
        post("5", "Re: Elsewhere");
        assertThat(threads()).isEqualTo("1 2:1 3:1, 4:x+y 5:x");
    }

    @Test
    void what_names_its_parent_is_answered_for_by_nobody_else() {
        post("1", "A plan");
        post("2", "Re: A plan", "x");
        assertThat(threads()).isEqualTo("1, 2:x");
    }

    @Test
    void the_same_subject_without_a_mark_begins_a_thread() {
        post("1", "Minutes");
        post("2", "Minutes");
        post("3", "Re: Minutes");
        post("4", "Fwd: Minutes");
        assertThat(threads()).isEqualTo("1, 2 3:2, 4");
    }

    @Test
    void another_list_has_other_threads() {
        var other = site.list("other" + lists);
        post("1", "A plan");
        assertThat(site.send("a@example.org", message("2", "Re: A plan"), other.address().toString()).code()).isEqualTo(250);
        post("3", "Re: A plan");
        assertThat(threads()).isEqualTo("1 3:1");
    }

    @Test
    void after_a_month_of_silence_the_subject_means_another_thing() {
        post("1", "A plan");
        site.run("update post set filed_at = filed_at - interval '29 days' where list_id = " + list.id());
        post("2", "Re: A plan");
        site.run("update post set filed_at = filed_at - interval '31 days' where list_id = " + list.id());
        post("3", "Re: A plan");
        assertThat(threads()).isEqualTo("1 2:1, 3");
    }

    @Test
    void a_post_that_was_taken_out_of_its_thread_is_answered_itself() {
        post("1", "A plan");
        post("2", "Moved", "1");
        site.run("""
                with own as (insert into thread (list_id) values (%d) returning id),
                     moved as (update post set thread_id = own.id from own where list_id = %1$d and seq = 2 returning message_id_hash, thread_id)
                update thread_message_id tm set thread_id = moved.thread_id from moved
                 where tm.list_id = %1$d and tm.message_id_hash = moved.message_id_hash
                """.formatted(list.id()));
        post("3", "Re: Moved");
        assertThat(threads()).isEqualTo("1, 2:1 3:2");
    }

    @Test
    void imports_find_what_is_in_the_archive_and_what_comes_with_them() {
        var importing = new Import(site.posting, new Permalinks(site.database), list, List.of(), Clock.systemUTC());
        importing.add(octets("1", "A plan"), day(1), "");
        importing.add(octets("2", "Re: A plan"), day(2), "");
        importing.flush();
        importing.add(octets("3", "Re: A plan"), day(3), "");
        importing.add(octets("4", "Re: a plan"), day(3), "");
        importing.add(octets("5", "A plan"), day(20), "");
        importing.add(octets("6", "Re: A plan"), day(21), "");
        importing.add(octets("7", "Re: A plan"), day(4), "");
        importing.add(octets("8", "Re: A plan"), day(52), "");
        importing.flush();
        // 7 was filed before 5, so it cannot answer it; 8 comes a month after all of them.
        assertThat(threads()).isEqualTo("1 2:1 3:1 4:1 7:1, 5 6:5, 8");
    }

    /// `-Dlistserv.plan.posts=500000` makes the large archive as large as that.
    @Test
    void it_costs_the_same_in_a_large_archive() {
        int large = Integer.getInteger("listserv.plan.posts", 20_000);
        var small = costs(large / 10);
        var costs = costs(large);
        System.out.println("buffers of answered_by_subject: " + small + " at " + large / 10 + " posts, " + costs + " at " + large);
        for (var i = 0; i < costs.size(); i++) {
            assertThat(costs.get(i)).isLessThanOrEqualTo(small.get(i) + 3);
        }
    }

    /// @return buffers for a subject of one post, of every second, and of none
    private static List<Long> costs(int posts) {
        try (var test = TestDatabase.fresh()) {
            test.sql("""
                    insert into domain (name) values ('lists.example.org');
                    insert into list (domain_id, local_part) select id, 'dev' from domain;
                    insert into thread (list_id) select id from list;
                    insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, thread_id, subject, size, filed_at)
                    select l.id, i, i, i, sha256(int8send(i)), sha256(int8send(i)), i || '@example.org', i, t.id,
                           case when i %% 2 = 0 then 'Re: Question' else 'Subject ' || i end, 4000, timestamptz '2020-01-01 00:00Z' + i * interval '1 minute'
                      from list l, thread t, generate_series(1, %d) i;
                    """.formatted(posts));
            test.sql("vacuum analyze");
            return List.of(costs(test, "Re: Subject " + (posts / 2 + 1), posts), costs(test, "Re: Question", posts),
                    costs(test, "Re: Nothing", posts));
        }
    }

    private static long costs(TestDatabase test, String subject, int posts) {
        return Buffers.of(test.database(),
                "select * from answered_by_subject((select id from list), ?, timestamptz '2020-01-01 00:00Z' + ? * interval '1 minute', 30)",
                parameters -> {
                    parameters.setString(1, subject);
                    parameters.setInt(2, posts);
                });
    }

    private static Optional<Instant> day(int day) {
        return Optional.of(Instant.parse("2024-01-01T00:00:00Z").plusSeconds(86_400L * day));
    }

    private void post(String messageId, String subject, String... references) {
        assertThat(site.send("a@example.org", message(messageId, subject, references), list.address().toString()).code()).isEqualTo(250);
    }

    private static byte[] octets(String messageId, String subject) {
        return message(messageId, subject).getBytes(UTF_8);
    }

    private static String message(String messageId, String subject, String... references) {
        return "From: a@example.org\nMessage-ID: <" + messageId + ">\nSubject: " + subject + "\n"
                + (references.length == 0 ? "" : "References: <" + String.join("> <", references) + ">\n") + "\nHello, " + ++messages
                + ".\n";
    }

    /// Message-IDs by thread, each with what it refers to.
    private String threads() {
        return site.ask("""
                select string_agg(posts, ', ' order by first)
                  from (select min(p.seq) as first,
                               string_agg(p.message_id || case when p.refs = '{}' then '' else ':' || array_to_string(p.refs, '+') end, ' ' order by p.seq) as posts
                          from post p join thread t on t.id = p.thread_id where p.list_id = %d group by coalesce(t.merged_into, t.id)) x
                """.formatted(list.id()));
    }
}
