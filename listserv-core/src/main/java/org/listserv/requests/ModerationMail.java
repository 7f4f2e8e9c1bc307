package org.listserv.requests;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.listserv.lists.ListSettings.TimedOut;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MimeView;
import org.listserv.members.Role;
import org.listserv.moderation.HeldPosts.HeldPost;
import org.listserv.notices.Letter;
import org.listserv.notices.Texts;
import org.listserv.posting.Intake.Budget;
import org.listserv.posting.Intake.Outgoing;

/// The letters by which posts are decided about: to moderators, `MODERATE for L@H`, and to an author who has to say that a post is his. The
/// addresses in them decide for whoever has them.
public final class ModerationMail {
    /// Longer than any post waits; the held row decides when it is over.
    static final Duration VALID = Tokens.LONGEST;
    static final String POST = "post";
    static final String OWN_POST = "own post";
    private static final String SEVERAL = "held";
    /// Why a post waits that only its author has to confirm; what follows are the reasons for a moderator to look.
    public static final String UNCONFIRMED = "its author has not confirmed it yet";
    static final Set<Role> DECIDE = EnumSet.of(Role.MODERATOR, Role.POST_MODERATOR);
    private static final Set<Role> ADMINISTRATE = EnumSet.of(Role.MODERATOR, Role.REMOTE_ADMINISTRATOR, Role.OWNER);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int FIRST_LINES = 20;
    private static final int LINE = 200;

    private final Kit kit;

    public ModerationMail(Kit kit) {
        this.kit = kit;
    }

    /// A post as people see it.
    ///
    /// @param id of the held message
    /// @param sender empty where there is none, or none that can be named
    public record Waiting(long id, Optional<EmailAddress> sender, String author, String subject, byte[] octets) {}

    /// To all who decide; where a moderator sent it, to him alone.
    public Outgoing toModerators(MailingList list, Waiting post, List<String> reasons) {
        var texts = kit.texts().of(list);
        var tags = tags(list, post);
        var accept = address(list, "accept", POST, post.id());
        var reject = address(list, "reject", POST, post.id());
        tags.put("A", accept);
        tags.put("R", reject);
        tags.put("author", line(post.author()));
        tags.put("reason",
                reasons.stream().map(reason -> line(Texts.translated(texts, reason))).collect(Collectors.joining("\n             ")));
        tags.put("fate", Texts.phrase(texts, list.settings().byMail().timedOut() == TimedOut.RETURN ? "fate-return" : "fate-discard"));
        tags.put("beginning", MimeView.of(post.octets()).bodyText().lines().limit(FIRST_LINES).map(line -> "    " + cut(line) + "\n")
                .collect(Collectors.joining()));
        var letter = new Letter(list, "-reject-" + id(list, POST, post.id()), "<" + list.localPart() + "-moderators@" + list.domain() + ">",
                "MODERATE for " + list.address())
                .replyTo(accept).unasked().text(Texts.fill(texts.getOrDefault("mod-request", ""), tags))
                .attach(post.octets());
        var roles = post.sender().map(sender -> kit.members().holders(list.id(), List.of(sender))).orElse(List.of());
        if (list.settings().byMail().remoteAdmin().isOn() && roles.stream().noneMatch(holder -> ADMINISTRATE.contains(holder.role()))) {
            post.sender().ifPresent(sender -> letter.copyTo(allow(list, sender)));
        }
        var himself = roles.stream().filter(holder -> DECIDE.contains(holder.role())).map(holder -> holder.mailbox()).findFirst();
        var to = himself.map(List::of).orElseGet(() -> kit.deciders(list, DECIDE));
        return new Outgoing.Notice(letter.octets(kit.clock().instant()), to.stream().map(EmailAddress::toString).toList(), trash(list));
    }

    /// To its author. A report that this letter could not be delivered drops the post: its reverse-path says so.
    ///
    /// @param known whether the list knows the address as a member's
    public Outgoing toAuthor(MailingList list, Waiting post, EmailAddress sender, boolean known) {
        var tags = tags(list, post);
        var confirm = address(list, "confirm", OWN_POST, post.id());
        tags.put("A", confirm);
        var letter = new Letter(list, "-owner", sender.toString(), "Confirm post to " + list.address()).replyTo(confirm)
                .text(Texts.fill(kit.texts().of(list).getOrDefault("post-confirm", ""), tags));
        return new Outgoing.Answer(letter.octets(kit.clock().instant()), sender.toString(), address(list, "discard", OWN_POST, post.id()),
                "",
                new Budget(known ? Budget.STORED : Budget.CONFIRMATION, sender));
    }

