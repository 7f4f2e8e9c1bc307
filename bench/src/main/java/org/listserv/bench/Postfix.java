package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// A private Postfix on loopback, Debian's programs with a configuration and a queue of its own. It takes mail for `lists.test` and hands
/// everything else to where `more` says.
record Postfix(Path folder, int port) implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(20);

    /// @param more further lines of main.cf
    static Postfix start(Workplace place, String name, List<String> more) {
        try {
            var postfix = new Postfix(place.path(name), Workplace.freePort());
            for (var folder : List.of("etc", "spool", "data")) {
                Files.createDirectories(postfix.folder.resolve(folder));
            }
            Shell.run("chown", "postfix", postfix.folder.resolve("data").toString());
            var master = Files.readString(Path.of("/usr/share/postfix/master.cf.dist")).replaceFirst("(?m)^smtp +inet",
                    "127.0.0.1:%d inet".formatted(postfix.port));
            Files.writeString(postfix.etc().resolve("master.cf"), master);
            Files.writeString(postfix.etc().resolve("main.cf"), """
                    compatibility_level = 3.6
                    config_directory = %1$s/etc
                    queue_directory = %1$s/spool
                    data_directory = %1$s/data
                    maillog_file = %1$s/maillog
                    maillog_file_prefixes = %1$s, /dev/stdout
                    myhostname = bench.test
                    mydomain = bench.test
                    mydestination = lists.test
                    mynetworks = 127.0.0.0/8
                    inet_interfaces = 127.0.0.1
                    inet_protocols = ipv4
                    disable_dns_lookups = yes
                    smtp_dns_support_level = disabled
                    smtp_host_lookup = native
                    smtpd_peername_lookup = no
                    alias_maps = hash:%1$s/etc/aliases
                    alias_database =
                    biff = no
                    local_recipient_maps =
                    smtpd_client_connection_count_limit = 0
                    smtpd_client_connection_rate_limit = 0
                    notify_classes =
                    """.formatted(postfix.folder) + String.join("\n", more) + "\n");
            postfix.alias("postmaster", "/dev/null");
            Shell.run("postconf", "-c", postfix.etc().toString(), "-F", "*/*/chroot=n");
            Shell.run("postfix", "-c", postfix.etc().toString(), "start");
            place.add(postfix);
            if (!Workplace.await(START, postfix::greets)) {
                throw new IllegalStateException("postfix does not start; see " + postfix.folder.resolve("maillog"));
            }
            return postfix;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Expands lists and alias addresses for a relay.
    ///
    /// @param recipients a transaction
    static Postfix relaying(Workplace place, String name, int relay, int recipients) {
        return start(place, name, List.of("relayhost = [127.0.0.1]:" + relay, "smtpd_authorized_verp_clients = 127.0.0.0/8",
                "default_destination_recipient_limit = " + recipients, "default_destination_concurrency_limit = 20",
                "initial_destination_concurrency = 20", "smtpd_recipient_limit = 200000", "qmgr_message_recipient_limit = 20000",
                "recipient_delimiter = +"));
    }

    private Path etc() {
        return folder.resolve("etc");
    }

    /// `NAME@lists.test` is everybody in this file.
    void list(String name, List<String> members) throws IOException {
        var file = etc().resolve(name + ".members");
        Files.write(file, members);
        alias(name, ":include:" + file);
        alias("owner-" + name, "postmaster");
    }

    /// Read as a table; made anew when it grows.
    private void alias(String name, String value) throws IOException {
        Files.writeString(etc().resolve("aliases"), name + ": " + value + "\n", StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        Shell.run("postalias", "-c", etc().toString(), "hash:" + etc().resolve("aliases"));
    }

    InetSocketAddress smtp() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    /// Of the process that starts all others.
    long pid() throws IOException {
        return Long.parseLong(Files.readString(folder.resolve("spool/pid/master.pid")).strip());
    }

    private boolean greets() throws IOException {
        try (var session = SmtpSession.open(smtp(), Duration.ofSeconds(2))) {
            return session.greeting().code() == 220;
        }
    }

    @Override
    public void close() {
        Shell.run("postfix", "-c", etc().toString(), "stop");
    }
}
