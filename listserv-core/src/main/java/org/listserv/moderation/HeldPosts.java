package org.listserv.moderation;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.ListSettings;
import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.notices.Letter;
import org.listserv.notices.Texts;
import org.listserv.posting.CopyEdits;
import org.listserv.posting.Intake;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Budget;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Message;
import org.listserv.posting.Intake.Outgoing;
import org.listserv.posting.PostReader;
import org.listserv.posting.Posting;
import org.listserv.posting.Taken;
import org.listserv.store.Database;

/// Messages that wait for a moderator, and the decisions about them. Accepting is publishing: the same [Posting] as for any post. The first
/// decision stands, whichever node it comes to; a later one is told what stands.
public final class HeldPosts {
    /// @param number of the post it became, 0 when none
    public record HeldPost(long id, EmailAddress list, String author, String subject, List<String> reasons, String state, Instant heldAt,
            Instant expiresAt, Optional<String> decidedBy, long number) {
        public HeldPost {
            reasons = List.copyOf(reasons);
        }
    }

    private static final String COLUMNS = """
            select h.id, l.local_part, d.name, h.author, h.subject, h.reasons, h.state, h.held_at, h.expires_at, h.decided_by, h.number
              from held_post h join list l on l.id = h.list_id join domain d on d.id = l.domain_id
            """;

    private static final String WAITING = COLUMNS + """
             where h.state = 'held' and h.id > ? and (?::bigint is null or h.list_id = ?)
             order by h.id
             limit ?
            """;

    private static final String COUNTS = "select count(*), count(owners_told_at) from held_post where state = 'held'";

    private static final String ONE = COLUMNS + " where h.id = ?";

    private static final String MESSAGE = """
            select m.id, m.octets, m.sha256, m.trace from held_post h join message m on m.id = h.message where h.id = ?
            """;

    private final Database database;
    private final Lists lists;
    private final Posting posting;
    private final CopyEdits copies;
    private final Texts texts;
    private final Clock clock;

    /// @param baseUrl of the web archive
    public HeldPosts(Database database, Lists lists, Posting posting, Texts texts, URI baseUrl, Clock clock) {
        this.database = database;
        this.lists = lists;
        this.posting = posting;
        this.copies = new CopyEdits(baseUrl);
        this.texts = texts;
        this.clock = clock;
    }

