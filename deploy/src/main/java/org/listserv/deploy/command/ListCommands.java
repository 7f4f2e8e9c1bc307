package org.listserv.deploy.command;

import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.lists.Change;
import org.listserv.lists.ListSettings;
import org.listserv.lists.Setting;
import org.listserv.mail.EmailAddress;

@Command(name = "list", synopsisSubcommandLabel = "COMMAND", description = {"Mailing lists and their settings.",
        "`listserv list settings` explains every setting there is."})
final class ListCommands {

    private final Listserv listserv;

    ListCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    private record Line(EmailAddress address, String description, ListSettings.State state, long members, long posts) {}

    private record Shown(EmailAddress address, Instant createdAt, long members, long digestMembers, long posts, long lastNumber,
            @Nullable Instant lastPostAt, long held, String chain, ListSettings settings) {}

    private record SettingShown(String key, String usual, String allowed, String meaning) {}

    @Command(description = {"Make a list. Settings that are not given have their defaults.",
            "For a list that is there already, as `list set`."})
    int create(@Parameters(paramLabel = "LOCAL@DOMAIN", description = "Such as dev@lists.example.org.") EmailAddress address,
            @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting; may be given several times.") @Nullable Map<String, String> settings)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            said(core.lists().create(address, given(settings), core.actor()), address, "the list " + address + " is there already");
            return 0;
        }
    }

    @Command(description = "Change settings of a list. All nodes know within a second.")
    int set(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--set", paramLabel = "KEY=VALUE", required = true, description = "A setting; may be given several times.") Map<String, String> settings)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            said(core.lists().set(address, given(settings), core.actor()), address, address + " has these settings already");
            return 0;
        }
    }

    @Command(description = "Print all lists.")
    int list(@Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var lists = core.lists().all();
            format.print(listserv, () -> {
                var table = new Table("LIST", "MEMBERS", "POSTS", "STATE", "DESCRIPTION");
                lists.forEach(list -> table.row(list.address(), list.members(), list.posts(), Json.word(list.state()), list.description()));
                return table.orIfEmpty("no list yet: `listserv list create LOCAL@DOMAIN` makes one");
            }, lists.stream().map(list -> new Line(list.address(), list.description(), list.state(), list.members(), list.posts()))
                    .toList());
            return 0;
        }
    }

    @Command(description = "Print one list with all its settings and what they mean.")
    int show(@Parameters(paramLabel = "LIST") EmailAddress address, @Mixin Format format) throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var figures = ListFigures.of(core.database(), list);
            format.print(listserv, () -> {
                var facts = new Table("", "")
                        .row("list", list.address())
                        .row("since", Texts.day(figures.createdAt()))
                        .row("members", Texts.count(figures.members(), "address", "addresses"))
                        .row("digest", Texts.count(figures.digestMembers(), "address", "addresses"))
                        .row("posts",
                                figures.posts() == 0
                                        ? "none"
                                        : Texts.count(figures.posts(), "post", "posts") + ", the last is number "
                                                + figures.lastNumber() + " of "
                                                + Optional.ofNullable(figures.lastPostAt()).map(Texts::minute).orElse("?"))
                        .row("waiting", Texts.count(figures.held(), "message", "messages") + " for a moderator");
                var settings = new Table("SETTING", "VALUE", "MEANING");
                Arrays.stream(Setting.values())
                        .forEach(setting -> settings.row(setting.key(), oneLine(setting.text(list.settings())), setting.meaning()));
                return facts + "\n\n" + settings;
            }, new Shown(list.address(), figures.createdAt(), figures.members(), figures.digestMembers(), figures.posts(),
                    figures.lastNumber(),
                    figures.lastPostAt(), figures.held(), figures.chain(), list.settings()));
            return 0;
        }
    }

    @Command(description = "Print every setting a list can have: default, what may be given, what it means. Needs no database.")
    int settings(@Mixin Format format) {
        format.print(listserv, () -> Arrays.stream(Setting.values())
                .map(setting -> setting.key() + "\n    " + setting.meaning() + "\n    " + setting.allowed()
                        + (setting.defaultText().isEmpty() ? "" : "; default " + setting.defaultText()))
                .collect(Collectors.joining("\n\n")),
                Arrays.stream(Setting.values())
                        .map(setting -> new SettingShown(setting.key(), setting.defaultText(), setting.allowed(), setting.meaning()))
                        .toList());
        return 0;
    }

    @Command(description = {"Print, add or remove names under which other archives knew a list, so that links to those lead here.",
            "A name is a former address, a former list id, a folder of mod_mbox (httpd-dev) or a list of ezmlm-cgi (ezmlm-cgi/3). No mail is taken for it."})
    int names(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "NAME", arity = "0..*", index = "1..*", description = "To add; without one all are printed.") @Nullable List<String> given,
            @Option(names = "--remove", description = "Remove these names.") boolean remove, @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            if (given == null || given.isEmpty()) {
                var names = core.formerNames().of(list);
                format.print(listserv, () -> names.isEmpty() ? "no former name" : String.join("\n", names), names);
                return 0;
            }
            said(remove ? core.formerNames().remove(list, given, core.actor()) : core.formerNames().add(list, given, core.actor()), address,
                    address + (remove ? " has no such former name" : " has these former names already"));
            return 0;
        }
    }

    @Command(description = {"Remove a list that has no posts, with its subscribers.",
            "A list with posts is refused: `list set --set state=closed` ends it and keeps its archive readable."})
    int delete(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--with-archive", description = "Remove the whole archive too. Nothing brings it back; the list's name must be typed.") boolean withArchive,
            @Option(names = "--yes-delete", paramLabel = "LIST", description = "The name, for scripts: the same as typing it.") @Nullable EmailAddress confirmed)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var gone = "there is no list " + address;
            if (!withArchive || core.lists().find(address).isEmpty()) {
                said(core.lists().delete(address, core.actor()), address, gone);
                return 0;
            }
            var posts = ListFigures.of(core.database(), core.lists().existing(address)).posts();
            if (!address.normal().equals(Optional.ofNullable(confirmed).map(EmailAddress::normal).orElseGet(() -> typed(address, posts)))) {
                throw new CommandFailed("not deleted: the name typed is another than " + address);
            }
            var progress = new Progress(listserv.terminal(), "posts");
            var change = core.lists().deleteWithArchive(address, core.actor(),
                    done -> progress.at(done, posts == 0 ? 1 : (double) done / posts));
            progress.end();
            said(change, address, gone);
            return 0;
        }
    }

    private String typed(EmailAddress address, long posts) {
        return listserv.asked("This removes " + address + " and " + Texts.count(posts, "post", "posts")
                + " for ever. Type the list's name to go on: ").strip().toLowerCase(java.util.Locale.ROOT);
    }

    private void said(Change change, EmailAddress address, String whenUnchanged) {
        listserv.say(switch (change) {
            case CREATED -> "created " + address;
            case CHANGED -> "changed " + address;
            case DELETED -> "deleted " + address;
            case UNCHANGED -> "unchanged: " + whenUnchanged;
        });
    }

    private static Map<String, String> given(@Nullable Map<String, String> settings) {
        return settings == null ? Map.of() : new LinkedHashMap<>(settings);
    }

    private static String oneLine(String value) {
        return value.replace("\n", "\\n");
    }
}
