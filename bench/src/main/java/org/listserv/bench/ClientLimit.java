package org.listserv.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import com.sun.management.OperatingSystemMXBean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.delivery.Copy;
import org.listserv.delivery.HostPort;
import org.listserv.delivery.Lane;
import org.listserv.delivery.Outcome;
import org.listserv.delivery.RelaySettings;
import org.listserv.delivery.Relays;
import org.listserv.delivery.Sent;
import org.listserv.delivery.WireMessage;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

/// How fast the SMTP client alone is: no database, no planning. Both sides share the machine, so the figures to look at are the ratios.
@Command(name = "bench/run ClientLimit", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Sends copies, each with a reverse-path of its own, through our SMTP client into Postfix's smtp-sink, and as many with Postfix's",
        "smtp-source -d, in turns. Prints copies a second, CPU of our side, and the ratio."})
final class ClientLimit implements Callable<Integer> {
    private static final Path SMTP_SINK = Path.of("/usr/sbin/smtp-sink");
    private static final Path SMTP_SOURCE = Path.of("/usr/sbin/smtp-source");

    @Option(names = "--copies", paramLabel = "N", defaultValue = "50000", description = "Copies a run (${DEFAULT-VALUE}).")
    private int copies;

    @Option(names = "--octets", paramLabel = "N", defaultValue = "4096", description = "Size of the message (${DEFAULT-VALUE}).")
    private int octets;

    @Option(names = "--connections", paramLabel = "N", split = ",", defaultValue = "1,8", description = "Connections (${DEFAULT-VALUE}).")
    private List<Integer> connections = List.of();

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Runs of each; the median is printed (${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--relay", paramLabel = "HOST:PORT", description = "Another receiver instead of smtp-sink.")
    private @Nullable HostPort relay;

    private record Run(double perSecond, double cpuPer1000) {}

    public static void main(String... words) {
        System.exit(new CommandLine(new ClientLimit()).registerConverter(HostPort.class, HostPort::parse).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("client")) {
            var to = relay != null ? relay : smtpSink(place);
            System.out.printf(Locale.ROOT, "%d copies of %d octets to %s, medians of %d%n", copies, octets, to, runs);
            ours(to, 8, Math.min(copies, 50_000));    // as warm as a node that has sent a while
            for (int sessions : connections) {
                var ours = new ArrayList<Run>();
                var theirs = new ArrayList<Run>();
                for (int i = 0; i < runs; i++) {
                    ours.add(ours(to, sessions, copies));
                    if (Files.isExecutable(SMTP_SOURCE)) {
                        theirs.add(smtpSource(to, sessions));
                    }
                }
                var our = median(ours);
                System.out.printf(Locale.ROOT, "%2d connections: ours %,7.0f/s, %.3f CPU s per 1,000", sessions, our.perSecond,
                        our.cpuPer1000);
                if (!theirs.isEmpty()) {
                    var their = median(theirs).perSecond;
                    System.out.printf(Locale.ROOT, "; smtp-source %,7.0f/s; ratio %.2f", their, our.perSecond / their);
                }
                System.out.println();
            }
        }
        return 0;
    }

    private Run ours(HostPort to, int sessions, int count) throws InterruptedException {
        var message = WireMessage.of(message());
        var left = new AtomicLong(count);
        var delivered = new AtomicLong();
        var settings = new RelaySettings(List.of(to), sessions, RelaySettings.Xverp.OFF, RelaySettings.Tls.OFF, "bench.example.org",
                RelaySettings.Timeouts.RFC_5321, RelaySettings.DEFAULT_IDLE);
        long cpu = cpu();
        long start = System.nanoTime();
        try (var relays = new Relays(settings)) {
            var senders = new ArrayList<Thread>();
            for (int i = 0; i < sessions; i++) {
                senders.add(Thread.ofVirtual().start(() -> send(relays, message, left, delivered)));
            }
            for (var sender : senders) {
                sender.join();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (delivered.get() != count) {
            throw new IllegalStateException(delivered + " of " + count + " copies were taken");
        }
        return new Run(count / seconds, (cpu() - cpu) / 1e9 / count * 1000);
    }

    private static void send(Relays relays, WireMessage message, AtomicLong left, AtomicLong delivered) {
        // The first connection is opened by all at once; who comes late waits until the relay has proved well.
        try (var lease = relays.lease(Lane.SMALL, Duration.ofSeconds(30)).orElseThrow()) {
            for (long number = left.decrementAndGet(); number >= 0; number = left.decrementAndGet()) {
                var to = new EmailAddress("u" + number, "sink.test");
                var reversePath = new ReversePath.Mailbox(new EmailAddress("dev-return-1-u" + number + "=sink.test", "lists.example.org"));
                lease.send(Copy.to(to, reversePath, message)).ifPresent(sent -> count(sent, delivered));
            }
            lease.finish().ifPresent(sent -> count(sent, delivered));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void count(Sent sent, AtomicLong delivered) {
        if (sent.outcomes().getFirst() instanceof Outcome.Delivered) {
            delivered.incrementAndGet();
        }
    }

    private byte[] message() {
        var lines = new StringBuilder("From: a@example.org\r\nTo: dev@lists.example.org\r\nSubject: figures\r\n\r\n");
        while (lines.length() < octets - 80) {
            lines.append("x".repeat(78)).append("\r\n");
        }
        return lines.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private Run smtpSource(HostPort to, int sessions) throws IOException, InterruptedException {
        long start = System.nanoTime();
        var source = new ProcessBuilder(SMTP_SOURCE.toString(), "-d", "-s", Integer.toString(sessions), "-l", Integer.toString(octets),
                "-m",
                Integer.toString(copies), "-f", "a@lists.example.org", "-t", "u@sink.test", to.toString()).inheritIO().start();
        if (source.waitFor() != 0) {
            throw new IllegalStateException("smtp-source failed");
        }
        return new Run(copies / ((System.nanoTime() - start) / 1e9), 0);
    }

    private static HostPort smtpSink(Workplace place) throws IOException, InterruptedException {
        var address = new HostPort("127.0.0.1", Workplace.freePort());
        var words = new ArrayList<>(List.of(SMTP_SINK.toString()));
        if (System.getProperty("user.name").equals("root")) {
            words.addAll(List.of("-u", "nobody"));
        }
        words.addAll(List.of(address.toString(), "1000"));
        var sink = new ProcessBuilder(words).inheritIO().start();
        place.add(() -> {
            sink.destroy();
            sink.waitFor(5, TimeUnit.SECONDS);
        });
        if (!Workplace.await(Duration.ofSeconds(5), () -> {
            try (var socket = new Socket(address.host(), address.port())) {
                return socket.isConnected();
            }
        })) {
            throw new IllegalStateException("smtp-sink does not listen");
        }
        return address;
    }

    private static Run median(List<Run> runs) {
        return runs.stream().sorted((one, other) -> Double.compare(one.perSecond, other.perSecond)).toList().get(runs.size() / 2);
    }

    /// User and system time of this process.
    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
