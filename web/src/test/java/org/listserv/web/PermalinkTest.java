package org.listserv.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.listserv.web.Sample.PRIVATE;
import static org.listserv.web.Sample.USERS;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Links into archives before this one lead to the same mail here, over HTTP.
class PermalinkTest {
    private static final String PATCH = "20240325214003.GA1932@harbour.example";
    private static final String PATCH_PAGE = "/dev@lists.example.org/" + PATCH + "/";
    private static final String CURRENT = "n47hcfdt6z70tqxvnhgn3zrdwqgg36yl";
    private static final String LONG = "aadbecf2e6bd0e1aee0e93d6e0a1b3bfb4ea4d7e8c86a8d0a2e96ff8";
    private static final String ODD = "CAJ7+quay$3=9%81/pier#2@whitcombe.example";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Sample sample;
    private static WebServer web;

    @BeforeAll
    static void start() {
        sample = new Sample().withThread();
        sample.post(USERS, Sample.message(PATCH, "Mara Lindqvist <mara@harbour.example>", "Also here, mara@harbour.example",
                "Mon, 25 Mar 2024 21:40:02 +0000", "The same."));
        sample.post(PRIVATE, Sample.message("secret@example.org", "Mara <mara@harbour.example>", "Where the key is",
                "Thu, 28 Mar 2024 11:00:00 +0000", "Under the mat."));
        sample.sql("""
                insert into legacy_id (kind, id, list_id, seq)
                select x.kind, x.id, l.id, x.seq
                  from (values ('ponymail', '%1$s', 'dev', 3), ('ponymail', '%2$s', 'dev', 3), ('ponymail', '%2$s@1417295024', 'dev', 1),
                               ('ponymail', '0123456789bcdfghjklmnopqrstvwxyz', 'private', 1),
                               ('ezmlm', '1203', 'dev', 3), ('other', 'https://old.example.org/read?n=7', 'dev', 2)) x(kind, id, list, seq)
                  join list l on l.local_part = x.list;
                insert into former_name select n.name, l.id
                  from (values ('tern-dev', 'dev'), ('dev@tern.example.org', 'dev'), ('ezmlm-cgi/3', 'dev'),
                               ('tern-private', 'private')) n(name, list)
                  join list l on l.local_part = n.list;
                """.formatted(CURRENT, LONG));
        var settings = new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of());
        web = WebServer.start(settings, sample.database(), new Searching(sample.database()), List.of(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    @AfterAll
    static void stop() {
        web.close();
        sample.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
            "/thread/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/thread.html/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl?find_parent=true /dev@lists.example.org/20240325214003.GA1932@harbour.example/T/",
            "/thread/%3C20240325214003.GA1932@harbour.example%3E?%3Cdev.lists.example.org%3E /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/thread/%3C20240325214003.GA1932@harbour.example%3E?%3Cdev.tern.example.org%3E /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/mod_mbox/tern-dev/199901.mbox/%3c20240325214003.GA1932@harbour.example%3e /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/mod_mbox/lists-users/202403.mbox/%3c20240325214003.GA1932@harbour.example%3e /users@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/mod_mbox/tern-dev/202403.mbox/%3CCAJ7+quay$3=9%2581%2Fpier%232@whitcombe.example%3E /dev@lists.example.org/CAJ7+quay$3=9%2581%2Fpier%232@whitcombe.example/",
            "/mod_mbox/tern-dev/202403.mbox/author /dev@lists.example.org/2024-03/?by=author",
            "/mod_mbox/tern-dev/202403.mbox /dev@lists.example.org/2024-03.mbox.gz",
            "/mod_mbox/lists-dev/ /dev@lists.example.org/",
            "/list.html?dev@tern.example.org:2024-3 /dev@lists.example.org/2024-03/",
            "/list.html?dev@lists.example.org /dev@lists.example.org/",
            "/ezmlm-cgi/3/1203 /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/ezmlm-cgi?3:mss:1203 /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/ezmlm-cgi/3/3 /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/eyebrowse/ReadMsg?listName=dev@tern.example.org&msgNo=1203 /dev@lists.example.org/20240325214003.GA1932@harbour.example/",
            "/api/atom.lua?list=dev@lists.example.org /dev@lists.example.org/feed.atom"})
    void leads_here(String old, String page) {
        assertThat(get(old).statusCode()).as(old).isEqualTo(301);
        assertThat(location(get(old))).as(old).isEqualTo(page);
        assertThat(location(resolve("https://old.example.org" + old))).as("/r of " + old).isEqualTo(page);
    }

    @Test
    void what_may_mean_several_things_names_them_all() {
        var several = get("/thread/aadbecf2e6bd0e1aee");
        assertThat(several.statusCode()).isEqualTo(300);
        assertThat(several.body()).contains("Several things have this name", PATCH_PAGE);
        var both = get("/mod_mbox/unknown-dev/202403.mbox/%3C" + PATCH + "%3E");
        assertThat(both.statusCode()).isEqualTo(300);
        assertThat(both.body()).contains(PATCH_PAGE, "/users@lists.example.org/").doesNotContain("mara@harbour.example</td>");
        assertThat(location(get("/thread.html/" + LONG + "@1417295024@%3Cdev.tern.example.org%3E")))
                .isEqualTo("/dev@lists.example.org/20240325081230.4f1c@pier.example/");
    }

    @Test
    void an_imported_address_is_known_whole() {
        assertThat(location(resolve("https://old.example.org/read?n=7"))).isEqualTo("/dev@lists.example.org/a7b1e0c2-9d@okafor.example/");
        assertThat(resolve("https://old.example.org/read?n=77").statusCode()).isEqualTo(404);
    }

    @Test
    void programs_get_json() {
        assertThat(get("/r?u=" + CURRENT, "Accept", "application/json").body()).isEqualTo("""
                {"found":[{"url":"https://lists.example.org%s","list":"dev@lists.example.org","number":3,"messageId":"%s"}]}"""
                .formatted(PATCH_PAGE, PATCH));
        assertThat(get("/r?u=nothing", "Accept", "application/json").body()).isEqualTo("{\"found\":[]}");
    }

    @Test
    void every_message_id_resolves() {
        assertThat(location(resolve(ODD))).isEqualTo("/dev@lists.example.org/CAJ7+quay$3=9%2581%2Fpier%232@whitcombe.example/");
    }

    @Test
    void the_old_interface_for_programs_goes_on_answering() {
        var source = get("/api/source.lua?id=" + CURRENT);
        assertThat(source.statusCode()).isEqualTo(200);
        assertThat(source.body()).contains("Message-ID: <" + PATCH + ">");
        assertThat(get("/api/email.lua?id=%3C" + PATCH + "%3E").body()).contains("\"message-id\":\"<" + PATCH + ">\"",
                "\"list_raw\":\"<dev.lists.example.org>\"", "\"subject\":", "\"body\":").doesNotContain("mara@harbour.example");
        assertThat(get("/api/thread.lua?id=" + CURRENT).body()).contains("\"emails\":[", PATCH)
                .doesNotContain("release-42-open@okafor.example");
        var mbox = get("/api/mbox.lua?list=dev&domain=lists.example.org&date=2024-3");
        assertThat(mbox.headers().firstValue("Content-Type")).contains("application/mbox");
        assertThat(mbox.body()).startsWith("From MAILER-DAEMON ").contains("Message-ID: <" + PATCH + ">");
        assertThat(get("/api/stats.lua?list=dev@lists.example.org&d=2024-03").body()).contains("\"hits\":7", "\"emails\":[{");
        assertThat(location(get("/api/mbox.lua?list=dev@lists.example.org&q=gauge")))
                .isEqualTo("/dev@lists.example.org/search?q=gauge&format=mbox");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/thread/0123456789bcdfghjklmnopqrstvwxyz", "/thread/%3Csecret@example.org%3E",
            "/mod_mbox/tern-private/202403.mbox/%3Csecret@example.org%3E", "/mod_mbox/tern-private/",
            "/list.html?private@lists.example.org",
            "/api/source.lua?id=0123456789bcdfghjklmnopqrstvwxyz", "/api/email.lua?id=%3Csecret@example.org%3E",
            "/api/mbox.lua?list=private@lists.example.org&d=2024-03", "/api/stats.lua?list=private@lists.example.org&d=2024-03",
            "/eyebrowse/ReadMsg?listName=private@lists.example.org&msgNo=1"})
    void a_list_that_may_not_be_read_answers_like_one_that_is_not_there(String old) {
        var nothing = get("/thread/00000000000000000000000000000000");
        assertThat(get(old).statusCode()).isEqualTo(404);
        assertThat(get(old).body()).isEqualTo(nothing.body());
        assertThat(resolve("https://old.example.org" + old).body()).isEqualTo(nothing.body());
    }

    private static HttpResponse<String> resolve(String address) {
        return get("/r?u=" + URLEncoder.encode(address, UTF_8));
    }

    private static String location(HttpResponse<?> response) {
        return response.headers().firstValue("Location").orElse("");
    }

    private static HttpResponse<String> get(String path, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path)).timeout(Duration.ofSeconds(30));
            return HTTP.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString(UTF_8));
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
