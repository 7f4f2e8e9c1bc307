package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.listserv.archive.Shelf.DEV;
import static org.listserv.archive.Shelf.MEMBER;
import static org.listserv.archive.Shelf.PRIVATE;
import static org.listserv.archive.Shelf.USERS;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.archive.SearchRequest.Order;
import org.listserv.archive.SearchResult.Facet;
import org.listserv.archive.SearchResult.InMonth;
import org.listserv.mail.EmailAddress;

/// Every field of the search language, over one small archive.
class SearchFieldsTest {
    private static final Reader ANYONE = Reader.ANONYMOUS;

    @TempDir
    private static Path folder;
    private static Shelf shelf;
    private static LuceneIndex index;

    @BeforeAll
    static void archive() {
        shelf = new Shelf();
        post(DEV, "2023-11-05T09:00:00Z", """
                From: Ann Lee <ann@example.org>
                To: dev@lists.example.org, Cid <cid@beta.example>
                Cc: Dora <dora@gamma.example>
                Subject: [VOTE] Release Tern 2.0
                Message-ID: <vote@x>
                Date: Sun, 05 Nov 2023 09:00:00 +0000
                User-Agent: Mutt/2.2
                Content-Type: text/plain; charset=iso-8859-2

                Please vote; HADOOP-1234 and CVE-2024-1234 are in. See https://example.org/notes
                --\s
                Ann
                """);
        post(DEV, "2023-11-06T09:00:00Z", """
                From: Bob <bob@beta.example>
                To: dev@lists.example.org
                Subject: Re: [VOTE] Release Tern 2.0
                Message-ID: <plus@x>
                In-Reply-To: <vote@x>
                Date: Mon, 06 Nov 2023 09:00:00 +0000

                > Please vote; HADOOP-1234 is in.

                +1 from the harbour
                """);
        post(DEV, "2024-01-20T09:00:00Z", """
                From: Cid <cid@beta.example>
                To: dev@lists.example.org, users@lists.example.org
                Subject: [PATCH] gauge: count tides twice
                Message-ID: <patch@x>
                Date: Thu, 01 Jan 2009 00:00:00 +0000
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: text/plain

                A patch.

                diff --git a/src/main/Gauge.java b/src/main/Gauge.java
                index abc1234..def5678 100644
                --- a/src/main/Gauge.java
                +++ b/src/main/Gauge.java
                @@ -1,3 +1,3 @@ int springTide()
                 same line
                -single walrus
                +double walrus
                --b
                Content-Type: application/pdf; name="tide-table.pdf"
                Content-Disposition: attachment

                %PDF
                --b--
                """);
        post(USERS, "2024-01-20T09:00:01Z", """
                From: Cid <cid@beta.example>
                To: dev@lists.example.org, users@lists.example.org
                Subject: [PATCH] gauge: count tides twice
                Message-ID: <patch@x>
                Date: Thu, 01 Jan 2009 00:00:00 +0000

                The same, to the users.
                """);
        post(USERS, "2024-02-01T09:00:00Z", """
                From: Jenkins <jenkins@ci.example>
                To: users@lists.example.org
                Subject: Build failed
                Message-ID: <bot@x>
                Date: Thu, 01 Feb 2024 09:00:00 +0000
                Auto-Submitted: auto-generated
                Content-Type: text/html

                <p>The build <b>failed</b></p>
                """);
        post(PRIVATE, "2024-02-02T09:00:00Z", """
                From: Dora <dora@gamma.example>
                To: private@lists.example.org
                Subject: Re: Build failed
                Message-ID: <secret@x>
                In-Reply-To: <bot@x>
                Date: Fri, 02 Feb 2024 09:00:00 +0000

                Nobody must know of the walrus.
                """);
        index = new LuceneIndex(shelf.database, new ArchiveSettings(folder)).start();
        index.awake();
        await().atMost(Duration.ofSeconds(20)).until(() -> index.status().posts() == 6 && !index.status().rebuilding());
    }

    private static void post(EmailAddress list, String filedAt, String message) {
        shelf.post(list, Instant.parse(filedAt), message.replace("\n", "\r\n").getBytes(UTF_8));
    }

