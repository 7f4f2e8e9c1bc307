package org.listserv.deploy.node;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.archive.LuceneIndex;
import org.listserv.archive.SearchIndex;
import org.listserv.delivery.Courier;
import org.listserv.delivery.DeliveryQueue;
import org.listserv.delivery.Nodes;
import org.listserv.delivery.Relays;
import org.listserv.delivery.RetrySchedule;
import org.listserv.deploy.config.Configuration;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Receiver;
import org.listserv.reception.Reception;
import org.listserv.reception.Submission;
import org.listserv.requests.Kit;
import org.listserv.smtp.ListenException;
import org.listserv.smtp.MailServer;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.store.Migrations;
import org.listserv.store.WakeUps.Topic;
import org.listserv.web.AddressTaken;
import org.listserv.web.WebServer;
import org.listserv.web.health.HealthCheck;

/// One node: everything it is made of, in the order in which it starts, and ends in the opposite one.
///
/// First the doors are opened, so that an address that cannot be had ends the process before anything has happened. Behind them mail is
/// answered 451 until the database has been looked at ([Admission]); then the node joins the others and begins to work. A database that
/// comes late is joined late.
public final class Node implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Node.class);

    /// Of the heap, for large messages on their way out, in each of two lanes. A message takes two to three times its size while it is made.
    private static final int A_LANES_SHARE = 16;

    private final Configuration configuration;
    private final Set<Role> roles;
    private final Core core;
    private final Admission admission;
    private final Metrics metrics = new Metrics();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private @Nullable Kit forJobs;
    private volatile @Nullable Nodes nodes;
    private volatile @Nullable Courier courier;
    private volatile @Nullable WebServer pages;
    private volatile boolean closed;

    private Node(Configuration configuration, Set<Role> roles, Core core, Admission admission) {
        this.configuration = configuration;
        this.roles = roles;
        this.core = core;
        this.admission = admission;
    }

    /// Returns when the node listens; it works as soon as there is a database.
    ///
    /// @param testClock whether a database with a shifted clock is accepted
    /// @throws NodeRefused when an address is taken, or the database is not one this node may work on
    /// @throws ConfigurationMistakes when something is missing that a node needs
    public static Node start(Configuration configuration, Set<Role> asked, boolean testClock) throws ConfigurationMistakes {
        var roles = Role.implied(asked);
        var core = testClock ? Core.withTestClock(configuration) : new Core(configuration);
        var node = new Node(configuration, roles, core, new Admission(core.database(), testClock));
        try {
            node.start();
            return node;
        } catch (ConfigurationMistakes | RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void start() throws ConfigurationMistakes {
        core.lists().followingOthers();
        metrics.database(core.database());
        metrics.joined(() -> id() != 0);
        if (roles.contains(Role.JOBS)) {
            forJobs = core.kit(core.posting());
            metrics.held(forJobs.held());
        }
        var ready = new ArrayList<HealthCheck>();
        ready.add(new HealthCheck("database", this::databaseTrouble));
        if (roles.contains(Role.SMTP)) {
            var posting = core.posting(this::id);
            var reception = new Reception(core.database(), core.addressBook(), core.effects(posting), posting, configuration.upstream());
            ready.add(new HealthCheck("reception", reception::refusing));
            takeMail(new Admitted(reception));
        }
        if (roles.contains(Role.ARCHIVE)) {
            var index = new LuceneIndex(core.database(), configuration.archive()).start();
            parts.push(index);
            core.wakeUps().subscribe(Topic.ARCHIVE, index::awake);
            metrics.index(index);
            if (roles.contains(Role.WEB)) {
                servePages(index, ready);
            }
        }
        if (admission.look()) {
            join();
        } else {
            Thread.ofPlatform().name("admission").daemon().start(this::joinLater);
        }
    }

    private void takeMail(Receiver receiver) {
        try {
            var server = MailServer.start(configuration.smtp(), receiver);
            parts.push(server);
            metrics.mail(server);
            server.addresses().forEach(address -> log.info("taking mail on {}:{}", address.getHostString(), address.getPort()));
        } catch (ListenException e) {
            throw new NodeRefused(e.getMessage() + ": choose another address, or stop what listens there", e);
        } catch (IOException e) {
            throw new NodeRefused(String.valueOf(e.getMessage()), e);
        }
    }

    private void servePages(SearchIndex index, List<HealthCheck> ready) {
        try {
            var server = WebServer.start(configuration.web(), core.database(), index, ready, metrics.registry());
            parts.push(server);
            pages = server;
            log.info("pages on {}:{}, for readers at {}", configuration.web().listen().getHostString(), server.port(),
                    configuration.baseUrl());
        } catch (AddressTaken e) {
            throw new NodeRefused(e.getMessage() + ": choose another address, or stop what listens there", e);
        }
    }

    private Optional<String> databaseTrouble() {
        if (!admission.isOpen()) {
            return Optional.of("not seen yet");
        }
        try {
            core.database().ping();
            return Optional.empty();
        } catch (DatabaseUnavailable e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void joinLater() {
        try {
            if (admission.await()) {
                join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (NodeRefused e) {
            log.error("this node ends: {}", e.getMessage());
            System.exit(1);
        } catch (RuntimeException e) {
            // Alive it would take mail and deliver nothing, and look well.
            log.error("this node ends, it cannot join the others", e);
            System.exit(1);
        }
    }

    private synchronized void join() {
        if (closed) {
            return;
        }
        var introduction = new Nodes.Introduction(configuration.nodeName(), Role.words(roles), version(), Migrations.ours(),
                Migrations.ours() + 1);
        var joined = Nodes.start(core.database(), introduction, this::deliver);
        nodes = joined;
        parts.push(joined);
        if (roles.contains(Role.DELIVERY)) {
            var relay = configuration.relay();
            var relays = new Relays(relay);
            parts.push(relays);
            var started = Courier.start(core.database(), joined, relays, core.verp(), RetrySchedule.STANDARD,
                    relay.hosts().size() * relay.connections(),
                    configuration.deliveryWindow(), Runtime.getRuntime().maxMemory() / A_LANES_SHARE);
            parts.push(started);
            courier = started;
            metrics.delivery(started, relays, relay.hosts());
            metrics.latency(new DeliveryQueue(core.database()));
            core.wakeUps().subscribe(Topic.DELIVERY, this::deliver);
        }
        if (roles.contains(Role.JOBS)) {
            parts.push(Jobs.start(core.database(), requireNonNull(forJobs), configuration.nodeName()));
        }
        log.info("node {} works: {}", configuration.nodeName(), String.join(", ", Role.words(roles)));
        var server = pages;
        if (server != null) {
            server.warmUp();      // last: mail is taken and delivered already
        }
    }

    private void deliver() {
        var now = courier;
        if (now != null) {
            now.awake();
        }
    }

    /// As the database knows this node; 0 before it has joined.
    private int id() {
        var now = nodes;
        return now == null ? 0 : now.membership().map(Nodes.Membership::id).orElse((short) 0);
    }

    private static String version() {
        return Optional.ofNullable(Node.class.getPackage().getImplementationVersion()).orElse("");
    }

    /// Ends what is under way and hands the rest to the other nodes.
    @Override
    public void close() {
        admission.close();
        synchronized (this) {
            closed = true;
        }
        for (var part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("{} did not end well", part.getClass().getSimpleName(), e);
            }
        }
        core.close();
    }

    /// Nothing is taken before the database has been looked at: it could have a schema this program does not know.
    private final class Admitted implements Receiver {
        private final Receiver receiver;

        Admitted(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
            checkOpen();
            return receiver.recipient(client, reversePath, recipient);
        }

        @Override
        public List<Reply> receive(Submission submission) {
            checkOpen();
            return receiver.receive(submission);
        }

        @Override
        public Optional<String> refusing() {
            return receiver.refusing();
        }

        private void checkOpen() {
            if (!admission.isOpen()) {
                throw new DatabaseUnavailable("this node has not seen its database yet", null);
            }
        }
    }
}
