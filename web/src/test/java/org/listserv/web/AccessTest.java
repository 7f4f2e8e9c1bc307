package org.listserv.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.listserv.web.Sample.DEV;
import static org.listserv.web.Sample.OFF;
import static org.listserv.web.Sample.PRIVATE;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import jakarta.servlet.http.HttpServletRequest;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.archive.ArchiveSettings;
import org.listserv.archive.LuceneIndex;
import org.listserv.archive.Reader;
import org.listserv.mail.EmailAddress;

/// Lists that are not open to everyone: to a stranger they are lists that do not exist, in every address, format and search; their members
/// read them. Over the real index, since it is what knows most.
class AccessTest {
    private static final String MEMBER = "iris@quay.example";
    private static final String OUTSIDER = "bo@pier.example";
    private static final String CROSSPOST = "crosspost@example.org";
    private static final String ASKED = "asked@example.org";
    private static final String PONY_MAIL = "0123456789bcdfghjklmnopqrstvwxyz";
    private static final String NO_PONY_MAIL = "zyxwvtsrqpnmlkjhgfdcb9876543210z";
    private static final String WHO = "X-Who";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path indexDir;
    private static Sample sample;
    private static LuceneIndex index;
    private static WebServer web;

    @BeforeAll
    static void start() {
        sample = new Sample();
        post(DEV, CROSSPOST, "Tide tables", "Tables of the pier.");
        post(DEV, ASKED, "A question", "Who has the ladder?");
        for (int i = 0; i < 40; i++) {
            post(DEV, i + "@example.org", "Tide " + i, (i % 3 == 0 ? "buoy " : "") + "anchor ".repeat(1 + i % 5) + "rope.");
        }
        for (var list : List.of(PRIVATE, OFF)) {
            post(list, "secret@example.org", "Where the key is", "Under the doormat.");
            post(list, "secret2@example.org", "Re: Where the key is", "Not any more.", "secret@example.org");
            post(list, CROSSPOST, "Tide tables", "Tables of the pier.");
            post(list, "answer@example.org", "Re: A question", "Told to nobody else.", ASKED);
        }
        sample.sql("""
                insert into address (mailbox, normal) values ('%1$s', '%1$s'), ('%2$s', '%2$s');
                insert into subscription (list_id, kind, address_id)
                select l.id, 'main', a.id
                  from list l
                  join address a on a.normal = case l.local_part when 'dev' then '%2$s' else '%1$s' end
                 where l.local_part <> 'users';
                insert into legacy_id (kind, id, list_id, seq) select 'ponymail', '%3$s', id, 1 from list where local_part = 'private';
                insert into legacy_id (kind, id, list_id, seq) select 'ezmlm', '77', id, 1 from list where local_part = 'private';
                insert into former_name select 'tern-private', id from list where local_part = 'private';
                insert into former_name select 'ezmlm-cgi/7', id from list where local_part = 'private';
                """.formatted(MEMBER, OUTSIDER, PONY_MAIL));
        index = new LuceneIndex(sample.database(), new ArchiveSettings(indexDir)).start();
        web = WebServer.start(new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of()),
                sample.database(), index, List.of(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), AccessTest::named);
        indexed();
    }

    /// What stands in for a login.
    private static Reader named(HttpServletRequest request) {
        return Optional.ofNullable(request.getHeader(WHO)).map(EmailAddress::parse).map(Reader::of).orElse(Reader.ANONYMOUS);
    }

    private static void post(EmailAddress list, String messageId, String subject, String text, String... references) {
        sample.post(list, Sample.message(messageId, "Mara Lindqvist <mara@harbour.example>", subject, "Thu, 28 Mar 2024 11:00:00 +0000",
                text, references));
    }

    private static void indexed() {
        index.awake();
        Awaitility.await().until(() -> !index.status().rebuilding() && index.status().lag() == 0 && index.status().posts() == count());
    }

    private static long count() {
        return sample.database().read(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("select count(*) from post")) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    @AfterAll
    static void stop() {
        web.close();
        index.close();
        sample.close();
    }

    private static HttpResponse<String> ask(String method, String path, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path)).timeout(Duration.ofSeconds(30))
                    .method(method, BodyPublishers.noBody());
            // One character an octet: gzip too is compared as it is.
            return HTTP.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString(ISO_8859_1));
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> get(String path, String... headers) {
        return ask("GET", path, headers);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static String q(String query) {
        return URLEncoder.encode(query, UTF_8);
    }

    /// Status, header section and body.
    private static String seen(HttpResponse<String> answer) {
        var headers = new TreeMap<>(answer.headers().map());
        headers.keySet().removeAll(List.of("date", "connection", "content-length"));
        return answer.statusCode() + "\n" + headers + "\n" + answer.body();
    }

    @Test
    void the_beginning_of_a_message_id_leads_to_what_the_reader_may_read() {
        var beginning = CROSSPOST.substring(0, CROSSPOST.length() - 3);
        assertThat(get("/dev@lists.example.org/" + beginning + "/").body()).contains("Did you mean",
                "href=\"/dev@lists.example.org/" + CROSSPOST + "/\"").doesNotContain("/private@", "/off@");
        assertThat(get("/dev@lists.example.org/secret@exampl/").body()).doesNotContain("Did you mean");
        assertThat(get("/dev@lists.example.org/secret@exampl/", WHO, MEMBER).body())
                .contains("/private@lists.example.org/secret@example.org/")
                .doesNotContain("/off@");
        assertThat(get("/dev@lists.example.org/secret@exampl/", WHO, OUTSIDER).body()).doesNotContain("Did you mean");
    }

    // --- to strangers

    @ParameterizedTest
    @ValueSource(strings = {"/LIST", "/LIST/", "/LIST/2024-03", "/LIST/2024-03/", "/LIST/2024-03/?by=date", "/LIST/2024-03/?by=author",
            "/LIST/2024-03/?after=nonsense", "/LIST/2024-03.mbox.gz", "/LIST/1999-01.mbox.gz", "/LIST/1", "/LIST/99", "/LIST/chain",
            "/LIST/feed.atom", "/LIST/secret@example.org", "/LIST/secret@example.org/", "/LIST/secret@example.org/?number=2",
            "/LIST/secret@example.org/?quotes=all", "/LIST/secret@exampl/", "/LIST/secret@exampl/T/", "/LIST/m/secret@example.org/",
            "/LIST/secret@example.org/raw",
            "/LIST/secret@example.org/html", "/LIST/secret@example.org/1/x.txt", "/LIST/secret@example.org/T/",
            "/LIST/secret@example.org/T/?all=1", "/LIST/secret@example.org/t/", "/LIST/secret@example.org/t/?format=json",
            "/LIST/secret@example.org/t.mbox.gz", "/LIST/secret@example.org/t/feed.atom", "/LIST/search", "/LIST/search?q=doormat",
            "/LIST/search?q=doormat&format=json", "/LIST/search?q=doormat&format=atom", "/LIST/search?q=doormat&format=mbox",
            "/LIST/search?q=doormat&format=pdf", "/LIST/search?q=doormat&after=nonsense", "/LIST/search?q=doormat&in=all",
            "/LIST/search?q=doormat&sort=relevance&threads=1", "/r?u=LIST:1", "/r?u=LIST:99", "/r?u=https://lists.example.org/LIST/",
            "/r?u=https://lists.example.org/LIST/secret@example.org/", "/list.html?LIST", "/list.html?LIST:2024-3",
            "/list.html?LIST:lte=1M:doormat", "/list?LIST", "/x/list.html?LIST", "/api/mbox.lua?list=LIST&date=2024-03",
            "/api/mbox.lua?list=LIST&q=doormat", "/api/stats.lua?list=LIST&d=2024-3", "/api/stats.json?list=LIST&q=doormat",
            "/api/atom.lua?list=LIST", "/api/source.lua?id=secret@example.org&list=LIST", "/api/email.lua?id=secret@example.org&list=LIST",
            "/api/thread.lua?id=secret@example.org&list=LIST", "/thread/%3Csecret@example.org%3E?%3CLIST%3E", "/mod_mbox/FOLDER/",
            "/mod_mbox/FOLDER/?format=atom", "/mod_mbox/FOLDER/202403.mbox", "/mod_mbox/FOLDER/202403.mbox/thread",
            "/mod_mbox/FOLDER/202403.mbox/%3Csecret@example.org%3E", "/mod_mbox/FOLDER/202403.mbox/raw/%3Csecret@example.org%3E",
            "/eyebrowse/ReadMsg?listName=LIST&msgNo=1", "/eyebrowse/SummarizeList?listName=LIST"})
    void a_list_one_may_not_read_is_one_that_does_not_exist(String address) {
        for (var list : List.of(PRIVATE, OFF)) {
            same(address, list, list.toString(), "GET", "Accept", "text/html");
            same(address, list, list.toString(), "HEAD", "Accept", "text/html");
        }
        same(address, PRIVATE, "PRIVATE@Lists.Example.org", "GET", "Accept", "text/html");
        same(address, PRIVATE, PRIVATE.toString(), "GET", "Accept", "application/json");
        same(address, PRIVATE, PRIVATE.toString(), "GET", "If-None-Match", "*");
        same(address, PRIVATE, PRIVATE.toString(), "HEAD", "If-None-Match", "*");
        same(address, PRIVATE, PRIVATE.toString(), "GET", "If-Modified-Since", "Thu, 28 Mar 2030 11:00:00 GMT");
        same(address, PRIVATE, PRIVATE.toString(), "GET", "Range", "bytes=0-9");
        same(address, PRIVATE, PRIVATE.toString(), "GET", WHO, OUTSIDER);
    }

    private static void same(String address, EmailAddress list, String spelling, String method, String... headers) {
        var hidden = address.replace("LIST", spelling).replace("FOLDER", "lists-" + list.localPart());
        var missing = hidden.replaceAll("(?i)" + list.localPart(), "missing");
        assertThat(anonymised(ask(method, hidden, headers), list.localPart())).as("%s %s %s", method, hidden, List.of(headers))
                .isEqualTo(anonymised(ask(method, missing, headers), "missing")).doesNotContain("doormat.", "Where the key is");
    }

    /// The name that was asked for may come back, as it was written or in its normal form.
    private static String anonymised(HttpResponse<String> answer, String local) {
        return seen(answer).replaceAll("(?i)" + local + "(@|%40)lists.example.org|lists-" + local, "...");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"/thread/" + PONY_MAIL + " /thread/" + NO_PONY_MAIL,
            "/thread.html/" + PONY_MAIL + "?find_parent=true /thread.html/" + NO_PONY_MAIL + "?find_parent=true",
            "/api/source.lua/" + PONY_MAIL + " /api/source.lua/" + NO_PONY_MAIL,
            "/api/email.lua?id=" + PONY_MAIL + " /api/email.lua?id=" + NO_PONY_MAIL,
            "/r?u=" + PONY_MAIL + " /r?u=" + NO_PONY_MAIL, "/r?u=secret@example.org /r?u=nobody@example.org",
            "/r?u=%3Csecret@example.org%3E /r?u=%3Cnobody@example.org%3E",
            "/api/thread.lua?id=secret@example.org /api/thread.lua?id=nobody@example.org",
            "/ezmlm-cgi/7/77 /ezmlm-cgi/8/77", "/ezmlm-cgi/7/1 /ezmlm-cgi/8/1", "/ezmlm-cgi?7:mss:77 /ezmlm-cgi?8:mss:77",
            "/ezmlm-cgi/7/index /ezmlm-cgi/8/index", "/mod_mbox/tern-private/ /mod_mbox/tern-nothing/",
            "/mod_mbox/unknown-dev/202403.mbox/%3Csecret@example.org%3E /mod_mbox/unknown-dev/202403.mbox/%3Cnobody@example.org%3E",
            "/dev@lists.example.org/secret@example.org/ /dev@lists.example.org/nobody@example.org/"})
    void a_name_of_a_message_one_may_not_read_means_nothing(String hidden, String missing) {
        for (var accept : List.of("text/html", "application/json")) {
            for (var method : List.of("GET", "HEAD")) {
                assertThat(seen(ask(method, hidden, "Accept", accept))).as(method + " " + hidden)
                        .isEqualTo(seen(ask(method, missing, "Accept", accept)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"doormat | doormut", "\"the doormat\" | \"the doormut\"", "doorm* | doorn*",
            "list:private@lists.example.org | list:missing@lists.example.org", "list:private | list:missing", "list:priv* | list:miss*",
            "list:off | list:oft", "list:private doormat | list:missing doormat", "tide -list:private | tide -list:missing",
            "id:secret@example.org | id:nobody@example.org", "secret@example.org | nobody@example.org",
            "thread:secret@example.org | thread:nobody@example.org", "thread:{doormat} | thread:{doormut}",
            "replyto:secret@example.org | replyto:nobody@example.org", "ref:secret@example.org | ref:nobody@example.org",
            "is:unanswered id:" + ASKED + " | is:unanswered id:" + CROSSPOST,
            "is:crosspost id:" + CROSSPOST + " | is:crosspost id:" + ASKED,
            "id:" + CROSSPOST + " replies:0 | id:" + ASKED + " replies:0", "id:" + CROSSPOST + " people:1 | id:" + ASKED + " people:1",
            "subject:key | subject:kex", "from:mara doormat | from:mara doormut", "doormat sort:relevance | doormut sort:relevance",
            "doormat sort:replies | doormut sort:replies"})
    void a_search_finds_counts_and_orders_nothing_that_one_may_not_read(String hidden, String missing) {
        for (var place : List.of("/search", "/dev@lists.example.org/search")) {
            for (var form : List.of("", "&threads=1", "&sort=relevance", "&sort=replies", "&format=json", "&format=atom", "&format=mbox")) {
                var found = get(place + "?q=" + q(hidden) + form);
                var other = get(place + "?q=" + q(missing) + form);
                assertThat(found.statusCode()).isEqualTo(200);
                if (hidden.startsWith("is:") || hidden.startsWith("id:" + CROSSPOST)) {
                    // Two posts of which both may be seen: only how many there are is the same.
                    assertThat(posts(found)).as(place + form + " " + hidden).isEqualTo(posts(other));
                } else if (!form.equals("&format=mbox")) {
                    assertThat(body(found, hidden)).as(place + form + " " + hidden).isEqualTo(body(other, missing));
                } else {
                    assertThat(found.body()).isEqualTo(other.body());
                }
            }
        }
    }

    /// The words searched for, in all their spellings, are the only difference there may be.
    private static String body(HttpResponse<String> answer, String query) {
        var body = answer.body();
        for (var word : List.of(query.split("[ \"(){}*]+"))) {
            var value = word.substring(word.indexOf(':') + 1);
            body = value.isEmpty() ? body : body.replace(q(value), "...").replace(value, "...");
        }
        return body;
    }

    private static String posts(HttpResponse<String> answer) {
        var found = Pattern.compile("<strong>[^<]*</strong>|\"found\":\\d+|<entry>").matcher(answer.body());
        var all = new StringBuilder();
        while (found.find()) {
            all.append(found.group()).append(' ');
        }
        return all.toString();
    }

    @Test
    void facets_and_the_front_page_count_open_lists_only() {
        assertThat(get("/search?q=tide+OR+key+OR+question&format=json").body()).contains("\"found\":42,", "dev@lists.example.org")
                .doesNotContain("private@", "off@");
        assertThat(get("/").body()).contains("dev@lists.example.org").doesNotContain("private@", "off@");
        assertThat(get("/search?q=from%3Amara&sort=relevance&format=json").body()).contains("\"found\":42,").doesNotContain("private@");
    }

    @Test
    void what_happens_on_a_hidden_list_changes_nothing_a_stranger_can_get() {
        var addresses = List.of("/", "/dev@lists.example.org/", "/dev@lists.example.org/2024-03/", "/dev@lists.example.org/feed.atom",
                "/dev@lists.example.org/chain", "/dev@lists.example.org/" + CROSSPOST + "/", "/dev@lists.example.org/" + CROSSPOST + "/T/",
                "/dev@lists.example.org/" + ASKED + "/", "/dev@lists.example.org/" + ASKED + "/t/?format=json",
                "/search?q=anchor+OR+buoy&format=json", "/search?q=anchor+OR+buoy&sort=relevance&format=json",
                "/search?q=anchor+OR+buoy&sort=relevance", "/search?q=rope&sort=relevance&format=json",
                "/search?q=anchor&sort=replies&format=json", "/search?q=is%3Aunanswered&format=json");
        var before = addresses.stream().map(address -> seen(get(address))).toList();
        for (var list : List.of(PRIVATE, OFF)) {
            post(list, "more@example.org", "Re: A question", "buoy ".repeat(30) + "rope anchor", ASKED);
            for (int i = 0; i < 10; i++) {
                post(list, "more" + i + "@example.org", "Buoy", "buoy");
            }
            post(list, "0@example.org", "Tide 0", "anchor");
        }
        indexed();
        for (int i = 0; i < addresses.size(); i++) {
            assertThat(seen(get(addresses.get(i)))).as(addresses.get(i)).isEqualTo(before.get(i));
        }
    }

    // --- to members

    @Test
    void a_member_sees_the_list_and_what_is_found_there_and_an_outsider_does_not() {
        assertThat(get("/", WHO, MEMBER).body()).contains("private@lists.example.org", "members only").doesNotContain("off@");
        assertThat(get("/", WHO, OUTSIDER).body()).contains("dev@lists.example.org").doesNotContain("private@", "off@");
        assertThat(get("/private@lists.example.org/", WHO, MEMBER).body()).contains("Where the key is");
        assertThat(get("/private@lists.example.org/secret@example.org/", WHO, MEMBER).body()).contains("Under the doormat.",
                "mara@harbour.example");
        assertThat(get("/search?q=doormat", WHO, MEMBER).body()).contains("<strong>1 post</strong>", "private@lists.example.org")
                .doesNotContain("off@");
        assertThat(get("/search?q=doormat", WHO, OUTSIDER).body()).contains("<strong>0 posts</strong>");
        assertThat(get("/dev@lists.example.org/" + CROSSPOST + "/", WHO, MEMBER).body()).contains("Also on", "private@lists.example.org");
        assertThat(get("/dev@lists.example.org/" + CROSSPOST + "/", WHO, OUTSIDER).body()).doesNotContain("Also on");
        assertThat(header(get("/thread/" + PONY_MAIL, WHO, MEMBER), "Location"))
                .isEqualTo("/private@lists.example.org/secret@example.org/");
        for (var path : List.of("/", "/secret@example.org/", "/search?q=doormat", "/feed.atom", "/1")) {
            assertThat(get("/off@lists.example.org" + path, WHO, MEMBER).statusCode()).as(path).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/search?q=doormat", "/search?q=doormat&format=json", "/search?q=doormat&format=atom",
            "/search?q=doormat&format=mbox", "/private@lists.example.org", "/private@lists.example.org/",
            "/private@lists.example.org/2024-03/", "/private@lists.example.org/2024-03.mbox.gz", "/private@lists.example.org/1",
            "/private@lists.example.org/chain", "/private@lists.example.org/feed.atom", "/private@lists.example.org/secret@example.org/",
            "/private@lists.example.org/secret@example.org/raw", "/private@lists.example.org/secret@example.org/1/part-1.txt",
            "/private@lists.example.org/secret@example.org/T/", "/private@lists.example.org/secret@example.org/t/?format=json",
            "/private@lists.example.org/secret@example.org/t.mbox.gz", "/private@lists.example.org/secret@example.org/t/feed.atom",
            "/thread/" + PONY_MAIL, "/r?u=secret@example.org", "/api/email.lua?id=secret@example.org",
            "/api/mbox.lua?list=private@lists.example.org&date=2024-03", "/nothing"})
    void what_a_member_gets_is_for_no_shared_cache(String path) {
        var answer = get(path, WHO, MEMBER);
        assertThat(answer.statusCode()).isLessThan(path.equals("/nothing") ? 405 : 400);
        assertThat(answer.headers().allValues("Cache-Control")).singleElement().asString().containsAnyOf("private", "no-store")
                .doesNotContain("public");
        var tag = header(answer, "ETag");
        if (!tag.isEmpty()) {
            var again = get(path, WHO, MEMBER, "If-None-Match", tag);
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(header(again, "Cache-Control")).contains("private");
            assertThat(get(path, "If-None-Match", tag).statusCode()).as("the tag opens nothing").isNotEqualTo(304);
        }
    }

    @Test
    void no_request_makes_itself_known_to_a_node() {
        try (var server = WebServer.start(
                new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of()),
                sample.database(), index, List.of(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
            for (var said : Map.of(WHO, MEMBER, "Authorization", "Basic aXJpc0BxdWF5LmV4YW1wbGU6eA==", "X-Remote-User", MEMBER,
                    "Cookie", "user=" + MEMBER, "From", MEMBER).entrySet()) {
                var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/private@lists.example.org/"))
                        .header(said.getKey(), said.getValue()).build();
                assertThat(HTTP.sendAsync(request, BodyHandlers.ofString()).join().statusCode()).as(said.getKey()).isEqualTo(404);
            }
        }
    }
}
