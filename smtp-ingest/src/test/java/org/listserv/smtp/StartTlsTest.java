package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// STARTTLS (RFC 3207) and the certificate behind it.
class StartTlsTest {

    @TempDir
    private Path directory;

    private final Letterbox letterbox = new Letterbox();
    private Path certificateFile;
    private Path keyFile;
    private SelfSigned first;
    private MailServer server;

    @BeforeEach
    void start() throws Exception {
        certificateFile = directory.resolve("certificate.pem");
        keyFile = directory.resolve("key.pem");
        first = SelfSigned.of("-keyalg EC -groupname secp256r1", 1);
        first.write(certificateFile, keyFile);
        server = MailServer.start(new Settings().tls(certificateFile, keyFile).done(), letterbox);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Conversation greeted() throws IOException {
        return Conversation.greeted(server.addresses().getFirst(), "EHLO");
    }

    private X509Certificate shownTo(SelfSigned believed) throws IOException, GeneralSecurityException {
        try (var conversation = greeted().say("STARTTLS").expect("220 2.0.0")) {
            return (X509Certificate) conversation.handshake(believed.client()).getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void a_message_comes_through_tls() throws Exception {
        try (var conversation = greeted()) {
            conversation.say("STARTTLS").expect("220 2.0.0").handshake(first.client());
            conversation.script("""
                    C: MAIL FROM:<a@example.org>
                    S: 503 5.5.1 EHLO first
                    C: EHLO secret.example
                    S: 250
                    C: STARTTLS
                    S: 503 5.5.1
                    C: MAIL FROM:<a@example.org>
                    S: 250
                    C: RCPT TO:<dev@example.org>
                    S: 250
                    C: DATA
                    S: 354
                    """);
            conversation.send("Subject: large\r\n\r\n" + "0123456789\r\n".repeat(50_000) + ".\r\n").expect("250");
            conversation.say("QUIT").expect("221").expectClosed();
        }
        assertThat(letterbox.only().octets()).hasSize(18 + 600_000);
        assertThat(letterbox.only().client().protocol()).isEqualTo("ESMTPS");
        assertThat(letterbox.only().client().helo()).isEqualTo("secret.example");
    }

    @Test
    void tls_is_offered_once() throws Exception {
        try (var conversation = greeted()) {
            assertThat(conversation.say("EHLO a").reply()).contains("250-STARTTLS");
            conversation.say("STARTTLS").expect("220").handshake(first.client());
            assertThat(conversation.say("EHLO a").reply()).doesNotContain("250-STARTTLS").hasSizeGreaterThan(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"STARTTLS\r\nRSET\r\n", "STARTTLS\r\nMAIL FROM:<attacker@example.org>\r\n", "starttls\r\n ",
            "NOOP\r\nSTARTTLS\r\nEHLO x\r\n"})
    void what_comes_behind_starttls_in_the_clear_is_never_obeyed(String segment) throws IOException {
        try (var conversation = greeted()) {
            conversation.send(segment);
            var reply = conversation.reply().getLast();
            if (reply.startsWith("250 2.0.0")) {
                reply = conversation.reply().getLast();
            }
            assertThat(reply).startsWith("554 5.5.1");
            conversation.expectClosed();
        }
    }

    /// What the kernel delivers after the go-ahead is taken for a handshake, and is none.
    @Test
    void a_command_after_the_go_ahead_in_the_clear_ends_the_session() throws IOException {
        try (var conversation = greeted()) {
            conversation.say("STARTTLS").expect("220").send("RSET\r\nMAIL FROM:<>\r\nRCPT TO:<dev@example.org>\r\n");
            // At most a TLS alert comes back, never a reply.
            assertThat(conversation.rest()).doesNotContain("250");
        }
        assertThat(letterbox.asked).isEmpty();
    }

    @Test
    void an_argument_is_refused_and_the_session_goes_on() throws IOException {
        try (var conversation = greeted()) {
            conversation.say("STARTTLS now").expect("501 5.5.4").say("NOOP").expect("250");
        }
    }

    @Test
    void a_renewed_certificate_is_shown_without_a_restart() throws Exception {
        assertThat(shownTo(first)).isEqualTo(first.certificate());
        var second = SelfSigned.of("-keyalg RSA -keysize 2048", 1);
        second.write(certificateFile, keyFile);
        assertThat(shownTo(second)).isEqualTo(second.certificate());
    }

    @Test
    void a_certificate_that_does_not_fit_its_key_is_not_taken() throws Exception {
        var second = SelfSigned.of("-keyalg EC -groupname secp256r1", 2);
        // Only half of the renewal has happened yet.
        Files.writeString(certificateFile, SelfSigned.pem("CERTIFICATE", second.certificate().getEncoded()));
        assertThat(shownTo(first)).isEqualTo(first.certificate());
        second.write(certificateFile, keyFile);
        assertThat(shownTo(second)).isEqualTo(second.certificate());
        Files.delete(keyFile);
        assertThat(shownTo(second)).isEqualTo(second.certificate());
    }

    @Test
    void a_client_that_does_not_believe_us_harms_nobody() throws Exception {
        var other = SelfSigned.of("-keyalg EC -groupname secp256r1", 2);
        assertThatIOException().isThrownBy(() -> shownTo(other)).isInstanceOf(SSLException.class);
        assertThat(shownTo(first)).isEqualTo(first.certificate());
    }

    @Test
    void a_start_without_a_usable_certificate_names_key_and_file() throws IOException {
        Files.writeString(keyFile, "no key at all");
        assertThatIOException().isThrownBy(() -> MailServer.start(new Settings().tls(certificateFile, keyFile).done(), letterbox).close())
                .withMessageContaining("listserv.smtp.tls").withMessageContaining("no private key in " + keyFile);
    }
}
