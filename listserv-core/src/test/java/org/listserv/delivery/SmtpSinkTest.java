package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

/// The sink judges the client, so somebody must judge the sink: here every octet is written by hand.
class SmtpSinkTest {
    @Test
    void a_session_by_hand() throws IOException {
        try (var sink = SmtpSink.setup().offering("PIPELINING").start()) {
            assertThat(talk(sink, "EHLO me\r\n", """
                    MAIL FROM:<l@x.org>
                    RCPT TO:<u@a.org>
                    DATA
                    """, """
                    A: b

                    ..one
                    .
                    QUIT
                    """)).containsExactly("220 sink.test ESMTP", "250-sink.test", "250 PIPELINING", "250 2.1.0 ok", "250 2.1.5 ok",
                    "354 go ahead", "250 2.0.0 ok", "221 2.0.0 bye");
            assertThat(sink.received()).singleElement()
                    .satisfies(received -> assertThat(received.text()).isEqualTo("A: b\r\n\r\n.one\r\n"));
            assertThat(sink.counts()).containsExactly(Map.entry("u@a.org", 1L));
            assertThat(sink.violations()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(delimiter = '|', textBlock = """
            MAIL FROM:<l@x.org> SIZE=5                                     | 555 5.5.4 SIZE was not offered        | an extension that was not offered
            MAIL FROM:<l@x.org>~MAIL FROM:<l@x.org>                        | 503 5.5.1 nested MAIL                 | two transactions in one
            MAIL FROM:<jörg@x.org>                                         | 553 5.6.7 SMTPUTF8 is needed          | UTF-8 without SMTPUTF8
            MAIL FROM: <l@x.org>                                           | 501 5.5.4 syntax                      | a space where none may be
            HULLO                                                          | 500 5.5.2 unknown command             | an unknown command
            MAIL FROM:<l@x.org>~RCPT TO:<u@a.org>~DATA~%a\\nb~.            | 554 5.6.0 a CR or LF of its own       | LF alone
            MAIL FROM:<l@x.org>~RCPT TO:<u@a.org>~DATA~%a\\rb~.            | 554 5.6.0 a CR or LF of its own       | CR alone
            MAIL FROM:<l@x.org>~RCPT TO:<u@a.org>~DATA~%a\\n.\\nb~.        | 554 5.6.0 a CR or LF of its own       | LF . LF
            """)
    void what_a_client_must_not_do_is_refused_and_noted(String commands, String reply, String what) throws IOException {
        try (var sink = SmtpSink.setup().offering("PIPELINING").start()) {
            var parts = ("EHLO me~%" + commands).split("%");
            for (int i = 0; i < parts.length; i++) {
                parts[i] = parts[i].replace("~", "\r\n").replace("\\n", "\n").replace("\\r", "\r") + (i == parts.length - 1 ? "\r\n" : "");
            }
            assertThat(talk(sink, parts)).contains(reply);
            assertThat(sink.violations()).singleElement().asString().startsWith(reply);
            assertThat(sink.copies()).isZero();
        }
    }

    @ParameterizedTest(name = "offering {0}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            SIZE       | MAIL FROM:<l@x.org>~RCPT TO:<u@a.org>        | something was sent ahead of the answer to MAIL
            PIPELINING | MAIL FROM:<l@x.org>~RCPT TO:<u@a.org>~DATA~. | something was sent ahead of the 354
            """)
    void haste_is_noted(String offered, String commands, String violation) throws IOException {
        try (var sink = SmtpSink.setup().offering(offered).start()) {
            talk(sink, "EHLO me\r\n", commands.replace("~", "\r\n") + "\r\n");
            assertThat(sink.violations()).contains(violation);
        }
    }

    @Test
    void as_a_process_it_logs_every_copy_before_its_250(@TempDir Path folder) throws Exception {
        var log = folder.resolve("copies");
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto", "-cp",
                System.getProperty("java.class.path"), SmtpSink.class.getName(), "--log", log.toString(), "--refuse", "^bad",
                "550 5.1.1 no").start();
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var sink = HostPort.parse(out.readLine().replace("listening on ", ""));
            var octets = "Message-ID: <m1@x.org>\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII);
            try (var relays = new Relays(RelaySettings.to(List.of(sink), "node.example.org"));
                    var lease = relays.lease(Lane.SMALL, Duration.ofSeconds(10)).orElseThrow()) {
                lease.send(new Copy(ReversePath.parse("dev-return-1@x.org"), false,
                        List.of(EmailAddress.parse("u1@a.org"), EmailAddress.parse("bad@a.org"), EmailAddress.parse("u2@a.org")),
                        WireMessage.of(octets)));
                assertThat(lease.finish().orElseThrow().outcomes()).extracting(outcome -> outcome.getClass().getSimpleName())
                        .containsExactly("Delivered", "Failed", "Delivered");
            }
            var sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
            assertThat(Files.readAllLines(log)).containsExactly("dev-return-1@x.org\tu1@a.org\tm1@x.org\t" + sha256,
                    "dev-return-1@x.org\tu2@a.org\tm1@x.org\t" + sha256);
        } finally {
            process.destroyForcibly();
        }
    }

    /// Writes each part when the answers to the one before have come; then no more, and reads to the end.
    private static List<String> talk(SmtpSink sink, String... parts) throws IOException {
        try (var socket = new Socket("127.0.0.1", sink.port())) {
            socket.setSoTimeout(10_000);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            var replies = new ArrayList<String>();
            replies.add(in.readLine());
            for (var part : parts) {
                var text = part.contains("\r") ? part : part.replace("\n", "\r\n");
                socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
                if (text.contains("DATA\r\n") && !text.contains("DATA\r\n.")) {
                    while (!replies.getLast().startsWith("354")) {
                        replies.add(in.readLine());
                    }
                } else if (text.equals("EHLO me\r\n")) {
                    while (!replies.getLast().startsWith("250 ")) {
                        replies.add(in.readLine());
                    }
                }
            }
            socket.shutdownOutput();
            in.lines().forEach(replies::add);
            return replies;
        }
    }
}
