package org.listserv.smtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.reception.Receiver;
import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Listener;

/// The SMTP and LMTP server of a node. Whatever library speaks the protocol behind it, this is all that others see.
public final class MailServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(MailServer.class);

    /// How many clients the kernel lets wait for us.
    private static final int BACKLOG = 1024;

    private final SmtpSettings settings;
    private final List<ServerSocket> sockets = new ArrayList<>();
    private final Counters counters = new Counters();
    private final Connections connections = new Connections();
    private final AtomicLong lastId = new AtomicLong(System.currentTimeMillis() << 16);
    private final Connection.Shared shared;
    private volatile boolean closed;

    private MailServer(SmtpSettings settings, Receiver receiver) throws IOException {
        this.settings = settings;
        var certificates = Certificates.load(settings.tls());
        var limits = settings.limits();
        shared = new Connection.Shared(settings,
                new MailProtocol(Dialect.SMTP, settings, receiver, certificates, connections),
                new MailProtocol(Dialect.LMTP, settings, receiver, certificates, connections),
                new DataHook(receiver, limits.maxReceivedFields()), certificates,
                new MemoryBudget(limits.memoryOctets(), limits.maxMessageOctets()), connections, counters);
    }

    /// Listens on all addresses, or on none.
    ///
    /// @throws ListenException when an address cannot be had
    /// @throws IOException when the certificate cannot be used; the message says which file
    public static MailServer start(SmtpSettings settings, Receiver receiver) throws IOException {
        var server = new MailServer(settings, receiver);
        try {
            for (var listener : settings.listeners()) {
                server.sockets.add(listen(listener));
            }
        } catch (IOException e) {
            server.close();
            throw e;
        }
        for (int i = 0; i < settings.listeners().size(); i++) {
            var listener = settings.listeners().get(i);
            var socket = server.sockets.get(i);
            Thread.ofVirtual().name("accept " + socket.getLocalSocketAddress()).start(() -> server.accept(listener, socket));
        }
        Thread.ofVirtual().name("smtp time-outs").start(server::watch);
        return server;
    }

    private static ServerSocket listen(Listener listener) throws ListenException {
        try {
            var socket = new ServerSocket();
            try {
                socket.setReuseAddress(true);
                socket.bind(listener.address(), BACKLOG);
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ListenException(listener, e);
        }
    }

    /// Where clients find it, in the order of the listeners, with the ports that port 0 has become.
    public List<InetSocketAddress> addresses() {
        return sockets.stream().map(socket -> (InetSocketAddress) socket.getLocalSocketAddress()).toList();
    }

    public Counts counts() {
        return counters.counts(connections.open());
    }

    private void accept(Listener listener, ServerSocket socket) {
        while (!closed) {
            try {
                var client = socket.accept();
                try {
                    client.setTcpNoDelay(true);
                    var connection = new Connection(shared, listener, client, Long.toString(lastId.incrementAndGet(), 36));
                    counters.session();
                    connections.opened(connection);
                    Thread.ofVirtual().name("smtp").start(connection);
                } catch (IOException e) {
                    client.close();
                }
            } catch (IOException e) {
                if (!closed) {
                    // Out of file descriptors, most likely: those who wait in the kernel are taken when others have left.
                    log.error("{}: cannot accept", listener.key(), e);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                }
            }
        }
    }

    private void watch() {
        while (!closed || connections.open() > 0) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            connections.endOverdue(System.nanoTime());
        }
    }

    /// Takes no more clients, sends those between two commands away with 421, and gives transactions under way
    /// `timeOuts.finish` to end. What was not answered by then was not taken by us, or will be recognised when it comes again.
    @Override
    public void close() {
        closed = true;
        for (var socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                log.warn("{}: cannot be closed", socket.getLocalSocketAddress(), e);
            }
        }
        connections.finish();
        try {
            if (!connections.awaitNone(settings.timeOuts().finish())) {
                log.warn("{} sessions cut off, their senders come again", connections.open());
                connections.abort();
                connections.awaitNone(Duration.ofSeconds(1));
            }
        } catch (InterruptedException e) {
            connections.abort();
            Thread.currentThread().interrupt();
        }
    }
}
