package org.listserv.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.mail.Reply;

/// One relay: who may connect to it now, connections kept for reuse, and its health.
///
/// It rests after a refused or lost connection, a 421, a time-out, or refusals that mean the relay ([ReplyWindow]): 1 s, then twice as long
/// each time up to 60 s. After a rest it gets one connection, and all of them when it has taken a message for somebody; only that ends the
/// doubling, because a relay that answers and then drops everything is no better than one that does not answer.
final class Relay implements Judge {
    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    static final Duration FIRST_REST = Duration.ofSeconds(1);
    static final Duration LONGEST_REST = Duration.ofSeconds(60);
    /// Older unused connections are asked whether they still stand.
    private static final Duration SURELY_OPEN = Duration.ofSeconds(1);
    private static final Duration PROBE = Duration.ofSeconds(5);

    private final HostPort address;
    private final int connections;
    private final LongSupplier nanoTime;
    private final ReplyWindow window = new ReplyWindow();
    private final Deque<Unused> unused = new ArrayDeque<>();
    private int inUse;
    private int bulkInUse;
    private int epoch;
    private int doublings;
    private long restsUntil;
    private @Nullable String trouble;

    private final LongAdder delivered = new LongAdder();
    /// By subject of the enhanced status code.
    private final List<LongAdder> deferrals = Stream.generate(LongAdder::new).limit(8).toList();
    private final LongAdder failed = new LongAdder();
    private final LongAdder unsent = new LongAdder();

    private record Unused(SmtpConnection connection, long since) {}

    /// A permission to use one connection.
    ///
    /// @param epoch how often the relay had rested when it was given; what began before a rest says nothing about the time after it
    record Permit(Lane lane, int epoch) {}

    Relay(HostPort address, int connections, LongSupplier nanoTime) {
        this.address = address;
        this.connections = connections;
        this.nanoTime = nanoTime;
    }

    HostPort address() {
        return address;
    }

    /// @return empty when it rests, or when all connections this lane may use are in use
    synchronized @Nullable Permit permit(Lane lane) {
        if (restNanos() > 0) {
            return null;
        }
        int most = trouble != null ? 1 : connections;
        if (inUse >= most || lane == Lane.BULK && trouble == null && bulkInUse >= connections - reserved()) {
            return null;
        }
        inUse++;
        bulkInUse += lane == Lane.BULK ? 1 : 0;
        return new Permit(lane, epoch);
    }

    /// A quarter, so that small lists do not wait for big ones (P7); with a single connection there is nothing to reserve.
    private int reserved() {
        return connections < 2 ? 0 : Math.max(1, connections / 4);
    }

    synchronized void giveBack(Permit permit) {
        inUse--;
        bulkInUse -= permit.lane == Lane.BULK ? 1 : 0;
    }

    /// A connection that was used before and still stands.
    @Nullable
    SmtpConnection reuse() {
        while (true) {
            Unused candidate;
            synchronized (this) {
                candidate = unused.pollLast();
            }
            if (candidate == null) {
                return null;
            }
            boolean surelyOpen = nanoTime.getAsLong() - candidate.since < SURELY_OPEN.toNanos();
            if (surelyOpen || candidate.connection.answers(PROBE)) {
                return candidate.connection;
            }
        }
    }

    /// Keeps an open connection for later.
    synchronized void keep(SmtpConnection connection) {
        unused.addLast(new Unused(connection, nanoTime.getAsLong()));
    }

    /// Takes those out that were not used for so long.
    synchronized List<SmtpConnection> takeUnused(Duration longerThan) {
        var old = new ArrayList<SmtpConnection>();
        while (!unused.isEmpty() && nanoTime.getAsLong() - unused.getFirst().since >= longerThan.toNanos()) {
            old.add(unused.removeFirst().connection);
        }
        return old;
    }

    /// What a reply means for a recipient, seen together with those before it.
    @Override
    public synchronized Outcome judge(Reply reply, long origin, boolean afterContent) {
        if (reply.isPositive()) {
            window.taken();
            if (trouble != null && restNanos() == 0) {
                trouble = null;
                doublings = 0;
                log.info("{} is well again", address);
            }
            return Outcome.of(reply);
        }
        return switch (window.refused(reply, origin, afterContent)) {
            case RECIPIENT -> Outcome.of(reply);
            case SUSPECT -> new Outcome.Unsent(address + ": trouble of the relay, not of the recipient: " + reply);
            case TROUBLE -> {
                rest("the same answer to many recipients: " + reply);
                yield new Outcome.Unsent(address + ": trouble of the relay, not of the recipient: " + reply);
            }
        };
    }

    void count(Sent sent) {
        for (var outcome : sent.outcomes()) {
            switch (outcome) {
                case Outcome.Delivered(var reply) -> delivered.increment();
                case Outcome.Deferred(var reply) -> deferrals.get(subject(reply)).increment();
                case Outcome.Failed(var reply) -> failed.increment();
                case Outcome.Unsent(var why) -> unsent.increment();
            }
        }
    }

    /// RFC 3463 §3; what is not defined there counts as "other".
    private static int subject(Reply reply) {
        var subject = reply.enhanced().isEmpty() ? 0 : reply.enhanced().charAt(2) - '0';
        return reply.enhanced().indexOf('.', 2) == 3 && subject < 8 ? subject : 0;
    }

    /// @param permit under which the trouble was met; trouble that began before the last rest is known already
    synchronized void rest(Permit permit, String why) {
        if (permit.epoch == epoch) {
            rest(why);
        }
    }

    private synchronized void rest(String why) {
        if (restNanos() > 0) {
            return;
        }
        var rest = FIRST_REST.multipliedBy(1L << Math.min(doublings, 6));
        rest = rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
        doublings++;
        epoch++;
        trouble = why;
        restsUntil = nanoTime.getAsLong() + rest.toNanos();
        log.warn("{} rests for {} s: {}", address, rest.toSeconds(), why);
    }

    /// Has it begun a rest since this was given?
    synchronized boolean isStale(Permit permit) {
        return permit.epoch != epoch;
    }

    private long restNanos() {
        return trouble == null ? 0 : Math.max(0, restsUntil - nanoTime.getAsLong());
    }

    synchronized RelayState state() {
        var later = deferrals.stream().map(LongAdder::sum).toList();
        return new RelayState(address, Duration.ofNanos(restNanos()), trouble == null ? "" : trouble, inUse + unused.size(), inUse,
                delivered.sum(), later.stream().mapToLong(Long::longValue).sum(), later, failed.sum(), unsent.sum());
    }
}