    @AfterAll
    static void close() {
        index.close();
        shelf.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
            to:cid                            | vote
            to:@beta.example                  | vote
            cc:dora                           | vote
            rcpt:dora                         | vote
            who:cid                           | patch patch vote
            from:=cid@beta.example            | patch patch
            from:=cid                         |
            body:harbour                      | plus
            new:hadoop                        | vote
            quoted:hadoop                     | plus
            text:release                      | plus vote
            id:vote@x                         | vote
            id:<vote@x>                       | vote
            id:pl*                            | plus
            replyto:vote@x                    | plus
            ref:vote@x                        | plus
            thread:plus@x                     | plus vote
            thread:{from:bob}                 | plus vote
            thread:{from:bob} from:ann        | vote
            thread:{from:nobody}              |
            date:2023                         | plus vote
            date:2023-11-06                   | plus
            date:2023-11-06..2024-01          | patch patch plus
            date:>2024-01                     | bot
            date:<2023-11-06                  | vote
            on:2023-11-05                     | vote
            sent:2009                         | patch patch
            attach:tide-table                 | patch
            attachtype:pdf                    | patch
            attachtype:application/*          | patch
            file:Gauge.java                   | patch
            file:src/main                     | patch
            add:double                        | patch
            add:single                        |
            del:single                        | patch
            hunk:springTide                   | patch
            blob:abc12                        | patch
            patchid:67adc3db3b82287398d0bf0db5613d72ac6df6a7 | patch
            patchid:67ADC3DB                  | patch
            blob:def5678                      | patch
            has:attachment                    | patch
            has:patch                         | patch
            has:diff                          | patch
            has:html                          | bot
            has:link                          | vote
            has:signature                     | vote
            has:quote                         | plus
            is:root date:2023                 | vote
            is:reply                          | plus
            is:patch                          | patch patch
            is:vote                           | plus vote
            is:bot                            | bot
            is:unanswered                     | bot patch patch plus
            is:crosspost                      | patch patch
            vote:+1                           | plus
            ref.issue:HADOOP-1234             | vote
            ref.issue:cve-2024-1234           | vote
            charset:iso-8859-2                | vote
            header.user-agent:mutt            | vote
            size:<400 from:bob                | plus
            size:>10k                         |
            replies:1                         | plus vote
            replies:0                         | bot patch patch
            people:2..                        | plus vote
            "vote release"                    | plus vote
            "release 2.0"~2                   | plus vote
            "vote hadoop"                     | plus vote
            walrus                            | patch
            """)
    void finds(String query, String messages) {
        var result = search(ANYONE, query, Order.DATE, false);
        assertThat(result.hits().stream().map(hit -> hit.post().messageId().replace("@x", "")).toList())
                .containsExactlyElementsOf(messages == null ? List.of() : List.of(messages.split(" ")));
        assertThat(result.interpretation().notes()).isEmpty();
    }

    @Test
    void who_may_read_more_finds_more_and_sees_other_answers() {
        assertThat(ids(search(Reader.of(MEMBER), "walrus", Order.DATE, false))).containsExactly("secret@x", "patch@x");
        assertThat(ids(search(Reader.of(MEMBER), "is:unanswered from:jenkins", Order.DATE, false))).isEmpty();
        assertThat(ids(search(Reader.of(MEMBER), "thread:{walrus} from:dora", Order.DATE, false))).containsExactly("secret@x");
    }

    @Test
    void orders() {
        assertThat(ids(search(ANYONE, "tides OR vote sort:date-asc", Order.DATE, false))).containsExactly("vote@x", "plus@x", "patch@x",
                "patch@x");
        assertThat(ids(search(ANYONE, "date:2023.. sort:replies", Order.DATE, false))).startsWith("plus@x", "vote@x").hasSize(5);
        assertThat(search(ANYONE, "vote sort:replies", Order.DATE, false).order()).isEqualTo(Order.REPLIES);
    }

    @Test
    void of_a_thread_only_its_first_result() {
        assertThat(ids(search(ANYONE, "date:2023..", Order.DATE, true))).containsExactly("bot@x", "patch@x", "patch@x", "plus@x");
        assertThat(ids(search(ANYONE, "date:2023..", Order.DATE_ASC, true))).containsExactly("vote@x", "patch@x", "patch@x", "bot@x");
        var first = index.search(ANYONE, new SearchRequest("date:2023..", null, Order.DATE_ASC, null, 1, true, false));
        var second = index.search(ANYONE, new SearchRequest("date:2023..", null, Order.DATE_ASC, first.next(), 1, true, false));
        assertThat(Stream.of(first, second).flatMap(page -> ids(page).stream())).containsExactly("vote@x", "patch@x");
    }

    @Test
    void how_what_was_found_is_spread() {
        var counts = search(ANYONE, "date:2000..", Order.DATE, false).counts();
        assertThat(counts.complete()).isTrue();
        assertThat(counts.months()).containsExactly(new InMonth(YearMonth.of(2023, 11), 2), new InMonth(YearMonth.of(2024, 1), 2),
                new InMonth(YearMonth.of(2024, 2), 1));
        assertThat(counts.lists()).containsExactly(new Facet("dev@lists.example.org", "list:dev@lists.example.org", 3),
                new Facet("users@lists.example.org", "list:users@lists.example.org", 2));
        assertThat(counts.years()).containsExactly(new Facet("2024", "date:2024", 3), new Facet("2023", "date:2023", 2));
        assertThat(counts.authors()).startsWith(new Facet("Cid", "from:\"Cid\"", 2)).contains(new Facet("Ann Lee", "from:\"Ann Lee\"", 1))
                .noneMatch(author -> author.value().equals("Dora"));
        assertThat(counts.kinds()).contains(new Facet("attachment", "has:attachment", 1));
        for (var facet : Stream.of(counts.lists(), counts.years(), counts.authors(), counts.kinds()).flatMap(List::stream).toList()) {
            assertThat(search(ANYONE, "date:2000.. " + facet.term(), Order.DATE, false).found()).as(facet.term()).isEqualTo(facet.posts());
        }
        assertThat(search(Reader.of(MEMBER), "date:2000..", Order.DATE, false).counts().lists()).hasSize(3);
    }

    private static SearchResult search(Reader reader, String query, Order order, boolean collapse) {
        return index.search(reader, new SearchRequest(query, null, order, null, 50, collapse, true));
    }

    private static List<String> ids(SearchResult result) {
        return result.hits().stream().map(hit -> hit.post().messageId()).toList();
    }
}
