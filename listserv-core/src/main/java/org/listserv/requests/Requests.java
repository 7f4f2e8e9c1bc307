package org.listserv.requests;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.listserv.lists.ListSettings.Archive;
import org.listserv.lists.ListSettings.State;
import org.listserv.lists.ListSettings.Subscribing;
import org.listserv.lists.MailingList;
import org.listserv.lists.Target;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;
import org.listserv.mail.Rewritten;
import org.listserv.members.MemberSet;
import org.listserv.notices.Letter;
import org.listserv.notices.Notice;
import org.listserv.notices.Texts;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Outgoing;

/// Which words mean what. Whatever begins with a list's name and is no posting, owner or return address comes here.
public final class Requests {
    private final Kit kit;
    private final Decisions decisions;

    public Requests(Kit kit) {
        this.kit = kit;
        this.decisions = new Decisions(kit);
    }

    /// @return what is to be done and answered, one for each thing it decides about; dropped where a machine wrote it
    public List<Answered> answer(Asked mail, Target.Request request) {
        var list = request.list();
        var words = Words.of(request.command(), request.rest());
        if (words.verb().equals("discard")) {
            return List.of(decisions.discard(mail, list, words.target()));
        }
        var dropped = dropped(mail, list);
        if (dropped.isPresent()) {
            return List
                    .of(new Answered(list.id(), "dropped: " + dropped.get(), new Gate.Arrival(mail.keys()), new Act.Nothing(), List.of()));
        }
        var d = new Dialogue(kit, mail, list, words.set(), Rewritten.sender(mail.reversePath()).orElseThrow());
        if (words.verb().equals("held") && !words.target().isEmpty()) {
            return decisions.several(d, words.target());
        }
        return List.of(words.verb().equals("request") ? spoken(d) : answer(d, words));
    }

    /// A post whose subject or whole text is a command is none: its author gets the letter he seems to want.
    ///
    /// @return empty when it is meant for the list's readers
    public Optional<Answered> meant(Asked mail, MailingList list) {
        var command = Spoken.meant(mail.header(), mail.octets());
        var sender = Rewritten.sender(mail.reversePath());
        if (command.isEmpty() || sender.isEmpty() || dropped(mail, list).isPresent()) {
            return Optional.empty();
        }
        return Optional
                .of(answer(new Dialogue(kit, mail, list, MemberSet.MAIN, sender.get()), new Words(MemberSet.MAIN, command.get(), "", "")));
    }

    private static Optional<String> dropped(Asked mail, MailingList list) {
        var weeds = Weed.reason(mail.reversePath(), mail.header(), mail.octets());
        if (weeds.isPresent()) {
            return weeds;
        }
        var ours = "responder for " + list.address();
        if (mail.header().all("Delivered-To").stream().anyMatch(field -> field.value().strip().equalsIgnoreCase(ours))) {
            return Optional.of("this message is looping");
        }
        return mail.reversePath() instanceof ReversePath.Mailbox(var sender) && isOurs(sender, list)
                ? Optional.of("it says that the list itself sent it")
                : Optional.empty();
    }

    private static boolean isOurs(EmailAddress address, MailingList list) {
        var local = address.localPart().toLowerCase(Locale.ROOT);
        return address.domain().equals(list.domain()) && (local.equals(list.localPart()) || local.startsWith(list.localPart() + "-"));
    }

    private Answered answer(Dialogue d, Words words) {
        if (Retrieval.isCommand(words.verb()) || words.verb().equals("digest")) {
            var retrieved = words.verb().equals("digest") ? new Words(words.set(), "get", "", "") : words;
            return isPrivate(d) ? d.refuses("closed") : Retrieval.answer(d, retrieved);
        }
        return switch (words.verb()) {
            case "accept" -> decisions.accept(d, words.target());
            case "reject" -> decisions.reject(d, words.target());
            case "confirm" -> decisions.confirm(d, words.target());
            case "moderators" -> moderators(d);
            case "held" -> WaitingPosts.list(d);
            case "where" -> WaitingPosts.ofAuthor(d);
            case "list", "listn" -> Reports.list(d, words.verb().equals("listn"));
            case "log" -> Reports.log(d, words.args());
            case "edit" -> Editing.send(d, words.args());
            case "ed" -> Editing.receive(d, words.args());
            case "help" -> help(d, true);
            case "subscribe", "unsubscribe", "query", "nomail", "mail", "info", "faq" -> asked(d, words);
            case "sc", "uc", "tc", "vc", "rc", "wc", "nc", "mc", "never", "again" -> confirmed(d, words);
            default -> help(d, false);
        };
    }

