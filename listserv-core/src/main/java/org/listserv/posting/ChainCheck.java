package org.listserv.posting;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.Sha256;
import org.listserv.store.Database;

/// Recomputes a list's hash chain from the stored octets (P8): `chain = SHA-256(previous chain, seq, number, SHA-256(octets))`, seq and
/// number as 8 octets big-endian, the first previous chain 32 zero octets. Finds any changed octet, number, gap, swap or missing row.
///
/// Reads in stretches, each its own short transaction, so a check of a large archive holds up neither vacuum nor anybody else.
public final class ChainCheck {
    private static final int STRETCH = 200;
    private static final int MOST_FAULTS = 100;

    private static final String HEAD = """
            select last_seq, last_number, chain from list_head where list_id = ?
            """;

    private static final String POSTS = """
            select p.seq, p.number, p.sha256, p.chain, m.octets, p.redacted_at is not null, m.id is not null
              from post p left join message m on m.id = p.message
             where p.list_id = ? and p.seq > ? and p.seq <= ?
             order by p.seq
             limit ?
            """;

    private final Database database;

    public ChainCheck(Database database) {
        this.database = database;
    }

    /// What was found.
    ///
    /// @param posts  checked
    /// @param head   the chain as recomputed, in hexadecimal
    /// @param faults in words, naming seq and number; at most 100; empty when all is as it was
    public record Report(long posts, String head, List<String> faults) {
        public Report {
            faults = List.copyOf(faults);
        }

        public boolean isWhole() {
            return faults.isEmpty();
        }
    }

    private static final class State {
        byte[] chain = new byte[32];
        long seq;
        long lastNumber;
        long posts;
        final List<String> faults = new ArrayList<>();

        void fault(String text, Object... args) {
            if (faults.size() < MOST_FAULTS) {
                faults.add(text.formatted(args));
            }
        }
    }

    private record Head(long seq, long number, byte[] chain) {}

    /// @param progress told how many posts are checked so far
    public Report check(long list, LongConsumer progress) {
        var head = database.readLong(connection -> head(connection, list));
        var state = new State();
        var more = true;
        while (more) {
            more = database.readLong(connection -> stretch(connection, list, head.seq(), state)) == STRETCH;
            progress.accept(state.posts);
        }
        if (state.seq != head.seq()) {
            state.fault("the last post has seq %d, the list's head says %d: posts are missing", state.seq, head.seq());
        }
        if (state.lastNumber > head.number()) {
            state.fault("number %d is above the head's last number %d", state.lastNumber, head.number());
        }
        if (!Arrays.equals(state.chain, head.chain())) {
            state.fault("the chain ends in %s, the list's head says %s", hex(state.chain), hex(head.chain()));
        }
        return new Report(state.posts, hex(state.chain), state.faults);
    }

    private static Head head(Connection connection, long list) throws SQLException {
        try (var ask = connection.prepareStatement(HEAD)) {
            ask.setLong(1, list);
            try (var row = ask.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("list %d has no head".formatted(list));
                }
                return new Head(row.getLong(1), row.getLong(2), row.getBytes(3));
            }
        }
    }

    /// @return rows read
    private static int stretch(Connection connection, long list, long lastSeq, State state) throws SQLException {
        try (var ask = connection.prepareStatement(POSTS)) {
            ask.setLong(1, list);
            ask.setLong(2, state.seq);
            ask.setLong(3, lastSeq);
            ask.setInt(4, STRETCH);
            var rows = 0;
            try (var row = ask.executeQuery()) {
                while (row.next()) {
                    rows++;
                    post(row.getLong(1), row.getLong(2), row.getBytes(3), row.getBytes(4), row.getBytes(5), row.getBoolean(6),
                            row.getBoolean(7), state);
                }
            }
            return rows;
        }
    }

    private static void post(long seq, long number, byte[] sha256, byte[] chain, byte @Nullable [] octets, boolean redacted,
            boolean hasMessage, State state) {
        if (seq != state.seq + 1) {
            state.fault("after seq %d comes %d: %d posts are missing", state.seq, seq, seq - state.seq - 1);
        }
        if (!hasMessage) {
            state.fault("seq %d (number %d): its message is missing", seq, number);
        } else if (octets == null && !redacted) {
            state.fault("seq %d (number %d): its octets are gone, and it was not redacted", seq, number);
        } else if (octets != null && !Arrays.equals(Sha256.of(octets), sha256)) {
            state.fault("seq %d (number %d): its octets are not those that were received", seq, number);
        }
        var link = ByteBuffer.allocate(16).putLong(seq).putLong(number).array();
        var expected = Sha256.of(state.chain, link, sha256);
        if (!Arrays.equals(expected, chain)) {
            state.fault("seq %d (number %d): the chain breaks here", seq, number);
        }
        state.chain = chain;    // go on from what is written, so that one fault is told once
        state.seq = seq;
        state.lastNumber = Math.max(state.lastNumber, number);
        state.posts++;
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }
}
