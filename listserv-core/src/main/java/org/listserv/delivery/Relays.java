package org.listserv.delivery;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/// The relays this node hands mail to. Those that are well take turns, each with a bounded number of connections; one that is in trouble
/// rests while the others go on.
///
/// ```java
/// try (var lease = relays.lease(Lane.BULK, patience).orElseThrow()) {
///     while (lease.isOpen() && copies.hasNext()) {
///         lease.send(copies.next()).ifPresent(this::mark);   // of the copy before
///     }
///     lease.finish().ifPresent(this::mark);
/// }
/// ```
public final class Relays implements AutoCloseable {
    /// A relay's rest ends, or it is well again, without anybody being told; this is how late a waiting thread may notice.
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final RelaySettings settings;
    private final Starttls starttls;
    private final List<Relay> relays;
    private final AtomicInteger turn = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition givenBack = lock.newCondition();
    private final Watch watch;
    private volatile boolean closed;

    public Relays(RelaySettings settings) {
        this(settings, Starttls.of(settings.tls()));
    }

    Relays(RelaySettings settings, Starttls starttls) {
        this.settings = settings;
        this.starttls = starttls;
        relays = settings.hosts().stream().map(host -> new Relay(host, settings.connections(), System::nanoTime)).toList();
        watch = new Watch(this::closeUnused);
    }

    /// Waits for a connection to a relay that is well.
    ///
    /// @param atMost how long to wait for one to be free; connecting itself is bounded by the settings' time-outs
    /// @return empty when there was none; [#states()] says why. Give it back by closing it.
    public Optional<Lease> lease(Lane lane, Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        while (!closed) {
            var lease = tryLease(lane);
            long left = until - System.nanoTime();
            if (lease.isPresent() || left <= 0) {
                return lease;
            }
            lock.lock();
            try {
                givenBack.await(Math.min(left, LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS);
            } finally {
                lock.unlock();
            }
        }
        return Optional.empty();
    }

    private Optional<Lease> tryLease(Lane lane) {
        int first = turn.getAndIncrement();
        for (int i = 0; i < relays.size(); i++) {
            var relay = relays.get(Math.floorMod(first + i, relays.size()));
            var permit = relay.permit(lane);
            if (permit != null) {
                var connection = connect(relay, permit);
                if (connection != null) {
                    return Optional.of(new Lease(relay, permit, connection));
                }
            }
        }
        return Optional.empty();
    }

    private @Nullable SmtpConnection connect(Relay relay, Relay.Permit permit) {
        SmtpConnection connection = null;
        try {
            connection = relay.reuse();
            if (connection == null) {
                connection = SmtpConnection.open(relay.address(), settings, starttls, watch, relay);
            }
        } catch (IOException e) {
            relay.rest(permit, e.getMessage() == null ? e.toString() : e.getMessage());
        } finally {
            if (connection == null) {
                giveBack(relay, permit);
            }
        }
        return connection;
    }

    private void giveBack(Relay relay, Relay.Permit permit) {
        relay.giveBack(permit);
        lock.lock();
        try {
            givenBack.signal();
        } finally {
            lock.unlock();
        }
    }

    private void closeUnused() {
        for (var relay : relays) {
            // Taking leave waits for the relay's answer, and this thread must not wait.
            relay.takeUnused(settings.idle()).forEach(connection -> Thread.startVirtualThread(connection::quit));
        }
    }

    /// How the relays are, in the order of the settings.
    public List<RelayState> states() {
        return relays.stream().map(Relay::state).toList();
    }

    /// Cuts all connections at once, also those in use: their copies come back unsent.
    @Override
    public void close() {
        closed = true;
        watch.close();
    }

    /// A connection to a relay, for one thread, until it is closed. What is said of [SmtpConnection] holds: copies are handed over one ahead,
    /// and each comes back in order with an outcome for each recipient.
    public final class Lease implements AutoCloseable {
        private final Relay relay;
        private final Relay.Permit permit;
        private final SmtpConnection connection;
        private boolean returned;

        private Lease(Relay relay, Relay.Permit permit, SmtpConnection connection) {
            this.relay = relay;
            this.permit = permit;
            this.connection = connection;
        }

        public HostPort relay() {
            return relay.address();
        }

        /// May copies ask this relay to expand their reverse-path ([Copy#xverp()])?
        public boolean xverp() {
            return connection.xverp();
        }

        /// Worth handing over more? False when the connection broke or the relay was found in trouble meanwhile, here or elsewhere.
        public boolean isOpen() {
            return connection.isOpen() && !relay.isStale(permit);
        }

        /// Hands over a copy. Its envelope may be sent now; its message is sent by the next call of `send` or [#finish()].
        ///
        /// @return what became of the copy before this one; empty when there was none
        public Optional<Sent> send(Copy copy) {
            return seen(connection.send(copy));
        }

        /// Completes the copy handed over last.
        ///
        /// @return what became of it; empty when there was none
        public Optional<Sent> finish() {
            return seen(connection.finish());
        }

        /// Takes the copy handed over last back before its message is sent: the node must stop at once.
        ///
        /// @return that copy, unsent; empty when there was none
        public Optional<Sent> abandon(String why) {
            return seen(connection.abandon(why));
        }

        private Optional<Sent> seen(Optional<Sent> sent) {
            sent.ifPresent(relay::count);
            if (connection.brokeInside() && !closed) {
                relay.rest(permit, connection.whyBroken());
            }
            return sent;
        }

        /// Gives the connection back. A copy that was not finished is taken back unsent.
        @Override
        public void close() {
            if (!returned) {
                returned = true;
                try {
                    abandon("given back unfinished");
                    if (connection.isOpen()) {
                        relay.keep(connection);
                    }
                } finally {
                    giveBack(relay, permit);
                }
            }
        }
    }
}
