package org.listserv.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/// A mail server that hands letters to the nodes as an MTA does: it keeps a letter and offers it again, to whichever node, until somebody
/// says 250 or 5xx. A lost connection, a time-out and 4xx mean "not taken", whatever really happened.
final class Sender {

    private final List<InetSocketAddress> nodes;
    private final BooleanSupplier goOn;
    private final Random random = new Random();

    /// @param goOn asked before each try; no: the letter stays unanswered
    Sender(List<InetSocketAddress> nodes, BooleanSupplier goOn) {
        this.nodes = List.copyOf(nodes);
        this.goOn = goOn;
    }

    /// One try.
    ///
    /// @param code   the reply, or 0 for a connection that was lost or silent
    /// @param inData lost between the final dot and its reply, so that it may have been taken
    record Told(int node, long atNanos, int code, String text, boolean inData) {}

    /// All tries of one letter in order; the last one decides.
    ///
    /// @param began in the time of [System#nanoTime]
    record Offer(Letter letter, long began, List<Told> told) {
        Offer(Letter letter, List<Told> told) {
            this(letter, told.isEmpty() ? System.nanoTime() : told.getFirst().atNanos(), told);
        }

        boolean accepted() {
            return !told.isEmpty() && told.getLast().code() == 250;
        }

        boolean refused() {
            return !told.isEmpty() && told.getLast().code() >= 500;
        }

        /// How often it may have been taken without our knowing.
        long doubts() {
            return told.stream().filter(Told::inData).count();
        }
    }

    /// @param patience how long one reply is waited for
    Offer deliver(Letter letter, Duration patience) {
        return deliver("ann@letters.example", letter, patience);
    }

    /// @param from the reverse-path
    Offer deliver(String from, Letter letter, Duration patience) {
        var began = System.nanoTime();
        var told = new ArrayList<Told>();
        var node = random.nextInt(nodes.size());
        while (goOn.getAsBoolean()) {
            var answer = once(node, from, letter, patience);
            told.add(answer);
            if (answer.code() == 250 || answer.code() >= 500) {
                break;
            }
            Workplace.pause(Duration.ofMillis(20 + random.nextInt(180)));
            node = (node + 1) % nodes.size();
        }
        return new Offer(letter, began, List.copyOf(told));
    }

    private Told once(int node, String from, Letter letter, Duration patience) {
        var inData = false;
        try (var session = SmtpSession.open(nodes.get(node), patience)) {
            if (session.greeting().code() != 220) {
                return told(node, session.greeting(), false);
            }
            session.ehlo();
            var reply = session.begin("MAIL FROM:<" + from + ">", letter.lists());
            if (reply.code() != 354) {
                // 5xx before DATA may be a node that has just lost its database's settings: told as it is
                return told(node, reply, false);
            }
            session.content(letter.octets());
            inData = true;
            return told(node, session.end(), false);
        } catch (IOException e) {
            return new Told(node, System.nanoTime(), 0, String.valueOf(e.getMessage()), inData);
        }
    }

    private static Told told(int node, SmtpSession.Reply reply, boolean inData) {
        return new Told(node, System.nanoTime(), reply.code(), reply.text(), inData);
    }
}
