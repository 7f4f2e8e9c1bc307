package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.listserv.store.TestDatabase;

class MemberCommandsTest {

    private static final CommandLineFixture LISTSERV = new CommandLineFixture(TestDatabase.fresh());

    @AfterAll
    static void close() {
        LISTSERV.close();
    }

    @BeforeEach
    void oneList() {
        LISTSERV.database().sql("truncate domain, address, audit cascade");
        LISTSERV.done("domain create lists.example.org");
        LISTSERV.done("list create dev@lists.example.org");
    }

    @Test
    void who_is_added_twice_is_there_once() {
        assertThat(LISTSERV.done("member add dev@lists.example.org ines@example.org hanne@example.net"))
                .isEqualTo("dev@lists.example.org: 2 addresses added");
        assertThat(LISTSERV.done("member add dev@lists.example.org INES@example.org raj@example.org"))
                .isEqualTo("dev@lists.example.org: 1 address added, 1 there already");
        assertThat(LISTSERV.done("member add dev@lists.example.org raj@example.org"))
                .isEqualTo("unchanged: dev@lists.example.org: 1 address there already");
        assertThat(LISTSERV.done("member remove dev@lists.example.org raj@example.org"))
                .isEqualTo("dev@lists.example.org: 1 address removed");
        assertThat(LISTSERV.done("member remove dev@lists.example.org raj@example.org"))
                .isEqualTo("unchanged: dev@lists.example.org: 1 address not there");
        assertThat(LISTSERV.done("list list").lines().skip(1)).singleElement().asString().contains("dev@lists.example.org        2");
    }

    @Test
    void addresses_come_from_standard_input_one_a_line() {
        var addresses = IntStream.range(0, 12_000).mapToObj(i -> "user" + i + "@example.com").collect(Collectors.joining("\n"));
        assertThat(
                LISTSERV.run("# our readers\n\nInes <ines@example.org>\n" + addresses, "member", "add", "dev@lists.example.org", "-").out())
                .isEqualTo("dev@lists.example.org: 12,001 addresses added\n");
        assertThat(LISTSERV.done("member list dev@lists.example.org").lines()).hasSize(12_002)
                .anyMatch(line -> line.matches("ines@example.org +each +[0-9-]+ +Ines"));
    }

    @Test
    void what_is_no_address_is_named_and_the_others_go_in() {
        var ran = LISTSERV.run("ines@example.org\nx@@y\nraj@example.org\n", "member", "add", "dev@lists.example.org", "-");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err().lines()).hasSize(2).first().asString().startsWith("line 2: ").endsWith(": x@@y");
        assertThat(ran.err()).endsWith("listserv: dev@lists.example.org: 2 addresses added; 1 line not understood, see above\n");
    }

    @Test
    void what_did_not_reach_an_address_is_shown_for_it_and_for_the_list() {
        LISTSERV.done("member add dev@lists.example.org ines@example.org raj@example.org");
        assertThat(LISTSERV.done("bounce list dev@lists.example.org")).isEqualTo("nothing has come back to dev@lists.example.org");
        assertThat(LISTSERV.done("bounce show ines@example.org")).isEqualTo("nothing has come back from ines@example.org");
        LISTSERV.database().sql("""
                insert into bounce (list_id, subscription_id, address, number, source, reply, message, received_at, kind, status, diagnostic)
                select s.list_id, s.id, a.mailbox, x.number, x.source, x.reply, x.message, x.at::timestamptz, x.kind, x.status, x.diagnostic
                  from subscription s join address a on a.id = s.address_id and a.normal = 'ines@example.org',
                       (values (7, 'relay', E'550-5.1.1 no\\n550 such user', null, '2026-03-01T10:00Z', null, null, null),
                               (8, 'report', null, 1, '2026-03-02T10:00Z', 'hard', '5.1.1', '550 no such mailbox'))
                       x(number, source, reply, message, at, kind, status, diagnostic)
                """);
        assertThat(LISTSERV.done("member show dev@lists.example.org INES@example.org")).endsWith("""

                BOUNCED               POST  BY      KIND  STATUS  DIAGNOSTIC
                2026-03-02 10:00 UTC     8  report  hard  5.1.1   550 no such mailbox
                2026-03-01 10:00 UTC     7  relay                 550-5.1.1 no""");
        assertThat(LISTSERV.done("member show dev@lists.example.org raj@example.org")).doesNotContain("BOUNCED");
        assertThat(LISTSERV.done("member show dev@lists.example.org ines@example.org --format json")).contains("""
                      "kind": "hard",
                      "status": "5.1.1",
                      "diagnostic": "550 no such mailbox"
                """);
        assertThat(LISTSERV.done("bounce list dev@lists.example.org")).isEqualTo("""
                ADDRESS           FAILED  HARD  LAST        POST  BY      KIND  STATUS  DIAGNOSTIC
                ines@example.org       2     1  2026-03-02     8  report  hard  5.1.1   550 no such mailbox""");
        assertThat(LISTSERV.done("bounce show ines@example.org")).hasLineCount(3)
                .contains("dev@lists.example.org  2026-03-02 10:00 UTC     8  report  hard  5.1.1   550 no such mailbox");
        assertThat(LISTSERV.done("find ines@example.org")).contains("hard: 5.1.1 550 no such mailbox");
    }

    @Test
    void sets_modes_and_roles_are_apart() {
        LISTSERV.done("member add dev@lists.example.org ines@example.org");
        LISTSERV.done("member add dev@lists.example.org --mode digest ines@example.org");
        LISTSERV.done("member add dev@lists.example.org --mode none raj@example.org");
        LISTSERV.done("member add dev@lists.example.org --in deny @spam.example");
        assertThat(LISTSERV.done("member add dev@lists.example.org --role owner ines@example.org"))
                .isEqualTo("dev@lists.example.org: 1 address now owner");
        assertThat(LISTSERV.done("member add dev@lists.example.org --role owner ines@example.org"))
                .isEqualTo("unchanged: dev@lists.example.org: 1 address owner already");
        assertThat(LISTSERV.done("member list dev@lists.example.org --in digest")).contains("ines@example.org").doesNotContain("raj@");
        assertThat(LISTSERV.done("member list dev@lists.example.org --in deny")).contains("@spam.example");
        assertThat(LISTSERV.done("member list dev@lists.example.org --role owner --format json")).isEqualTo("""
                [
                  {
                    "address": "ines@example.org",
                    "role": "owner"
                  }
                ]""");
        assertThat(LISTSERV.done("member show dev@lists.example.org ines@example.org")).contains("subscribed to the digest", "owner");
        assertThat(LISTSERV.done("member show dev@lists.example.org raj@example.org")).contains("subscribed, gets nothing");
        assertThat(LISTSERV.done("find ines@example.org")).startsWith("address ines@example.org\n")
                .contains("dev@lists.example.org: owner since ");
        assertThat(LISTSERV.done("explain dev@lists.example.org --from x@spam.example")).contains("denied  ", "550 5.7.1");
        assertThat(LISTSERV.run("", "member", "show", "dev@lists.example.org", "nobody@example.org").err())
                .isEqualTo(
                        "listserv: dev@lists.example.org knows nothing of nobody@example.org; `listserv find nobody@example.org` looks at all lists\n");
    }
}
