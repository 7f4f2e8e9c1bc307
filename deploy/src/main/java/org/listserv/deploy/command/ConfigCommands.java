package org.listserv.deploy.command;

import java.util.stream.Collectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.config.ConfigurationMistakes;

@Command(name = "config", synopsisSubcommandLabel = "COMMAND", description = "The configuration as this machine understands it.")
final class ConfigCommands {

    private final Listserv listserv;

    ConfigCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    @Command(description = {"Say everything that is wrong with it, or that nothing is.",
            "Looks at the file, the environment and the files they name; connects to nobody."})
    int check() throws ConfigurationMistakes {
        listserv.configuration(Purpose.SERVE);
        listserv.say("the configuration is fine");
        return 0;
    }

    @Command(description = {
            "Print every key with what it is for, its value, and where that came from. The text is a configuration file itself.",
            "Each key may stand in the file, nested or with dots, and in the environment, which comes first: listserv.smtp.listen is LISTSERV_SMTP_LISTEN."})
    int show(@Mixin Format format) throws ConfigurationMistakes {
        var shown = listserv.configuration(Purpose.COMMAND).shown();
        format.print(listserv, () -> {
            int width = shown.stream().mapToInt(line -> line.key().length() + yaml(line.value()).length() + 2).filter(length -> length < 70)
                    .max().orElse(0);
            return shown.stream()
                    .map(line -> "# " + line.meaning() + "\n" + padded(line.key() + ": " + yaml(line.value()), width) + "  # "
                            + line.source())
                    .collect(Collectors.joining("\n\n"));
        }, shown);
        return 0;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /// Quoted where YAML would take it for something else.
    private static String yaml(String value) {
        return value.matches("[A-Za-z0-9/.][A-Za-z0-9/.:,@=?&_+-]*") && !value.endsWith(":") ? value : "'" + value.replace("'", "''") + "'";
    }
}
