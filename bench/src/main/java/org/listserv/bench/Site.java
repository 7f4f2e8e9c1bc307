package org.listserv.bench;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.listserv.bench.Evidence.ListBooks;
import org.listserv.bench.Evidence.Offered;
import org.listserv.bench.Evidence.Said;

/// A whole installation on this machine: database, nodes behind a proxy each, and a relay.
final class Site {

    static final String DOMAIN = "lists.example.org";
    static final String DATABASE = "listserv";

    private final Workplace place;
    private final Postgres postgres;
    private final int relay;
    private final Node commands;
    private final List<Node> nodes = new ArrayList<>();
    private final List<FaultProxy> proxies = new ArrayList<>();

    private Site(Workplace place, Postgres postgres, int relay) {
        this.place = place;
        this.postgres = postgres;
        this.relay = relay;
        this.commands = Node.create(place, "admin", postgres.port(), "127.0.0.1:" + relay, "", List.of(), List.of());
    }

    /// A running database with the schema and the mail domain; no node yet.
    static Site create(Workplace place, Postgres postgres, int relay) {
        postgres.execute("postgres", "create database " + DATABASE);
        var site = new Site(place, postgres, relay);
        site.command("migrate");
        site.command("domain", "create", DOMAIN);
        return site;
    }

    static Site create(Workplace place, int relay) {
        var postgres = Postgres.create(place, "pg", List.of());
        postgres.start();
        return create(place, postgres, relay);
    }

    Postgres postgres() {
        return postgres;
    }

    Path configuration() {
        return commands.configuration();
    }

    Program.Result command(String... words) {
        return Program.run(configuration(), words).orFail();
    }

    /// Adds a node that is not started.
    Node node(String roles, List<String> more, List<String> javaOptions) {
        var proxy = place.add(FaultProxy.start(postgres.port(), Duration.ZERO));
        var node = Node.create(place, "node" + (nodes.size() + 1), proxy.port(), "127.0.0.1:" + relay, roles, more, javaOptions);
        nodes.add(node);
        proxies.add(proxy);
        return node;
    }

    /// Adds a node that is not started and has nothing between itself and the database; it is not among [#nodes()].
    ///
    /// @param relays `HOST:PORT` of each
    Node unwatched(String name, String relays, String roles, List<String> more, List<String> javaOptions) {
        return Node.unwatched(place, name, postgres.port(), relays, roles, more, javaOptions);
    }

    List<Node> nodes() {
        return List.copyOf(nodes);
    }

    FaultProxy proxy(Node node) {
        return proxies.get(nodes.indexOf(node));
    }

    List<InetSocketAddress> smtp() {
        return nodes.stream().map(Node::smtp).toList();
    }

    /// @return its address
    String list(String local, int subscribers, String... settings) {
        var address = local + "@" + DOMAIN;
        var words = new ArrayList<>(List.of("list", "create", address));
        for (var setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        command(words.toArray(String[]::new));
        if (subscribers > 0) {
            var addresses = String.join("\n", subscribers(subscribers)) + "\n";
            Program.run(configuration(), addresses.getBytes(StandardCharsets.US_ASCII), List.of("member", "add", address, "-")).orFail();
        }
        return address;
    }

    static List<String> subscribers(int count) {
        return IntStream.range(0, count).mapToObj(i -> "u%d@sink.example".formatted(i)).toList();
    }

    /// Waits until nothing is owed to anybody.
    boolean drained(Duration longest) {
        return Workplace.await(longest, () -> postgres.count(DATABASE, "select count(*) from batch") == 0);
    }

    Evidence evidence(Collection<Sender.Offer> offers, List<Offered> more, Collection<String> lists, List<Evidence.Copy> copies) {
        var offered = new ArrayList<>(more);
        offers.forEach(offer -> offered.add(offered(offer)));
        var books = new LinkedHashMap<String, ListBooks>();
        try (var connection = postgres.connect(DATABASE)) {
            for (var list : lists) {
                books.put(list, Books.of(connection, list));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Evidence(offered, Map.copyOf(books), copies, count("batch"), count("outgoing"), count("delivery_problem"));
    }

    long count(String table) {
        return postgres.count(DATABASE, "select count(*) from " + table);
    }

    static Offered offered(Sender.Offer offer) {
        var letter = offer.letter();
        var said = offer.accepted() ? Said.ACCEPTED : offer.refused() ? Said.REFUSED : Said.NOTHING;
        return new Offered(letter.messageId(), letter.lists(), Digest.hex(letter.octets()), Digest.hex(letter.body()), said);
    }
}
