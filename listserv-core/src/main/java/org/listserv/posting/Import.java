package org.listserv.posting;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MailDates;
import org.listserv.mail.Sha256;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Message;
import org.listserv.store.StatementFailed;

/// Brings an archive into a list: the same [Posting] as for any post, without copies, many messages a transaction. A message whose octets the
/// list has already is left out, so an import that was interrupted is simply run again.
public final class Import {
    private static final int TOGETHER = 200;
    private static final long OCTETS_TOGETHER = 8_000_000;
    private static final Instant EARLIEST = Instant.parse("1990-01-01T00:00:00Z");

    /// So far.
    ///
    /// @param refused messages the archive could not take, with the reason, in words
    public record Progress(long read, long published, long unchanged, List<String> refused) {
        public Progress {
            refused = List.copyOf(refused);
        }
    }

    private final Posting posting;
    private final Permalinks permalinks;
    private final MailingList list;
    private final List<String> listIds;
    private final Clock clock;
    private final List<Intake> waiting = new ArrayList<>();
    private final List<Permalinks.Computed> names = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private long waitingOctets;
    private Instant filedBefore;
    private long read;
    private long published;
    private long unchanged;

    /// @param listIds present and former ids of the list (RFC 2919): permalinks of Pony Mail are computed for each
    public Import(Posting posting, Permalinks permalinks, MailingList list, List<String> listIds, Clock clock) {
        this.posting = posting;
        this.permalinks = permalinks;
        this.list = list;
        this.listIds = List.copyOf(listIds);
        this.clock = clock;
        this.filedBefore = clock.instant();
    }

    /// @param octets   the message, mbox quoting undone; never modified afterwards
    /// @param mboxLine the date of its `From ` line
    /// @param place    where it stands, for messages to people
    public void add(byte[] octets, Optional<Instant> mboxLine, String place) {
        read++;
        var header = HeaderSection.parse(octets);
        filedBefore = filedAt(header, mboxLine);
        var facts = PostReader.read(octets, header, list.address(), filedBefore, null);
        var message = new Message.Fresh(octets, Sha256.of(octets), "import", null, place, "");
        waiting.add(new Intake(message,
                List.of(new Effect(list.id(), "import", "imported", new Gate.OnceByOctets(), new Act.Publish(facts, null), List.of()))));
        names.addAll(Permalinks.computed(octets, message.sha256(), header, list, listIds));
        waitingOctets += octets.length;
        if (waiting.size() >= TOGETHER || waitingOctets >= OCTETS_TOGETHER) {
            flush();
        }
    }

    /// Commits what waits.
    public void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        var together = List.copyOf(waiting);
        var named = List.copyOf(names);
        waiting.clear();
        names.clear();
        waitingOctets = 0;
        try {
            posting.publishTogether(together).forEach(this::count);
        } catch (StatementFailed e) {
            together.forEach(this::alone);
        }
        // Afterwards, and for messages that were there before too: an import that ends in between is made whole by the next.
        permalinks.write(list, named);
    }

    public Progress progress() {
        return new Progress(read, published, unchanged, refused);
    }

    private void alone(Intake intake) {
        try {
            posting.publishTogether(List.of(intake)).forEach(this::count);
        } catch (StatementFailed e) {
            refused.add(((Message.Fresh) intake.message()).client() + ": " + e.getMessage());
        }
    }

    private void count(List<Taken> answers) {
        for (var taken : answers) {
            if (taken instanceof Taken.Done) {
                published++;
            } else {
                unchanged++;
            }
        }
    }

    /// When the old list filed it: its topmost Received, else its Date if that is plausible, else the mbox line, else as the message before it.
    private Instant filedAt(HeaderSection header, Optional<Instant> mboxLine) {
        var tomorrow = clock.instant().plus(Duration.ofDays(1));
        return MailDates.topmostReceived(header).filter(at -> isPlausible(at, tomorrow))
                .or(() -> MailDates.sent(header).filter(at -> isPlausible(at, tomorrow)))
                .or(() -> mboxLine.filter(at -> isPlausible(at, tomorrow))).orElse(filedBefore);
    }

    private static boolean isPlausible(Instant at, Instant tomorrow) {
        return at.isAfter(EARLIEST) && at.isBefore(tomorrow);
    }
}
