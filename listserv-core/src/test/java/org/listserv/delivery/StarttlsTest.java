package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.listserv.delivery.RelaySettings.Tls;
import org.listserv.delivery.SmtpSink.Action;
import org.listserv.delivery.SmtpSink.Point;
import org.listserv.delivery.SmtpSink.Received;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

class StarttlsTest {
    private static TestKey ours;
    private static TestKey others;

    private final Watch watch = new Watch(() -> {
    });
    private SmtpSink sink;

    @BeforeAll
    static void keys(@TempDir Path folder) throws Exception {
        ours = TestKey.named("ip:127.0.0.1", folder);
        others = TestKey.named("dns:elsewhere.example.org", folder);
    }

    @AfterEach
    void nothing_broke_the_protocol() {
        watch.close();
        sink.close();
        assertThat(sink.violations()).isEmpty();
    }

    @Test
    void opportunistic_encrypts_whatever_the_certificate() throws IOException {
        sink = SmtpSink.setup().tls(others.server()).start();
        var connection = connect(Tls.OPPORTUNISTIC, Starttls.of(Tls.OPPORTUNISTIC));
        assertThat(connection.isEncrypted()).isTrue();
        send(connection, 200_000);
        assertThat(sink.received()).extracting(Received::encrypted).containsOnly(true);
        assertThat(sink.received().getFirst().octets()).hasSize(200_002);
    }

    @Test
    void opportunistic_sends_in_clear_where_there_is_no_tls() throws IOException {
        sink = SmtpSink.start();
        send(connect(Tls.OPPORTUNISTIC, Starttls.of(Tls.OPPORTUNISTIC)), 10);
        assertThat(sink.received()).extracting(Received::encrypted).containsOnly(false);
    }

    @Test
    void opportunistic_sends_in_clear_where_tls_does_not_work() throws IOException {
        sink = SmtpSink.setup().alsoOffering("STARTTLS").script(
                // Says yes, and then does not speak TLS at all.
                SmtpSink.at(Point.STARTTLS, SmtpSink.say("220 2.0.0 go ahead\r\n220 and I go on in clear"))).start();
        assertThatThrownBy(() -> connect(Tls.OPPORTUNISTIC, Starttls.of(Tls.OPPORTUNISTIC)))
                .as("octets in clear behind the answer were put there by someone else").hasMessageContaining("in clear");

        sink.close();
        sink = SmtpSink.setup().alsoOffering("STARTTLS").script(
                event -> event.is(Point.STARTTLS) ? new Action.SayAndClose("220 2.0.0 go ahead") : SmtpSink.usual()).start();
        send(connect(Tls.OPPORTUNISTIC, Starttls.of(Tls.OPPORTUNISTIC)), 10);
        assertThat(sink.received()).extracting(Received::encrypted).containsOnly(false);
        assertThat(sink.connections()).isEqualTo(2);
    }

    @Test
    void opportunistic_goes_on_in_clear_when_tls_is_refused_for_now() throws IOException {
        sink = SmtpSink.setup().tls(ours.server()).script(SmtpSink.at(Point.STARTTLS, SmtpSink.say("454 4.7.0 not now"))).start();
        send(connect(Tls.OPPORTUNISTIC, Starttls.of(Tls.OPPORTUNISTIC)), 10);
        assertThat(sink.connections()).isEqualTo(1);
        assertThat(sink.received()).extracting(Received::encrypted).containsOnly(false);
    }

    @Test
    void off_never_encrypts() throws IOException {
        sink = SmtpSink.setup().tls(ours.server()).start();
        assertThat(connect(Tls.OFF, Starttls.of(Tls.OFF)).isEncrypted()).isFalse();
    }

    @Test
    void required_is_content_with_a_trusted_certificate_for_that_host() throws IOException {
        sink = SmtpSink.setup().tls(ours.server()).start();
        var connection = connect(Tls.REQUIRED, Starttls.verifiedBy(ours.trustingIt()));
        assertThat(connection.isEncrypted()).isTrue();
        send(connection, 10);
        assertThat(sink.received()).extracting(Received::encrypted).containsOnly(true);
    }

    @Test
    void required_refuses_a_certificate_for_another_host() {
        sink = SmtpSink.setup().tls(others.server()).start();
        assertThatThrownBy(() -> connect(Tls.REQUIRED, Starttls.verifiedBy(others.trustingIt()))).isInstanceOf(SSLException.class);
    }

    @Test
    void required_refuses_a_certificate_nobody_vouches_for() {
        sink = SmtpSink.setup().tls(ours.server()).start();
        assertThatThrownBy(() -> connect(Tls.REQUIRED, Starttls.of(Tls.REQUIRED))).isInstanceOf(SSLException.class);
    }

    enum NoTls {
        NOT_OFFERED,
        REFUSED
    }

    @ParameterizedTest
    @EnumSource
    void required_sends_nothing_without_tls(NoTls how) {
        sink = how == NoTls.NOT_OFFERED
                ? SmtpSink.start()
                : SmtpSink.setup().tls(ours.server()).script(SmtpSink.at(Point.STARTTLS, SmtpSink.say("454 4.7.0 not now"))).start();
        assertThatThrownBy(() -> connect(Tls.REQUIRED, Starttls.verifiedBy(ours.trustingIt())))
                .hasMessage("offers no TLS, which is required");
    }

    @Test
    void a_handshake_that_hangs_ends_with_its_time() {
        sink = SmtpSink.setup().alsoOffering("STARTTLS").script(SmtpSink.at(Point.STARTTLS, new Action.SayAndHang("220 2.0.0 go ahead")))
                .start();
        var soon = Duration.ofMillis(300);
        var settings = settings(Tls.REQUIRED, new RelaySettings.Timeouts(soon, soon, soon, soon, soon, soon));
        assertThatThrownBy(() -> SmtpConnection.open(sink.address(), settings, Starttls.of(Tls.REQUIRED), watch,
                (reply, origin, afterContent) -> Outcome.of(reply))).hasMessage("no answer within 300 ms");
    }

    private SmtpConnection connect(Tls tls, Starttls starttls) throws IOException {
        return SmtpConnection.open(sink.address(), settings(tls, RelaySettings.Timeouts.RFC_5321), starttls, watch,
                (reply, origin, afterContent) -> Outcome.of(reply));
    }

    private RelaySettings settings(Tls tls, RelaySettings.Timeouts timeouts) {
        return new RelaySettings(List.of(sink.address()), 1, RelaySettings.Xverp.AUTO, tls, "node.example.org", timeouts,
                RelaySettings.DEFAULT_IDLE);
    }

    private static void send(SmtpConnection connection, int octets) {
        var message = WireMessage.of("x".repeat(octets).getBytes(StandardCharsets.US_ASCII));
        connection.send(Copy.to(EmailAddress.parse("u1@a.org"), new ReversePath.Null(), message));
        assertThat(connection.finish().orElseThrow().outcomes()).singleElement().isInstanceOf(Outcome.Delivered.class);
    }
}
