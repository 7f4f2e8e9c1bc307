package org.listserv.deploy.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import org.listserv.delivery.DeliveryQueue.Late;
import org.listserv.delivery.DeliveryQueue.Waiting;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.node.Core;
import org.listserv.posting.Taken;
import org.listserv.reception.SetAside.Aside;
import org.listserv.store.WakeUps.Topic;

@Command(name = "queue", synopsisSubcommandLabel = "COMMAND", description = {
        "What is still to do: copies that wait to be sent, and messages set aside.",
        "Set aside is what this program itself failed on; such an ID begins with `a`."})
final class QueueCommands {

    private static final int PAGE = 500;
    private static final int LATE_SHOWN = 1000;

    private final Listserv listserv;

    QueueCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    /// @param kind post, notice, forward, digest; aside
    /// @param left copies not sent yet; 0 for a message set aside
    private record Line(String id, String kind, String list, @Nullable Long number, int left, int recipients, int deferred, int attempts,
            Instant since,
            @Nullable Instant nextAttemptAt, String node, String reason) {

        static Line of(Waiting waiting) {
            return new Line(Long.toString(waiting.id()), waiting.kind(), waiting.list(), waiting.number() == 0 ? null : waiting.number(),
                    waiting.left(),
                    waiting.recipients(), waiting.deferred(), waiting.attempts(), waiting.acceptedAt(), waiting.nextAttemptAt(),
                    waiting.owner(),
                    waiting.lastReply());
        }

        static Line of(Aside aside) {
            return new Line("a" + aside.id(), "aside", aside.forwardPath(), null, 0, 0, 0, 0, aside.asideAt(), null, "", aside.reason());
        }
    }

    private record Shown(Line waiting, List<Late> late) {}

    @Command(description = "Print everything that waits, oldest first, messages set aside at the end.")
    int list(@Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var lines = new ArrayList<Line>();
            long after = 0;
            for (var page = core.queue().waiting(after, PAGE); !page.isEmpty(); page = core.queue().waiting(after, PAGE)) {
                page.stream().map(Line::of).forEach(lines::add);
                after = page.getLast().id();
            }
            asides(core).stream().map(Line::of).forEach(lines::add);
            format.print(listserv, () -> {
                var table = new Table("ID", "KIND", "LIST", "NUMBER", "LEFT", "OF", "SINCE", "NEXT TRY", "WHY");
                lines.forEach(line -> table.row(line.id(), line.kind(), line.list(), line.number() == null ? "" : line.number(),
                        line.left(), line.recipients(),
                        Texts.minute(line.since()), next(line), line.reason()));
                return table.orIfEmpty("nothing waits");
            }, lines);
            return 0;
        }
    }

    @Command(description = "Print one entry, with what relays said about each late copy.")
    int show(@Parameters(paramLabel = "ID") String id, @Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var line = isAside(id)
                    ? core.setAside().find(number(id)).map(Line::of).orElseThrow(() -> unknown(id))
                    : core.queue().find(number(id)).map(Line::of).orElseThrow(() -> unknown(id));
            var late = isAside(id) ? List.<Late>of() : core.queue().late(number(id), LATE_SHOWN);
            format.print(listserv, () -> {
                var facts = new Table("", "").row("kind", line.kind()).row("list", line.list()).row("since", Texts.minute(line.since()));
                if (isAside(id)) {
                    return facts.row("why", line.reason());
                }
                facts.row("number", line.number() == null ? "none" : line.number())
                        .row("left",
                                Texts.count(line.left(), "copy", "copies") + " of " + line.recipients() + ", " + line.deferred()
                                        + " deferred")
                        .row("tries", line.attempts())
                        .row("next try", next(line));
                var copies = new Table("TO", "TRIES", "NEXT TRY", "RELAY SAID");
                late.forEach(one -> copies.row(one.forwardPath(), one.attempts(), Texts.minute(one.nextAttemptAt()), one.reply()));
                return late.isEmpty() ? facts : facts + "\n\n" + copies;
            }, new Shown(line, late));
            return 0;
        }
    }

    @Command(description = "Try again now: send what waits, or process a message set aside once more.")
    int retry(@Parameters(paramLabel = "ID", arity = "1..*") List<String> ids) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            for (var id : ids) {
                if (isAside(id)) {
                    retryAside(core, id);
                } else {
                    if (core.queue().find(number(id)).isEmpty()) {
                        throw unknown(id);
                    }
                    listserv.say(core.queue().retry(number(id)) == 0 ? "unchanged: " + id + " is being sent now" : id + " is due now");
                    core.wakeUps().awake(Topic.DELIVERY);
                }
            }
            return 0;
        }
    }

    @Command(description = "Give it up: subscribers who have their copy keep it, the others get none.")
    int drop(@Parameters(paramLabel = "ID", arity = "1..*") List<String> ids) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            for (var id : ids) {
                boolean dropped = isAside(id)
                        ? core.setAside().drop(number(id), core.actor())
                        : core.queue().drop(number(id), core.actor());
                listserv.say(dropped ? "dropped " + id : "unchanged: " + id + " does not wait");
            }
            return 0;
        }
    }

    private void retryAside(Core core, String id) throws ConfigurationMistakes {
        Taken taken;
        try {
            taken = core.setAside().retry(number(id), core.actor());
        } catch (org.listserv.store.DatabaseUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CommandFailed(id + " fails again and stays set aside: " + e, e);
        }
        switch (taken) {
            case Taken.Done(_, var number, _, _, _) ->
                listserv.say("processed " + id + (number == 0 ? "" : ": it is post " + number + " now"));
            case Taken.Duplicate(_, var was) -> listserv.say("unchanged: " + id + " had been taken before (" + was + ")");
            case Taken.Decided(var state, _, _) -> listserv.say("unchanged: " + id + " was " + state + " already");
            case Taken.Unknown() -> throw unknown(id);
        }
    }

    private static List<Aside> asides(Core core) throws ConfigurationMistakes {
        var setAside = core.setAside();
        var all = new ArrayList<Aside>();
        for (var page = setAside.waiting(0, PAGE); !page.isEmpty(); page = setAside.waiting(all.getLast().id(), PAGE)) {
            all.addAll(page);
        }
        return all;
    }

    private static String next(Line line) {
        if (!line.node().isEmpty()) {
            return "now, by " + line.node();
        }
        return line.nextAttemptAt() == null ? "" : Texts.minute(line.nextAttemptAt());
    }

    private static boolean isAside(String id) {
        return id.startsWith("a");
    }

    private static long number(String id) {
        if (!id.matches("a?[0-9]{1,18}")) {
            throw unknown(id);
        }
        return Long.parseLong(id.replace("a", ""));
    }

    private static CommandFailed unknown(String id) {
        return new CommandFailed("nothing in the queue is called " + id + "; `listserv queue list` shows all");
    }
}
