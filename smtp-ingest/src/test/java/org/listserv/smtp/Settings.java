package org.listserv.smtp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Limits;
import org.listserv.smtp.SmtpSettings.Listener;
import org.listserv.smtp.SmtpSettings.TimeOuts;
import org.listserv.smtp.SmtpSettings.Tls;

/// Settings for tests: everything by default on any free port, one thing changed.
final class Settings {

    static final Duration LONG = Duration.ofSeconds(30);

    private List<Listener> listeners = List.of(listener(Dialect.SMTP, false));
    private Networks trusted = Networks.LOOPBACK;
    private Networks proxyFrom = Networks.NONE;
    private Tls tls = new Tls.Off();
    private Limits limits = Limits.DEFAULT;
    private TimeOuts timeOuts = new TimeOuts(LONG, LONG, LONG, LONG);

    static Listener listener(Dialect dialect, boolean proxied) {
        return new Listener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), dialect, proxied);
    }

    Settings listeners(Listener... value) {
        listeners = List.of(value);
        return this;
    }

    Settings trusted(String value) {
        trusted = Networks.parse(value);
        return this;
    }

    Settings proxyFrom(String value) {
        proxyFrom = Networks.parse(value);
        return this;
    }

    Settings tls(Path certificate, Path key) {
        tls = new Tls.Pem(certificate, key);
        return this;
    }

    Settings limits(Limits value) {
        limits = value;
        return this;
    }

    Settings timeOuts(TimeOuts value) {
        timeOuts = value;
        return this;
    }

    SmtpSettings done() {
        return new SmtpSettings("mx.example.org", listeners, trusted, proxyFrom, tls, limits, timeOuts,
                Path.of(System.getProperty("java.io.tmpdir")));
    }
}
