package org.listserv.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.EmailAddress;
import org.listserv.store.Buffers;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;
import org.listserv.store.Wire;

class AddressBookTest {
    private static TestDatabase test;
    private static WakeUps wakeUps;
    private static Lists lists;
    private static AddressBook book;

    @BeforeAll
    static void open() {
        test = TestDatabase.fresh();
        wakeUps = new WakeUps(test.settings());
        lists = new Lists(test.database(), wakeUps);
        book = new AddressBook(test.database(), lists);
        lists.createDomain("lists.example.org", "root");
        lists.createDomain("other.example", "root");
        for (var name : new String[]{"dev", "foo", "foo-dev", "foo-dev-team", "digest"}) {
            lists.create(new EmailAddress(name, "lists.example.org"), Map.of(), "root");
        }
    }

    @AfterAll
    static void close() {
        wakeUps.close();
        test.close();
    }

    /// Twice: the second answer may come from memory and must be the same.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            dev@lists.example.org                          | post dev
            DEV@Lists.Example.ORG                          | post dev
            foo@lists.example.org                          | post foo
            foo-dev@lists.example.org                      | post foo-dev
            foo-dev-team@lists.example.org                 | post foo-dev-team
            digest@lists.example.org                       | post digest
            dev-owner@lists.example.org                    | owner dev
            dev-Owner@lists.example.org                    | owner dev
            dev-digest-owner@lists.example.org             | owner dev
            foo-dev-owner@lists.example.org                | owner foo-dev
            dev-return-@lists.example.org                  | bounce dev ''
            dev-return@lists.example.org                   | bounce dev ''
            dev-return-37689-Uwe=Thetaphi.de@lists.example.org | bounce dev '37689-Uwe=Thetaphi.de'
            dev-return-5-a-b=c-d.example@lists.example.org | bounce dev '5-a-b=c-d.example'
            dev-return-5-~77.abcd@lists.example.org        | bounce dev '5-~77.abcd'
            dev-RETURN-warn-1.ck-u=d@lists.example.org     | bounce dev 'warn-1.ck-u=d'
            dev-digest-return-9-u=d@lists.example.org      | bounce of digest dev '9-u=d'
            foo-dev-return-9-u=d@lists.example.org         | bounce foo-dev '9-u=d'
            prvs=0123456789=dev-return-9-u=d@lists.example.org | bounce dev '9-u=d'
            SRS0=H=T=lists.example.org=dev-return-9-u=d@lists.example.org | bounce dev '9-u=d'
            foo-return-9-dev=d.example@lists.example.org   | bounce foo '9-dev=d.example'
            dev-subscribe@lists.example.org                | request dev subscribe ''
            dev-Subscribe-U=d.Example@lists.example.org    | request dev subscribe 'U=d.Example'
            dev-subscribe-a-b=c-d.example@lists.example.org| request dev subscribe 'a-b=c-d.example'
            dev-digest@lists.example.org                   | request dev digest ''
            dev-digest-subscribe-u=d@lists.example.org     | request dev digest 'subscribe-u=d'
            dev-allow-unsubscribe-u=d@lists.example.org    | request dev allow 'unsubscribe-u=d'
            dev-request@lists.example.org                  | request dev request ''
            dev-sc.170000.aaBB-U=d@lists.example.org       | request dev sc.170000.aaBB 'U=d'
            dev-SC.170000.aaBB-U=d@lists.example.org       | request dev SC.170000.aaBB 'U=d'
            dev-ACCEPT-1700.22.cookie@lists.example.org    | request dev accept '1700.22.cookie'
            dev-Get.5_10@lists.example.org                 | request dev get.5_10 ''
            dev-index-12345@lists.example.org              | request dev index '12345'
            dev-Log.Text@lists.example.org                 | request dev log.Text ''
            dev-whatever-else@lists.example.org            | request dev whatever 'else'
            dev-@lists.example.org                         | request dev  ''
            foo-dev-subscribe@lists.example.org            | request foo-dev subscribe ''
            foo-user-subscribe@lists.example.org           | request foo user 'subscribe'
            foo-dev-team-help@lists.example.org            | request foo-dev-team help ''
            "dev-hello world"@lists.example.org            | request dev hello world ''
            postmaster@lists.example.org                   | postmaster of lists.example.org
            PostMaster@OTHER.example                       | postmaster of other.example
            abuse@lists.example.org                        | postmaster of lists.example.org
            listserv@lists.example.org                     | commands at lists.example.org
            nobody@lists.example.org                       | unknown: no such list
            devel@lists.example.org                        | unknown: no such list
            de@lists.example.org                           | unknown: no such list
            -dev@lists.example.org                         | unknown: no such list
            dev/null@lists.example.org                     | unknown: no such list
            dev-return-5-a/b=c@lists.example.org           | unknown: no such list
            dev@other.example                              | unknown: no such list
            prvs=0123456789=dev@lists.example.org          | unknown: no such list
            SRS0=H=T=lists.example.org=dev-return-9-u=d@other.example | unknown: no such list
            dev@example.org                                | unknown: we take no mail for example.org
            postmaster@elsewhere.example                   | unknown: we take no mail for elsewhere.example
            dev@[127.0.0.1]                                | unknown: we take no mail for [127.0.0.1]
            """)
    void an_address_means(String address, String meaning) {
        var recipient = EmailAddress.parse(address, 200);
        assertThat(words(book.resolve(recipient))).isEqualTo(meaning);
        assertThat(words(book.resolve(recipient))).isEqualTo(meaning);
    }

    @Test
    void a_list_that_was_unknown_is_known_the_moment_it_is_made() {
        var address = EmailAddress.parse("brand-new@lists.example.org");
        assertThat(book.resolve(address)).isInstanceOf(Target.Unknown.class);
        behindOurBack("brand-new");
        assertThat(book.resolve(address)).isInstanceOf(Target.Post.class);
    }

    /// What looks like an odd command of a list in memory may be a new list.
    @Test
    void a_new_list_with_a_longer_name_is_found_beside_one_in_memory() {
        book.resolve(EmailAddress.parse("dev@lists.example.org"));
        var address = EmailAddress.parse("dev-announce@lists.example.org");
        assertThat(words(book.resolve(address))).isEqualTo("request dev announce ''");
        behindOurBack("dev-announce");
        assertThat(words(book.resolve(address))).isEqualTo("post dev-announce");
    }

    @Test
    void a_list_that_is_gone_is_unknown_within_seconds() {
        lists.create(new EmailAddress("short", "lists.example.org"), Map.of(), "root");
        var address = EmailAddress.parse("short@lists.example.org");
        assertThat(book.resolve(address)).isInstanceOf(Target.Post.class);
        test.sql("delete from list where local_part = 'short'");
        org.awaitility.Awaitility.await().atMost(java.time.Duration.ofSeconds(3))
                .until(() -> book.resolve(address) instanceof Target.Unknown);
    }

    @Test
    void without_a_database_nobody_is_called_unknown() {
        try (var wire = new Wire(test.settings()); var away = Database.open(wire.settings())) {
            wire.cut();
            var blind = new AddressBook(away, new Lists(away, wakeUps));
            assertThatThrownBy(() -> blind.resolve(EmailAddress.parse("nobody@lists.example.org"))).isInstanceOf(DatabaseUnavailable.class);
        }
    }

    @Test
    void a_look_costs_the_same_among_thirty_thousand_lists_as_among_three_thousand() {
        more("one", 3_000);
        long few = lookBuffers();
        more("two", 27_000);
        assertThat(lookBuffers()).isLessThanOrEqualTo(few * 3 / 2);
        test.sql("delete from list where local_part like 'many%'");
    }

    private static void more(String name, int lists) {
        test.sql("""
                insert into list (domain_id, local_part)
                select id, 'many-%s-' || i from domain, generate_series(1, %d) i where name = 'lists.example.org';
                analyze""".formatted(name, lists));
    }

    private static long lookBuffers() {
        var cuts = AddressBook.cuts("foo-dev-team-return-5-ann=a-b-c.example");
        return Buffers.of(test.database(), AddressBook.FIND, statement -> {
            statement.setArray(1, statement.getConnection().createArrayOf("text", cuts.toArray()));
            statement.setString(2, "lists.example.org");
        });
    }

    private static void behindOurBack(String name) {
        test.sql("insert into list (domain_id, local_part) select id, '" + name + "' from domain where name = 'lists.example.org'");
    }

    private static String words(Target target) {
        return switch (target) {
            case Target.Post(var list) -> "post " + list.localPart();
            case Target.Owner(var list) -> "owner " + list.localPart();
            case Target.Bounce(var list, var digest, var args) ->
                "bounce " + (digest ? "of digest " : "") + list.localPart() + " '" + args + "'";
            case Target.Request(var list, var command, var rest) -> "request " + list.localPart() + " " + command + " '" + rest + "'";
            case Target.Site(var domain) -> "commands at " + domain;
            case Target.Postmaster(var domain) -> "postmaster of " + domain;
            case Target.Unknown(var reason) -> "unknown: " + reason;
        };
    }
}
