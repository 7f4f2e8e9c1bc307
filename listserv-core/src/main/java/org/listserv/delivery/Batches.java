package org.listserv.delivery;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.delivery.Claimed.Content;
import org.listserv.delivery.Claimed.CopyTo;
import org.listserv.delivery.Claimed.OutgoingMessage;
import org.listserv.delivery.Nodes.Membership;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.posting.Edit;
import org.listserv.posting.Edits;
import org.listserv.posting.SubscriptionIds;
import org.listserv.store.Database;
import org.listserv.store.PgText;

/// The batches in the database: claimed for this node, marked, released. COMMIT 2.
final class Batches {
    private static final Logger log = LoggerFactory.getLogger(Batches.class);

    private static final String CLAIM = """
            select id, outgoing_id, list_id, subscriptions, forward_path, recipients, done, deferred, attempts, heavy, go_on_after
              from claim(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    /// Lists looked at in one call; the next call goes on behind them.
    private static final int LISTS_ASKED = 256;

    private static final String OUTGOING = """
            select o.id, o.number, o.reverse_path, o.accepted_at, coalesce(o.octets, m.octets), o.edit_at, o.edit_cut, o.edit_put
              from outgoing o left join message m on m.id = o.message
             where o.id = any (?)
            """;

    /// Read at every claim: who has left since gets nothing.
    private static final String SUBSCRIBERS = """
            select s.id, a.mailbox
              from subscription s join address a on a.id = s.address_id
             where s.id = any (?) and s.state = 'active' and s.mode = 'each'
            """;

    private static final String PROBLEMS = """
            select batch_id, position, attempts, next_attempt_at, next_attempt_at > clock_now() from delivery_problem where batch_id = any (?)
            """;

    private static final String MARK = "select unnest(mark(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";

    private static final String RELEASE = "select release(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final Database database;

    Batches(Database database) {
        this.database = database;
    }

    private record Row(long id, long outgoing, long list, byte @Nullable [] subscriptions, @Nullable String forwardPath, int recipients,
            String done,
            String deferred, int attempts, boolean heavy) {}

    /// What a claim brought.
    ///
    /// @param unreadable batches that are ours now and cannot be sent, with the reason
    /// @param goOnAfter  the list to pass to the next claim
    record Claims(List<Claimed> claimed, Map<Long, String> unreadable, long goOnAfter) {}

    /// @param after   the list behind which to look first; -1: from the beginning
    /// @param perList batches of one list at most
    /// @param room    octets of heavy messages there is memory for; the last one taken may exceed it, and without room none is
    /// @param inHand  what this node sends now; its messages are not read and rendered again
    Claims claim(Membership as, boolean small, long after, int perList, int batches, long room, List<Claimed> inHand) {
        var rows = new ArrayList<Row>();
        var messages = inHand.stream().map(Claimed::outgoing).collect(Collectors.toMap(OutgoingMessage::id, one -> one, (one, _) -> one));
        long goOnAfter = database.commitApart(CLAIM, claim -> {
            claim.setShort(1, as.id());
            claim.setLong(2, as.epoch());
            claim.setBoolean(3, small);
            claim.setLong(4, after);
            claim.setInt(5, LISTS_ASKED);
            claim.setInt(6, perList);
            claim.setInt(7, batches);
            claim.setArray(8, claim.getConnection().createArrayOf("int8", inHand.stream().map(Claimed::id).toArray()));
            claim.setLong(9, room);
            claim.setLong(10, OutgoingMessage.LIGHT);
            claim.setArray(11, claim.getConnection().createArrayOf("int8", messages.keySet().toArray()));
        }, result -> read(result, rows));
        if (rows.isEmpty()) {
            return new Claims(List.of(), Map.of(), goOnAfter);
        }
        return database.readApart(connection -> load(connection, small, rows, messages, goOnAfter));
    }

    private static long read(ResultSet result, List<Row> rows) throws SQLException {
        var goOnAfter = -1L;
        while (result.next()) {
            var id = result.getLong(1);
            if (!result.wasNull()) {
                rows.add(new Row(id, result.getLong(2), result.getLong(3), result.getBytes(4), result.getString(5), result.getInt(6),
                        result.getString(7),
                        result.getString(8), result.getInt(9), result.getLong(10) > 0));
            } else {
                goOnAfter = result.getLong(11);
                goOnAfter = result.wasNull() ? -1 : goOnAfter;
            }
        }
        return goOnAfter;
    }

    /// One batch that cannot be read must not keep the others from being sent.
    private static Claims load(Connection connection, boolean small, List<Row> rows, Map<Long, OutgoingMessage> known, long goOnAfter)
            throws SQLException {
        var messages = messages(connection, rows, known);
        var subscribers = subscribers(connection, rows);
        var problems = problems(connection, rows.stream().filter(row -> row.deferred().indexOf('1') >= 0).map(Row::id).toList());
        var claimed = new ArrayList<Claimed>();
        var unreadable = new HashMap<Long, String>();
        for (var row : rows) {
            switch (messages.getOrDefault(row.outgoing(), new Rendered.Unreadable("it has no outgoing"))) {
                case Rendered.Ready(var message) ->
                    claimed.add(claimed(row, small, message, subscribers, problems.getOrDefault(row.id(), Map.of())));
                case Rendered.Unreadable(var why) -> unreadable.put(row.id(), why);
            }
        }
        return new Claims(claimed, unreadable, goOnAfter);
    }

    private sealed interface Rendered {
        record Ready(OutgoingMessage message) implements Rendered {}

        record Unreadable(String why) implements Rendered {}
    }

    private record Problem(int attempts, Instant next, boolean later) {}

    private static Claimed claimed(Row row, boolean small, OutgoingMessage message, Map<Long, EmailAddress> subscribers,
            Map<Integer, Problem> problems) {
        var ids = ids(row);
        var copies = new ArrayList<CopyTo>();
        var departed = new BitSet();
        var later = new HashMap<Integer, Instant>();
        var unsettled = 0;
        for (var position = 0; position < row.recipients(); position++) {
            if (row.done().charAt(position) == '1') {
                continue;
            }
            unsettled++;
            var problem = problems.get(position);
            var id = ids.length == 0 ? 0 : ids[position];
            var address = row.forwardPath() != null ? address(row.forwardPath()).orElse(null) : subscribers.get(id);
            if (address == null) {
                departed.set(position);
            } else if (problem != null && problem.later()) {
                later.put(position, problem.next());
            } else {
                copies.add(new CopyTo(position, id, address, problem == null ? 0 : problem.attempts()));
            }
        }
        return new Claimed(row.id(), row.list(), small, row.recipients(), row.attempts(), message, copies, departed, later, unsettled);
    }

    private static long[] ids(Row row) {
        return row.subscriptions() == null ? new long[0] : SubscriptionIds.decode(row.subscriptions());
    }

    private static Map<Long, Rendered> messages(Connection connection, List<Row> rows, Map<Long, OutgoingMessage> known)
            throws SQLException {
        var messages = new HashMap<Long, Rendered>();
        known.forEach((id, message) -> messages.put(id, new Rendered.Ready(message)));
        var missing = rows.stream().filter(row -> !known.containsKey(row.outgoing()))
                .collect(Collectors.groupingBy(Row::heavy, Collectors.mapping(Row::outgoing, Collectors.toSet())));
        read(connection, missing.getOrDefault(false, Set.of()), messages);
        for (var heavy : missing.getOrDefault(true, Set.of())) {
            read(connection, Set.of(heavy), messages);      // an answer is in memory as a whole, before anything is made of it
        }
        return messages;
    }

    private static void read(Connection connection, Set<Long> outgoings, Map<Long, Rendered> messages) throws SQLException {
        if (outgoings.isEmpty()) {
            return;
        }
        try (var ask = connection.prepareStatement(OUTGOING)) {
            ask.setArray(1, connection.createArrayOf("int8", outgoings.toArray()));
            try (var result = ask.executeQuery()) {
                while (result.next()) {
                    messages.put(result.getLong(1), rendered(result));
                }
            }
        }
    }

    private static Rendered rendered(ResultSet row) throws SQLException {
        try {
            return new Rendered.Ready(message(row));
        } catch (IllegalArgumentException | IllegalStateException e) {
            log.error("outgoing {} cannot be made", row.getLong(1), e);
            return new Rendered.Unreadable(e.toString());
        }
    }

    private static OutgoingMessage message(ResultSet row) throws SQLException {
        var number = row.getLong(2);
        var known = row.wasNull() ? null : number;
        var octets = row.getBytes(5);
        if (octets == null) {
            throw new IllegalStateException("its message was redacted");
        }
        var at = (Integer[]) row.getArray(6).getArray();
        var cut = (Integer[]) row.getArray(7).getArray();
        var put = (byte[][]) row.getArray(8).getArray();
        var edits = new ArrayList<Edit>();
        for (var i = 0; i < at.length; i++) {
            edits.add(new Edit(at[i], cut[i], put[i]));
        }
        var content = Content.of(Edits.render(octets, edits, known == null ? 0 : known));
        return new OutgoingMessage(row.getLong(1), known, row.getString(3), content, octets.length, row.getTimestamp(4).toInstant());
    }

    private static Map<Long, EmailAddress> subscribers(Connection connection, List<Row> rows) throws SQLException {
        var ids = rows.stream().flatMapToLong(row -> LongStream.of(ids(row))).distinct().boxed().toArray();
        var subscribers = new HashMap<Long, EmailAddress>();
        if (ids.length == 0) {
            return subscribers;
        }
        try (var ask = connection.prepareStatement(SUBSCRIBERS)) {
            ask.setArray(1, connection.createArrayOf("int8", ids));
            try (var result = ask.executeQuery()) {
                while (result.next()) {
                    var subscription = result.getLong(1);
                    address(result.getString(2)).ifPresent(address -> subscribers.put(subscription, address));
                }
            }
        }
        return subscribers;
    }

    /// An address no relay could be told about cannot get a copy; it counts as departed.
    private static Optional<EmailAddress> address(String mailbox) {
        try {
            return Optional.of(EmailAddress.parse(mailbox, EmailAddress.LONGEST_LOCAL_OCTETS));
        } catch (AddressSyntaxException e) {
            log.error("a recipient in the database is no address: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static Map<Long, Map<Integer, Problem>> problems(Connection connection, List<Long> batches) throws SQLException {
        var problems = new HashMap<Long, Map<Integer, Problem>>();
        if (batches.isEmpty()) {
            return problems;
        }
        try (var ask = connection.prepareStatement(PROBLEMS)) {
            ask.setArray(1, connection.createArrayOf("int8", batches.toArray()));
            try (var result = ask.executeQuery()) {
                while (result.next()) {
                    problems.computeIfAbsent(result.getLong(1), _ -> new HashMap<>()).put(result.getInt(2),
                            new Problem(result.getInt(3), result.getTimestamp(4).toInstant(), result.getBoolean(5)));
                }
            }
        }
        return problems;
    }

    /// What became of copies of one batch since its last mark.
    ///
    /// @param settled positions that have their final outcome now
    /// @param complete no position is left: the batch goes
    record Mark(long batch, int recipients, BitSet settled, boolean complete, int delivered, int departed, List<Refused> refused) {
        String bits() {
            var bits = new StringBuilder(recipients);
            for (var position = 0; position < recipients; position++) {
                bits.append(settled.get(position) ? '1' : '0');
            }
            return bits.toString();
        }
    }

    /// A relay's final no.
    record Refused(long subscription, String address, String reply) {}

    /// One statement for all batches of the node.
    ///
    /// @return batches that are still ours; sending of all others must stop
    Set<Long> mark(Membership as, List<Mark> marks) {
        var batch = new ArrayList<Long>();
        var refusals = new ArrayList<Refused>();
        marks.forEach(mark -> mark.refused().forEach(refused -> {
            batch.add(mark.batch());
            refusals.add(refused);
        }));
        return database.commitApart(MARK, statement -> {
            var connection = statement.getConnection();
            statement.setShort(1, as.id());
            statement.setLong(2, as.epoch());
            statement.setArray(3, connection.createArrayOf("int8", marks.stream().map(Mark::batch).toArray()));
            statement.setArray(4, connection.createArrayOf("text", marks.stream().map(Mark::bits).toArray()));
            statement.setArray(5, connection.createArrayOf("bool", marks.stream().map(Mark::complete).toArray()));
            statement.setArray(6, connection.createArrayOf("int4", marks.stream().map(Mark::delivered).toArray()));
            statement.setArray(7, connection.createArrayOf("int4", marks.stream().map(mark -> mark.refused().size()).toArray()));
            statement.setArray(8, connection.createArrayOf("int4", marks.stream().map(Mark::departed).toArray()));
            statement.setArray(9, connection.createArrayOf("int8", batch.toArray()));
            statement.setArray(10, connection.createArrayOf("int8", refusals.stream().map(Refused::subscription).toArray()));
            statement.setArray(11, connection.createArrayOf("text", refusals.stream().map(Refused::address).toArray()));
            statement.setArray(12, connection.createArrayOf("text", refusals.stream().map(Refused::reply).map(PgText::clean).toArray()));
        }, rows -> {
            var ours = new HashSet<Long>();
            while (rows.next()) {
                ours.add(rows.getLong(1));
            }
            return ours;
        });
    }

    /// A copy the relay asked to try later.
    record Deferred(int position, String address, String reply, int tries, Instant next) {}

    /// Ends this node's turn with a batch that is not finished.
    ///
    /// @param next  when somebody may claim it again
    /// @param tried whether it counts as an attempt
    void release(Membership as, long batch, Instant next, boolean tried, List<Deferred> deferred) {
        database.commitApart(RELEASE, release -> {
            var connection = release.getConnection();
            release.setShort(1, as.id());
            release.setLong(2, as.epoch());
            release.setLong(3, batch);
            release.setTimestamp(4, java.sql.Timestamp.from(next));
            release.setBoolean(5, tried);
            release.setArray(6, connection.createArrayOf("int2", deferred.stream().map(one -> (short) one.position()).toArray()));
            release.setArray(7, connection.createArrayOf("text", deferred.stream().map(Deferred::address).toArray()));
            release.setArray(8, connection.createArrayOf("text", deferred.stream().map(Deferred::reply).map(PgText::clean).toArray()));
            release.setArray(9, connection.createArrayOf("int4", deferred.stream().map(Deferred::tries).toArray()));
            release.setArray(10,
                    connection.createArrayOf("timestamptz", deferred.stream().map(one -> java.sql.Timestamp.from(one.next())).toArray()));
        }, row -> row.next());
    }

    /// Policy time, which is the database's.
    Instant now() {
        return database.readApart(connection -> {
            try (var ask = connection.prepareStatement("select clock_now()"); var row = ask.executeQuery()) {
                row.next();
                return row.getTimestamp(1).toInstant();
            }
        });
    }
}
