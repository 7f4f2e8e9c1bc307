package org.listserv.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Receiver;
import org.listserv.reception.Submission;
import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Limits;
import org.listserv.smtp.SmtpSettings.Listener;
import org.listserv.smtp.SmtpSettings.TimeOuts;
import org.listserv.smtp.SmtpSettings.Tls;

/// The server with nothing behind it but a pause in place of the commit, to be driven from outside:
///
/// ```
/// java -cp ... org.listserv.smtp.ReceivingBenchmark PORT MILLISECONDS
/// smtp-source -s 32 -m 50000 -l 4096 -f a@example.org -t dev@lists.example.org inet:127.0.0.1:PORT
/// ```
///
/// Every 10,000 messages it prints the rate and its own processor time a message.
final class ReceivingBenchmark {

    private static final int STEP = 10_000;

    private ReceivingBenchmark() {}

    private record Pause(Duration duration) implements Receiver {

        @Override
        public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
            return Reply.ok("2.1.5", "ok");
        }

        @Override
        public List<Reply> receive(Submission submission) {
            LockSupport.parkNanos(duration.toNanos());
            return Collections.nCopies(submission.recipients().size(), Reply.ok("taken"));
        }

        @Override
        public Optional<String> refusing() {
            return Optional.empty();
        }
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        var pause = Duration.ofMillis(Long.parseLong(arguments[1]));
        var settings = new SmtpSettings("bench.example.org",
                List.of(new Listener(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Dialect.SMTP, false)),
                Networks.LOOPBACK,
                Networks.NONE, new Tls.Off(), Limits.DEFAULT, TimeOuts.DEFAULT, Path.of(System.getProperty("java.io.tmpdir")));
        try (var server = MailServer.start(settings, new Pause(pause))) {
            System.out.println("listening on " + server.addresses());
            long messages = 0;
            long time = System.nanoTime();
            long processor = processorNanos();
            while (true) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                long now = server.counts().messages();
                if (now - messages >= STEP) {
                    long elapsed = System.nanoTime() - time;
                    long used = processorNanos() - processor;
                    System.out.printf("%,d messages: %,.0f/s, %.0f us of processor time each%n", now, (now - messages) * 1e9 / elapsed,
                            used / 1e3 / (now - messages));
                    messages = now;
                    time += elapsed;
                    processor += used;
                }
            }
        }
    }

    private static long processorNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }
}
