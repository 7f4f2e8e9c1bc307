package org.listserv.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

import org.listserv.bench.Evidence.Head;
import org.listserv.bench.Evidence.ListBooks;
import org.listserv.bench.Evidence.Post;

/// Reads a list's side of the evidence from the tables. Hashes of octets are computed here, not believed.
final class Books {

    private static final String POSTS = """
            select p.seq, p.number, p.message_id, p.sha256, m.octets, p.chain
              from post p join message m on m.id = p.message
             where p.list_id = ? and p.seq > ?
             order by p.seq
             limit 500
            """;

    private static final String HEAD = "select last_seq, last_number, chain from list_head where list_id = ?";

    private static final String SUBSCRIBERS = """
            select a.mailbox from subscription s join address a on a.id = s.address_id
             where s.list_id = ? and s.kind = 'main' and s.mode = 'each' and s.state = 'active'
            """;

    private static final String HELD = """
            select m.octets from held_post h join message m on m.id = h.message where h.list_id = ? and h.state = 'held'
            """;

    private static final String LIST = """
            select l.id from list l join domain d on d.id = l.domain_id where l.local_part || '@' || d.name = ?
            """;

    private Books() {}

    static long listId(Connection connection, String address) throws SQLException {
        try (var ask = connection.prepareStatement(LIST)) {
            ask.setString(1, address);
            try (var row = ask.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("no list " + address);
                }
                return row.getLong(1);
            }
        }
    }

    static ListBooks of(Connection connection, String address) throws SQLException {
        var list = listId(connection, address);
        var posts = new ArrayList<Post>();
        var before = -1;
        while (posts.size() > before) {
            before = posts.size();
            posts(connection, list, posts);
        }
        return new ListBooks(head(connection, list), posts, subscribers(connection, list), held(connection, list));
    }

    private static void posts(Connection connection, long list, ArrayList<Post> posts) throws SQLException {
        var hex = HexFormat.of();
        try (var ask = connection.prepareStatement(POSTS)) {
            ask.setLong(1, list);
            ask.setLong(2, posts.isEmpty() ? 0 : posts.getLast().seq());
            try (var row = ask.executeQuery()) {
                while (row.next()) {
                    posts.add(new Post(row.getLong(1), row.getLong(2), row.getString(3), hex.formatHex(row.getBytes(4)),
                            Digest.hex(row.getBytes(5)),
                            hex.formatHex(row.getBytes(6))));
                }
            }
        }
    }

    private static Head head(Connection connection, long list) throws SQLException {
        try (var ask = connection.prepareStatement(HEAD)) {
            ask.setLong(1, list);
            try (var row = ask.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("list %d has no head".formatted(list));
                }
                return new Head(row.getLong(1), row.getLong(2), HexFormat.of().formatHex(row.getBytes(3)));
            }
        }
    }

    private static Set<String> subscribers(Connection connection, long list) throws SQLException {
        var subscribers = new HashSet<String>();
        try (var ask = connection.prepareStatement(SUBSCRIBERS)) {
            ask.setLong(1, list);
            try (var row = ask.executeQuery()) {
                while (row.next()) {
                    subscribers.add(row.getString(1));
                }
            }
        }
        return subscribers;
    }

    private static Set<String> held(Connection connection, long list) throws SQLException {
        var held = new HashSet<String>();
        try (var ask = connection.prepareStatement(HELD)) {
            ask.setLong(1, list);
            try (var row = ask.executeQuery()) {
                while (row.next()) {
                    held.add(Letter.field(row.getBytes(1), "Message-ID").replaceAll("[<>]", ""));
                }
            }
        }
        return held;
    }
}
