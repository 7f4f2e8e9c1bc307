package org.listserv.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongFunction;

import org.jspecify.annotations.Nullable;

/// Many sessions that hand over letters as fast as they are taken, each on a connection it keeps. A letter that gets 4xx is offered again.
final class Load {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TRIES = 1_000;

    private Load() {}

    /// @param later   4xx replies and lost connections; each was offered again
    /// @param refused letters that got 5xx or that nobody took in the end
    record Result(long letters, double seconds, long later, long refused, long medianMicros, long worstMicros) {
        double perSecond() {
            return letters / seconds;
        }
    }

    /// What is handed over.
    record Mail(String reversePath, List<String> forwardPaths, byte[] octets) {}

    /// @param nodes  sessions are spread over them
    /// @param letter by number from 1
    static Result run(List<InetSocketAddress> nodes, int sessions, long letters, LongFunction<Letter> letter) throws InterruptedException {
        return mails(nodes, sessions, letters, number -> {
            var one = letter.apply(number);
            return new Mail("ann@letters.example", one.lists(), one.octets());
        });
    }

    /// @param mail by number from 1
    static Result mails(List<InetSocketAddress> nodes, int sessions, long letters, LongFunction<Mail> mail) throws InterruptedException {
        var next = new AtomicLong();
        var later = new AtomicLong();
        var refused = new AtomicLong();
        var micros = new AtomicLongArray((int) letters + 1);
        var began = System.nanoTime();
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < sessions; i++) {
            var node = nodes.get(i % nodes.size());
            threads.add(Thread.ofVirtual().start(() -> {
                try (var client = new Client(node)) {
                    for (var number = next.incrementAndGet(); number <= letters; number = next.incrementAndGet()) {
                        var one = mail.apply(number);
                        var start = System.nanoTime();
                        if (!client.deliver(one, later)) {
                            refused.incrementAndGet();
                        }
                        micros.set((int) number, (System.nanoTime() - start) / 1_000);
                    }
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        var seconds = (System.nanoTime() - began) / 1e9;
        var sorted = new long[(int) letters];
        for (var i = 0; i < letters; i++) {
            sorted[i] = micros.get(i + 1);
        }
        Arrays.sort(sorted);
        return new Result(letters, seconds, later.get(), refused.get(), sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }

    private static final class Client implements AutoCloseable {
        private final InetSocketAddress node;
        private @Nullable SmtpSession session;

        Client(InetSocketAddress node) {
            this.node = node;
        }

        boolean deliver(Mail letter, AtomicLong later) {
            for (var tries = 0; tries < TRIES; tries++) {
                try {
                    var reply = once(letter);
                    if (reply.code() == 250 || reply.code() >= 500) {
                        return reply.code() == 250;
                    }
                    Workplace.pause(Duration.ofMillis(20));
                } catch (IOException e) {
                    close();
                    Workplace.pause(Duration.ofMillis(100));
                }
                later.incrementAndGet();
            }
            return false;
        }

        private SmtpSession.Reply once(Mail letter) throws IOException {
            var open = session;
            if (open == null) {
                open = SmtpSession.open(node, PATIENCE);
                session = open;
                open.ehlo();
            }
            var reply = open.begin("MAIL FROM:<" + letter.reversePath() + ">", letter.forwardPaths());
            if (reply.code() != 354) {
                open.command("RSET");
                return reply;
            }
            open.content(letter.octets());
            return open.end();
        }

        @Override
        public void close() {
            var open = session;
            if (open != null) {
                open.close();
            }
            session = null;
        }
    }
}
