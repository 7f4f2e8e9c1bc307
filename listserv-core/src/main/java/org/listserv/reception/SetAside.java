package org.listserv.reception;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.listserv.lists.AddressBook;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;
import org.listserv.posting.Intake;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Message;
import org.listserv.posting.Posting;
import org.listserv.posting.Taken;
import org.listserv.store.Database;

/// Messages that were taken but could not be processed: shown, tried again after the fault is mended, or dropped.
public final class SetAside {
    /// @param reason what failed
    public record Aside(long id, long message, String forwardPath, String function, String reason, String state, Instant asideAt,
            String reversePath,
            int size) {}

    private static final String COLUMNS = """
            select a.id, a.message, a.forward_path, a.function, a.reason, a.state, a.aside_at, coalesce(m.reverse_path, ''), m.size
              from aside a join message m on m.id = a.message
            """;

    private static final String WAITING = COLUMNS + " where a.state = 'waiting' and a.id > ? order by a.id limit ?";

    private static final String ONE = COLUMNS + " where a.id = ?";

    private static final String MESSAGE = "select octets, sha256, client, source from message where id = ?";

    private static final String DROP = """
            update aside set state = 'dropped', decided_at = clock_now(), decided_by = ? where id = ? and state = 'waiting'
            """;

    private final Database database;
    private final AddressBook addresses;
    private final Effects effects;
    private final Posting posting;

    public SetAside(Database database, AddressBook addresses, Effects effects, Posting posting) {
        this.database = database;
        this.addresses = addresses;
        this.effects = effects;
        this.posting = posting;
    }

    /// Oldest first.
    ///
    /// @param after the id behind which to go on; 0 at the beginning
    public List<Aside> waiting(long after, int most) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(WAITING)) {
                ask.setLong(1, after);
                ask.setInt(2, most);
                try (var rows = ask.executeQuery()) {
                    var asides = new ArrayList<Aside>();
                    while (rows.next()) {
                        asides.add(aside(rows));
                    }
                    return asides;
                }
            }
        });
    }

    public Optional<Aside> find(long id) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(ONE)) {
                ask.setLong(1, id);
                try (var rows = ask.executeQuery()) {
                    return rows.next() ? Optional.of(aside(rows)) : Optional.empty();
                }
            }
        });
    }

    private static Aside aside(ResultSet row) throws SQLException {
        return new Aside(row.getLong(1), row.getLong(2), row.getString(3), row.getString(4), row.getString(5), row.getString(6),
                row.getTimestamp(7).toInstant(), row.getString(8), row.getInt(9));
    }

    private record Stored(byte[] octets, byte[] sha256, String client, String source) {}

    /// Processes it once more, as if it had just come.
    ///
    /// @return [Taken.Unknown] when it does not wait (any more)
    /// @throws RuntimeException what failed this time; it stays set aside
    public Taken retry(long id, String by) {
        var aside = find(id);
        if (aside.isEmpty()) {
            return new Taken.Unknown();
        }
        var stored = stored(aside.get().message());
        var recipient = EmailAddress.parse(aside.get().forwardPath(), EmailAddress.LONGEST_LOCAL_OCTETS);
        var client = new Client("unknown", stored.client(), stored.source().equals("lmtp") ? "LMTP" : "ESMTP");
        var submission = new Submission(client, ReversePath.parse(aside.get().reversePath()), List.of(recipient), false, stored.octets());
        var arrived = new Arrived(submission);
        var target = addresses.resolve(recipient);
        var place = Arrived.Place.of(target, recipient)
                .orElseThrow(() -> new IllegalStateException(recipient + " is no address of ours any more"));
        var planned = switch (effects.plan(arrived, place, target)) {
            case Plan.Take(var all) -> all;
            case Plan.Refuse(_, var instead) -> List.of(instead.get());
        };
        var taken = posting.publish(new Intake(new Message.Stored(aside.get().message(), stored.sha256(), stored.octets().length),
                retried(planned, new Gate.Retry(id, by))));
        return taken.getFirst() instanceof Taken.Unknown ? taken.getFirst() : taken.getLast();
    }

    /// The arrival keys stand since it was set aside, so one effect is let in by the retry instead. Decisions have a gate of their own.
    private static List<Effect> retried(List<Effect> planned, Gate.Retry gate) {
        var first = planned.getFirst();
        if (planned.size() == 1 && first.gate() instanceof Gate.Arrival) {
            return List.of(new Effect(first.list(), first.function(), first.outcome(), gate, first.act(), first.owed()));
        }
        var retried = new ArrayList<Effect>();
        retried.add(new Effect(first.list(), first.function(), "retried", gate, new Act.Nothing(), List.of()));
        for (var effect : planned) {
            var inner = effect.gate() instanceof Gate.DecisionByMail decision
                    ? new Gate.DecisionByMail(List.of(), decision.about(), decision.decision(), decision.from(), decision.why())
                    : new Gate.Arrival(List.of());
            retried.add(new Effect(effect.list(), effect.function(), effect.outcome(), inner, effect.act(), effect.owed()));
        }
        return retried;
    }

    private Stored stored(long message) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(MESSAGE)) {
                ask.setLong(1, message);
                try (var row = ask.executeQuery()) {
                    row.next();
                    return new Stored(row.getBytes(1), row.getBytes(2), row.getString(3), row.getString(4));
                }
            }
        });
    }

    /// @return false when it does not wait (any more)
    public boolean drop(long id, String by) {
        return database.write(connection -> {
            try (var drop = connection.prepareStatement(DROP)) {
                drop.setString(1, by);
                drop.setLong(2, id);
                return drop.executeUpdate() == 1;
            }
        });
    }
}