    /// Those that wait, oldest first.
    ///
    /// @param list  empty: of all lists
    /// @param after the id behind which to go on; 0 at the beginning
    public List<HeldPost> waiting(Optional<MailingList> list, long after, int most) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(WAITING)) {
                ask.setLong(1, after);
                ask.setObject(2, list.map(MailingList::id).orElse(null), java.sql.Types.BIGINT);
                ask.setObject(3, list.map(MailingList::id).orElse(null), java.sql.Types.BIGINT);
                ask.setInt(4, most);
                try (var rows = ask.executeQuery()) {
                    var held = new ArrayList<HeldPost>();
                    while (rows.next()) {
                        held.add(held(rows));
                    }
                    return held;
                }
            }
        });
    }

    /// @param unanswered those among them whose owners were told that no moderator answers
    public record Counts(long waiting, long unanswered) {}

    /// Of all lists.
    public Counts counts() {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(COUNTS); var row = ask.executeQuery()) {
                row.next();
                return new Counts(row.getLong(1), row.getLong(2));
            }
        });
    }

    /// Waiting or decided.
    public Optional<HeldPost> find(long id) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(ONE)) {
                ask.setLong(1, id);
                try (var rows = ask.executeQuery()) {
                    return rows.next() ? Optional.of(held(rows)) : Optional.empty();
                }
            }
        });
    }

    /// The message as received.
    public Optional<byte[]> octets(long id) {
        return stored(id).map(Stored::octets);
    }

    private static HeldPost held(ResultSet row) throws SQLException {
        return new HeldPost(row.getLong(1), new EmailAddress(row.getString(2), row.getString(3)), row.getString(4), row.getString(5),
                List.of((String[]) row.getArray(6).getArray()), row.getString(7), row.getTimestamp(8).toInstant(),
                row.getTimestamp(9).toInstant(),
                Optional.ofNullable(row.getString(10)), row.getLong(11));
    }

    private record Stored(long message, byte[] octets, byte[] sha256, String trace) {}

    private Optional<Stored> stored(long id) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(MESSAGE)) {
                ask.setLong(1, id);
                try (var rows = ask.executeQuery()) {
                    return rows.next()
                            ? Optional.of(new Stored(rows.getLong(1), rows.getBytes(2), rows.getBytes(3), rows.getString(4)))
                            : Optional.empty();
                }
            }
        });
    }

    /// It becomes a post, and every subscriber active now is owed a copy.
    ///
    /// @param by who decides, for the audit
    public Taken accept(long id, String by) {
        return decide(id, by, "accepted", null);
    }

    /// Its author is told, with the comment, if there is an address to tell. Who decided is not said.
    public Taken reject(long id, String by, @Nullable String comment) {
        return decide(id, by, "rejected", comment);
    }

    /// Nobody is told.
    public Taken discard(long id, String by) {
        return decide(id, by, "discarded", null);
    }

    /// Its time is over.
    Taken expire(long id) {
        return decide(id, "job:held-timeouts", "expired", null);
    }

    private Taken decide(long id, String by, String state, @Nullable String comment) {
        var prepared = prepare(id, by, state, comment);
        if (prepared.isEmpty()) {
            return new Taken.Unknown();
        }
        var decision = prepared.get();
        var effect = new Effect(decision.list(), "decision", state, decision.gate(), decision.act(), decision.owed());
        return posting.publish(new Intake(decision.message(), List.of(effect))).getFirst();
    }

    /// A decision that has not been made yet: what follows from it if it is the first.
    ///
    /// @param held    as it stood when it was read
    /// @param message that waits
    /// @param octets  of that message
    public record Prepared(long list, HeldPost held, Message.Stored message, byte[] octets, Gate.Decision gate, Act act,
            List<Outgoing> owed) {
        public Prepared {
            owed = List.copyOf(owed);
        }
    }

    /// Nothing happens before it is published, so a decision may come with the mail that makes it, in one transaction.
    ///
    /// @param state `accepted`, `rejected`, `discarded`, `expired`, or `held` where only its author had to confirm it
    /// @return empty when there is no such message, or not any more
    public Optional<Prepared> prepare(long id, String by, String state, @Nullable String comment) {
        var held = find(id);
        var stored = stored(id);
        var list = held.flatMap(one -> lists.find(one.list()));
        if (held.isEmpty() || stored.isEmpty() || list.isEmpty()) {
            return Optional.empty();
        }
        var message = stored.get();
        var act = state.equals("accepted") ? publish(list.get(), message) : new Act.Nothing();
        var owed = switch (state) {
            case "rejected" -> returned(list.get(), held.get(), message, "mod-reject", comment);
            case "expired" -> timedOut(list.get(), held.get(), message);
            default -> List.<Outgoing>of();
        };
        return Optional.of(new Prepared(list.get().id(), held.get(),
                new Message.Stored(message.message(), message.sha256(), message.octets().length), message.octets(),
                new Gate.Decision(id, state, by, comment), act, owed));
    }

    private Act publish(MailingList list, Stored message) {
        var header = HeaderSection.parse(message.octets());
        var facts = PostReader.read(message.octets(), header, list.address(), null, null);
        return new Act.Publish(facts, copies.of(list, message.octets(), header, facts.messageId(), message.trace()));
    }

    /// What nobody confirmed was nobody's; what no moderator decided is given back where the list says so.
    private List<Outgoing> timedOut(MailingList list, HeldPost held, Stored message) {
        return held.state().equals("held") && list.settings().byMail().timedOut() == ListSettings.TimedOut.RETURN
                ? returned(list, held, message, "mod-timeout", null)
                : List.of();
    }

    /// Tells the author; who decided is not said. Only the header section goes back: the author may be forged, and the body what a forger
    /// wants to have sent. That a person rejected it is that person's act; a time-out is not, and takes from the budget (P11).
    private List<Outgoing> returned(MailingList list, HeldPost held, Stored message, String text, @Nullable String comment) {
        EmailAddress author;
        try {
            author = EmailAddress.parse(held.author());
        } catch (AddressSyntaxException e) {
            return List.of();
        }
        var all = texts.of(list);
        var words = comment == null || comment.isBlank()
                ? ""
                : " " + Texts.phrase(all, "they-say") + "\n\n" + comment.strip().indent(4).stripTrailing();
        var tags = Map.of("L", list.localPart(), "h", list.domain(), "subject",
                held.subject().isEmpty() ? Texts.phrase(all, "none") : held.subject().replaceAll("[\\p{Cntrl}]", " "),
                "comment", words);
        var letter = new Letter(list, "-owner", author.toString(), "Returned post for " + list.address())
                .text(Texts.fill(all.getOrDefault(text, ""), tags))
                .attach("text/rfc822-headers", Arrays.copyOf(message.octets(), HeaderSection.parse(message.octets()).end()));
        var trash = list.localPart() + "-return-@" + list.domain();
        return List.of(new Outgoing.Answer(letter.octets(clock.instant()), author.toString(), trash, "",
                text.equals("mod-timeout") ? new Budget(Budget.ANSWER, author) : null));
    }
}
