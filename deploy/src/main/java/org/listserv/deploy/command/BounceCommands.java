package org.listserv.deploy.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.bounce.Recipient;
import org.listserv.bounce.Report;
import org.listserv.bounce.ReportReader;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.mail.EmailAddress;

@Command(name = "bounce", synopsisSubcommandLabel = "COMMAND", description = "Delivery reports about what lists have sent.")
final class BounceCommands {

    private final Listserv listserv;

    BounceCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    /// @param original whom we sent to, where the report says so
    private record Failure(@Nullable EmailAddress address, String status, Recipient.Kind kind, String diagnostic, Recipient.Action action,
            @Nullable EmailAddress original) {
        static Failure of(Recipient recipient) {
            return new Failure(recipient.address(), recipient.status(), recipient.kind(), recipient.diagnostic(), recipient.action(),
                    recipient.original());
        }

        static Failure complaint(EmailAddress recipient) {
            return new Failure(recipient, "", Recipient.Kind.NONE, "", Recipient.Action.DELIVERED, null);
        }
    }

    private record Explained(String file, String what, List<Failure> recipients) {
        static Explained of(Path file, Report report) {
            return switch (report) {
                case Report.Delivery delivery -> new Explained(file.toString(), delivery.isBounce() ? "bounce" : "not-a-bounce",
                        delivery.recipients().stream().map(Failure::of).toList());
                case Report.Complaint(var recipients) ->
                    new Explained(file.toString(), "complaint", recipients.stream().map(Failure::complaint).toList());
                case Report.Authentication() -> new Explained(file.toString(), "dmarc-report", List.of());
                case Report.AutoReply() -> new Explained(file.toString(), "auto-reply", List.of());
                case Report.Other() -> new Explained(file.toString(), "not-a-bounce", List.of());
            };
        }
    }

    @Command(description = {"Say what mail that came back means: to whom it was not delivered, and why. Changes nothing.",
            "hard: the address is dead; soft: it may work another day; policy: they do not want the message, or us."})
    int explain(
            @Parameters(paramLabel = "FILE", arity = "1..*", description = "One message each, as received or as a mailbox keeps it.") List<Path> files,
            @Mixin Format format) {
        var reader = new ReportReader();
        var explained = new ArrayList<Explained>();
        for (var file : files) {
            explained.add(Explained.of(file, reader.read(octets(file))));
        }
        format.print(listserv, () -> {
            var table = new Table("FILE", "IS", "RECIPIENT", "ACTION", "STATUS", "KIND", "DIAGNOSTIC");
            for (var one : explained) {
                if (one.recipients().isEmpty()) {
                    table.row(one.file(), one.what(), "", "", "", "", "");
                }
                one.recipients().forEach(failure -> table.row(one.file(), one.what(), failure.address() == null ? "" : failure.address(),
                        Json.word(failure.action()), failure.status(), Json.word(failure.kind()), failure.diagnostic()));
            }
            return table;
        }, explained);
        return 0;
    }

    @Command(description = {"Print whose copies of a list's posts failed, the latest failure first.",
            "hard counts the failures that say the address is dead; a relay's refusal has no kind."})
    int list(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--most", paramLabel = "N", defaultValue = "1000", description = "So many addresses.") int most,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var bouncing = BounceTrail.of(core.database(), list, most);
            format.print(listserv, () -> {
                var table = new Table("ADDRESS", "FAILED", "HARD", "LAST", "POST", "BY", "KIND", "STATUS", "DIAGNOSTIC");
                bouncing.forEach(one -> table.row(one.address(), one.bounces(), one.hard(), Texts.day(one.latest().receivedAt()),
                        BounceTrail.number(one.latest()), one.latest().source(), BounceTrail.kind(one.latest()), one.latest().status(),
                        BounceTrail.firstLine(one.latest())));
                return table.orIfEmpty("nothing has come back to " + list.address());
            }, bouncing);
            return 0;
        }
    }

    @Command(description = "Print what did not reach one address, of all lists, the latest first.")
    int show(@Parameters(paramLabel = "ADDRESS") EmailAddress who,
            @Option(names = "--most", paramLabel = "N", defaultValue = "100", description = "So many of the latest.") int most,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var bounces = BounceTrail.of(core.database(), who, Optional.empty(), most);
            format.print(listserv, () -> {
                var table = new Table("LIST", "BOUNCED", "POST", "BY", "KIND", "STATUS", "DIAGNOSTIC");
                bounces.forEach(one -> table.row(one.list(), Texts.minute(one.receivedAt()), BounceTrail.number(one), one.source(),
                        BounceTrail.kind(one), one.status(), BounceTrail.firstLine(one)));
                return table.orIfEmpty("nothing has come back from " + who);
            }, bounces);
            return 0;
        }
    }

    private static byte[] octets(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new CommandFailed(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new CommandFailed(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
