package org.listserv.requests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.members.MemberSet;
import org.listserv.members.Members;
import org.listserv.members.Role;
import org.listserv.notices.Letter;
import org.listserv.notices.Texts;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Budget;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Outgoing;

/// One request to one list: who asks, as what the list knows him, and how letters to him look.
final class Dialogue {
    /// Local parts longer than RFC 5321 §4.5.3.1.1 allows are refused by some servers.
    private static final int LOCAL_PART = EmailAddress.MAX_LOCAL_OCTETS;
    private static final Set<Role> ADMINISTRATE = EnumSet.of(Role.MODERATOR, Role.REMOTE_ADMINISTRATOR, Role.OWNER);
    private static final Set<Role> SUBSCRIBE = EnumSet.of(Role.MODERATOR, Role.SUBSCRIPTION_MODERATOR);

    final Kit kit;
    final Asked mail;
    final MailingList list;
    final MemberSet set;
    final EmailAddress sender;

    private final Map<String, String> texts;
    private final List<Members.Holder> roles;
    private @Nullable EmailAddress forced;

    /// @param sender who asks: the reverse-path without what forwarders made of it
    Dialogue(Kit kit, Asked mail, MailingList list, MemberSet set, EmailAddress sender) {
        this.kit = kit;
        this.mail = mail;
        this.list = list;
        this.set = set;
        this.sender = sender;
        this.texts = kit.texts().of(list);
        this.roles = kit.members().holders(list.id(), writers());
    }

    /// As if this address had asked: for a post that turns out to be a request of its author.
    Dialogue of(EmailAddress author) {
        forced = author;
        return this;
    }

    // Who asks

    /// The envelope sender, and the author where that is another address: people do not know their envelope sender. Nothing is decided
    /// by either alone; answers go to stored addresses, or ask for a confirmation.
    List<EmailAddress> writers() {
        var writers = new LinkedHashSet<EmailAddress>();
        if (forced != null) {
            writers.add(forced);
        }
        writers.add(sender);
        author().ifPresent(writers::add);
        return List.copyOf(writers);
    }

    private Optional<EmailAddress> author() {
        try {
            return Optional.of(EmailAddress.parse(Author.of(mail.header()).address()));
        } catch (AddressSyntaxException e) {
            return Optional.empty();
        }
    }

    /// What stands in the log beside his address.
    String authorName() {
        return Author.of(mail.header()).name();
    }

    EmailAddress self() {
        return forced == null ? sender : forced;
    }

    /// The stored address of a moderator who may act for others by mail, if one (says he) wrote this.
    Optional<EmailAddress> administrator() {
        return list.settings().byMail().remoteAdmin().isOn() ? holder(ADMINISTRATE) : Optional.empty();
    }

    /// The stored address of anybody with a role.
    Optional<EmailAddress> moderator() {
        return holder(EnumSet.allOf(Role.class));
    }

    /// The stored address of one who decides about posts.
    Optional<EmailAddress> postModerator() {
        return holder(ModerationMail.DECIDE).or(() -> holder(EnumSet.of(Role.OWNER)));
    }

    boolean mayApproveHimself() {
        return holder(SUBSCRIBE).isPresent();
    }

    private Optional<EmailAddress> holder(Set<Role> any) {
        return roles.stream().filter(holder -> any.contains(holder.role())).map(Members.Holder::mailbox).findFirst();
    }

    /// Who decides about subscriptions.
    List<EmailAddress> subscriptionModerators() {
        return kit.deciders(list, SUBSCRIBE);
    }

    // Addresses

    /// The list as a set is spoken of: `L`, `L-digest`, `L-allow`, `L-deny`.
    String spoken() {
        return set == MemberSet.MAIN ? list.localPart() : list.localPart() + "-" + set.word();
    }

    EmailAddress spokenAddress() {
        return new EmailAddress(spoken(), list.domain());
    }

    /// `L-verb.TOKEN-u=d@H`, where it becomes too long with an id for the address.
    ///
    /// @param detail stands before the token, which covers it; empty for none
    String confirmAddress(String verb, String detail, EmailAddress target, Duration valid) {
        var token = kit.tokens().make(purpose(verb, detail), list.id(), target.normal(), kit.clock().instant(), valid);
        var front = spoken() + "-" + verb + "." + (detail.isEmpty() ? "" : detail + ".") + token + "-";
        var whole = front + SpokenAddress.of(target);
        return (whole.length() <= LOCAL_PART ? whole : front + "~" + kit.members().idOf(target)) + "@" + list.domain();
    }

