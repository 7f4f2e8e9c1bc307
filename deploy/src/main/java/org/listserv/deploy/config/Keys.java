package org.listserv.deploy.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.listserv.delivery.HostPort;
import org.listserv.delivery.RelaySettings;
import org.listserv.deploy.config.Key.Need;
import org.listserv.mail.EmailAddress;
import org.listserv.reception.Upstream;
import org.listserv.smtp.Networks;

/// Every configuration key there is, in the order `config show` prints them. A key that does not stand here is refused.
final class Keys {

    private static final List<Key<?>> ALL = new ArrayList<>();

    static final Key<String> NODE_NAME = key("listserv.node.name", Kind.hostName(), hostName(),
            "tells the nodes of a cluster apart, another on each: of two processes with one name the earlier stands aside; also what we call ourselves in SMTP");

    static final Key<String> DATABASE_URL = needed("listserv.database.url", Kind.databaseUrl(), Need.EVERY_COMMAND,
            "the PostgreSQL that all nodes share, as JDBC URL; several hosts between commas");
    static final Key<String> DATABASE_USER = key("listserv.database.user", Kind.word("a name"), "",
            "who we are there; empty: as the URL says");
    static final Key<String> DATABASE_PASSWORD = secret("listserv.database.password",
            "our password there; empty: as the URL or ~/.pgpass says");

    static final Key<List<InetSocketAddress>> SMTP_LISTEN = key("listserv.smtp.listen", Kind.listeners(), "127.0.0.1:2525",
            "where mail comes in by SMTP; empty: nowhere");
    static final Key<List<InetSocketAddress>> LMTP_LISTEN = key("listserv.lmtp.listen", Kind.listeners(), "",
            "where mail comes in by LMTP; empty: nowhere");
    static final Key<List<InetSocketAddress>> SMTP_PROXY_LISTEN = key("listserv.smtp.proxy-listen", Kind.listeners(), "",
            "SMTP behind HAProxy and its like: connections must begin with the PROXY protocol");
    static final Key<List<InetSocketAddress>> LMTP_PROXY_LISTEN = key("listserv.lmtp.proxy-listen", Kind.listeners(), "",
            "the same for LMTP");
    static final Key<Networks> PROXY_FROM = key("listserv.proxy-from", Kind.networks(), "",
            "who may connect to those two and is believed");
    static final Key<Networks> TRUSTED = key("listserv.smtp.trusted-networks", Kind.networks(), "127.0.0.0/8,::1/128",
            "who may hand us mail and use XCLIENT; others read 554 when they connect");
    static final Key<Long> MAX_MESSAGE_SIZE = key("listserv.smtp.max-message-size", Kind.octets(64 << 10, 1 << 30), "25MB",
            "largest message we take, 64kB to 1GB");
    static final Key<Upstream> UPSTREAM = key("listserv.smtp.upstream", Kind.oneOf(Upstream.class), "queued",
            "queued: our client has accepted the mail already, so what a list refuses is held or discarded; inline: it has not, and gets 5xx");
    static final Key<Path> TLS_CERTIFICATE = key("listserv.smtp.tls.certificate", Kind.path("a PEM file"), "",
            "certificate for STARTTLS, followed by those that signed it; looked at again when it changes");
    static final Key<Path> TLS_KEY = key("listserv.smtp.tls.key", Kind.path("a PEM file"), "",
            "its private key");

    static final Key<List<HostPort>> RELAY_HOSTS = key("listserv.relay.hosts", Kind.relays(), "127.0.0.1:25",
            "the smart hosts that take our mail to the world; all that are well share the work");
    static final Key<Integer> RELAY_CONNECTIONS = key("listserv.relay.connections", Kind.wholeNumber(1, 1000), "20",
            "connections from this node to each relay, at most");
    static final Key<RelaySettings.Xverp> RELAY_XVERP = key("listserv.relay.xverp", Kind.oneOf(RelaySettings.Xverp.class), "auto",
            "auto: where a relay offers XVERP, one transaction serves up to 50 subscribers; off: never");
    static final Key<RelaySettings.Tls> RELAY_TLS = key("listserv.relay.tls", Kind.oneOf(RelaySettings.Tls.class), "opportunistic",
            "opportunistic: encrypted where the relay can; required: only to a relay with a valid certificate; off: never");
    static final Key<Integer> DELIVERY_WINDOW = key("listserv.delivery.window", Kind.wholeNumber(1, 10_000), "64",
            "copies a node may be ahead of the last mark it has committed: at most so many go out twice when it dies");
    static final Key<EmailAddress> POSTMASTER = needed("listserv.postmaster", Kind.mailbox(), Need.SERVE,
            "gets what is sent to postmaster@ and abuse@ of every domain");

    static final Key<InetSocketAddress> WEB_LISTEN = key("listserv.web.listen", Kind.listener(), "127.0.0.1:8080",
            "where the web pages are");
    static final Key<URI> WEB_BASE_URL = key("listserv.web.base-url", Kind.webAddress(), "http://127.0.0.1:8080",
            "the same as readers see it; stands in mail and in Archived-At");
    static final Key<List<String>> WEB_TRUSTED_PROXIES = key("listserv.web.trusted-proxies", Kind.networkTexts(), "",
            "whose X-Forwarded-For is believed");
    static final Key<Integer> WEB_SEARCHES = key("listserv.web.searches-per-minute", Kind.wholeNumber(0, 100_000), "120",
            "searches that one client (an address, of IPv6 a /64) gets from this node in a minute, then 429; 0: any number");
    static final Key<Integer> WEB_DOWNLOADS = key("listserv.web.downloads-per-minute", Kind.wholeNumber(0, 100_000), "120",
            "the same for mbox files and messages as received");
    static final Key<Path> ARCHIVE_INDEX = key("listserv.archive.index-dir", Kind.path("a folder"), "/var/lib/listserv/index",
            "this node's search index; may be deleted at any time, it comes back");
    static final Key<Path> TEXTS = key("listserv.texts.dir", Kind.path("a folder"), "/etc/listserv/texts",
            "texts of mail in place of the shipped ones, and in further languages: LANGUAGE/NAME.txt, the same on every node, read at start");

    static List<Key<?>> all() {
        return List.copyOf(ALL);
    }

    private static <T> Key<T> key(String name, Kind<T> kind, String usual, String sentence) {
        return add(new Key<>(name, kind, usual, Need.NOBODY, false, sentence));
    }

    private static <T> Key<T> needed(String name, Kind<T> kind, Need need, String sentence) {
        return add(new Key<>(name, kind, null, need, false, sentence));
    }

    private static Key<String> secret(String name, String sentence) {
        return add(new Key<>(name, Kind.word("a password"), "", Need.NOBODY, true, sentence));
    }

    private static <T> Key<T> add(Key<T> key) {
        ALL.add(key);
        return key;
    }

    /// Asked of the kernel first: the resolver may take seconds on a machine without a network.
    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException noSuchFile) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }

    private Keys() {}
}
