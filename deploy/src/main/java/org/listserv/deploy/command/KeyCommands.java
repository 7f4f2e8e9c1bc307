package org.listserv.deploy.command;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.requests.Tokens;

@Command(name = "key", synopsisSubcommandLabel = "COMMAND", description = "Secrets behind the confirmations and return addresses that lists send.")
final class KeyCommands {

    private static final Duration YOUNG = Duration.ofDays(1);

    private final Listserv listserv;

    KeyCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    @Command(description = "Print when secrets were made and until when they are honoured; never the secrets.")
    int list(@Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var keys = core.signingKeys().all();
            format.print(listserv, () -> {
                var table = new Table("ID", "MADE", "HONOURED UNTIL");
                keys.forEach(key -> table.row(key.id(), Texts.minute(key.createdAt()),
                        key.retiresAt() == null ? "" : Texts.minute(key.retiresAt())));
                return table;
            }, keys);
            return 0;
        }
    }

    @Command(description = {"Sign with a new secret from now on.",
            "What the old ones signed is honoured for 60 days, longer than any confirmation lives. Does nothing while the newest is younger than a day."})
    int rotate(@Option(names = "--again", description = "Even if the newest is younger than a day.") boolean again)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var keys = core.signingKeys();
            var newest = keys.all().getFirst();
            if (!again && newest.createdAt().isAfter(Instant.now().minus(YOUNG))) {
                listserv.say("unchanged: secret " + newest.id() + " was made at " + Texts.minute(newest.createdAt()));
                return 0;
            }
            keys.rotate(Tokens.LONGEST, new SecureRandom(), core.actor());
            listserv.say("a new secret signs, on every node within two minutes");
            return 0;
        }
    }
}