    String confirmAddress(String verb, EmailAddress target) {
        return confirmAddress(verb, "", target, Tokens.CONFIRMATION);
    }

    private String purpose(String verb, String detail) {
        return verb + " " + set.word() + (detail.isEmpty() ? "" : " " + detail);
    }

    /// Whether what stands behind `verb.` proves that its sender read the mail it was in.
    ///
    /// @param written the target as it stands in the address: ezmlm's cookies cover it letter by letter
    boolean isProven(String verb, String args, EmailAddress target, String written) {
        var now = kit.clock().instant();
        var dot = args.lastIndexOf('.');
        var purpose = purpose(verb, dot < 0 ? "" : args.substring(0, dot));
        return kit.tokens().isValid(args.substring(dot + 1), purpose, list.id(), target.normal(), now)
                || OldCookies.isValid(kit.database(), list.id(), set, verb, args, written, now);
    }

    /// The target of a command; an address in the place of an id only where a token covers it.
    Optional<EmailAddress> target(String written, boolean ids) {
        if (ids && written.matches("~\\d{1,18}")) {
            return kit.members().mailbox(Long.parseLong(written.substring(1)));
        }
        return SpokenAddress.read(written).filter(target -> target.toString().length() <= 400);
    }

    // Letters

    /// What is filled into texts.
    Map<String, String> tags(EmailAddress target) {
        var tags = new HashMap<String, String>();
        tags.put("A", target.toString());
        tags.put("t", SpokenAddress.of(target));
        tags.put("l", spoken());
        tags.put("L", list.localPart());
        tags.put("h", list.domain());
        tags.put("description", list.settings().description());
        return tags;
    }

    String text(String name, Map<String, String> tags) {
        return Texts.fill(texts.getOrDefault(name, ""), tags);
    }

    /// A few words that stand in several texts, in the list's language.
    String phrase(String name) {
        return Texts.phrase(texts, name);
    }

    String phrase(String name, Map<String, String> tags) {
        return Texts.fill(phrase(name), tags).strip();
    }

    /// Not filled in.
    String raw(String name) {
        return texts.getOrDefault(name, "");
    }

    /// A letter with the texts that frame every one.
    Letter letter(String to, String subject, String body, Map<String, String> tags) {
        return new Letter(list, "-help", to, subject).text(text("top", tags)).text(body).text(text("bottom", tags));
    }

    Letter letter(EmailAddress to, String subject, String name, Map<String, String> tags) {
        return letter(to.toString(), subject, text(name, tags), tags);
    }

    Letter quoting(Letter letter) {
        return letter.quoting(phrase("copy-below"), mail.reversePath(), mail.header(), mail.octets());
    }

    Outgoing.Answer owed(Letter letter, EmailAddress to, String when, @Nullable Budget budget) {
        return new Outgoing.Answer(letter.octets(kit.clock().instant()), to.toString(), trash(), when, budget);
    }

    /// Reports about our answers tell nobody anything.
    String trash() {
        return list.localPart() + "-return-@" + list.domain();
    }

    static Budget confirmation(EmailAddress to) {
        return new Budget(Budget.CONFIRMATION, to);
    }

    static Budget answer(EmailAddress to) {
        return new Budget(Budget.ANSWER, to);
    }

    static Budget stored(EmailAddress to) {
        return new Budget(Budget.STORED, to);
    }

    // What follows

    Answered answered(String outcome, Act act, List<Outgoing> owed) {
        return new Answered(list.id(), outcome, new Gate.Arrival(mail.keys()), act, owed);
    }

    Answered nothing(String outcome) {
        return answered(outcome, new Act.Nothing(), List.of());
    }

    /// Tells who asked, and does nothing.
    Answered says(String outcome, String subject, String text, Map<String, String> more) {
        var tags = tags(self());
        tags.putAll(more);
        var owed = new ArrayList<Outgoing>();
        owed.add(owed(quoting(letter(self(), subject, text, tags)), self(), "", answer(self())));
        return answered(outcome, new Act.Nothing(), owed);
    }

    Answered refuses(String text) {
        return says("refused: " + text, "Your request to " + spokenAddress(), text, Map.of());
    }
}
