package org.listserv.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.awaitility.Awaitility;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import org.listserv.archive.ArchiveSettings;
import org.listserv.archive.LuceneIndex;
import org.listserv.mail.EmailAddress;
import org.listserv.reception.Site;
import org.listserv.reception.Upstream;
import org.listserv.web.page.Percent;
import org.listserv.web.page.Place;

/// What strangers write stays text: each payload stands in every place of a mail that is shown anywhere, is received as any mail is, and is looked for
/// in every page and format, with the eyes of a browser (an HTML parser), not by its spelling.
class AttackTest {
    private static final EmailAddress DEV = EmailAddress.parse("dev@lists.example.org");

    /// `pwn` marks what must not come to life: an element, an attribute or a response header of that name, a script with it in it. 191 times 7
    /// is 1337, which stands in none of them.
    private static final List<String> PAYLOADS = List.of(
            "<script>pwn()</script>",
            "\"><img src=x onerror=pwn() pwn=1>",
            "' onmouseover='pwn()' pwn='1",
            "</title></textarea></h1></pre></style><svg/onload=pwn()><pwn>",
            "--><pwn><!--", "]]><pwn/><![CDATA[",
            "&lt;script&gt;pwn()&lt;/script&gt;&#60;pwn&#62;",
            "javascript:pwn()", "https://a.example/\"onclick=pwn()pwn=1", "https://a.example/'><pwn>",
            "data:text/html,<script>pwn()</script>", "[pwn](javascript:pwn())",
            "${7*191}", "__${7*191}__::.x", "[[${7*191}]] [(${7*191})]", "*{T(java.lang.Runtime).getRuntime().exec('pwn')}",
            "x\r\nPwn: yes\r\n\r\n<script>pwn()</script>", "x\nSet-Cookie: pwn=1",
            "\u0000\u0001\u0008\u000b\u001b[31m\u007f\u0085\u2028\uFFFE\uFFFF<pwn>",
            "\u202e\u2066<pwn>\u2069", "+ADw-script+AD4-pwn()+ADw-/script+AD4-",
            "../../../../etc/passwd", "..\\..\\pwn.exe\u0000.txt", "a".repeat(996) + "😀".repeat(20), "<pwn ".repeat(400),
            "🏴‍☠️\uD83D<pwn>");

    private static final Set<String> ATTACHMENT_TYPES = Set.of("application/octet-stream", "application/pdf", "image/png", "text/plain");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path indexDir;
    private static Site site;
    private static LuceneIndex index;
    private static WebServer web;

