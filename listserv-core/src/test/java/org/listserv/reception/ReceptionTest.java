package org.listserv.reception;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReceptionTest {
    private static Site site;

    @BeforeAll
    static void start() {
        site = new Site();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @Test
    void a_post_is_numbered_chained_and_owed_in_the_commit_that_is_answered_250() {
        var list = site.list("first");
        assertThat(site.send("jane@example.org", """
                From: Jane <jane@example.org>
                Subject: Hello
                Message-ID: <1@example.org>

                Hi.
                """, "first@lists.example.org").code()).isEqualTo(250);
        assertThat(site.ask("select last_number from list_head where list_id = " + list.id())).isEqualTo("1");
        assertThat(site.chain.check(list.id(), _ -> {}).isWhole()).isTrue();
    }
}
