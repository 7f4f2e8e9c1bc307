package org.listserv.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.listserv.deploy.log.Logging;

class DemoTest {

    @TempDir
    private Path folder;

    @BeforeAll
    static void libraries() {
        Logging.takeOver();
    }

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    @Test
    void a_post_reaches_a_subscriber_the_pages_and_the_search_and_is_kept_until_the_next_start() throws Exception {
        var places = places();
        try (var demo = Demo.start(places, out)) {
            assertThat(demo).isNotNull();
            assertThat(said.toString(StandardCharsets.UTF_8).lines())
                    .anyMatch(line -> line.startsWith("ready: web http://127.0.0.1:" + places.webPort()));
            send(places.smtpPort(), "ines@example.org", "Hello demo");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(subjects(places.imapPort(), "hanne@example.net")).containsExactly("Hello demo");
                assertThat(subjects(places.imapPort(), "raj@example.org")).containsExactly("Hello demo");
                assertThat(page(places, "/dev@lists.example.org/")).contains("Hello demo", "18 posts");
                assertThat(page(places, "/search?q=demo&format=json")).contains("Hello demo");
            });
            send(places.smtpPort(), "stranger@example.com", "May I?");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(subjects(places.imapPort(), "ines@example.org"))
                            .contains("MODERATE for dev@lists.example.org"));
            assertThatThrownBy(() -> Demo.start(places, out)).isInstanceOf(DemoTrouble.class)
                    .hasMessageContaining("runs in " + folder + " already (pid " + ProcessHandle.current().pid() + ")");
        }
        // A file left over from another life, that names a process which is no PostgreSQL.
        Files.writeString(folder.resolve("postgres/data/postmaster.pid"), ProcessHandle.current().pid() + "\n");
        try (var again = Demo.start(places, out)) {
            assertThat(again).isNotNull();
            assertThat(page(places, "/dev@lists.example.org/")).contains("Hello demo", "18 posts");
        }
    }

    @Test
    void a_taken_port_is_refused_with_the_flag_that_helps() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> Demo.start(new Demo.Places(folder, freePort(), taken.getLocalPort(), freePort()), out))
                    .isInstanceOf(DemoTrouble.class)
                    .hasMessage("port " + taken.getLocalPort() + " is taken by another program: choose another with --web-port PORT");
        }
        assertThat(folder.resolve("postgres")).doesNotExist();
    }

    @Test
    void once_ends_by_itself_and_frees_the_folder() throws Exception {
        Demo.once(folder, out);
        try (var again = DemoFolder.take(folder)) {
            assertThat(again).isNotNull();
        }
        assertThat(folder.resolve("postgres/data/postmaster.pid")).doesNotExist();
    }

    private Demo.Places places() throws IOException {
        return new Demo.Places(folder, freePort(), freePort(), freePort());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void send(int port, String from, String subject) throws Exception {
        var properties = new Properties();
        properties.put("mail.smtp.host", "127.0.0.1");
        properties.put("mail.smtp.port", Integer.toString(port));
        var message = new MimeMessage(Session.getInstance(properties));
        message.setFrom(new InternetAddress(from));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress("dev@lists.example.org"));
        message.setSubject(subject);
        message.setText("It works.");
        Transport.send(message);
    }

    private static String[] subjects(int port, String user) throws Exception {
        try (var store = Session.getInstance(new Properties()).getStore("imap")) {
            store.connect("127.0.0.1", port, user, user);
            var inbox = store.getFolder("INBOX");
            inbox.open(Folder.READ_ONLY);
            var messages = inbox.getMessages();
            var subjects = new String[messages.length];
            for (int i = 0; i < messages.length; i++) {
                subjects[i] = messages[i].getSubject();
            }
            return subjects;
        }
    }

    private static String page(Demo.Places places, String path) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + places.webPort() + path)).build(),
                    HttpResponse.BodyHandlers.ofString()).body();
        }
    }
}
