package org.listserv.deploy.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.node.Core;
import org.listserv.lists.ListSettings;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.ReversePath;
import org.listserv.moderation.Moderation;
import org.listserv.moderation.Moderation.Finding;
import org.listserv.moderation.Verdict;
import org.listserv.reception.Upstream;

@Command(name = "explain", description = {"Say what a list would do with a message, and which rule decides. Changes nothing.",
        "Without --file the message is an empty one from that address."})
final class ExplainCommand implements Callable<Integer> {

    private final Listserv listserv;

    @Parameters(paramLabel = "LIST")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private EmailAddress list;

    @Option(names = "--from", paramLabel = "ADDRESS", required = true, description = "Envelope sender; <> is the null one.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String from;

    @Option(names = "--file", paramLabel = "MESSAGE", description = "The message, as received.")
    private @Nullable Path file;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Format format;

    ExplainCommand(Listserv listserv) {
        this.listserv = listserv;
    }

    private record Asked(String rule, String finding, String reason) {}

    private record Shown(String list, String from, String verdict, String reason, String rule, List<Asked> rules) {}

    @Override
    public Integer call() throws Exception {
        var configuration = listserv.configuration(Purpose.COMMAND);
        try (var core = new Core(configuration)) {
            var mailingList = core.lists().existing(list);
            var sender = sender();
            var octets = octets(mailingList, sender);
            var candidate = core.effects(core.posting()).candidate(mailingList, sender, octets, HeaderSection.parse(octets));
            var judgement = Moderation.judge(candidate);
            var asked = judgement.asked().stream().map(one -> asked(one.rule(), one.finding())).toList();
            var shown = shown(mailingList, judgement, asked, configuration.upstream());
            format.print(listserv, () -> {
                var table = new Table("RULE", "SAYS");
                asked.forEach(one -> table.row(one.rule(), one.finding() + (one.reason().isEmpty() ? "" : ": " + one.reason())));
                return "a message from " + shown.from() + " to " + shown.list() + " would be " + shown.verdict()
                        + (shown.reason().isEmpty() ? "" : ": " + shown.reason()) + "\n\n" + table;
            }, shown);
            return 0;
        }
    }

    private Shown shown(MailingList list, Moderation.Judgement judgement, List<Asked> asked, Upstream upstream) {
        return switch (judgement.verdict()) {
            case Verdict.Accept() -> shown(list, "accepted", "", judgement.rule(), asked);
            case Verdict.Hold(var reasons) -> shown(list, "held", String.join("; ", reasons), judgement.rule(), asked);
            case Verdict.Discard(var reason) -> shown(list, "discarded", reason, judgement.rule(), asked);
            case Verdict.Reject(var reply) when upstream == Upstream.INLINE ->
                shown(list, "rejected", reply.toString(), judgement.rule(), asked);
            // the client has accepted it already, and would have to bounce it to an address that may be forged
            case Verdict.Reject(var reply) ->
                shown(list, list.settings().refused() == ListSettings.Refused.HOLD ? "held" : "discarded", reply.text(),
                        judgement.rule(), asked);
        };
    }

    private Shown shown(MailingList list, String verdict, String reason, String rule, List<Asked> asked) {
        return new Shown(list.address().toString(), from, verdict, reason, rule, asked);
    }

    private ReversePath sender() {
        return from.equals("<>") ? new ReversePath.Null() : new ReversePath.Mailbox(Listserv.address(from));
    }

    private byte[] octets(MailingList list, ReversePath sender) throws IOException {
        if (file != null) {
            return Files.readAllBytes(file);
        }
        // As long as the list asks for, since nobody wants to hear that an empty message is empty.
        return ("From: " + sender + "\r\n\r\n" + "-".repeat((int) list.settings().minSize())).getBytes(StandardCharsets.UTF_8);
    }

    private static Asked asked(String rule, Finding finding) {
        return switch (finding) {
            case Finding.Clear() -> new Asked(rule, "nothing against it", "");
            case Finding.Concern(var reason) -> new Asked(rule, "hold", reason);
            case Finding.Decided(Verdict.Accept()) -> new Asked(rule, "accept", "");
            case Finding.Decided(Verdict.Hold(var reasons)) -> new Asked(rule, "hold", String.join("; ", reasons));
            case Finding.Decided(Verdict.Reject(var reply)) -> new Asked(rule, "reject", reply.toString());
            case Finding.Decided(Verdict.Discard(var reason)) -> new Asked(rule, "discard", reason);
        };
    }
}
