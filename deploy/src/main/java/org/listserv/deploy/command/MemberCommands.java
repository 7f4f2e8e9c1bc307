package org.listserv.deploy.command;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.members.About;
import org.listserv.members.Enrolled;
import org.listserv.members.Member;
import org.listserv.members.MemberSet;
import org.listserv.members.Mode;
import org.listserv.members.Role;

@Command(name = "member", synopsisSubcommandLabel = "COMMAND", description = {"Who gets a list, who runs it, and who may post.",
        "Nobody is mailed about any of it."})
final class MemberCommands {

    private static final int PAGE = 5_000;

    private static final String ADDRESSES = "ines@example.org, or 'Ines <ines@example.org>'; in allow and deny also @example.org for everyone there; "
            + "- reads them from standard input, one a line.";
    private static final String SET = "main gets every post (the default), digest gets digests, allow may post without being subscribed, deny may not post.";

    private final Listserv listserv;

    MemberCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    /// `--mode` of the command line.
    enum How {
        EACH,
        DIGEST,
        NONE
    }

    private record Line(String address, String name, String mode, boolean suspended, Instant since) {
        static Line of(Member member) {
            return new Line(member.address(), member.name(), member.mode().word(), member.suspended(), member.since());
        }
    }

    private record Holder(String address, Role role) {}

    private record Shown(String address, List<About.Subscribed> subscriptions, List<About.HasRole> roles, List<About.HasAccess> access,
            List<BounceTrail.Bounce> bounces) {}

