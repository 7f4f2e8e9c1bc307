package org.listserv.deploy.command;

import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.command.AddressTrail.Membership;
import org.listserv.deploy.command.MessageTrail.Place;
import org.listserv.mail.EmailAddress;

@Command(name = "find", description = {"Where is this message? What is known about this address?",
        "For a message: when it came, by which node, what each list decided, its number, and what became of the copies.",
        "For an address: subscriptions and roles, posts, and what waits or failed.",
        "What has an @ and is found as a Message-ID is a message, else an address; a Message-ID may stand in <>."})
final class FindCommand implements Callable<Integer> {

    private final Listserv listserv;

    @Parameters(paramLabel = "MESSAGE-ID|ADDRESS")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Option(names = "--address", description = "It is an address, whatever it looks like.")
    private boolean isAddress;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Format format;

    FindCommand(Listserv listserv) {
        this.listserv = listserv;
    }

    @Override
    public Integer call() throws Exception {
        var word = wanted.strip().replaceFirst("^<(.*)>$", "$1");
        try (var core = listserv.core()) {
            if (!isAddress) {
                var trails = MessageTrail.of(core.database(), word);
                if (!trails.isEmpty()) {
                    format.print(listserv, () -> trails.stream().map(FindCommand::text).collect(Collectors.joining("\n\n")), trails);
                    return 0;
                }
            }
            EmailAddress address;
            try {
                address = EmailAddress.parse(word, EmailAddress.LONGEST_LOCAL_OCTETS);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed("no message with the Message-ID " + word + " came in", e);
            }
            var trail = AddressTrail.of(core.database(), core.members(), address);
            if (trail.isEmpty()) {
                throw new CommandFailed(word + " is neither the Message-ID of a message that came in nor an address that is known here");
            }
            format.print(listserv, () -> text(trail), trail);
            return 0;
        }
    }

    private static String text(MessageTrail trail) {
        var text = new StringBuilder("message " + Texts.printable(trail.messageId()) + "\n");
        text.append("  received ").append(Texts.minute(trail.receivedAt())).append(trail.node() == null ? "" : " by " + trail.node())
                .append(trail.source().equals("import") ? " by import from " : " from ").append(Texts.printable(trail.client()))
                .append(", ").append(Texts.count(trail.size(), "octet", "octets"));
        if (trail.reversePath() != null) {
            text.append(", envelope sender <").append(Texts.printable(trail.reversePath())).append(">");
        }
        trail.places().forEach(place -> text.append("\n").append(text(place)));
        return text.toString();
    }

    private static String text(Place place) {
        var text = new StringBuilder("  " + (place.list().isEmpty() ? "mail domain" : place.list())
                + (place.function().equals("post") ? "" : " (" + place.function() + ")")
                + ": " + Texts.printable(place.outcome()));
        if (place.number() != null) {
            text.append(", number ").append(place.number()).append(place.redacted() ? ", redacted since" : "");
        }
        if (place.seen() > 1) {
            text.append("\n    came ").append(place.seen()).append(" times, taken once; last ").append(Texts.minute(place.lastSeenAt()))
                    .append(place.byFingerprint() ? ", with other octets but the same Message-ID, author, date, subject and body" : "");
        }
        place.held().forEach(held -> text.append("\n    held as ").append(held.id()).append(" (").append(held.state())
                .append(held.decidedBy() == null ? "" : " by " + held.decidedBy()).append("): ")
                .append(Texts.printable(String.join("; ", held.reasons()))));
        place.asides()
                .forEach(aside -> text.append("\n    set aside as a").append(aside.id()).append(" (").append(aside.state()).append("): ")
                        .append(Texts.printable(aside.reason())));
        place.copies().forEach(copies -> {
            text.append("\n    ").append(copies.kind()).append(": ").append(copies.delivered()).append(" of ").append(copies.recipients())
                    .append(" delivered, ")
                    .append(copies.refused()).append(" refused, ").append(copies.waiting()).append(" waiting, ").append(copies.departed())
                    .append(" had left the list");
            copies.late().forEach(late -> text.append("\n      waiting: ").append(Texts.printable(late.address())).append(", next try ")
                    .append(Texts.minute(late.nextAttemptAt())).append(": ").append(Texts.printable(late.reply())));
            copies.failed().forEach(failed -> text.append("\n      refused: ").append(Texts.printable(failed.address())).append(": ")
                    .append(Texts.printable(failed.reply())));
        });
        return text.toString();
    }

    private static String text(AddressTrail trail) {
        var text = new StringBuilder("address " + trail.address());
        trail.memberships().forEach(one -> text.append("\n  ").append(text(one)));
        if (trail.posts() > 0) {
            text.append("\n  ").append(Texts.count(trail.posts(), "post", "posts")).append(", the latest:");
            trail.latestPosts().forEach(post -> text.append("\n    ").append(post.list()).append(" ").append(post.number()).append(", ")
                    .append(Texts.minute(post.filedAt())).append(": ").append(Texts.printable(post.subject())));
        }
        trail.held()
                .forEach(held -> text.append("\n  waits for a moderator of ").append(held.list()).append(" as ").append(held.id())
                        .append(": ")
                        .append(Texts.printable(held.subject())));
        trail.late()
                .forEach(late -> text.append("\n  a copy from ").append(late.list()).append(" waits, next try ")
                        .append(Texts.minute(late.nextAttemptAt()))
                        .append(": ").append(Texts.printable(late.reply())));
        trail.bounces()
                .forEach(bounce -> text.append("\n  bounce from ").append(bounce.list()).append(", ")
                        .append(Texts.minute(bounce.receivedAt()))
                        .append(": ").append(Texts.printable(bounce.reply())));
        return text.toString();
    }

    private static String text(Membership one) {
        return one.list() + ": " + one.what() + (one.detail().isEmpty() ? "" : " (" + one.detail() + ")") + " since "
                + Texts.day(one.since());
    }
}
