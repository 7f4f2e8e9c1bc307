package org.listserv.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.listserv.web.Sample.DEV;
import static org.listserv.web.Sample.OFF;
import static org.listserv.web.Sample.PRIVATE;
import static org.listserv.web.Sample.USERS;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;

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
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

import org.listserv.archive.ArchiveSettings;
import org.listserv.archive.LuceneIndex;
import org.listserv.archive.ThreadRepair;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxReader;
import org.listserv.store.Database;
import org.listserv.store.DatabaseSettings;
import org.listserv.web.health.HealthCheck;
import org.listserv.web.page.Place;

/// The pages over the real database, the real container and HTTP.
class WebServerTest {
    private static final String PATCH = "20240325214003.GA1932@harbour.example";
    private static final String EVIL = "</title></h1><script>alert('x')</script>\"><img src=x onerror=alert(1)>";

    /// Any but the one file of ours.
    private static final Pattern FOREIGN_SCRIPT = Pattern.compile("<script(?! defer src=\"/assets/script-[\\w-]{12}\\.js\"></script>)");

    @TempDir
    private static Path indexDir;
    private static Sample sample;
    private static WebServer web;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        sample = new Sample().withThread();
        sample.post(DEV,
                Sample.message("evil@example.org", "=?utf-8?Q?" + q(EVIL) + "?= <mallory@example.org>", "=?utf-8?Q?" + q(EVIL) + "?=",
                        "Thu, 28 Mar 2024 10:00:00 +0000", EVIL));
        for (var list : List.of(PRIVATE, OFF)) {
            sample.post(list, Sample.message("secret@example.org", "Mara <mara@harbour.example>", "Where the key is",
                    "Thu, 28 Mar 2024 11:00:00 +0000", "Under the mat."));
        }
        sample.post(USERS, Sample.message(PATCH, "Mara Lindqvist <mara@harbour.example>", "Also here", "Mon, 25 Mar 2024 21:40:02 +0000",
                "The same."));
        web = start(sample.database(), List.of());
    }

    private static String q(String text) {
        var encoded = new StringBuilder();
        for (byte octet : text.getBytes(UTF_8)) {
            encoded.append('=').append("%02X".formatted(octet));
        }
        return encoded.toString();
    }

    private static WebSettings settings() {
        return new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of());
    }

    private static WebServer start(Database database, List<HealthCheck> ready) {
        return WebServer.start(settings(), database, new Searching(database), ready, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    @AfterAll
    static void stop() {
        web.close();
        sample.close();
    }

    private static HttpResponse<String> get(String path, String... headers) {
        return get(web, path, headers);
    }

    private static HttpResponse<String> get(WebServer server, String path, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).timeout(Duration.ofSeconds(30));
            return HTTP.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString(UTF_8));
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A request line that no well-behaved client would send.
    private static String raw(String requestLine) throws IOException {
        try (var socket = new Socket("127.0.0.1", web.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((requestLine + "\r\nHost: x\r\nConnection: close\r\n\r\n").getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static String path(Place place) {
        return place.path();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    // --- pages

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/ | lists.example.org | Development of Tern",
            "/dev@lists.example.org/ | dev@lists.example.org · lists.example.org | Three harbours",
            "/dev@lists.example.org/2024-03/ | March 2024 · dev@lists.example.org · lists.example.org | Release 4.2",
            "/dev@lists.example.org/2024-03/?by=date | March 2024 · dev@lists.example.org · lists.example.org | #2",
            "/dev@lists.example.org/2024-03/?by=author | March 2024 · dev@lists.example.org · lists.example.org | Ines Okafor",
            "/dev@lists.example.org/20240325214003.GA1932@harbour.example/ | Re: Three harbours an hour ahead since Sunday · dev@lists.example.org · lists.example.org | It could not",
            "/dev@lists.example.org/660271ac.5@rey.example/T/ | Three harbours an hour ahead since Sunday · dev@lists.example.org · lists.example.org | Good morning",
            "/dev@lists.example.org/660271ac.5@rey.example/t/ | Three harbours an hour ahead since Sunday · dev@lists.example.org · lists.example.org | not in this archive",
            "/search | Search · lists.example.org | What can be asked",
            "/dev@lists.example.org/search | Search · dev@lists.example.org · lists.example.org | What can be asked"})
    void every_page_has_a_title_a_heading_and_landmarks(String path, String title, String content) {
        var page = get(path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(header(page, "Content-Type")).isEqualToIgnoringCase("text/html;charset=UTF-8");
        assertThat(page.body()).startsWith("<!DOCTYPE html>").contains("<html lang=\"en\">", "<title>" + title + "</title>", content,
                "<main id=\"content\"", "<header class=\"top\">",
                "<footer", "rel=\"canonical\"", "href=\"#content\"");
        assertThat(page.body().split("<h1", -1)).hasSize(2);
        assertThat(page.body()).doesNotContain("th:", " style=", "http://127").doesNotContainPattern(FOREIGN_SCRIPT);
    }

    @Test
    void the_front_page_names_public_lists_only_and_when_they_were_last_used() {
        assertThat(get("/").body()).contains("dev@lists.example.org", "users@lists.example.org", "2024-03-28 10:00")
                .doesNotContain("private@", "off@");
    }

    @Test
    void an_overview_leads_to_every_month_with_posts() {
        assertThat(get("/dev@lists.example.org/").body())
                .contains("href=\"/dev@lists.example.org/2024-03/\"", "mailto:dev-subscribe@lists.example.org").doesNotContain("2024-04/");
    }

    @Test
    void a_message_page_shows_where_the_message_stands() {
        var page = get(path(new Place.Message(DEV, PATCH))).body();
        assertThat(page).contains("aria-current=\"true\"><bdi class=\"who\">Mara Lindqvist", "not in this archive",
                "in reply to <a href=\"/dev@lists.example.org/a7b1e0c2-9d@okafor.example/\">",
                "Also on <a href=\"/users@lists.example.org/20240325214003.GA1932@harbour.example/\">", "rel=\"prev\"", "rel=\"next\"",
                "<link rel=\"canonical\" href=\"https://lists.example.org/dev@lists.example.org/20240325214003.GA1932@harbour.example/\"");
    }

    @Test
    void quotes_fold_patches_keep_their_signs_and_attachments_are_offered() {
        var page = get(path(new Place.Message(DEV, PATCH))).body();
        assertThat(page).contains("<details><summary>8 quoted lines</summary>",
                "<span class=\"added\">+\ts-&gt;zone = zone_find(rec-&gt;zone);</span>", "readings-2024-03-25.csv</a>");
        assertThat(get(path(new Place.Message(DEV, PATCH)) + "?quotes=all").body()).doesNotContain("quoted lines");
    }

    @Test
    void anonymous_readers_see_addresses_hidden_except_in_patches_and_raw() {
        assertThat(get(path(new Place.Message(DEV, PATCH))).body()).contains("m...@harbour.example").doesNotContain("mara@harbour.example");
        assertThat(get(path(new Place.Raw(DEV, PATCH))).body()).contains("mara@harbour.example");
    }

    @Test
    void a_thread_as_json_is_its_tree() {
        var json = get(path(new Place.FlatThread(DEV, PATCH)) + "?format=json");
        assertThat(header(json, "Content-Type")).isEqualTo("application/json");
        assertThat(json.body()).startsWith("{\"messageId\":\"20240325081230.4f1c@pier.example\",\"number\":1,")
                .contains("\"messageId\":\"lost-on-the-way@whitcombe.example\",\"number\":null", "\"ghost\":true")
                .contains("\"children\":[{\"messageId\":\"a7b1e0c2-9d@okafor.example\"");
    }

    @Test
    void the_head_of_the_chain_is_published() {
        assertThat(get("/dev@lists.example.org/chain").body())
                .matches("\\{\"list\":\"dev@lists.example.org\",\"seq\":8,\"number\":8,\"chain\":\"[0-9a-f]{64}\",\"revision\":0}");
    }

    @Test
    void a_redacted_post_leaves_its_place_and_nothing_else() {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            own.post(DEV, Sample.message("one@example.org", "Mara <mara@harbour.example>", "Secret", "Thu, 28 Mar 2024 12:00:00 +0000",
                    "Regrettable."));
            own.post(DEV, Sample.message("two@example.org", "Bo <bo@pier.example>", "Re: Other", "Thu, 28 Mar 2024 13:00:00 +0000",
                    "Answer.", "one@example.org"));
            own.sql("update post set redacted_at = now(), revision = 1 where number = 1; update message set octets = null where id = (select message from post where number = 1)");
            for (var path : List.of("/dev@lists.example.org/", "/dev@lists.example.org/2024-03/?by=date",
                    "/dev@lists.example.org/one@example.org/",
                    "/dev@lists.example.org/two@example.org/T/")) {
                assertThat(get(server, path).body()).as(path).contains("(removed)").doesNotContain("Secret", "Regrettable", "Mara",
                        "mara@");
            }
            assertThat(get(server, "/dev@lists.example.org/one@example.org/").body()).contains("This message was removed");
            assertThat(get(server, "/dev@lists.example.org/one@example.org/raw").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void a_thread_that_was_split_says_where_its_parts_are() {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            own.post(DEV,
                    Sample.message("one@example.org", "Mara <mara@harbour.example>", "Tides", "Thu, 28 Mar 2024 12:00:00 +0000", "One."));
            own.post(DEV,
                    Sample.message("two@example.org", "Bo <bo@pier.example>", "Lunch <where?>", "Thu, 28 Mar 2024 13:00:00 +0000", "Two.",
                            "one@example.org"));
            own.post(DEV, Sample.message("three@example.org", "Mara <mara@harbour.example>", "Re: Lunch", "Thu, 28 Mar 2024 14:00:00 +0000",
                    "Three.", "one@example.org", "two@example.org"));
            var one = "/dev@lists.example.org/one@example.org/T/";
            var three = "/dev@lists.example.org/three@example.org/T/";
            var before = get(server, one);
            assertThat(before.body()).contains("Three.").doesNotContain("Split");
            new ThreadRepair(own.database()).split(own.list(DEV), 2, "", "test");
            assertThat(get(server, one, "If-None-Match", header(before, "ETag")).body())
                    .contains("Split off: <a href=\"/dev@lists.example.org/two@example.org/T/#n2\"><bdi>Lunch &lt;where?&gt;</bdi></a>")
                    .doesNotContain("Two.", "Three.");
            assertThat(get(server, three).body()).contains("Two.", "Three.",
                    "Split from <a href=\"/dev@lists.example.org/one@example.org/T/#n1\"><bdi>Tides</bdi></a>");
            assertThat(get(server, "/dev@lists.example.org/three@example.org/t/?format=json").body())
                    .startsWith("{\"messageId\":\"two@example.org\"").doesNotContain("one@example.org");
            assertThat(get(server, "/dev@lists.example.org/one@example.org/t/feed.atom").body()).doesNotContain("Two.");
            assertThat(get(server, "/dev@lists.example.org/two@example.org/").body()).contains("Whole thread (2)")
                    .doesNotContain("in reply to");
        }
    }

    @Test
    void a_long_thread_comes_in_pages_and_its_outline_leads_to_all_of_them() {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            own.post(DEV,
                    Sample.message("0@example.org", "Mara <mara@harbour.example>", "Long", "Thu, 28 Mar 2024 12:00:00 +0000", "Post 0."));
            for (int i = 1; i < 450; i++) {
                own.post(DEV,
                        Sample.message(i + "@example.org", "Bo <bo@pier.example>", "Re: Long", "Thu, 28 Mar 2024 12:00:00 +0000",
                                "Post " + i + ".",
                                i - 1 + "@example.org"));
            }
            var thread = "/dev@lists.example.org/7@example.org/T/";
            assertThat(get(server, thread).body())
                    .contains("450 posts by 2 people", "Post 0.", "Post 199.", "href=\"" + thread + "?from=200\"",
                            "href=\"#n200\"", "href=\"" + thread + "?from=200#n201\"")
                    .doesNotContain("Post 200.");
            assertThat(get(server, thread + "?from=400").body()).contains("Post 449.", "href=\"" + thread + "?from=200\"")
                    .doesNotContain("Post 399.", "?from=600");
            assertThat(get(server, thread + "?from=99999").statusCode()).isEqualTo(200);
            assertThat(get(server, "/dev@lists.example.org/225@example.org/").body()).contains("Whole thread (450)")
                    .doesNotContain("/100@example.org/");
            assertThat(get(server, thread + "?format=json").body()).contains("\"messageId\":\"449@example.org\"")
                    .endsWith("]}".repeat(450));
        }
    }

    // --- Message-IDs and addresses

    @Test
    void a_message_is_found_whatever_its_message_id() {
        var ids = List.of("slash/in/it@example.org", "percent%25twice%@example.org", "plus+equals=@example.org",
                "dollar$hash#question?@example.org",
                "semi;colon&amp@example.org", "back\\slash@example.org", "blåbær@example.org", "quote\"s'@example.org",
                "<angle@example.org", "search", "2024-03",
                "chain", "12", "..", ".", "T", "m", "a@b/T", "{curly}[square]|^`@example.org", "%2E", "../../etc/passwd");
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            var octets = Sample
                    .message("placeholder@example.org", "Mara <mara@harbour.example>", "Odd identifier", "Thu, 28 Mar 2024 12:00:00 +0000",
                            "Found.")
                    .getBytes(UTF_8);
            for (var messageId : ids) {
                long number = own.post(DEV, octets, messageId);
                for (var place : List.of(new Place.Message(DEV, messageId), new Place.Raw(DEV, messageId),
                        new Place.FlatThread(DEV, messageId),
                        new Place.NestedThread(DEV, messageId))) {
                    var page = get(server, place.path());
                    assertThat(page.statusCode()).as(place.path()).isEqualTo(200);
                    assertThat(page.body()).contains("Found.");
                }
                assertThat(header(get(server, "/dev@lists.example.org/" + number), "Location"))
                        .isEqualTo(new Place.Message(DEV, messageId).path());
            }
        }
    }

    @Test
    void a_slash_is_added_where_one_belongs_and_the_query_kept() {
        var moved = get("/dev@lists.example.org/2024-03?by=date");
        assertThat(moved.statusCode()).isEqualTo(301);
        assertThat(header(moved, "Location")).isEqualTo("/dev@lists.example.org/2024-03/?by=date");
    }

    @Test
    void numbers_and_message_ids_lead_to_messages() {
        var page = "/dev@lists.example.org/20240325214003.GA1932@harbour.example/";
        assertThat(header(get("/dev@lists.example.org/3"), "Location")).isEqualTo(page);
        assertThat(header(get("/r?u=https://lists.example.org" + page + "?x%23y"), "Location")).isEqualTo(page);
        assertThat(header(get("/r?u=%3Crelease-42-open@okafor.example%3E"), "Location"))
                .isEqualTo("/dev@lists.example.org/release-42-open@okafor.example/");
        assertThat(header(get("/r?u=dev@lists.example.org:3"), "Location")).isEqualTo(page);
        assertThat(get("/r?u=" + PATCH).body()).contains("Several things have this name", "/users@lists.example.org/");
        assertThat(get("/r?u=secret@example.org").statusCode()).isEqualTo(404);
        assertThat(header(get("/r?u=//evil.example/"), "Location")).isEmpty();
    }

    @Test
    void who_asks_for_too_much_is_told_when_to_come_again() {
        var limited = new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of("127.0.0.1"),
                3, 2);
        try (var server = WebServer.start(limited, sample.database(), new Searching(sample.database()), List.of(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
            for (int i = 0; i < 3; i++) {
                assertThat(get(server, "/search?q=tide", "X-Forwarded-For", "192.0.2.7").statusCode()).isEqualTo(200);
            }
            var refused = get(server, "/search?q=tide", "X-Forwarded-For", "192.0.2.7");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(header(refused, "Retry-After")).matches("[1-9]|1[0-9]|20|21");
            assertThat(refused.body()).contains("More than this site gives in a minute");
            assertThat(get(server, "/search?q=tide", "X-Forwarded-For", "192.0.2.8").statusCode()).as("another client").isEqualTo(200);
            assertThat(get(server, "/dev@lists.example.org/", "X-Forwarded-For", "192.0.2.7").statusCode()).as("a page").isEqualTo(200);
            assertThat(get(server, "/search?q=tide").statusCode()).as("this machine").isEqualTo(200);
            for (int i = 0; i < 2; i++) {
                assertThat(get(server, "/dev@lists.example.org/2024-03.mbox.gz", "X-Forwarded-For", "192.0.2.7").statusCode())
                        .isEqualTo(200);
            }
            assertThat(get(server, "/dev@lists.example.org/2024-03.mbox.gz", "X-Forwarded-For", "192.0.2.7").statusCode()).isEqualTo(429);
        }
    }

    @Test
    void two_posts_with_one_message_id_are_both_readable() {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            own.post(DEV,
                    Sample.message("twin@example.org", "Mara <mara@harbour.example>", "One", "Thu, 28 Mar 2024 12:00:00 +0000", "First."));
            own.post(DEV,
                    Sample.message("twin@example.org", "Mara <mara@harbour.example>", "Two", "Thu, 28 Mar 2024 12:01:00 +0000", "Second."));
            var second = header(get(server, "/dev@lists.example.org/2"), "Location");
            assertThat(get(server, "/dev@lists.example.org/twin@example.org/").body()).contains("First.", "#2</a>",
                    "href=\"" + second + "\"");
            assertThat(get(server, second).body()).contains("Second.", "#1</a>",
                    "href=\"/dev@lists.example.org/twin@example.org/raw?number=2\"");
            assertThat(get(server, "/dev@lists.example.org/twin@example.org/raw?number=2").body()).contains("Second.");
            assertThat(get(server, "/dev@lists.example.org/twin@example.org/T/").body()).contains("First.", "Second.",
                    "twin@example.org/raw\"",
                    "twin@example.org/raw?number=2\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /dev@lists.example.org/%zz/ HTTP/1.1", "GET /dev@lists.example.org/a%00b@c/ HTTP/1.1",
            "GET /../../etc/passwd HTTP/1.1",
            "GET /dev@lists.example.org/..%2f..%2fetc/passwd HTTP/1.1", "GET /%2e%2e/ HTTP/1.1", "GET /WEB-INF/web.xml HTTP/1.1",
            "GET //// HTTP/1.1", "GET /dev@lists.example.org/;x=y/ HTTP/1.1",
            "GET * HTTP/1.1", "GET /\u00ff HTTP/1.1", "GET /a b HTTP/1.1", "nonsense"})
    void addresses_nobody_should_send_are_refused_without_a_trace(String requestLine) throws IOException {
        assertThat(raw(requestLine)).matches("(?s)HTTP/1.1 (400|404|405|505) .*").doesNotContain("Exception", "Tomcat", "at org.", "root:");
    }

    // --- what strangers wrote

    @Test
    void markup_in_names_subjects_and_bodies_stays_text_on_every_page() {
        for (var path : List.of("/dev@lists.example.org/", "/dev@lists.example.org/2024-03/", "/dev@lists.example.org/2024-03/?by=date",
                "/dev@lists.example.org/2024-03/?by=author",
                "/dev@lists.example.org/evil@example.org/", "/dev@lists.example.org/evil@example.org/T/",
                "/dev@lists.example.org/evil@example.org/html")) {
            assertThat(get(path).body()).as(path).doesNotContain("<img").doesNotContainPattern(FOREIGN_SCRIPT);
        }
        assertThat(get("/dev@lists.example.org/evil@example.org/").body()).contains("&lt;script&gt;");
        assertThat(get("/search?q=" + URLEncoder.encode(EVIL, UTF_8)).body()).doesNotContain("<img").doesNotContainPattern(FOREIGN_SCRIPT)
                .contains("&lt;script&gt;");
    }

    @Test
    void html_is_shown_on_request_in_a_cage() {
        var html = get("/dev@lists.example.org/release-42-open@okafor.example/html");
        assertThat(html.statusCode()).isEqualTo(200);
        assertThat(header(html, "Content-Security-Policy")).startsWith("sandbox;").contains("default-src 'none'");
        assertThat(html.body()).contains("<b>Friday</b>").doesNotContain("<script", "alert(1)");
        assertThat(get("/dev@lists.example.org/" + PATCH + "/html").statusCode()).isEqualTo(404);
    }

    @Test
    void attachments_are_files_and_never_pages() {
        var file = get("/dev@lists.example.org/" + PATCH + "/1.2/readings-2024-03-25.csv");
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(header(file, "Content-Disposition")).startsWith("attachment;").contains("readings-2024-03-25.csv");
        assertThat(header(file, "Content-Security-Policy")).startsWith("sandbox;");
        assertThat(header(file, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(file.body()).startsWith("station,time,metres\n");
        assertThat(get("/dev@lists.example.org/" + PATCH + "/1.9/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void raw_is_octet_for_octet_what_was_received() throws Exception {
        var octets = "From: x\r\nMessage-ID: <octets@example.org>\r\n\r\n\u0000\u0001<script>\r\n\r\r\n".getBytes(UTF_8);
        octets[octets.length - 5] = (byte) 0xff;
        sample.post(USERS, octets, "octets@example.org");
        var request = HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + web.port() + "/users@lists.example.org/octets@example.org/raw")).build();
        var raw = HTTP.send(request, BodyHandlers.ofByteArray());
        assertThat(raw.body()).isEqualTo(octets);
        assertThat(header(raw, "Content-Type")).startsWith("text/plain");
        assertThat(header(raw, "Content-Security-Policy")).startsWith("sandbox;");
    }

    // --- feeds

    @Test
    void the_feed_of_a_list_has_the_newest_posts_with_their_text() throws Exception {
        var answer = get("/dev@lists.example.org/feed.atom");
        assertThat(header(answer, "Content-Type")).isEqualTo("application/atom+xml;charset=UTF-8");
        var feed = xml(answer.body());
        assertThat(texts(feed, "id")).startsWith("https://lists.example.org/dev@lists.example.org/feed.atom",
                "https://lists.example.org/dev@lists.example.org/8").hasSize(9).doesNotHaveDuplicates();
        assertThat(texts(feed, "title")).as("what was written, as text").startsWith("dev@lists.example.org", EVIL);
        assertThat(texts(feed, "updated")).startsWith("2024-03-28T10:00:00Z", "2024-03-28T10:00:00Z");
        assertThat(texts(feed, "content").getFirst()).as("HTML, harmless").contains("&lt;script&gt;").doesNotContain("<script>");
        assertThat(answer.body()).contains("rel=\"self\" href=\"https://lists.example.org/dev@lists.example.org/feed.atom\"")
                .doesNotContain("mara@harbour.example&gt;", "<email>");
        assertThat(get("/dev@lists.example.org/feed.atom", "If-None-Match", header(answer, "ETag")).statusCode()).isEqualTo(304);
        assertThat(get("/dev@lists.example.org/").body())
                .contains("<link rel=\"alternate\" href=\"/dev@lists.example.org/feed.atom\" type=\"application/atom+xml\"");
    }

    @Test
    void the_feed_of_a_thread_has_its_posts_newest_first() throws Exception {
        var feed = xml(get(path(new Place.ThreadFeed(DEV, PATCH))).body());
        var numbers = texts(feed, "id").stream().skip(1).map(id -> Integer.parseInt(id.substring(id.lastIndexOf('/') + 1))).toList();
        assertThat(numbers).hasSizeGreaterThan(3).doesNotContain(8).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(get("/dev@lists.example.org/nobody@example.org/t/feed.atom").statusCode()).isEqualTo(404);
    }

    @Test
    void a_feed_is_well_formed_whatever_a_mail_holds_and_has_no_entry_text_for_what_was_removed() throws Exception {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            assertThat(texts(xml(get(server, "/dev@lists.example.org/feed.atom").body()), "updated"))
                    .containsExactly("1970-01-01T00:00:00Z");
            own.post(DEV, Sample.message("one@example.org", "Mara <mara@harbour.example>", "=?utf-8?Q?a=01=0Cb=EF=BF=BF?=",
                    "Thu, 28 Mar 2024 12:00:00 +0000", "x ]]> \u0001 & <b>"));
            own.post(DEV,
                    Sample.message("two@example.org", "Bo <bo@pier.example>", "Regrettable", "Thu, 28 Mar 2024 13:00:00 +0000", "Secret."));
            own.sql("update post set redacted_at = now(), revision = 1 where number = 2; update message set octets = null where id = (select message from post where number = 2)");
            var feed = get(server, "/dev@lists.example.org/feed.atom").body();
            assertThat(texts(xml(feed), "title")).element(1).isEqualTo("(removed)");
            assertThat(texts(xml(feed), "title").getLast()).startsWith("a\uFFFD").contains("b");
            assertThat(texts(xml(feed), "content")).singleElement().asString().contains("]]&gt;");
            assertThat(feed).doesNotContain("Secret", "Regrettable");
        }
    }

    private static Document xml(String document) throws Exception {
        return DocumentBuilderFactory.newNSInstance().newDocumentBuilder().parse(new InputSource(new StringReader(document)));
    }

    private static List<String> texts(Document feed, String element) {
        var all = feed.getElementsByTagNameNS("http://www.w3.org/2005/Atom", element);
        return IntStream.range(0, all.getLength()).mapToObj(i -> all.item(i).getTextContent()).toList();
    }

    // --- what may not be read

    @ParameterizedTest
    @ValueSource(strings = {"/", "/2024-03/", "/2024-03.mbox.gz", "/2024-03.mbox.gz.sha256", "/manifest.json", "/secret@example.org/",
            "/secret@example.org/T/",
            "/secret@example.org/t.mbox.gz",
            "/secret@example.org/t/?format=json", "/secret@example.org/raw",
            "/secret@example.org/html", "/secret@example.org/1/x.txt", "/1", "/chain", "/feed.atom", "/secret@example.org/t/feed.atom",
            "/search?q=key", "/search?q=key&format=json",
            "/search?q=key&format=atom", "/search?q=key&format=mbox"})
    void a_list_one_may_not_read_is_answered_octet_for_octet_like_one_that_does_not_exist(String path) {
        var missing = get("/missing@lists.example.org" + path);
        assertThat(missing.statusCode()).isEqualTo(404);
        for (var list : List.of(PRIVATE, OFF)) {
            var hidden = get("/" + list + path);
            assertThat(hidden.statusCode()).isEqualTo(404);
            assertThat(hidden.body()).isEqualTo(missing.body());
            assertThat(named(hidden)).isEqualTo(named(missing));
        }
    }

    private static Map<String, List<String>> named(HttpResponse<?> response) {
        var headers = new TreeMap<>(response.headers().map());
        headers.remove("date");
        headers.remove("connection");     // the hundredth answer over one ends it
        return headers;
    }

    @Test
    void what_is_missing_offers_a_search() {
        assertThat(get("/dev@lists.example.org/nobody@example.org/").body()).contains("action=\"/search\"", "action=\"/r\"");
    }

    // --- search

    @Test
    void a_search_shows_what_was_found_where() {
        var page = get("/search?q=harbours").body();
        assertThat(page).contains("<strong>5 posts</strong>", "<mark>harbours</mark>", "Only subjects were searched.",
                "on <span>dev@lists.example.org</span>");
        assertThat(get("/users@lists.example.org/search?q=harbours").body()).contains("<strong>0 posts</strong>", "The same on all lists")
                .doesNotContain("<mark>");
    }

    @Test
    void the_button_for_all_lists_asks_all_lists() {
        assertThat(header(get("/users@lists.example.org/search?q=a%26b+c&in=all"), "Location")).isEqualTo("/search?q=a%26b+c");
    }

    @Test
    void a_search_as_json_has_the_same_hits_and_the_way_on() {
        assertThat(get("/search?q=harbours&format=json").body())
                .startsWith("{\"query\":\"harbours\",\"notes\":[\"Only subjects were searched.\"],\"found\":5,")
                .contains("\"next\":null", "\"url\":\"https://lists.example.org/dev@lists.example.org/20240325081230.4f1c@pier.example/\"")
                .doesNotContain("@harbour.example\",\"d");
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            for (int i = 0; i < 30; i++) {
                own.post(DEV, Sample.message(i + "@example.org", "Mara <mara@harbour.example>", "Tide " + i,
                        "Thu, 28 Mar 2024 12:00:00 +0000", "x"));
            }
            assertThat(get(server, "/search?q=tide&format=json").body())
                    .contains("\"next\":\"https://lists.example.org/search?after=25&q=tide&sort=date&format=json\"");
            assertThat(get(server, "/search?q=tide").body()).contains("href=\"/search?after=25&amp;q=tide&amp;sort=date\"");
            assertThat(get(server, "/search?q=tide&after=25").body()).contains("Tide 0").doesNotContain("More results");
        }
    }

    @Test
    void what_a_search_finds_is_a_feed_and_an_mbox_too() throws Exception {
        var feed = get("/search?q=harbours&format=atom");
        assertThat(texts(xml(feed.body()), "entry")).hasSize(5);
        assertThat(feed.body()).contains("href=\"https://lists.example.org/search?q=harbours&amp;sort=date&amp;format=atom\"");
        assertThat(get("/search?q=harbours&format=atom", "If-None-Match", header(feed, "ETag")).statusCode()).isEqualTo(304);
        assertThat(get("/search?q=harbours&format=pdf").statusCode()).isEqualTo(400);
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            var sent = new ArrayList<String>();
            for (int i = 0; i < 450; i++) {
                var list = i % 7 == 0 ? USERS : DEV;
                var message = Sample.message(i + "@example.org", "Mara <mara@harbour.example>", "Tide " + i,
                        "Thu, 28 Mar 2024 12:00:%02d +0000".formatted(i % 60), "From here on " + i);
                own.post(list, message);
                sent.add(message.replace("\n", "\r\n"));
            }
            own.post(PRIVATE,
                    Sample.message("p@example.org", "Mara <mara@harbour.example>", "Tide", "Thu, 28 Mar 2024 12:00:00 +0000", "x"));
            assertThat(unzipped(server, "/search?q=tide&format=mbox")).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(unzipped(server, "/dev@lists.example.org/search?q=tide+44&format=mbox")).hasSize(9)
                    .allMatch(letter -> letter.contains("Subject: Tide 44"));
            assertThat(unzipped(server, "/search?q=nothing&format=mbox")).isEmpty();
        }
    }

    private static List<String> unzipped(WebServer server, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build();
        var letters = new ArrayList<String>();
        var answer = HTTP.send(request, BodyHandlers.ofByteArray()).body();
        try (var mbox = new MboxReader(new ByteArrayInputStream(answer), MboxReader.Quoting.MBOXRD, 1_000_000)) {
            for (var next = mbox.next(); next.isPresent(); next = mbox.next()) {
                letters.add(new String(((MboxReader.Message) next.get()).octets(), UTF_8));
            }
        }
        return letters;
    }

    @Test
    void a_post_is_found_soon_after_it_was_filed() {
        try (var own = new Sample();
                var index = new LuceneIndex(own.database(), new ArchiveSettings(indexDir)).start();
                var server = WebServer.start(settings(), own.database(), index, List.of(),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
            Awaitility.await().until(() -> !index.status().rebuilding());
            own.post(DEV, Sample.message("new@example.org", "Mara <mara@harbour.example>", "Ice", "Thu, 28 Mar 2024 12:00:00 +0000",
                    "Two sensors <b>froze</b>."));
            index.awake();
            Awaitility.await().until(() -> get(server, "/search?q=froze+from:mara").body().contains("<strong>1 post</strong>"));
            assertThat(get(server, "/dev@lists.example.org/search?q=froze").body())
                    .contains("Two sensors &lt;b&gt;<mark>froze</mark>&lt;/b&gt;");
            assertThat(get(server, "/search?q=%22%28%5B%2A%3A&sort=relevance").statusCode()).isEqualTo(200);
            assertThat(get(server, "/search?q=froze&after=nonsense").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void a_message_that_is_not_here_may_be_elsewhere_or_have_a_name_much_like_it() throws Exception {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            var users = new EmailAddress("users", "lists.example.org");
            own.post(users, Sample.message("low-water-mark@people.example", "Mara <mara@harbour.example>", "Low water at noon",
                    "Thu, 28 Mar 2024 12:00:00 +0000", "Dry feet."));
            own.post(new EmailAddress("private", "lists.example.org"), Sample.message("secret-water-mark@people.example",
                    "Mara <mara@harbour.example>", "Keys", "Thu, 28 Mar 2024 12:00:00 +0000", "Under the mat."));
            var link = "href=\"/users@lists.example.org/low-water-mark@people.example/\"";
            for (var path : List.of("/dev@lists.example.org/low-water-mark@people.example/",
                    "/dev@lists.example.org/low-water-mark@people.example/T/",
                    "/nobody@lists.example.org/low-water-mark@people.example/",
                    "/users@lists.example.org/%3Clow-water-mark@people.example%3E/",
                    "/users@lists.example.org/low-water-mark@people.example%29./",
                    "/users@lists.example.org/low%252Dwater-mark%2540people.example/",
                    "/private@lists.example.org/low-water-mark@people.example/")) {
                var answer = get(server, path);
                assertThat(answer.statusCode()).as(path).isEqualTo(404);
                assertThat(answer.body()).as(path).contains(link, "Low water at noon");
            }
            assertThat(get(server, "/private@lists.example.org/secret-water-mark@people.example/").body())
                    .isEqualTo(get(server, "/nobody@lists.example.org/secret-water-mark@people.example/").body())
                    .doesNotContain("Did you mean");
        }
    }

    // --- the front page

    @Test
    void a_list_is_found_by_words_of_its_address_or_purpose() throws Exception {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            assertThat(get(server, "/").body()).doesNotContain("id=\"filter\"");
            for (int i = 0; i < 12; i++) {
                own.sql(list("team-" + i, "public", "Where team " + i + " talks about tides"));
            }
            own.sql(list("team-secret", "members", "Where nobody else listens to tides"));
            assertThat(get(server, "/").body()).contains("id=\"filter\"", "team-3@lists.example.org", "dev@lists.example.org");
            var found = get(server, "/?lists=Team-1+TIDES").body();
            assertThat(found).contains("team-1@", "team-10@", "team-11@", "noindex", "value=\"Team-1 TIDES\"").doesNotContain("team-2@",
                    "dev@lists");
            assertThat(get(server, "/?lists=listens").body()).contains("No list has all of these words").doesNotContain("secret");
            assertThat(get(server, "/?lists=%25").body()).contains("No list has");
            assertThat(get(server, "/?lists=" + "x".repeat(5000)).statusCode()).isEqualTo(200);
        }
    }

    private static String list(String name, String archive, String description) {
        return "insert into list (domain_id, local_part, description, archive) select id, '%s', '%s', '%s' from domain".formatted(name,
                description, archive);
    }

    // --- files

    @Test
    void a_month_is_one_mbox_with_every_message_as_received() throws Exception {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            var sent = new ArrayList<String>();
            for (int i = 0; i < 130; i++) {
                var message = Sample.message(i + "@example.org", "Mara <mara@harbour.example>", "Tide " + i,
                        "Thu, 28 Mar 2024 12:00:00 +0000", "From here\n>From there").replace("\n", "\r\n");
                sent.add(message);
                own.post(DEV, message.getBytes(UTF_8));
            }
            own.post(DEV, Sample.message("april@example.org", "Mara <mara@harbour.example>", "April", "Mon, 1 Apr 2024 12:00:00 +0000",
                    "Not this."));
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/dev@lists.example.org/2024-03.mbox.gz"))
                    .build();
            var answer = HTTP.send(request, BodyHandlers.ofByteArray());
            assertThat(header(answer, "Content-Disposition")).contains("dev-2024-03.mbox.gz");
            var read = new ArrayList<String>();
            try (var mbox = new MboxReader(new ByteArrayInputStream(answer.body()), MboxReader.Quoting.MBOXRD, 1_000_000)) {
                for (var entry = mbox.next(); entry.isPresent(); entry = mbox.next()) {
                    read.add(entry.get() instanceof MboxReader.Message message
                            ? new String(message.octets(), UTF_8)
                            : entry.get().toString());
                }
            }
            assertThat(read).isEqualTo(sent);
            assertThat(get(server, "/dev@lists.example.org/2024-02.mbox.gz").statusCode()).isEqualTo(404);
            assertThat(get(server, "/dev@lists.example.org/2024-02.mbox.gz.sha256").statusCode()).isEqualTo(404);
            var sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(answer.body()));
            assertThat(get(server, "/dev@lists.example.org/2024-03.mbox.gz.sha256").body()).isEqualTo(sum + "  dev-2024-03.mbox.gz\n");
            var manifest = get(server, "/dev@lists.example.org/manifest.json");
            assertThat(manifest.body()).contains("\"number\":131",
                    "\"month\":\"2024-03\",\"posts\":130,", "/dev@lists.example.org/2024-03.mbox.gz\"",
                    "\"month\":\"2024-04\",\"posts\":1,",
                    "\"etag\":\"" + header(answer, "ETag").replace("\"", "\\\"") + "\"");
            assertThat(get(server, "/dev@lists.example.org/manifest.json", "If-None-Match", header(manifest, "ETag")).statusCode())
                    .isEqualTo(304);
            var thread = get(server, "/dev@lists.example.org/7@example.org/t.mbox.gz");
            assertThat(header(thread, "Content-Type")).isEqualTo("application/gzip");
            assertThat(get(server, "/dev@lists.example.org/7@example.org/t.mbox.gz", "If-None-Match", header(thread, "ETag")).statusCode())
                    .isEqualTo(304);
            assertThat(get(server, "/dev@lists.example.org/nobody@example.org/t.mbox.gz").statusCode()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-99, 0, 99", "bytes=100-, 100, -1", "bytes=-50, -50, -1", "bytes=0-999999, 0, -1", "bytes=-999999, 0, -1",
            "bytes=7-7, 7, 7"})
    void a_download_goes_on_where_it_broke_off(String range, int first, int last) throws Exception {
        var path = "/dev@lists.example.org/2024-03.mbox.gz";
        var whole = octets(path);
        int length = whole.body().length;
        int from = first < 0 ? length + first : first;
        int to = last < 0 ? length - 1 : last;
        var part = octets(path, "Range", range, "If-Range", header(whole, "ETag"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(header(part, "Content-Range")).isEqualTo("bytes " + from + "-" + to + "/" + length);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole.body(), from, to + 1));
    }

    @Test
    void a_range_of_another_file_or_of_nothing_is_not_sent() throws Exception {
        var path = "/dev@lists.example.org/2024-03.mbox.gz";
        var whole = octets(path);
        assertThat(header(whole, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(octets(path, "Range", "bytes=10-", "If-Range", "\"another\"").body()).isEqualTo(whole.body());
        assertThat(octets(path, "Range", "bytes=1-2,5-6").body()).isEqualTo(whole.body());
        var beyond = octets(path, "Range", "bytes=" + whole.body().length + "-");
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */" + whole.body().length);
        // Now that its length is known it is told, with what the whole must come to.
        var again = octets(path);
        assertThat(header(again, "Content-Length")).isEqualTo(Integer.toString(whole.body().length));
        assertThat(header(again, "Repr-Digest")).isEqualTo("sha-256=:" + Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(whole.body())) + ":");
    }

    private static HttpResponse<byte[]> octets(String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path));
        return HTTP.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    // --- HTTP

    @ParameterizedTest
    @ValueSource(strings = {"/dev@lists.example.org/", "/dev@lists.example.org/2024-03/",
            "/dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/dev@lists.example.org/20240325214003.GA1932@harbour.example/T/",
            "/dev@lists.example.org/20240325214003.GA1932@harbour.example/raw",
            "/dev@lists.example.org/20240325214003.GA1932@harbour.example/1.2/readings-2024-03-25.csv",
            "/dev@lists.example.org/release-42-open@okafor.example/html",
            "/dev@lists.example.org/2024-03.mbox.gz", "/dev@lists.example.org/manifest.json"})
    void a_page_that_has_not_changed_is_not_sent_again(String path) {
        var first = get(path);
        var tag = header(first, "ETag");
        assertThat(tag).matches("\"[A-Za-z0-9_-]{16,}\"");
        var again = get(path, "If-None-Match", "\"other\", " + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(header(again, "ETag")).isEqualTo(tag);
        assertThat(get(path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    }

    @Test
    void a_reply_changes_the_tag_of_the_pages_that_show_it() {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            own.post(DEV,
                    Sample.message("one@example.org", "Mara <mara@harbour.example>", "One", "Thu, 28 Mar 2024 12:00:00 +0000", "First."));
            var pages = List.of("/dev@lists.example.org/", "/dev@lists.example.org/2024-03/", "/dev@lists.example.org/one@example.org/",
                    "/dev@lists.example.org/one@example.org/T/");
            var before = pages.stream().map(page -> header(get(server, page), "ETag")).toList();
            var raw = header(get(server, "/dev@lists.example.org/one@example.org/raw"), "ETag");
            own.post(DEV, Sample.message("two@example.org", "Bo <bo@pier.example>", "Re: One", "Thu, 28 Mar 2024 13:00:00 +0000", "Second.",
                    "one@example.org"));
            assertThat(pages.stream().map(page -> header(get(server, page), "ETag"))).doesNotContainAnyElementsOf(before);
            assertThat(header(get(server, "/dev@lists.example.org/one@example.org/raw"), "ETag")).isEqualTo(raw);
        }
    }

    @Test
    void head_answers_like_get_without_a_body() throws Exception {
        for (var path : List.of("/", "/dev@lists.example.org/" + PATCH + "/", "/dev@lists.example.org/" + PATCH + "/raw", "/nothing",
                "/health/ready")) {
            var got = get(path);
            var head = HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path))
                    .method("HEAD", HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
            assertThat(head.statusCode()).as(path).isEqualTo(got.statusCode());
            assertThat(head.body()).isEmpty();
            assertThat(named(head)).isEqualTo(named(got));
        }
    }

    @Test
    void nothing_can_be_changed() throws Exception {
        for (var method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")) {
            var answer = HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + "/"))
                    .method(method, HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(method).isEqualTo(405);
            assertThat(header(answer, "Allow")).contains("GET", "HEAD");
        }
    }

    @Test
    void every_answer_forbids_scripts_third_parties_sniffing_and_sessions() {
        for (var path : List.of("/", "/dev@lists.example.org/", "/nothing", "/health/live", "/dev@lists.example.org/chain")) {
            var answer = get(path);
            assertThat(header(answer, "Content-Security-Policy"))
                    .contains("default-src 'none'", "style-src 'self'", "frame-ancestors 'none'").doesNotContain("unsafe", "http");
            assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(header(answer, "Referrer-Policy")).isEqualTo("same-origin");
            assertThat(answer.headers().map()).doesNotContainKeys("set-cookie", "server", "x-powered-by");
        }
    }

    @Test
    void style_sheet_and_icon_may_be_kept_for_ever_under_their_hash() {
        var page = get("/").body();
        for (var pattern : List.of("/assets/style-[\\w-]{12}\\.css", "/assets/icon-[\\w-]{12}\\.svg")) {
            var found = Pattern.compile(pattern).matcher(page);
            assertThat(found.find()).isTrue();
            assertThat(header(get(found.group()), "Cache-Control")).contains("max-age=31536000", "immutable", "public");
        }
        assertThat(get("/assets/style-000000000000.css").statusCode()).isEqualTo(404);
    }

    @Test
    void a_cursor_nobody_gave_is_a_bad_request() {
        assertThat(get("/dev@lists.example.org/2024-03/?after=nonsense").statusCode()).isEqualTo(400);
    }

    // --- health

    @Test
    void ready_names_what_is_not() {
        try (var server = start(sample.database(),
                List.of(new HealthCheck("relay", Optional::empty), new HealthCheck("database", () -> Optional.of("no primary")),
                        new HealthCheck("index", () -> {
                            throw new IllegalStateException("closed");
                        })))) {
            var answer = get(server, "/health/ready");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("database: no primary", "index: the check itself failed").doesNotContain("relay");
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
        }
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void a_check_that_hangs_is_named_in_time() {
        var never = new CountDownLatch(1);
        try (var server = start(sample.database(), List.of(new HealthCheck("disk", () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Optional.empty();
        }), new HealthCheck("relay", () -> Optional.of("refused"))))) {
            assertThat(get(server, "/health/ready").body()).contains("disk: no answer within 2 s", "relay: refused");
        } finally {
            never.countDown();
        }
    }

    @Test
    void metrics_count_requests_by_page_and_bear_our_name() {
        get("/dev@lists.example.org/" + PATCH + "/");
        var metrics = get("/metrics");
        assertThat(header(metrics, "Content-Type")).startsWith("text/plain");
        assertThat(metrics.body()).contains("listserv_http_request_seconds_count{page=\"message\",status=\"200\"}");
        assertThat(metrics.body().lines().filter(line -> !line.startsWith("#"))).isNotEmpty()
                .allMatch(line -> line.startsWith("listserv_"));
    }

    @Test
    void metrics_are_not_for_readers_behind_a_proxy() {
        assertThat(get("/metrics", "X-Forwarded-For", "192.0.2.7").statusCode()).isEqualTo(404);
        assertThat(get("/metrics", "Forwarded", "for=192.0.2.7").statusCode()).isEqualTo(404);
        assertThat(get("/health/ready", "X-Forwarded-For", "192.0.2.7").statusCode()).isEqualTo(200);
    }

    // --- failures

    @Test
    void without_a_database_pages_say_when_to_come_back() {
        var nowhere = Database.open(new DatabaseSettings("jdbc:postgresql://127.0.0.1:1/none", "none", "none"));
        try (nowhere; var server = start(nowhere, List.of())) {
            var page = get(server, "/dev@lists.example.org/");
            assertThat(page.statusCode()).isEqualTo(503);
            assertThat(header(page, "Retry-After")).isEqualTo("10");
            assertThat(page.body()).contains("The archive cannot be read right now").doesNotContain("Exception", "127.0.0.1", "\tat ");
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void what_breaks_in_our_program_shows_a_number_and_no_trace() {
        try (var own = new Sample(); var server = start(own.database(), List.of())) {
            own.sql("alter table list rename column description to summary");
            var page = get(server, "/");
            assertThat(page.statusCode()).isEqualTo(500);
            assertThat(page.body()).contains("This page is broken").containsPattern("<code>[0-9a-f]{8}</code>").doesNotContain("Exception",
                    "select ");
        }
    }

    @Test
    void a_taken_port_is_named() throws IOException {
        var taken = new InetSocketAddress("127.0.0.1", web.port());
        var settings = new WebSettings(taken, URI.create("https://lists.example.org"), List.of());
        assertThatExceptionOfType(AddressTaken.class)
                .isThrownBy(() -> WebServer.start(settings, sample.database(), new Searching(sample.database()), List.of(),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)))
                .withMessage("listserv.web.listen: 127.0.0.1:%d is taken by another program", web.port());
        assertThat(sample.database().<Boolean>read(connection -> connection.isValid(1))).isTrue();
    }

    @Test
    void closing_lets_requests_under_way_finish() throws Exception {
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var server = start(sample.database(), List.of(new HealthCheck("slow", () -> {
            asked.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                return Optional.of("interrupted");
            }
            return Optional.empty();
        })));
        int port = server.port();
        var answer = CompletableFuture.supplyAsync(() -> get(server, "/health/ready"));
        asked.await();
        var closed = CompletableFuture.runAsync(server::close);
        Awaitility.await().until(() -> !listens(port));
        go.countDown();
        assertThat(answer.get().statusCode()).isEqualTo(200);
        closed.get();
    }

    private static boolean listens(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void settings_that_cannot_work_are_refused() {
        var listen = new InetSocketAddress("127.0.0.1", 0);
        for (var url : List.of("ftp://lists.example.org", "lists.example.org", "https://lists.example.org/archive",
                "https://lists.example.org?x")) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new WebSettings(listen, URI.create(url), List.of()))
                    .withMessageContaining(url);
        }
    }
}