    @BeforeAll
    static void start() {
        site = new Site();
        site.list("dev");
        site.list("users");
        site.list("evil", "description", PAYLOADS.stream().filter(payload -> payload.matches("[ -~]{1,45}")).collect(joining(" ")));
        for (int i = 0; i < PAYLOADS.size(); i++) {
            send(letter(i), "dev@lists.example.org", "users@lists.example.org");
            send(hypertext(i), "dev@lists.example.org");
        }
        index = new LuceneIndex(site.database, new ArchiveSettings(indexDir)).start();
        web = WebServer.start(new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of()),
                site.database, index, List.of(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Awaitility.await().until(() -> index.status().lag() == 0 && index.status().posts() == 3L * PAYLOADS.size());
    }

    @AfterAll
    static void stop() {
        web.close();
        index.close();
        site.close();
    }

    private static void send(byte[] octets, String... to) {
        assertThat(site.send(Upstream.QUEUED, "ESMTP", "mallory@evil.example", octets, to))
                .allSatisfy(reply -> assertThat(reply.code()).isEqualTo(250));
    }

    // --- the mail

    private static String id(int i) {
        return i + "." + MESSAGE_ID.matcher(PAYLOADS.get(i)).replaceAll("") + "@evil.example";
    }

    private static final Pattern MESSAGE_ID = Pattern.compile("[\\s\\p{Cc}\\p{Z}<>\uD83D]|.(?=.{500})");

    /// What a header field may hold as it is: everything in one line.
    private static String raw(int i) {
        return PAYLOADS.get(i).replaceAll("[\r\n]+", "\r\n ");
    }

    /// An encoded word may hold line ends too (RFC 2047).
    private static String encoded(int i) {
        var word = new StringBuilder("=?utf-8?Q?");
        for (byte octet : PAYLOADS.get(i).getBytes(UTF_8)) {
            word.append("=%02X".formatted(octet));
        }
        return word.append("?=").toString();
    }

    private static String quoted(int i) {
        return '"' + PAYLOADS.get(i).replaceAll("[\r\n]+", " ").replaceAll("[\"\\\\]", "\\\\$0") + '"';
    }

    /// RFC 2231 may, too.
    private static String extended(int i) {
        return "utf-8''" + Percent.encode(PAYLOADS.get(i));
    }

    /// Everything that pages show, with the payload in it.
    private static byte[] letter(int i) {
        return crlf("""
                From: ENCODED <QUOTED@evil.example>
                To: RAW <dev@lists.example.org>, ENCODED <a@b.example>
                Cc: RAW
                Reply-To: ENCODED <mallory@evil.example>
                Organization: ENCODED RAW
                Subject: ENCODED
                Message-ID: <ID>
                In-Reply-To: <parent.ID>
                References: <parent.ID>
                List-Id: RAW <other.evil.example>
                User-Agent: RAW
                Date: Thu, 28 Mar 2024 11:00:00 +0000
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary="pwn-boundary"

                --pwn-boundary
                Content-Type: text/plain; charset=QUOTED
                Content-Description: RAW

                PLAIN
                On Monday RAW wrote:
                > PLAIN
                --- a/PLAIN
                +++ b/PLAIN
                @@ -1,2 +1,2 @@ PLAIN
                -PLAIN
                +PLAIN

                --pwn-boundary
                Content-Type: text/html; name=QUOTED
                Content-Disposition: attachment; filename=QUOTED

                <script>pwn()</script>
                --pwn-boundary
                Content-Type: RAW; name*=EXTENDED
                Content-Disposition: attachment; filename*=EXTENDED
                Content-Description: ENCODED

                PLAIN
                --pwn-boundary
                Content-Type: image/svg+xml; name="ENCODED"
                Content-Disposition: inline; filename="ENCODED.svg"

                <svg xmlns="http://www.w3.org/2000/svg" onload="pwn()"/>
                --pwn-boundary
                Content-Type: application/pdf
                Content-Disposition: attachment; filename=RAW
                Content-Transfer-Encoding: base64

                JVBERi0xLjQK
                --pwn-boundary
                Content-Type: message/rfc822

                From: ENCODED <QUOTED@evil.example>
                Subject: RAW
                Date: RAW
                Content-Type: text/plain; charset=utf-7

                PLAIN
                --pwn-boundary--
                """, i);
    }

    /// The same as HTML, for the page that shows it.
    private static byte[] hypertext(int i) {
        return crlf("""
                From: "Mallory" <mallory@evil.example>
                Subject: ENCODED
                Message-ID: <html.ID>
                References: <ID>
                Date: Thu, 28 Mar 2024 12:00:00 +0000
                Content-Type: text/html; charset=utf-8

                <html><head><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">
                <title>PLAIN</title><style>body { background: url(https://evil.example/pwn) }</style><script>pwn()</script></head>
                <body onload="pwn()" style="position:fixed"><p>PLAIN</p><a href="PLAIN" onclick=pwn()>a</a>
                <a href="java&#10;script:pwn()">b</a><a href=" &#1;javascript:pwn()">c</a><a href="vbscript:pwn()">d</a>
                <img src="https://evil.example/pwn.png"><img src=x onerror=pwn()><iframe srcdoc="<script>pwn()</script>"></iframe>
                <form action="https://evil.example/"><input name=pwn><button formaction="javascript:pwn()">x</button></form>
                <svg><script>pwn()</script><a xlink:href="javascript:pwn()"><text>x</text></a></svg><math><mtext></mtext></math>
                <noscript><p title="</noscript><img src=x onerror=pwn()>"></noscript><div id="pwn" class="PLAIN" title='PLAIN'>&#xD800;&#0;</div>
                <object data="x"></object><embed src=x><video src=x onerror=pwn()></video><link rel=stylesheet href=//evil.example>
                <template><script>pwn()</script></template><a href="//evil.example/" target=_blank>e</a><isindex action=javascript:pwn()>
                </body></html>
                """, i);
    }

    private static byte[] crlf(String template, int i) {
        var plain = PAYLOADS.get(i);
        return template.replace("\n", "\r\n").replace("ENCODED", encoded(i)).replace("QUOTED", quoted(i)).replace("EXTENDED", extended(i))
                .replace("RAW", raw(i)).replace("PLAIN", plain).replace("ID>", id(i) + ">").getBytes(UTF_8);
    }

    // --- the pages

    private static HttpResponse<byte[]> get(String path, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path)).timeout(Duration.ofSeconds(10));
            var answer = HTTP.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
            assertThat(answer.headers().map()).as(path).doesNotContainKeys("pwn", "set-cookie");
            if (answer.statusCode() == 400 && header(answer, "X-Content-Type-Options").isEmpty()) {
                // The container's own word, before we are asked.
                assertThat(body(answer)).as(path).doesNotContain("pwn");
                return answer;
            }
            assertThat(header(answer, "X-Content-Type-Options")).as(path).isEqualTo("nosniff");
            assertThat(header(answer, "Content-Security-Policy")).as(path).contains("default-src 'none'");
            return answer;
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static String body(HttpResponse<byte[]> answer) {
        return new String(answer.body(), UTF_8);
    }

