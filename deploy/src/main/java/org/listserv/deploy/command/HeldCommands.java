package org.listserv.deploy.command;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.node.Core;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MimeView;
import org.listserv.moderation.HeldPosts;
import org.listserv.moderation.HeldPosts.HeldPost;
import org.listserv.posting.Taken;

@Command(name = "held", synopsisSubcommandLabel = "COMMAND", description = {"Messages that wait for a moderator.",
        "The first decision about a message stands, whoever else decides later by mail, on the web or here."})
final class HeldCommands {

    /// So many are asked for at a time.
    private static final int PAGE = 500;

    private final Listserv listserv;

    HeldCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    private record Shown(long id, EmailAddress list, String from, String subject, List<String> reasons, String state, Instant heldAt,
            Instant expiresAt, @Nullable String decidedBy, @Nullable Long number, @Nullable String text) {

        static Shown of(HeldPost held, @Nullable String text) {
            return new Shown(held.id(), held.list(), held.author(), held.subject(), held.reasons(), held.state(), held.heldAt(),
                    held.expiresAt(),
                    held.decidedBy().orElse(null), held.number() == 0 ? null : held.number(), text);
        }
    }

    @Command(description = "Print what waits, oldest first.")
    int list(@Parameters(paramLabel = "LIST", arity = "0..1", description = "Only of this list.") @Nullable EmailAddress address,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var of = Optional.ofNullable(address).map(core.lists()::existing);
            var held = core.heldPosts(core.posting());
            var all = new ArrayList<HeldPost>();
            for (var page = held.waiting(of, 0, PAGE); !page.isEmpty(); page = held.waiting(of, all.getLast().id(), PAGE)) {
                all.addAll(page);
            }
            format.print(listserv, () -> {
                var table = new Table("ID", "LIST", "SINCE", "FROM", "SUBJECT", "WHY");
                all.forEach(one -> table.row(one.id(), one.list(), Texts.minute(one.heldAt()), one.author(), one.subject(),
                        String.join("; ", one.reasons())));
                return table.orIfEmpty("nothing waits for a moderator");
            }, all.stream().map(one -> Shown.of(one, null)).toList());
            return 0;
        }
    }

    @Command(description = "Print one held message as a moderator should see it.")
    int show(@Parameters(paramLabel = "ID") long id, @Mixin Format format,
            @Option(names = "--raw", description = "Only the message, octet by octet as it was received.") boolean raw)
            throws ConfigurationMistakes, IOException {
        try (var core = listserv.core()) {
            var posts = core.heldPosts(core.posting());
            var held = posts.find(id).orElseThrow(() -> unknown(id));
            var octets = posts.octets(id).orElseThrow(() -> new CommandFailed("the message of " + id + " is gone: it was redacted"));
            if (raw) {
                listserv.terminal().out().write(octets);
                return 0;
            }
            var text = MimeView.of(octets).bodyText();
            format.print(listserv, () -> {
                var facts = new Table("", "")
                        .row("list", held.list())
                        .row("from", held.author())
                        .row("subject", held.subject())
                        .row("since", Texts.minute(held.heldAt()))
                        .row("why", String.join("\n", held.reasons()))
                        .row("state", state(held));
                return facts + "\n\n" + Texts.printable(text.stripTrailing());
            }, Shown.of(held, text));
            return 0;
        }
    }

    @Command(description = "Let it be posted: it gets its number, and every subscriber a copy.")
    int accept(@Parameters(paramLabel = "ID", arity = "1..*") List<Long> ids) throws ConfigurationMistakes {
        return decide(ids, "accepted", (posts, id, core) -> posts.accept(id, core.actor()));
    }

    @Command(description = "Refuse it and tell its author why. Who decided is not said.")
    int reject(@Parameters(paramLabel = "ID", arity = "1..*") List<Long> ids,
            @Option(names = "--comment", paramLabel = "TEXT", description = "What the author is told.") @Nullable String comment)
            throws ConfigurationMistakes {
        return decide(ids, "rejected", (posts, id, core) -> posts.reject(id, core.actor(), comment));
    }

    @Command(description = "Refuse it and tell nobody: for spam.")
    int discard(@Parameters(paramLabel = "ID", arity = "1..*") List<Long> ids) throws ConfigurationMistakes {
        return decide(ids, "discarded", (posts, id, core) -> posts.discard(id, core.actor()));
    }

    private interface Decision {
        Taken about(HeldPosts posts, long id, Core core);
    }

    private int decide(List<Long> ids, String state, Decision decision) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var posts = core.heldPosts(core.posting());
            for (long id : ids) {
                switch (decision.about(posts, id, core)) {
                    case Taken.Done(_, var number, _, _, _) ->
                        listserv.say(state + " " + id + (number == 0 ? "" : ": it is post " + number + " now"));
                    case Taken.Decided(var stands, var by, var number) when stands.equals(state) ->
                        listserv.say("unchanged: " + id + " was " + state
                                + " by " + by + " already" + (number == 0 ? "" : ", it is post " + number));
                    case Taken.Decided(var stands, var by, _) ->
                        throw new CommandFailed(id + " was " + stands + " by " + by + " already; that stands");
                    case Taken.Duplicate(_, var was) -> listserv.say("unchanged: the list has taken this message before (" + was + ")");
                    case Taken.Unknown() -> throw unknown(id);
                }
            }
            return 0;
        }
    }

    private static String state(HeldPost held) {
        var by = held.decidedBy().map(who -> " by " + who).orElse("");
        return switch (held.state()) {
            case "held" -> "waits until " + Texts.minute(held.expiresAt());
            case "accepted" -> "accepted" + by + ", it is post " + held.number();
            default -> held.state() + by;
        };
    }

    private static CommandFailed unknown(long id) {
        return new CommandFailed("there is no held message " + id + "; `listserv held list` shows those that wait");
    }
}