    /// @param written as it stands in the address, `FROM_TO.TOKEN`
    boolean isProven(MailingList list, WaitingPosts.Range range, String written) {
        return kit.tokens().isValid(written.substring(written.indexOf('.') + 1), SEVERAL, list.id(), range.toString(),
                kit.clock().instant());
    }

    /// Posts that wait, to be decided about by one reply.
    ///
    /// @param posts not empty
    /// @param why   the phrase that says why it is sent
    Letter ofSeveral(MailingList list, List<HeldPost> posts, String why, String to) {
        var shown = posts.subList(0, Math.min(posts.size(), WaitingPosts.AT_ONCE));
        var range = new WaitingPosts.Range(shown.getFirst().id(), shown.getLast().id());
        var token = kit.tokens().make(SEVERAL, list.id(), range.toString(), kit.clock().instant(), VALID);
        var replyTo = list.localPart() + "-held-" + range + "." + token + "@" + list.domain();
        var texts = kit.texts().of(list);
        var tags = new HashMap<String, String>();
        tags.put("L", list.localPart());
        tags.put("h", list.domain());
        tags.put("R", replyTo);
        tags.put("first", Long.toString(shown.getFirst().id()));
        tags.put("why", Texts.phrase(texts, why));
        tags.put("more", shown.size() == posts.size() ? "" : Texts.phrase(texts, "more-wait"));
        tags.put("posts",
                shown.stream()
                        .map(post -> "%6d  %s\n        %s\n        %s; %s\n".formatted(post.id(), line(post.author()), line(post.subject()),
                                DATE.format(post.heldAt()),
                                line(post.reasons().stream().map(reason -> Texts.translated(texts, reason))
                                        .collect(Collectors.joining("; ")))))
                        .collect(Collectors.joining("\n")));
        return new Letter(list, "-help", to, "MODERATE for " + list.address()).replyTo(replyTo)
                .text(Texts.fill(texts.getOrDefault("mod-held", ""), tags));
    }

    boolean isProven(MailingList list, String purpose, long id, String token) {
        return kit.tokens().isValid(token, purpose, list.id(), Long.toString(id), kit.clock().instant());
    }

    private Map<String, String> tags(MailingList list, Waiting post) {
        var tags = new HashMap<String, String>();
        tags.put("L", list.localPart());
        tags.put("h", list.domain());
        tags.put("subject", line(post.subject()));
        tags.put("hours", Integer.toString(list.settings().holdHours()));
        return tags;
    }

    private String address(MailingList list, String verb, String purpose, long id) {
        return list.localPart() + "-" + verb + "-" + id(list, purpose, id) + "@" + list.domain();
    }

    private String id(MailingList list, String purpose, long id) {
        return id + "." + kit.tokens().make(purpose, list.id(), Long.toString(id), kit.clock().instant(), VALID);
    }

    /// Its author may post from now on: what a moderator's reply to all says.
    private String allow(MailingList list, EmailAddress sender) {
        var token = kit.tokens().make("tc allow", list.id(), sender.normal(), kit.clock().instant(), Tokens.CONFIRMATION);
        var front = list.localPart() + "-allow-tc." + token + "-";
        var whole = front + SpokenAddress.of(sender);
        return (whole.length() <= EmailAddress.MAX_LOCAL_OCTETS ? whole : front + "~" + kit.members().idOf(sender)) + "@" + list.domain();
    }

    private static String trash(MailingList list) {
        return list.localPart() + "-return-@" + list.domain();
    }

    /// One line, whatever the author wrote.
    private static String line(String text) {
        var line = cut(text.strip());
        return line.isEmpty() ? "(none)" : line;
    }

    private static String cut(String text) {
        var line = text.replaceAll("[\\p{Cntrl}]", " ");
        return line.length() <= LINE ? line : line.substring(0, LINE - 1) + "…";
    }
}
