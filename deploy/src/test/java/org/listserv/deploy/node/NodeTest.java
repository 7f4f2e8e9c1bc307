package org.listserv.deploy.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.listserv.deploy.config.Configuration;
import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.lists.Lists;
import org.listserv.mail.EmailAddress;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

class NodeTest {

    @TempDir
    private Path folder;
    private TestDatabase database;

    @BeforeEach
    void oneList() {
        database = TestDatabase.fresh();
        try (var wakeUps = new WakeUps(database.settings())) {
            var lists = new Lists(database.database(), wakeUps);
            lists.createDomain("lists.example.org", "test");
            lists.create(EmailAddress.parse("dev@lists.example.org"), Map.of("posting", "anyone"), "test");
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void a_taken_address_is_refused_with_the_key_that_names_it() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + taken.getLocalPort();
            assertThatThrownBy(() -> Node.start(configuration(Map.of("LISTSERV_SMTP_LISTEN", address)), EnumSet.of(Role.SMTP), false))
                    .isInstanceOf(NodeRefused.class).hasMessageStartingWith("listserv.smtp.listen: cannot listen on " + address);
            assertThatThrownBy(() -> Node.start(configuration(Map.of("LISTSERV_WEB_LISTEN", address)), EnumSet.of(Role.WEB), false))
                    .isInstanceOf(NodeRefused.class).hasMessageStartingWith("listserv.web.listen: " + address);
        }
    }

    @Test
    void a_schema_that_is_neither_ours_nor_the_next_is_refused_by_its_number() {
        database.sql("delete from flyway_schema_history where version::int > 3");
        assertThatThrownBy(() -> Node.start(configuration(Map.of()), EnumSet.of(Role.JOBS), false))
                .isInstanceOf(NodeRefused.class).hasMessageContaining("schema version 3").hasMessageContaining("listserv migrate");
    }

    @Test
    void a_shifted_clock_is_for_tests_only() throws Exception {
        database.sql("update clock set shift = '2 days'");
        assertThatThrownBy(() -> Node.start(configuration(Map.of()), EnumSet.of(Role.JOBS), false))
                .isInstanceOf(NodeRefused.class).hasMessageContaining("shifted by 172800 s");
        Node.start(configuration(Map.of()), EnumSet.of(Role.JOBS), true).close();
    }

    @Test
    void a_node_without_a_database_answers_451_and_joins_when_there_is_one() throws Exception {
        int smtp = freePort();
        int web = freePort();
        try (var road = new Road(database.settings().url())) {
            var configuration = configuration(Map.of("LISTSERV_DATABASE_URL", road.url(), "LISTSERV_SMTP_LISTEN", "127.0.0.1:" + smtp,
                    "LISTSERV_WEB_LISTEN", "127.0.0.1:" + web));
            try (var node = Node.start(configuration, EnumSet.of(Role.SMTP, Role.WEB), false)) {
                assertThat(node).isNotNull();
                assertThat(recipient(smtp)).startsWith("451 4.3.0");
                assertThat(get(web, "/health/live").statusCode()).isEqualTo(200);
                assertThat(get(web, "/health/ready")).satisfies(answer -> {
                    assertThat(answer.statusCode()).isEqualTo(503);
                    assertThat(answer.body()).contains("database: ");
                });
                road.open();
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    assertThat(recipient(smtp)).startsWith("250 2.1.5");
                    assertThat(get(web, "/health/ready").statusCode()).isEqualTo(200);
                    assertThat(get(web, "/metrics").body()).contains("listserv_node_joined 1.0");
                });
            }
        }
    }

    @Test
    void metrics_tell_how_long_posts_take_and_why_relays_defer() throws Exception {
        var web = freePort();
        try (var node = Node.start(configuration(Map.of("LISTSERV_WEB_LISTEN", "127.0.0.1:" + web)), EnumSet.of(Role.WEB, Role.DELIVERY),
                false)) {
            assertThat(node).isNotNull();
            assertThat(get(web, "/metrics").body()).contains("listserv_delivery_latency_longest_seconds 0.0",
                    "listserv_relay_deferred_total{reason=\"mailbox\",relay=\"127.0.0.1:1\"} 0.0");
        }
    }

    @Test
    void a_node_that_ends_says_goodbye() throws Exception {
        Node.start(configuration(Map.of()), Set.of(Role.DELIVERY), false).close();
        var goodbye = database.database().<Boolean>read(connection -> {
            try (var rows = connection.createStatement().executeQuery("select stopped_at is not null from node where name = 'node1'")) {
                return rows.next() && rows.getBoolean(1);
            }
        });
        assertThat(goodbye).isTrue();
    }

    private Configuration configuration(Map<String, String> more) throws Exception {
        var settings = database.settings();
        var environment = new HashMap<>(Map.of("LISTSERV_CONFIG", "/dev/null", "LISTSERV_NODE_NAME", "node1", "LISTSERV_POSTMASTER",
                "postmaster@example.org", "LISTSERV_DATABASE_URL", settings.url(), "LISTSERV_DATABASE_USER", settings.user(),
                "LISTSERV_DATABASE_PASSWORD", settings.password(), "LISTSERV_SMTP_LISTEN", "127.0.0.1:0", "LISTSERV_WEB_LISTEN",
                "127.0.0.1:0",
                "LISTSERV_RELAY_HOSTS", "127.0.0.1:1", "LISTSERV_ARCHIVE_INDEX_DIR", folder.resolve("index").toString()));
        environment.putAll(more);
        return Configuration.read(null, environment, Purpose.SERVE);
    }

    /// What a sender hears who wants to write to the list.
    private static String recipient(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
                var in = socket.getInputStream();
                var out = socket.getOutputStream()) {
            var replies = new java.io.BufferedReader(new java.io.InputStreamReader(in, java.nio.charset.StandardCharsets.US_ASCII));
            var answer = replies.readLine();
            for (var line : new String[]{"HELO client.example.net", "MAIL FROM:<ines@example.org>", "RCPT TO:<dev@lists.example.org>"}) {
                if (!answer.startsWith("2")) {
                    return answer;
                }
                out.write((line + "\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                answer = replies.readLine();
            }
            return answer;
        }
    }

    private static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// The way to a database, closed at first: nobody listens at its end.
    private static final class Road implements AutoCloseable {
        private final URI target;
        private final int port;
        private ServerSocket end;

        Road(String url) throws IOException {
            target = URI.create(url.substring("jdbc:".length()));
            port = freePort();
        }

        String url() {
            return "jdbc:postgresql://127.0.0.1:" + port + target.getPath()
                    + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
        }

        void open() throws IOException {
            end = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(() -> {
                while (true) {
                    try {
                        var from = end.accept();
                        var to = new Socket(target.getHost(), target.getPort());
                        Thread.ofVirtual().start(() -> carry(from, to));
                        Thread.ofVirtual().start(() -> carry(to, from));
                    } catch (IOException e) {
                        return;
                    }
                }
            });
        }

        private static void carry(Socket from, Socket to) {
            try (from; to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // one side has gone, and so does the other
            }
        }

        @Override
        public void close() throws IOException {
            if (end != null) {
                end.close();
            }
        }
    }
}