    /// A command about an address, by default that of whoever asks.
    private Answered asked(Dialogue d, Words words) {
        var named = words.target().isEmpty() ? Optional.of(self(d, words.verb())) : d.target(words.target(), false);
        if (named.isEmpty()) {
            return help(d, false);
        }
        var target = named.get();
        if (isOurs(target, d.list)) {
            return d.nothing("dropped: " + target + " is an address of the list itself");
        }
        return switch (words.verb()) {
            case "subscribe" -> Memberships.subscribe(d, target);
            case "unsubscribe" -> Memberships.unsubscribe(d, target);
            case "nomail", "mail" -> Memberships.mode(d, target, words.verb(), words.args());
            case String _ when isPrivate(d) -> d.refuses("closed");
            case "query" -> d.set == MemberSet.DENY && d.administrator().isEmpty() ? d.refuses("mod-only") : Memberships.query(d, target);
            default -> file(d, target, words.verb());
        };
    }

    /// People do not know their envelope sender: who leaves or asks about himself means the address that is on the list.
    private EmailAddress self(Dialogue d, String verb) {
        if (verb.equals("subscribe") || verb.equals("info") || verb.equals("faq")) {
            return d.self();
        }
        return kit.members().firstIn(d.list.id(), d.set, d.writers()).orElse(d.self());
    }

    private Answered confirmed(Dialogue d, Words words) {
        var named = d.target(words.target(), true);
        if (named.isEmpty()) {
            return help(d, false);
        }
        var target = named.get();
        var proven = d.isProven(words.verb(), words.args(), target, words.target());
        return switch (words.verb()) {
            case "sc" -> Memberships.confirmSubscribe(d, target, proven);
            case "uc" -> Memberships.confirmUnsubscribe(d, target, proven);
            case "rc", "tc" -> Memberships.approveSubscribe(d, target, words.verb(), proven);
            case "wc", "vc" -> Memberships.approveUnsubscribe(d, target, words.verb(), proven);
            case "nc", "mc" -> Memberships.confirmMode(d, target, words.verb(), words.args(), proven);
            default -> Memberships.never(d, target, words.verb(), proven);
        };
    }

    /// ezmlm's private lists answer to moderators only. Leaving, and help, are for everybody.
    private static boolean isPrivate(Dialogue d) {
        return d.list.settings().subscribing() == Subscribing.CLOSED && d.administrator().isEmpty();
    }

    private static Answered file(Dialogue d, EmailAddress target, String name) {
        var tags = d.tags(target);
        var letter = d.quoting(d.letter(target, (name.equals("info") ? "Info about " : "FAQ of ") + d.list.address(), name, tags));
        return d.answered(name, new Act.Nothing(), List.of(d.owed(letter, target, "", Dialogue.answer(target))));
    }

    /// @param asked whether somebody asked for it; else it answers what was not understood
    private static Answered help(Dialogue d, boolean asked) {
        var moderator = d.moderator();
        var to = moderator.orElse(d.self());
        var tags = d.tags(to);
        var text = moderator.isPresent() ? d.text("mod-help", tags) + "\n" + d.text("help", tags) : d.text("help", tags);
        var subject = (moderator.isPresent() ? "Moderator help for " : "Help for ") + d.list.address();
        // Who answers to help is not helped again: reports and replies to `return` are dropped.
        var letter = new Letter(d.list, asked ? "-return-" : "-help", to.toString(), subject).text(d.text("top", tags))
                .text(asked ? "" : d.phrase("not-an-address") + "\n").text(text)
                .text(d.text("bottom", tags));
        return d.answered(asked ? "help" : "not understood", new Act.Nothing(), List.of(d.owed(d.quoting(letter), to, "",
                moderator.isPresent() ? Dialogue.stored(to) : Dialogue.answer(to))));
    }

    /// Shown in letters to moderators and no mailbox of its own; what answers to such a letter goes to the other addresses in it.
    private Answered moderators(Dialogue d) {
        return d.nothing("dropped: an answer to all that other addresses take");
    }

    /// `L-request`: the command stands in the mail. All that holds for the command's own address holds here.
    private Answered spoken(Dialogue d) {
        var spoken = Spoken.of(d.mail.header(), d.mail.octets());
        if (spoken.isEmpty()) {
            return help(d, false);
        }
        var words = spoken.get().words();
        var command = spoken.get().command();
        // `L-subscribe-u=d@H`, written out
        var front = d.list.localPart() + "-";
        if (command.startsWith(front)) {
            var local = words.getFirst().substring(front.length());
            var at = local.lastIndexOf('@');
            var behind = at < 0 ? local : local.substring(0, at);
            var dash = behind.indexOf('-');
            return answerIn(d, dash < 0
                    ? Words.of(behind.toLowerCase(Locale.ROOT), "")
                    : Words.of(behind.substring(0, dash).toLowerCase(Locale.ROOT), behind.substring(dash + 1)));
        }
        var target = words.size() > 1 ? Spoken.address(words.get(1)).map(SpokenAddress::of) : Optional.of("");
        return target.isEmpty() ? help(d, false) : answerIn(d, Words.of(dashless(command), rest(command, target.get())));
    }

