package org.listserv.deploy.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.node.Core;
import org.listserv.mail.EmailAddress;
import org.listserv.notices.Texts;

@Command(name = "text", synopsisSubcommandLabel = "COMMAND", description = {"Texts of the mail that lists write.",
        "A list may have its own in place of the site's, the site in place of the shipped ones. Moderators change those of their list by mail to LIST-edit."})
final class TextCommands {

    private static final int MOST_CHARACTERS = 20_000;

    private final Listserv listserv;

    TextCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    /// Which texts are meant.
    static final class Place {
        @Option(names = "--list", paramLabel = "LIST", description = "Of this list; else what holds for lists that have none of their own.")
        private @Nullable EmailAddress list;

        @Option(names = "--language", paramLabel = "TAG", description = "By default the list's language, or en.")
        private @Nullable String language;

        private At at(Core core) {
            if (list == null) {
                return new At(Texts.SITE, language == null ? Texts.ENGLISH : language,
                        "the site");
            }
            var found = core.lists().existing(list);
            return new At(found.id(), language == null ? found.settings().language() : language, found.address().toString());
        }
    }

    private record At(long list, String language, String name) {}

    private record Shown(String name, String language, Texts.From from, String text) {}

    @Command(description = "Print the names of all texts, and whose they are.")
    int list(@Mixin Place place, @Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var at = place.at(core);
            var all = core.texts().all(at.list(), at.language());
            format.print(listserv, () -> {
                var table = new Table("NAME", "FROM", "BEGINS");
                all.forEach((name, text) -> table.row(name, Json.word(text.from()), text.text().lines().findFirst().orElse("")));
                return table;
            }, all.entrySet().stream().map(one -> new Shown(one.getKey(), at.language(), one.getValue().from(), one.getValue().text()))
                    .toList());
            return 0;
        }
    }

    @Command(description = "Print one text as it holds, tags such as <#A#> not filled in.")
    int show(@Parameters(paramLabel = "NAME") String name, @Mixin Place place, @Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var at = place.at(core);
            var text = core.texts().all(at.list(), at.language()).get(known(name));
            if (text == null) {
                throw unknown(name);
            }
            format.print(listserv, () -> text.text().stripTrailing(), new Shown(name, at.language(), text.from(), text.text()));
            return 0;
        }
    }

    @Command(description = "Put a text in place of the one that holds.")
    int set(@Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "FILE", description = "UTF-8; - reads standard input.") String file, @Mixin Place place)
            throws ConfigurationMistakes, IOException {
        var text = read(file).replace("\r\n", "\n");
        if (text.length() > MOST_CHARACTERS) {
            throw new CommandFailed("the text has " + text.length() + " characters; " + MOST_CHARACTERS + " are the most");
        }
        try (var core = listserv.core()) {
            var at = place.at(core);
            var changed = core.texts().set(at.list(), at.language(), known(name), text, core.actor());
            listserv.say((changed ? "" : "unchanged: ") + "text " + name + " (" + at.language() + ") of " + at.name()
                    + (changed ? " changed" : ""));
            return 0;
        }
    }

    @Command(description = "Take a text back, so that the site's or the shipped one holds again.")
    int reset(@Parameters(paramLabel = "NAME") String name, @Mixin Place place) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var at = place.at(core);
            var changed = core.texts().reset(at.list(), at.language(), known(name), core.actor());
            listserv.say(changed
                    ? "text " + name + " (" + at.language() + ") of " + at.name() + " taken back"
                    : "unchanged: " + at.name() + " has no text " + name + " (" + at.language() + ") of its own");
            return 0;
        }
    }

    private String read(String file) throws IOException {
        if (file.equals("-")) {
            return new String(listserv.terminal().in().readAllBytes(), StandardCharsets.UTF_8);
        }
        try {
            return Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new CommandFailed("there is no file " + file, e);
        }
    }

    private static String known(String name) {
        if (!Texts.NAMES.contains(name)) {
            throw unknown(name);
        }
        return name;
    }

    private static CommandFailed unknown(String name) {
        return new CommandFailed("there is no text " + name + "; `listserv text list` names all");
    }
}