    private static String q(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    static Stream<Integer> payloads() {
        return Stream.iterate(0, i -> i + 1).limit(PAYLOADS.size());
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void a_payload_is_text_on_every_page_about_its_message(int i) {
        for (var place : List.of(new Place.Message(DEV, id(i)), new Place.FlatThread(DEV, id(i)), new Place.NestedThread(DEV, id(i)),
                new Place.Message(DEV, "html." + id(i)))) {
            var answer = get(place.path());
            assertThat(answer.statusCode()).as(place.path()).isEqualTo(200);
            harmless(place.path(), body(answer));
            harmless(place.path(), body(get(place.path() + "?quotes=all&number=" + q(PAYLOADS.get(i)) + "&from=" + q(PAYLOADS.get(i)))));
        }
        var missing = new Place.Message(DEV, PAYLOADS.get(i)).path();
        var none = get(missing);
        assertThat(none.statusCode()).as(missing).isIn(400, 404);
        if (none.statusCode() == 404) {
            harmless(missing, body(none));
        }
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void attachments_are_files_of_a_safe_type_and_name(int i) {
        var files = new LinkedHashSet<>(Jsoup.parse(body(get(new Place.Message(DEV, id(i)).path()))).select("ul.parts a").eachAttr("href"));
        assertThat(files).hasSizeGreaterThanOrEqualTo(4);
        for (var path : files) {
            var file = get(path);
            assertThat(file.statusCode()).as(path).isEqualTo(200);
            assertThat(header(file, "Content-Type").replaceFirst(";.*", "")).as(path).isIn(ATTACHMENT_TYPES);
            assertThat(header(file, "Content-Security-Policy")).as(path).startsWith("sandbox;");
            assertThat(header(file, "Content-Disposition")).as(path).startsWith("attachment; filename")
                    .matches("[ -~]*").doesNotContain("/", "\\", "..\"");
        }
        var raw = get(new Place.Raw(DEV, id(i)).path());
        assertThat(header(raw, "Content-Type")).startsWith("text/plain");
        assertThat(header(raw, "Content-Security-Policy")).startsWith("sandbox;");
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void html_is_shown_without_all_that_runs_loads_sends_or_covers(int i) {
        var answer = get(new Place.Html(DEV, "html." + id(i)).path());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Security-Policy")).startsWith("sandbox;").contains("default-src 'none'")
                .doesNotContain("script");
        var page = Jsoup.parse(body(answer));
        assertThat(page.select("script, img, svg, math, form, input, button, iframe, object, embed, video, link, base, template, noscript,"
                + " meta[http-equiv], body > * style")).isEmpty();
        assertThat(page.select("[style], [id], [class], [target], [srcdoc], [formaction]")).isEmpty();
        for (var element : page.getAllElements()) {
            alive(element);
        }
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void a_search_for_it_is_a_page_a_feed_and_json(int i) throws Exception {
        for (var place : List.of("/search", "/dev@lists.example.org/search")) {
            for (var query : List.of(PAYLOADS.get(i), "id:" + id(i))) {
                var path = place + "?q=" + q(query) + "&threads=1&sort=" + q(PAYLOADS.get(i));
                var answer = get(path);
                assertThat(answer.statusCode()).as(path).isEqualTo(200);
                harmless(path, body(answer));
            }
        }
        xml(get("/search?format=atom&q=" + q(PAYLOADS.get(i))));
        json(get("/search?format=json&q=" + q(PAYLOADS.get(i))));
        for (var path : List.of("/search?q=pwn&after=", "/search?q=pwn&format=", "/dev@lists.example.org/2024-03/?after=")) {
            var answer = get(path + q(PAYLOADS.get(i)));
            assertThat(answer.statusCode()).as(path).isIn(200, 400);
            assertThat(header(answer, "Content-Type")).as(path).startsWith("text/plain");
        }
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void old_addresses_with_it_are_answered_with_a_page_or_json(int i) throws Exception {
        var payload = q(PAYLOADS.get(i));
        for (var path : List.of("/r?u=" + payload, "/r?u=" + q(id(i)), "/thread/" + Percent.encode(id(i)), "/list.html?" + payload,
                "/list.html?dev@lists.example.org:" + payload + ":" + payload, "/mod_mbox/" + Percent.encode(PAYLOADS.get(i)) + "/",
                "/mod_mbox/x/202403.mbox/" + Percent.encode("<" + id(i) + ">"), "/eyebrowse/ReadMsg?listName=" + payload + "&msgNo=1",
                "/ezmlm-cgi?" + payload, "/api/atom.lua?list=" + payload)) {
            var answer = get(path);
            assertThat(answer.statusCode()).as(path).isIn(200, 300, 301, 302, 400, 404);
            assertThat(header(answer, "Location")).as(path).matches("(/([^/\\\\].*)?)?").matches("[!-~]*");
            if (answer.statusCode() == 300 || answer.statusCode() == 404) {
                harmless(path, body(answer));
            }
            if (answer.statusCode() == 300) {
                json(get(path, "Accept", "application/json"));
            }
        }
        for (var api : List.of("email", "thread")) {
            json(get("/api/" + api + ".lua?id=" + q(id(i))));
        }
        json(get(new Place.NestedThread(DEV, id(i)).path() + "?format=json"));
        xml(get(new Place.ThreadFeed(DEV, id(i)).path()));
    }

    @Test
    void lists_months_and_feeds_are_harmless_too() throws Exception {
        for (var path : List.of("/", "/evil@lists.example.org/", "/dev@lists.example.org/", "/dev@lists.example.org/2024-03/",
                "/dev@lists.example.org/2024-03/?by=date", "/dev@lists.example.org/2024-03/?by=author",
                "/users@lists.example.org/2024-03/", "/users@lists.example.org/")) {
            var month = path.replace("2024-03", YearMonth.now(ZoneOffset.UTC).toString());
            var answer = get(month);
            assertThat(answer.statusCode()).as(month).isEqualTo(200);
            harmless(month, body(answer));
        }
        xml(get("/dev@lists.example.org/feed.atom"));
        xml(get("/search?format=atom&q=mallory"));
        json(get("/dev@lists.example.org/chain"));
        json(get("/api/stats.lua?list=dev@lists.example.org&d=" + YearMonth.now(ZoneOffset.UTC)));
    }

    // --- what a browser makes of it

    /// A page of ours: only our elements, only our script, only addresses that lead somewhere.
    private static void harmless(String path, String html) {
        assertThat(html).as(path).startsWith("<!DOCTYPE html>").doesNotContain("1337", "root:")
                .doesNotContainPattern("[\u0000-\u0008\u000b-\u001f]");
        var page = Jsoup.parse(html);
        assertThat(page.select("script")).as(path).allSatisfy(script -> {
            assertThat(script.attr("src")).matches("/assets/script-[\\w-]{12}\\.js");
            assertThat(script.data()).isEmpty();
        }).hasSizeLessThanOrEqualTo(1);
        assertThat(
                page.select("img, iframe, object, embed, video, audio, base, template, textarea, style, math, meta[http-equiv], [style]"))
                .as(path).isEmpty();
        assertThat(page.select("svg").stream().filter(svg -> svg.closest("figure.chart") == null)).as(path).isEmpty();
        assertThat(page.select("form").eachAttr("action")).as(path).allMatch(action -> action.matches("/(search|r|[^/]+/search)"));
        assertThat(page.select("link").eachAttr("href")).as(path)
                .allMatch(href -> href.matches("(https://lists\\.example\\.org)?/[^/].*|https://lists\\.example\\.org/"));
        assertThat(page.select("link[rel=stylesheet]")).as(path).hasSize(1);
        for (var element : page.getAllElements()) {
            alive(element);
        }
        assertThat(page.select("h1, title")).as(path).allSatisfy(element -> assertThat(element.text()).isNotBlank());
    }

    private static void alive(Element element) {
        assertThat(element.normalName()).doesNotContain("pwn");
        for (var attribute : element.attributes()) {
            var name = attribute.getKey().toLowerCase(Locale.ROOT);
            assertThat(name).as("%s", element).doesNotStartWith("on").doesNotContain("pwn").matches("[a-z-]+");
            if (Set.of("href", "src", "action", "data", "formaction", "poster").contains(name)) {
                assertThat(attribute.getValue()).as("%s", element).matches("(?s)(https?://|ftp://|mailto:|/(?![/\\\\])|#|\\?).*");
            }
        }
    }

    private static void xml(HttpResponse<byte[]> feed) throws Exception {
        assertThat(feed.statusCode()).isEqualTo(200);
        var document = DocumentBuilderFactory.newNSInstance().newDocumentBuilder().parse(new ByteArrayInputStream(feed.body()));
        var contents = document.getElementsByTagNameNS("*", "content");
        for (int i = 0; i < contents.getLength(); i++) {
            for (var element : Jsoup.parseBodyFragment(contents.item(i).getTextContent()).getAllElements()) {
                alive(element);
                assertThat(element.normalName()).isNotIn("script", "img", "iframe", "style", "svg");
            }
        }
    }

    private static void json(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(JsonMapper.builder().build().readTree(answer.body()).isObject()).isTrue();
        assertThat(new String(answer.body(), ISO_8859_1)).doesNotContainPattern("[\u0000-\u001f]");
    }
}
