package org.listserv.deploy.command;

import java.time.Instant;
import java.util.List;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.node.Core;
import org.listserv.lists.Change;
import org.listserv.lists.MailDomain;

@Command(name = "domain", synopsisSubcommandLabel = "COMMAND", description = {"Mail domains: what stands behind the @ of lists.",
        "postmaster@ and abuse@ of each are always taken, and go to listserv.postmaster."})
final class DomainCommands {

    private final Listserv listserv;

    DomainCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    private record Line(String name, long lists, Instant createdAt) {}

    private record Shown(String name, Instant createdAt, List<String> lists) {}

    @Command(description = {"Take mail for a domain.", "Your MX hosts must send it here."})
    int create(@Parameters(paramLabel = "NAME", description = "Such as lists.example.org.") String name) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            listserv.say(core.lists().createDomain(name, core.actor()) == Change.UNCHANGED
                    ? "unchanged: " + name + " is a mail domain already"
                    : "created mail domain " + name);
            return 0;
        }
    }

    @Command(description = "Print all mail domains.")
    int list(@Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var domains = core.lists().domains();
            format.print(listserv, () -> {
                var table = new Table("DOMAIN", "LISTS", "SINCE");
                domains.forEach(domain -> table.row(domain.name(), domain.lists(), Texts.day(domain.createdAt())));
                return table.orIfEmpty("no mail domain yet: `listserv domain create NAME` makes one");
            }, domains.stream().map(domain -> new Line(domain.name(), domain.lists(), domain.createdAt())).toList());
            return 0;
        }
    }

    @Command(description = "Print one mail domain and its lists.")
    int show(@Parameters(paramLabel = "NAME") String name, @Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var domain = domain(core, name);
            var lists = core.lists().all().stream().filter(list -> list.address().domain().equals(domain.name()))
                    .map(list -> list.address().toString())
                    .toList();
            format.print(listserv, () -> new Table("", "")
                    .row("domain", domain.name())
                    .row("since", Texts.day(domain.createdAt()))
                    .row("lists", lists.isEmpty() ? "none" : String.join("\n", lists)),
                    new Shown(domain.name(), domain.createdAt(), lists));
            return 0;
        }
    }

    @Command(description = "Take no more mail for a domain. Refused as long as it has lists.")
    int delete(@Parameters(paramLabel = "NAME") String name) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            listserv.say(core.lists().deleteDomain(name, core.actor()) == Change.UNCHANGED
                    ? "unchanged: there is no mail domain " + name
                    : "deleted mail domain " + name);
            return 0;
        }
    }

    private static MailDomain domain(Core core, String name) {
        return core.lists().domains().stream().filter(domain -> domain.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new CommandFailed("there is no mail domain " + name + "; `listserv domain list` shows all"));
    }
}
