package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/// One node: a process of its own with its own ports, index folder and log.
final class Node implements AutoCloseable {

    /// For Java, where a node starts often and lives shortly.
    static final List<String> SHORT_LIVED = List.of("-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final Duration READY = Duration.ofSeconds(90);

    private final String name;
    private final Path configuration;
    private final Path log;
    private final int smtpPort;
    private final int webPort;
    private final String roles;
    private final List<String> options;
    private volatile @Nullable Process process;

    private Node(String name, Path configuration, Path log, int smtpPort, int webPort, String roles, List<String> options) {
        this.name = name;
        this.configuration = configuration;
        this.log = log;
        this.smtpPort = smtpPort;
        this.webPort = webPort;
        this.roles = roles;
        this.options = options;
    }

    /// Configured, not started.
    ///
    /// @param databasePort where it finds its database, most often a [FaultProxy]
    /// @param more         further lines of configuration, `listserv.` included
    /// @param options      for Java
    static Node create(Workplace place, String name, int databasePort, String relays, String roles, List<String> more,
            List<String> options) {
        // The text of every statement travels: the proxy watches for it.
        return create(place, name, databasePort, "&prepareThreshold=0", relays, roles, more, options);
    }

    /// As an administrator has it: nothing between node and database, statements prepared.
    static Node unwatched(Workplace place, String name, int databasePort, String relays, String roles, List<String> more,
            List<String> options) {
        return create(place, name, databasePort, "", relays, roles, more, options);
    }

    private static Node create(Workplace place, String name, int databasePort, String parameters, String relays, String roles,
            List<String> more, List<String> options) {
        try {
            var smtp = Workplace.freePort();
            var web = Workplace.freePort();
            var configuration = place.path(name + ".yaml");
            var url = "jdbc:postgresql://127.0.0.1:%d/listserv?sslmode=disable%s".formatted(databasePort, parameters);
            var lines = """
                    listserv.node.name: %s
                    listserv.database.url: "%s"
                    listserv.database.user: postgres
                    listserv.smtp.listen: 127.0.0.1:%d
                    listserv.relay.hosts: "%s"
                    listserv.postmaster: postmaster@site.example
                    listserv.web.listen: 127.0.0.1:%d
                    listserv.archive.index-dir: %s
                    """.formatted(name, url, smtp, relays, web, place.path(name + "-index"));
            Files.writeString(configuration, lines + String.join("\n", more) + "\n");
            return place.add(new Node(name, configuration, place.path(name + ".log"), smtp, web, roles, List.copyOf(options)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return name;
    }

    Path configuration() {
        return configuration;
    }

    Path log() {
        return log;
    }

    InetSocketAddress smtp() {
        return new InetSocketAddress("127.0.0.1", smtpPort);
    }

    String web() {
        return "http://127.0.0.1:" + webPort;
    }

    long pid() {
        var running = process;
        return running == null ? -1 : running.pid();
    }

    boolean isAlive() {
        var running = process;
        return running != null && running.isAlive();
    }

    void start() {
        process = Program.start(configuration, log, options, List.of("serve", "--roles", roles));
    }

    /// Started and taking mail.
    void startAndWait() {
        start();
        awaitReady();
    }

    /// A node greets before it has seen its database; it works when it takes a recipient.
    void awaitReady() {
        if (!Workplace.await(READY, this::takesMail)) {
            throw new IllegalStateException(name + " does not come up; see " + log);
        }
    }

    boolean takesMail() throws IOException {
        if (!isAlive()) {
            return false;
        }
        try (var session = SmtpSession.open(smtp(), Duration.ofSeconds(5))) {
            session.ehlo();
            session.command("MAIL FROM:<probe@letters.example>");
            return session.command("RCPT TO:<postmaster@" + Site.DOMAIN + ">").code() == 250;
        }
    }

    void kill() {
        var running = process;
        if (running != null) {
            running.destroyForcibly();
            ended(running);
        }
    }

    void freeze() {
        Signals.STOP.to(pid());
    }

    void thaw() {
        Signals.CONT.to(pid());
    }

    /// As an administrator stops it.
    void stop() {
        var running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        Signals.CONT.to(running.pid());
        running.destroy();
        if (!ended(running)) {
            running.destroyForcibly();
            ended(running);
        }
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Connections to its pages that it has not ended, from the kernel's own list; what a slow reader has not fetched yet may outlive them there.
    long webConnections() {
        long open = 0;
        for (var list : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try (var lines = Files.lines(Path.of(list))) {
                // sl local_address rem_address st; 01 is ESTABLISHED
                open += lines.map(line -> line.strip().split("\\s+"))
                        .filter(words -> words[1].endsWith(":%04X".formatted(webPort)) && words[3].equals("01")).count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return open;
    }

    /// CPU time so far, of all its threads.
    double cpuSeconds() {
        var running = process;
        return running == null ? 0 : running.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    }

    /// Resident memory, from the kernel's own count.
    long residentKilobytes() {
        return memory("VmRSS");
    }

    long peakKilobytes() {
        return memory("VmHWM");
    }

    private long memory(String what) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid()), "status"))) {
            return lines.filter(line -> line.startsWith(what + ":")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst().orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        stop();
    }
}