    /// `digest-subscribe` is a set and a command.
    private static String dashless(String command) {
        var dash = command.indexOf('-');
        return dash < 0 ? command : command.substring(0, dash);
    }

    private static String rest(String command, String target) {
        var dash = command.indexOf('-');
        var behind = dash < 0 ? "" : command.substring(dash + 1);
        return behind.isEmpty() ? target : target.isEmpty() ? behind : behind + "-" + target;
    }

    private Answered answerIn(Dialogue d, Words words) {
        return words.verb().equals("request") ? help(d, false) : answer(new Dialogue(kit, d.mail, d.list, words.set(), d.sender), words);
    }

    // The site

    /// Commands for all lists of a domain: `command list [address]`, `lists`, `which`.
    public Answered site(Asked mail, String domain) {
        var sender = Rewritten.sender(mail.reversePath());
        var dropped = Weed.reason(mail.reversePath(), mail.header(), mail.octets());
        if (sender.isEmpty() || dropped.isPresent() || sender.get().toString().equalsIgnoreCase("listserv@" + domain)) {
            return new Answered(0, "dropped: " + dropped.orElse("it says that we sent it"), new Gate.Arrival(mail.keys()),
                    new Act.Nothing(), List.of());
        }
        var spoken = Spoken.of(mail.header(), mail.octets());
        var words = spoken.map(Spoken::words).orElse(List.of());
        var command = spoken.map(Spoken::command).orElse("help");
        if (command.equals("lists")) {
            return toAsker(mail, domain, sender.get(), "Lists at " + domain, lists(domain));
        }
        if (command.equals("which")) {
            return toAsker(mail, domain, sender.get(), "Your lists at " + domain, which(domain, sender.get()));
        }
        var list = words.size() > 1 ? list(words.get(1), domain) : Optional.<MailingList>empty();
        if (list.isEmpty()) {
            var help = Texts.fill(kit.texts().ofSite().getOrDefault("site-help", ""), Map.of("h", domain));
            return toAsker(mail, domain, sender.get(), "Help for listserv@" + domain, help);
        }
        var looping = dropped(mail, list.get());
        if (looping.isPresent()) {
            return new Answered(list.get().id(), "dropped: " + looping.get(), new Gate.Arrival(mail.keys()), new Act.Nothing(), List.of());
        }
        var d = new Dialogue(kit, mail, list.get(), MemberSet.MAIN, sender.get());
        var target = words.size() > 2 ? Spoken.address(words.get(2)).map(SpokenAddress::of) : Optional.of("");
        return target.isEmpty() ? help(d, false) : answerIn(d, Words.of(dashless(command), rest(command, target.get())));
    }

    private Optional<MailingList> list(String name, String domain) {
        try {
            return kit.lists().find(EmailAddress.parse(name.contains("@") ? name : name + "@" + domain))
                    .filter(list -> list.domain().equals(domain));
        } catch (AddressSyntaxException e) {
            return Optional.empty();
        }
    }

    private String lists(String domain) {
        var lines = new ArrayList<String>();
        for (var summary : kit.lists().all()) {
            if (summary.address().domain().equals(domain) && summary.state() == State.ACTIVE
                    && kit.lists().byId(summary.id()).filter(list -> list.settings().archive() == Archive.PUBLIC
                            && list.settings().subscribing() != Subscribing.CLOSED).isPresent()) {
                lines.add(
                        "    " + summary.address() + (summary.description().isBlank() ? "" : "\n        " + summary.description().strip()));
            }
        }
        return lines.isEmpty() ? sitePhrase("no-lists", Map.of()) + "\n" : String.join("\n", lines) + "\n";
    }

    private String which(String domain, EmailAddress asker) {
        var subscriptions = kit.members().about(asker).map(about -> about.subscriptions()).orElse(List.of());
        var lines = subscriptions.stream().filter(one -> one.list().endsWith("@" + domain))
                .map(one -> "    " + one.list() + (one.set() == MemberSet.DIGEST ? " (digest)" : ""))
                .collect(Collectors.joining("\n"));
        var who = Map.of("A", asker.toString());
        return lines.isEmpty() ? sitePhrase("on-no-list", who) + "\n" : sitePhrase("on-lists", who) + "\n\n" + lines + "\n";
    }

    private String sitePhrase(String name, Map<String, String> tags) {
        return Texts.fill(Texts.phrase(kit.texts().ofSite(), name), tags).strip();
    }

    private Answered toAsker(Asked mail, String domain, EmailAddress to, String subject, String text) {
        var notice = new Notice("listserv@" + domain, to.toString(), subject, text, "auto-replied").octets(kit.clock().instant(), domain);
        Outgoing.Answer owed = new Outgoing.Answer(notice, to.toString(), "", "", Dialogue.answer(to));
        return new Answered(0, "site", new Gate.Arrival(mail.keys()), new Act.Nothing(), List.of(owed));
    }
}
