package org.listserv.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.listserv.store.Database;
import org.listserv.store.Migrations;
import org.listserv.store.TestPair;

class StandbyPagesTest {
    private static final String MARK = "comes from a copy and may lack the last moments";

    @TempDir
    Path folder;

    @Test
    void readers_go_on_reading_while_there_is_no_primary_and_are_told() throws Exception {
        try (var pair = new TestPair(folder, settings -> new Migrations(settings).migrate());
                var database = Database.open(pair.settings())) {
            var settings = new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of());
            try (var web = WebServer.start(settings, database, new Searching(database), List.of(),
                    new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
                assertThat(get(web, "/").body()).doesNotContain(MARK);

                pair.stopPrimary();
                assertThat(get(web, "/")).satisfies(page -> {
                    assertThat(page.statusCode()).isEqualTo(200);
                    assertThat(page.body()).contains(MARK);
                    assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
                });
                assertThat(get(web, "/health/pages").statusCode()).isEqualTo(200);
                assertThat(get(web, "/nobody@lists.example.org/")).satisfies(page -> {
                    assertThat(page.statusCode()).isEqualTo(404);
                    assertThat(page.body()).as("perhaps it is there by now").contains(MARK);
                });

                pair.startPrimary();
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(get(web, "/").body()).doesNotContain(MARK));
            }
        }
    }

    private static HttpResponse<String> get(WebServer web, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path)).build(),
                BodyHandlers.ofString());
    }
}
