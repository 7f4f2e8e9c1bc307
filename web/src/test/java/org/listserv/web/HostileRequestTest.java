package org.listserv.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.listserv.web.Sample.DEV;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.archive.ArchiveSettings;
import org.listserv.archive.LuceneIndex;

/// What no browser sends: tricks with paths, header sections and methods, and queries made to be expensive. Each gets an answer that is ours,
/// soon, and that says nothing about what we are made of.
class HostileRequestTest {
    private static final String HOST = "Host: lists.example.org\r\n";
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration PATIENCE_FOR_SEARCHES = Duration.ofSeconds(2);

    @TempDir
    private static Path indexDir;
    private static Sample sample;
    private static LuceneIndex index;
    private static WebServer web;

    @BeforeAll
    static void start() throws IOException {
        sample = new Sample().withThread();
        for (int i = 0; i < 300; i++) {
            sample.post(DEV, Sample.message("many" + i + "@example.org", "Mara <mara@harbour.example>", "Tide " + i,
                    "Thu, 28 Mar 2024 12:00:00 +0000", "aa ab ac ad ae tide " + Integer.toString(i, 36)));
        }
        index = new LuceneIndex(sample.database(), new ArchiveSettings(indexDir)).start();
        web = WebServer.start(new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of()),
                sample.database(), index, List.of(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Awaitility.await().until(() -> index.status().lag() == 0 && index.status().posts() > 300);
        web.warmUp();
    }

    @AfterAll
    static void stop() {
        web.close();
        index.close();
        sample.close();
    }

    private record Answer(int status, String header, String body, Duration took) {}

    /// Machines are shared: who is late once is asked again.
    private static Answer send(String request, Duration patience) throws IOException {
        var answer = send(request);
        answer = answer.took().compareTo(patience) > 0 ? send(request) : answer;
        assertThat(answer.took()).as(start(request)).isLessThan(patience);
        return answer;
    }

    /// @param request without the empty line at its end; what may have a body gets one
    private static Answer send(String request) throws IOException {
        long began = System.nanoTime();
        try (var socket = new Socket("127.0.0.1", web.port())) {
            socket.setSoTimeout(10_000);
            try {
                var body = request.startsWith("P") ? "0\r\n\r\n" : "";
                socket.getOutputStream().write((request + "Connection: close\r\n\r\n" + body).getBytes(ISO_8859_1));
            } catch (SocketException e) {
                // It has heard enough; what it said about that may still be read.
            }
            var whole = new String(socket.getInputStream().readAllBytes(), UTF_8);
            int end = whole.indexOf("\r\n\r\n");
            assertThat(whole).as(start(request)).startsWith("HTTP/1.1 ");
            return new Answer(Integer.parseInt(whole.substring(9, 12)), whole.substring(0, end), whole.substring(end + 4),
                    Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private static String start(String request) {
        return request.substring(0, Math.min(200, request.length()));
    }

    private static void refused(String request, Integer... statuses) throws IOException {
        var answer = send(request, PATIENCE);
        assertThat(answer.status()).as(start(request)).isIn((Object[]) statuses);
        assertThat(answer.header() + answer.body()).as(start(request)).doesNotContain("Exception", "Tomcat", "Coyote", "Spring", "\tat ",
                "org.", "root:", "Server:", "pwn").doesNotContainIgnoringCase("jdbc");
    }

    // --- paths

    static Stream<String> paths() {
        return Stream.of("/../../../../etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd",
                "/%252e%252e%252fetc/passwd",
                "/.%2e/.%2e/etc/passwd", "/..;/..;/etc/passwd", "/;/WEB-INF/web.xml", "/WEB-INF/web.xml", "/WEB-INF;x=y/web.xml",
                "/META-INF/MANIFEST.MF", "/%57EB-INF/web.xml", "/..\\..\\etc\\passwd", "/..%5c..%5cetc%5cpasswd",
                "/assets/..%2f..%2fetc/passwd",
                "/assets/../layout.html", "/assets/%2e%2e/layout.html", "/assets/style.css", "/assets/", "/assets//", "/page/layout.html",
                "/org/listserv/web/page/layout.html", "/dev@lists.example.org/../../etc/passwd", "/dev@lists.example.org/%2e%2e/",
                "/dev@lists.example.org/..%2f..%2fetc%2fpasswd/", "/dev@lists.example.org/x@y/1/..%2f..%2fetc%2fpasswd",
                "/dev@lists.example.org/x@y/../../../etc/passwd", "/dev@lists.example.org;jsessionid=pwn/", "/dev@lists.example.org/;a=b",
                "/dev@lists.example.org//", "/dev@lists.example.org//2024-03/", "/dev@lists.example.org/./2024-03/",
                "//dev@lists.example.org/", "//evil.example/", "///evil.example", "/\\evil.example/", "/%2f%2fevil.example/",
                "/%5cevil.example",
                "/dev@lists.example.org/a%00b/", "/%00", "/a%0d%0aSet-Cookie:pwn=1", "/dev@lists.example.org/a%0d%0aPwn:1/",
                "/dev@lists.example.org/%c0%ae%c0%ae/%c0%af/", "/%c0%ae%c0%ae%c0%afetc", "/%e0%80%ae", "/dev@lists.example.org/%ff%fe/",
                "/dev@lists.example.org/%ed%a0%80/", "/dev@lists.example.org/\u00e9/", "/%", "/%2", "/%zz",
                "/dev@lists.example.org/%u002e/",
                "/dev%40lists.example.org/nobody@example.org/", "/@", "/a@", "/@b", "/dev@lists.example.org@evil.example/",
                "/dev@[127.0.0.1]/", "/\"dev\"@lists.example.org/x/", "/dev@lists.example.org/9999-99/", "/dev@lists.example.org/0000-00/",
                "/dev@lists.example.org/99999999999999999999", "/dev@lists.example.org/-1", "/dev@lists.example.org/0",
                "/dev@lists.example.org/2024-13.mbox.gz", "/dev@lists.example.org/x@y/1.1.1.1/name",
                "/dev@lists.example.org/x@y/" + "1.".repeat(61) + "1/n", "/dev@lists.example.org/x@y/99999999999/n",
                "/" + "a/".repeat(3_000),
                "/" + "%41".repeat(8_000), "/" + "a".repeat(20_000) + "@lists.example.org/", "/dev@lists.example.org/" + "x".repeat(30_000),
                "/mod_mbox/" + "-a".repeat(3_000) + "/", "/mod_mbox/a/999999.mbox/%3C" + "x".repeat(7_000),
                "/thread/" + "%3C".repeat(2_000),
                "/thread/" + "a".repeat(20_000), "/api/email.lua", "/api/email.lua/", "/api/thread.lua?id=", "/api/nothing.lua",
                "/api/../api/email.lua", "/ezmlm-cgi/99999999999999999999/1", "/eyebrowse/ReadMsg", "/r", "/r?u=", "/r?u=%00", "/r?u=%ff",
                "/r?u=//evil.example", "/r?u=https://evil.example/", "/r?u=" + "(".repeat(20_000), "/?after=A",
                "/?after=" + "A".repeat(20_000), "/list.html?%00@%00",
                "/mod_mbox/%00/", "/mod_mbox/a%2500-b/", "/api/email.lua?id=%00", "/api/mbox.lua?list=a%00@b&date=2024-03",
                "/r?u=" + "%2525".repeat(3_000),
                "/actuator/health", "/.git/config", "/.env", "/favicon.ico", "/cgi-bin/test", "/manager/html", "/health/", "/health/x");
    }

    @ParameterizedTest
    @MethodSource("paths")
    void a_path_that_leads_nowhere_is_refused(String path) throws IOException {
        // What may be the name of a message is first sent to where such a message would be.
        refused("GET " + path + " HTTP/1.1\r\n" + HOST, path.matches("/dev@lists.example.org/(;a=b|9{20}|-1|0|x+)") ? 301 : 404, 400, 404);
    }

    @Test
    void a_way_around_in_a_path_leads_to_no_other_host() throws IOException {
        for (var path : List.of("/dev@lists.example.org", "/dev@lists.example.org/2024-03?next=//evil.example", "/search/",
                "/dev@lists.example.org/search/?q=//evil.example", "/dev@lists.example.org/1",
                "/r?u=https://lists.example.org//evil.example/",
                "/r?u=https://lists.example.org/dev@lists.example.org", "/list.html?dev@lists.example.org")) {
            var answer = send(
                    "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\n");
            assertThat(answer.status()).as(path).isIn(301, 302, 404);
            assertThat(answer.header().lines().filter(line -> line.startsWith("Location:"))).as(path)
                    .allMatch(line -> line.matches("Location: /[^/].*"));
        }
    }

    // --- header sections, targets, methods

    static Stream<String> requests() {
        return Stream.of("GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n",
                "GET / HTTP/1.1\r\nHost: [::1\r\n", "GET / HTTP/1.1\r\nHost: a/../b\r\n",
                "GET / HTTP/9.9\r\n" + HOST, "GET / HTTP/1.1 x\r\n" + HOST, "GET\r\n" + HOST, "/\r\n" + HOST, "\u0016\u0003\u0001\r\n",
                "GET http://evil.example/ HTTP/1.1\r\n" + HOST, "GET http://evil.example:99999/ HTTP/1.1\r\n" + HOST,
                "GET ftp://evil.example HTTP/1.1\r\n" + HOST, "GET evil.example HTTP/1.1\r\n" + HOST, "GET * HTTP/1.1\r\n" + HOST,
                "GET ? HTTP/1.1\r\n" + HOST, "GET /a b HTTP/1.1\r\n" + HOST, "CONNECT evil.example:25 HTTP/1.1\r\n" + HOST,
                "TRACE / HTTP/1.1\r\nPwn: pwn\r\n" + HOST, "TRACK / HTTP/1.1\r\n" + HOST,
                "PROPFIND / HTTP/1.1\r\n" + HOST, "PUT /pwn.jsp HTTP/1.1\r\nContent-Length: 3\r\n" + HOST, "get / HTTP/1.1\r\n" + HOST,
                "G\u00cbT / HTTP/1.1\r\n" + HOST, "X".repeat(9_000) + " / HTTP/1.1\r\n" + HOST,
                "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n" + HOST,
                "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + HOST, "POST / HTTP/1.1\r\nContent-Length: -1\r\n" + HOST,
                "POST / HTTP/1.1\r\nTransfer-Encoding: pwn\r\n" + HOST,
                "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" + HOST,
                "GET / HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(40_000) + "\r\n", "GET / HTTP/1.1\r\n" + HOST + "x: y\r\n".repeat(8_000),
                "GET / HTTP/1.1\r\n" + HOST + "X".repeat(40_000) + ": y\r\n", "GET / HTTP/1.1\r\n" + HOST + "X y: z\r\n",
                "GET / HTTP/1.1\r\n" + HOST + "X: a\u0000b\r\n", "GET / HTTP/1.1\r\n" + HOST + ": pwn\r\n",
                "GET / HTTP/1.1\r\n" + HOST + "pwn\r\n");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void what_is_no_request_is_refused(String request) throws IOException {
        refused(request, 400, 404, 405, 431, 501, 505);
    }

    /// Ordinary requests with a field that is not: they are answered, and nothing of it comes back.
    @ParameterizedTest
    @ValueSource(strings = {"Host: evil.example\r\nX-Forwarded-Host: evil.example", "X-Forwarded-For: <pwn>, ' or 1=1 --",
            "X-Forwarded-For: ,,,,", "Cookie: JSESSIONID=pwn; a=\"<script>\"", "If-None-Match: \"\u00ff\", W/, ,,", "If-None-Match: \"pwn",
            "If-Modified-Since: yesterday", "Range: bytes=0-0,1-1,2-2", "Range: bytes=-", "Accept: pwn", "Accept: */*;q=pwn, text/;x",
            "Accept-Encoding: gzip;q=pwn", "Accept-Language: <pwn>", "Upgrade: h2c\r\nConnection: Upgrade",
            "X-HTTP-Method-Override: DELETE", "Content-Type: pwn/\u00ff", "Accept-Charset: pwn"})
    void a_strange_field_changes_nothing(String field) throws IOException {
        for (var path : List.of("/dev@lists.example.org/20240325214003.GA1932@harbour.example/", "/search?q=tide", "/r?u=many7@example.org",
                "/dev@lists.example.org/2024-03.mbox.gz")) {
            var answer = send("GET " + path + " HTTP/1.1\r\n" + (field.startsWith("Host") ? "" : HOST) + field + "\r\n", PATIENCE);
            assertThat(answer.status()).as(path + " with " + field).isIn(200, 301);
            assertThat(answer.header() + answer.body()).as(path + " with " + field).doesNotContain("pwn", "evil.example");
        }
    }

    // --- queries

    static Stream<String> bombs() {
        var words = IntStream.range(0, 6_000).mapToObj(i -> Integer.toString(i * 37, 36)).toList();
        return Stream.of("a".repeat(1_000), "tide ".repeat(200), "tide ".repeat(6_000), String.join(" OR ", words.subList(0, 200)),
                String.join(" OR ", words), "tide -" + String.join(" -x", words), "(".repeat(500) + "tide" + ")".repeat(500),
                "(".repeat(30_000),
                ")".repeat(30_000), "((tide OR ".repeat(90), "-".repeat(1_000) + "tide", "NOT ".repeat(240) + "tide", "\"".repeat(999),
                "\"" + "tide ".repeat(190) + "\"~99999", "\"a b c d e f g\"~100 ".repeat(40), "*", "*:*", "*tide", "*t*i*d*e*", "?*?*",
                "t*", "a*",
                "a* b* c* d* e*", "aa* OR ab* OR ac* OR ad* OR ae*", "(" + "aa* OR ".repeat(100) + "x)", "tide~", "tide~99 tiide~0.0001",
                "/(a+)+$/", "/.*.*.*.*=/", "(a|a)*b", "[a TO z]", "{a TO *}", "[* TO *]", "tide^9999999999", "tide^-1", "a:b:c:d", ":::",
                "list:*@*", "list:%", "list:_____@%", "list:" + "*a".repeat(400), "list:\\", "from:=*", "id:*", "id:a*", "ref:aa*",
                "date:..", "date:0000..9999", "date:0000-01-01..9999-12-31", "date:99999999-01", "date:9999y..", "after:9999 before:0000",
                "sent:>9999-12-31", "date:2024-02-31", "size:0..999999999999M", "size:>99999999999999999999",
                "replies:>0 people:0..999999999",
                "replies:<0", "thread:{" + "thread:{".repeat(100) + "tide" + "}".repeat(101), "thread:{tide} ".repeat(60), "thread:{-tide}",
                "thread:", "thread:{}", "thread:{", "is:unanswered is:crosspost", "is:crosspost OR is:unanswered", "-is:unanswered",
                "has:" + "x".repeat(900), "sort:pwn", "sort:relevance ".repeat(60), "header.x-mailer:a*",
                "header." + "x".repeat(900) + ":y",
                "vote:+1 OR vote:-1 OR vote:0", "file:" + "/".repeat(900), "\u0000\u0001", "\uFFFE\uFFFF", "\u202e",
                "😀".repeat(499) + "a😀",
                "\u0300".repeat(900), "ﷺ".repeat(300), "İ".repeat(900), "ß".repeat(900), "e\u0301".repeat(450), "漢".repeat(900), "a\u0000b",
                "tide' OR '1'='1", "'; drop table post; --", "${7*7}", "x".repeat(999) + "\uD83D");
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void an_expensive_query_is_answered_in_time_and_says_where_it_was_cut(String query) throws IOException {
        var q = URLEncoder.encode(query, UTF_8);
        for (var form : List.of("&sort=relevance&threads=1", "&sort=replies&format=json")) {
            var answer = send("GET /search?q=" + q + form + " HTTP/1.1\r\n" + HOST, PATIENCE_FOR_SEARCHES);
            var said = start(query) + form;
            assertThat(answer.status()).as(said).isEqualTo(q.length() + form.length() > 32_000 ? 400 : 200);
            if (answer.status() == 200 && query.length() > 1_000) {
                assertThat(answer.body()).as(said).contains("Only the first 1000 characters were read.");
            }
        }
    }

    @Test
    void each_limit_is_announced() throws IOException {
        var limits = List.of(List.of(String.join(" OR ", IntStream.range(0, 80).mapToObj(i -> "w" + i).toList()),
                "Only the first 64 words and phrases were searched."), List.of("(".repeat(40) + "tide" + ")".repeat(40), "deeper than 20"),
                List.of("a*", "too short"), List.of("lang:en tide", "not supported yet"));
        for (var limit : limits) {
            assertThat(send("GET /search?q=" + URLEncoder.encode(limit.getFirst(), UTF_8) + " HTTP/1.1\r\n" + HOST).body())
                    .contains(limit.getLast());
        }
    }

    @Test
    void octets_that_are_no_text_are_a_query_like_any() throws IOException {
        assertThat(send("GET /?after=AA.AA HTTP/1.1\r\n" + HOST).status()).as("NUL in a cursor").isEqualTo(200);
        for (var raw : List.of("%ff%fe%00", "%c0%af", "%ed%a0%80", "%", "%zz", "%e2%82", "\u00ff\u00fe", "a;b", "a&b=c&q=d", "a%00b")) {
            assertThat(send("GET /search?q=" + raw + " HTTP/1.1\r\n" + HOST, PATIENCE).status()).as(raw).isIn(200, 400);
        }
    }

    @Test
    void too_many_parameters_are_told_so() throws IOException {
        var answer = send("GET /search?" + "a=&".repeat(5_000) + "q=tide HTTP/1.1\r\n" + HOST, PATIENCE);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("no more than 100 parameters");
    }
}
