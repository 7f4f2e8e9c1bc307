package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.listserv.store.TestDatabase;

/// Texts of mail, the secrets behind its addresses, and the log of who came and went.
class TextCommandsTest {

    private static final CommandLineFixture LISTSERV = new CommandLineFixture(TestDatabase.fresh());

    @BeforeAll
    static void oneList() {
        LISTSERV.done("domain create lists.example.org");
        LISTSERV.done("list create dev@lists.example.org");
    }

    @AfterAll
    static void close() {
        LISTSERV.close();
    }

    @Test
    void a_list_s_text_stands_before_the_site_s_and_that_before_the_shipped_one() {
        var shipped = LISTSERV.done("text show faq");
        assertThat(shipped).startsWith("Nobody has written down");
        assertThat(LISTSERV.run("Ask the site.\n", "text", "set", "faq", "-").out()).isEqualTo("text faq (en) of the site changed\n");
        assertThat(LISTSERV.run("Ask the site.\n", "text", "set", "faq", "-").out()).isEqualTo("unchanged: text faq (en) of the site\n");
        assertThat(LISTSERV.done("text show faq --list dev@lists.example.org")).isEqualTo("Ask the site.");
        LISTSERV.run("Ask Ann.\n", "text", "set", "faq", "-", "--list", "dev@lists.example.org");
        assertThat(LISTSERV.done("text show faq --list dev@lists.example.org")).isEqualTo("Ask Ann.");
        assertThat(LISTSERV.done("text show faq")).isEqualTo("Ask the site.");
        assertThat(LISTSERV.done("text list --list dev@lists.example.org")).containsPattern("faq +list +Ask Ann");
        LISTSERV.done("text reset faq --list dev@lists.example.org");
        assertThat(LISTSERV.done("text reset faq --list dev@lists.example.org")).startsWith("unchanged: ");
        LISTSERV.done("text reset faq");
        assertThat(LISTSERV.done("text show faq --list dev@lists.example.org")).isEqualTo(shipped);
    }

    @Test
    void a_language_is_shown_and_set_by_itself() {
        assertThat(LISTSERV.done("text show sub-ok --language de")).startsWith("Willkommen!");
        assertThat(LISTSERV.done("text show sub-ok --language de-CH")).startsWith("Willkommen!");
        LISTSERV.run("Bienvenue !\n", "text", "set", "sub-ok", "-", "--language", "fr");
        assertThat(LISTSERV.done("text show sub-ok --language fr")).isEqualTo("Bienvenue !");
        assertThat(LISTSERV.done("text show sub-ok")).startsWith("Welcome!");
    }

    @Test
    void what_is_no_text_is_named() {
        var ran = LISTSERV.run("x", "text", "set", "sub-okay", "-");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).isEqualTo("listserv: there is no text sub-okay; `listserv text list` names all\n");
    }

    @Test
    void a_secret_is_rotated_once_a_day_and_the_old_one_honoured() {
        assertThat(LISTSERV.done("key rotate")).startsWith("unchanged: secret ");
        assertThat(LISTSERV.done("key rotate --again")).isEqualTo("a new secret signs, on every node within two minutes");
        assertThat(LISTSERV.done("key list").lines()).hasSize(3);
        assertThat(LISTSERV.done("key list").lines().skip(1).filter(line -> line.matches(".*\\d{4}-\\d{2}-\\d{2}.*\\d{4}-\\d{2}-\\d{2}.*")))
                .as("the old one ends").hasSize(1);
    }

    @Test
    void who_came_and_went_is_shown() {
        LISTSERV.done("member add dev@lists.example.org ines@example.org raj@example.org");
        LISTSERV.done("member remove dev@lists.example.org raj@example.org");
        assertThat(LISTSERV.done("member log dev@lists.example.org").lines().skip(1)).hasSize(3).last().asString()
                .containsPattern("-manual +raj@example.org");
        assertThat(LISTSERV.done("member log dev@lists.example.org --search ines").lines().skip(1)).singleElement().asString()
                .contains("+manual");
    }
}
