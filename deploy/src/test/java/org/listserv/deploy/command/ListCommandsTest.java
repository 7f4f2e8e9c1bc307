package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import org.listserv.lists.Setting;
import org.listserv.store.TestDatabase;

class ListCommandsTest {

    private static final CommandLineFixture LISTSERV = new CommandLineFixture(TestDatabase.fresh());

    @AfterAll
    static void close() {
        LISTSERV.close();
    }

    @BeforeEach
    void oneDomain() {
        LISTSERV.database().sql("truncate domain, audit cascade");
        LISTSERV.done("domain create lists.example.org");
    }

    @Test
    void a_domain_is_made_once_shown_and_removed_once() {
        assertThat(LISTSERV.done("domain create example.net")).isEqualTo("created mail domain example.net");
        assertThat(LISTSERV.done("domain create Example.NET")).isEqualTo("unchanged: Example.NET is a mail domain already");
        assertThat(LISTSERV.done("domain list").lines()).hasSize(3);
        assertThat(LISTSERV.done("domain show example.net")).contains("lists   none");
        assertThat(LISTSERV.done("domain delete example.net")).isEqualTo("deleted mail domain example.net");
        assertThat(LISTSERV.done("domain delete example.net")).isEqualTo("unchanged: there is no mail domain example.net");
        assertThat(LISTSERV.run("", "domain", "show", "example.net").err())
                .isEqualTo("listserv: there is no mail domain example.net; `listserv domain list` shows all\n");
    }

    @Test
    void a_list_is_made_once_changed_and_removed_once() {
        assertThat(LISTSERV.done("list create dev@lists.example.org --set posting=anyone")).isEqualTo("created dev@lists.example.org");
        assertThat(LISTSERV.done("list create dev@lists.example.org --set posting=anyone"))
                .isEqualTo("unchanged: the list dev@lists.example.org is there already");
        assertThat(LISTSERV.done("list set dev@lists.example.org --set posting=members --set prefix=[dev]"))
                .isEqualTo("changed dev@lists.example.org");
        assertThat(LISTSERV.done("list set dev@lists.example.org --set prefix=[dev]"))
                .isEqualTo("unchanged: dev@lists.example.org has these settings already");
        assertThat(LISTSERV.done("list delete dev@lists.example.org")).isEqualTo("deleted dev@lists.example.org");
        assertThat(LISTSERV.done("list delete dev@lists.example.org")).isEqualTo("unchanged: there is no list dev@lists.example.org");
    }

    @Test
    void a_setting_may_be_empty_and_may_hold_the_equals_sign() {
        LISTSERV.done("list create dev@lists.example.org --set prefix= --set description=a=b");
        assertThat(LISTSERV.done("list list --format json")).contains("\"description\": \"a=b\"");
    }

    @Test
    void show_prints_every_setting_with_its_meaning() {
        LISTSERV.done("list create dev@lists.example.org");
        var shown = LISTSERV.done("list show dev@lists.example.org");
        for (var setting : Setting.values()) {
            assertThat(shown).contains(setting.key(), setting.meaning());
            assertThat(LISTSERV.done("list settings")).contains(setting.key() + "\n    " + setting.meaning());
        }
    }

    @Test
    void json_is_one_document_with_camel_case_keys() throws Exception {
        LISTSERV.done("list create dev@lists.example.org --set description=Talk");
        assertThat(LISTSERV.done("list list --format json")).isEqualTo("""
                [
                  {
                    "address": "dev@lists.example.org",
                    "description": "Talk",
                    "state": "active",
                    "members": 0,
                    "posts": 0
                  }
                ]""");
        var shown = LISTSERV.done("list show dev@lists.example.org --format json");
        assertThat(shown).contains("\"lastNumber\": 0", "\"replyTo\": \"author\"", "\"posting\": \"members-or-hold\"",
                "\"maxSize\": 1000000");
        try (var parser = new JsonFactory().createParser(ObjectReadContext.empty(), shown)) {
            while (parser.nextToken() != null) {
                // to the end, or not JSON
            }
        }
    }

    @Test
    void all_wrong_settings_are_named_together() {
        var ran = LISTSERV.run("", "list", "create", "dev@lists.example.org", "--set", "posting=x", "--set", "y=z");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err().lines()).singleElement().asString().contains("posting cannot be 'x'", "there is no setting 'y'");
    }

    @Test
    void removing_an_archive_asks_for_the_name() {
        LISTSERV.done("list create dev@lists.example.org");
        assertThat(LISTSERV.run("yes\n", "list", "delete", "dev@lists.example.org", "--with-archive").err())
                .startsWith("This removes dev@lists.example.org and 0 posts for ever. Type the list's name to go on: ")
                .endsWith("listserv: not deleted: the name typed is another than dev@lists.example.org\n");
        assertThat(LISTSERV.run("dev@lists.example.org\n", "list", "delete", "dev@lists.example.org", "--with-archive").out())
                .isEqualTo("deleted dev@lists.example.org\n");
        LISTSERV.done("list create dev@lists.example.org");
        assertThat(LISTSERV.done("list delete dev@lists.example.org --with-archive --yes-delete dev@lists.example.org"))
                .isEqualTo("deleted dev@lists.example.org");
    }

    @Test
    void who_did_it_is_written_down() {
        LISTSERV.done("list create dev@lists.example.org");
        var actor = LISTSERV.database().database().<String>read(connection -> {
            try (var rows = connection.createStatement().executeQuery("select actor from audit where action = 'list.create'")) {
                rows.next();
                return rows.getString(1);
            }
        });
        assertThat(actor).isEqualTo(System.getProperty("user.name") + "@node1");
    }
}