    @Command(description = {"Subscribe addresses, or give them a role.", "With --role alone they get the role and no mail of the list."})
    int add(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "ADDRESS", arity = "1..*", description = ADDRESSES) List<String> addresses,
            @Option(names = "--in", paramLabel = "main|digest|allow|deny", description = SET) @Nullable MemberSet set,
            @Option(names = "--mode", paramLabel = "each|digest|none", description = "each: every post as it comes; digest: the same as --in digest; none: a member who gets nothing for now.") @Nullable How how,
            @Option(names = "--role", paramLabel = "ROLE", description = "owner, moderator (of all kinds), post-moderator, subscription-moderator or remote-administrator.") @Nullable Role role)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var lines = lines(addresses);
            if (role != null) {
                if (set != null || how != null) {
                    throw new CommandFailed("--role makes nobody a subscriber: give the role and subscribe in two commands");
                }
                return told(list, core.members().grant(list, role, lines, core.actor()), "now " + role.word(), role.word() + " already");
            }
            var progress = new Progress(listserv.terminal(), "lines");
            var enrolled = core.members().add(list, set(set, how), mode(how), lines, core.actor(), done -> progress.at(done, 0));
            progress.end();
            return told(list, enrolled, "added", "there already");
        }
    }

    @Command(description = "Unsubscribe addresses, or take a role from them.")
    int remove(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "ADDRESS", arity = "1..*", description = ADDRESSES) List<String> addresses,
            @Option(names = "--in", paramLabel = "main|digest|allow|deny", description = SET) @Nullable MemberSet set,
            @Option(names = "--role", paramLabel = "ROLE", description = "Take this role; subscriptions stay as they are.") @Nullable Role role)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var lines = lines(addresses);
            if (role != null) {
                return told(list, core.members().revoke(list, role, lines, core.actor()), "no longer " + role.word(), "not " + role.word());
            }
            var progress = new Progress(listserv.terminal(), "lines");
            var enrolled = core.members().remove(list, set(set, null), lines, core.actor(), done -> progress.at(done, 0));
            progress.end();
            return told(list, enrolled, "removed", "not there");
        }
    }

    @Command(description = "Print who is in one of a list's sets, or has a role.")
    int list(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--in", paramLabel = "main|digest|allow|deny", description = SET) @Nullable MemberSet set,
            @Option(names = "--role", paramLabel = "ROLE", description = "Those with this role instead.") @Nullable Role role,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            if (role != null) {
                var holders = core.members().withRole(list.id(), Set.of(role)).stream().map(one -> new Holder(one.toString(), role))
                        .toList();
                format.print(listserv, () -> {
                    var table = new Table("ADDRESS", "ROLE");
                    holders.forEach(one -> table.row(one.address(), one.role().word()));
                    return table.orIfEmpty("nobody is " + role.word() + " of " + list.address());
                }, holders);
                return 0;
            }
            var members = new ArrayList<Line>();
            var page = core.members().page(list.id(), set(set, null), Optional.empty(), PAGE);
            page.rows().stream().map(Line::of).forEach(members::add);
            while (page.next().isPresent()) {
                page = core.members().page(list.id(), set(set, null), page.next(), PAGE);
                page.rows().stream().map(Line::of).forEach(members::add);
            }
            format.print(listserv, () -> {
                var table = new Table("ADDRESS", "MODE", "SINCE", "NAME");
                members.forEach(
                        one -> table.row(one.address(), one.suspended() ? "suspended" : one.mode(), Texts.day(one.since()), one.name()));
                return table.orIfEmpty("nobody is there");
            }, members);
            return 0;
        }
    }

    private static final int BOUNCES = 20;

    @Command(description = {"Print everything a list knows of one address.", "Of the posts that did not reach it, the latest 20."})
    int show(@Parameters(paramLabel = "LIST") EmailAddress address, @Parameters(paramLabel = "ADDRESS") EmailAddress who,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var known = core.lists().existing(address);
            var list = known.address().toString();
            var shown = core.members().about(who).map(about -> new Shown(about.mailbox(),
                    about.subscriptions().stream().filter(one -> one.list().equals(list)).toList(),
                    about.roles().stream().filter(one -> one.list().equals(list)).toList(),
                    about.access().stream().filter(one -> one.list().equals(list)).toList(),
                    BounceTrail.of(core.database(), who, Optional.of(known), BOUNCES)))
                    .filter(found -> !found.subscriptions().isEmpty() || !found.roles().isEmpty() || !found.access().isEmpty())
                    .orElseThrow(() -> new CommandFailed(
                            list + " knows nothing of " + who + "; `listserv find " + who + "` looks at all lists"));
            format.print(listserv, () -> {
                var table = new Table("WHAT", "SINCE", "");
                shown.subscriptions().forEach(one -> table.row(Texts.what(one), Texts.day(one.since()), one.name()));
                shown.roles().forEach(one -> table.row(one.role().word(), Texts.day(one.since()), ""));
                shown.access().forEach(one -> table.row(Texts.what(one), Texts.day(one.since()), one.pattern()));
                return shown.bounces().isEmpty() ? table : table + "\n\n" + BounceTrail.table(shown.bounces());
            }, shown);
            return 0;
        }
    }

    private static final Question LOG = new Question("""
            select at, event, address, name, actor, client from (
                select * from membership_log where list_id = ? and kind = ? and position(lower(?) in lower(address || ' ' || name)) > 0
                 order by id desc limit ?) newest
             order by id
            """);

    /// @param actor who did it; a moderator stays unknown to subscribers, not to administrators
    private record Event(Instant at, String event, String address, String name, String actor, String client) {}

    @Command(description = {"Print who came and went, the newest last.",
            "+ and - by the subscriber, +mod and -mod by a moderator, +manual and -manual by command, -probe because mail came back."})
    int log(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--in", paramLabel = "main|digest|allow|deny", description = SET) @Nullable MemberSet set,
            @Option(names = "--search", paramLabel = "TEXT", defaultValue = "", description = "Only lines whose address or name has this in it.") String search,
            @Option(names = "--most", paramLabel = "N", defaultValue = "1000", description = "So many of the newest lines.") int most,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var events = LOG.ask(core.database(),
                    row -> new Event(Question.at(row, 1), row.getString(2), row.getString(3), row.getString(4),
                            row.getString(5), row.getString(6)),
                    list.id(), set(set, null).word(), search, most);
            format.print(listserv, () -> {
                var table = new Table("AT", "EVENT", "ADDRESS", "NAME", "BY", "FROM");
                events.forEach(one -> table.row(Texts.minute(one.at()), one.event(), one.address(), one.name(), one.actor(), one.client()));
                return table.orIfEmpty("nothing in the log");
            }, events);
            return 0;
        }
    }

    private int told(MailingList list, Enrolled enrolled, String changed, String unchanged) {
        enrolled.problems().forEach(problem -> listserv.terminal().err().println(problem));
        var said = list.address() + ": " + Texts.count(enrolled.changed(), "address", "addresses") + " " + changed
                + (enrolled.unchanged() == 0 ? "" : ", " + enrolled.unchanged() + " " + unchanged);
        if (!enrolled.problems().isEmpty()) {
            throw new CommandFailed(said + "; " + Texts.count(enrolled.problems().size(), "line", "lines") + " not understood, see above");
        }
        listserv.say(enrolled.changed() == 0
                ? "unchanged: " + list.address() + ": " + Texts.count(enrolled.unchanged(), "address", "addresses") + " " + unchanged
                : said);
        return 0;
    }

    /// The addresses given, or the lines of standard input, read as they are asked for.
    private Iterable<String> lines(List<String> addresses) {
        if (!addresses.equals(List.of("-"))) {
            return addresses;
        }
        var lines = new BufferedReader(new InputStreamReader(listserv.terminal().in(), StandardCharsets.UTF_8));
        return lines.lines()::iterator;
    }

    private static MemberSet set(@Nullable MemberSet set, @Nullable How how) {
        return set != null ? set : how == How.DIGEST ? MemberSet.DIGEST : MemberSet.MAIN;
    }

    private static @Nullable Mode mode(@Nullable How how) {
        return switch (how) {
            case null -> null;
            case EACH, DIGEST -> Mode.EACH;
            case NONE -> Mode.NONE;
        };
    }
}
