package org.listserv.requests;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.mail.ReversePath;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Outgoing;
import org.listserv.posting.PostReader;

/// Posts decided about by mail: `L-accept-ID.TOKEN`, `L-reject-...` by moderators, `L-confirm-...`, `L-discard-...` by authors. Whoever has the
/// address decides, the first decision stands, and a contradiction is told.
final class Decisions {
    private static final Pattern POST = Pattern.compile("(?<id>\\d{1,18})\\.(?<token>[A-Za-z2-7]{26})");
    private static final int QUOTED = 5;
    private static final int LONGEST_COMMENT = 10_000;

    private final Kit kit;
    private final ModerationMail letters;

    Decisions(Kit kit) {
        this.kit = kit;
        this.letters = new ModerationMail(kit);
    }

    private record Named(long id, String token) {}

    private Optional<Named> proven(Dialogue d, String written, String purpose) {
        var post = POST.matcher(written);
        if (!post.matches()) {
            return Optional.empty();
        }
        var id = Long.parseLong(post.group("id"));
        return letters.isProven(d.list, purpose, id, post.group("token"))
                ? Optional.of(new Named(id, post.group("token")))
                : Optional.empty();
    }

    Answered accept(Dialogue d, String written) {
        var named = proven(d, written, ModerationMail.POST);
        return named.isEmpty() ? gone(d, true) : decide(d, named.get().id(), "accepted", null, List.of("held"), List.of());
    }

    Answered reject(Dialogue d, String written) {
        var named = proven(d, written, ModerationMail.POST);
        if (named.isEmpty()) {
            return gone(d, true);
        }
        if (isAnsweredToAll(d, named.get())) {
            return told(d, "rejected and accepted in one mail: counts as accepted", "mod-both", Map.of());
        }
        return decide(d, named.get().id(), "rejected", comment(MimeView.of(d.mail.octets()).bodyText()).orElse(null), List.of("held"),
                List.of());
    }

    /// Decisions about several posts in one mail, which answers to a list of them ([WaitingPosts]).
    ///
    /// @param written `FROM_TO.TOKEN`: posts with ids from and to these
    List<Answered> several(Dialogue d, String written) {
        var range = WaitingPosts.Range.of(written).filter(one -> letters.isProven(d.list, one, written));
        if (range.isEmpty()) {
            return List.of(gone(d, true));
        }
        var said = Said.all(MimeView.of(d.mail.octets()).bodyText());
        var decided = new ArrayList<Answered>();
        var foreign = new ArrayList<String>();
        for (var one : said) {
            if (range.get().contains(one.id())) {
                decided.add(decide(d, Long.toString(one.id()), one.id(), one.state(), one.comment(), List.of("held"), List.of()));
            } else {
                foreign.add(Long.toString(one.id()));
            }
        }
        if (said.isEmpty() || !foreign.isEmpty()) {
            var what = said.isEmpty()
                    ? d.phrase("nothing-decided")
                    : d.phrase("not-in-list", Map.of("numbers", String.join(", ", foreign)));
            decided.addFirst(
                    told(d, "decided about " + decided.size() + " posts, not all understood", "mod-several", Map.of("what", what)));
        }
        return decided;
    }

    /// The author says that it is his. It is published, or moderators look at it where they would have anyway.
    Answered confirm(Dialogue d, String written) {
        var named = proven(d, written, ModerationMail.OWN_POST);
        if (named.isEmpty()) {
            return gone(d, true);
        }
        var held = kit.held().find(named.get().id());
        var concerns = held.map(post -> post.reasons().stream().filter(reason -> !reason.equals(ModerationMail.UNCONFIRMED)).toList())
                .orElse(List.of());
        return decide(d, named.get().id(), concerns.isEmpty() ? "accepted" : "held", null, List.of("unconfirmed"), concerns);
    }

    private Answered decide(Dialogue d, long id, String state, @Nullable String comment, List<String> from, List<String> why) {
        return decide(d, "", id, state, comment, from, why);
    }

    private Answered decide(Dialogue d, String part, long id, String state, @Nullable String comment, List<String> from, List<String> why) {
        var prepared = kit.held().prepare(id, d.sender.toString(), state, comment).filter(decision -> decision.list() == d.list.id());
        if (prepared.isEmpty()) {
            return gone(d, false);
        }
        var decision = prepared.get();
        var owed = new ArrayList<>(decision.owed());
        if (state.equals("held")) {
            owed.add(letters.toModerators(d.list, waiting(d, id, decision.octets()), why));
        }
        for (var stands : List.of("accepted", "rejected", "discarded", "expired", "held", "unknown")) {
            if (!stands.equals(state) && !from.contains(stands) && !(state.equals("held") && stands.equals("accepted"))) {
                owed.add(contradiction(d, stands));
            }
        }
        var gate = new Gate.DecisionByMail(d.mail.keys(), decision.message(), decision.gate(), from, why);
        return new Answered(d.list.id(), part, state + " by mail: " + id, gate, decision.act(), owed);
    }

    private ModerationMail.Waiting waiting(Dialogue d, long id, byte[] octets) {
        var facts = PostReader.read(octets, HeaderSection.parse(octets), d.list.address(), null, null);
        return new ModerationMail.Waiting(id, Optional.of(d.sender),
                facts.authorAddress().isEmpty() ? facts.authorName() : facts.authorAddress(),
                facts.subject(), octets);
    }

    /// The reverse-path of a letter to an author who does not exist; reports are welcome here.
    Answered discard(Asked mail, MailingList list, String written) {
        var post = POST.matcher(written);
        var arrival = new Gate.Arrival(mail.keys());
        if (!post.matches() || !letters.isProven(list, ModerationMail.OWN_POST, Long.parseLong(post.group("id")), post.group("token"))) {
            return new Answered(list.id(), "dropped: nothing to discard", arrival, new Act.Nothing(), List.of());
        }
        var id = Long.parseLong(post.group("id"));
        var by = mail.reversePath() instanceof ReversePath.Null ? "a delivery report" : mail.reversePath().toString();
        var prepared = kit.held().prepare(id, by, "discarded", null).filter(decision -> decision.list() == list.id());
        if (prepared.isEmpty()) {
            return new Answered(list.id(), "dropped: nothing to discard", arrival, new Act.Nothing(), List.of());
        }
        var gate = new Gate.DecisionByMail(mail.keys(), prepared.get().message(), prepared.get().gate(), List.of("unconfirmed"), List.of());
        return new Answered(list.id(), "discarded by mail: " + id, gate, new Act.Nothing(), List.of());
    }

    private Outgoing contradiction(Dialogue d, String stands) {
        var tags = d.tags(d.sender);
        tags.put("what", d.phrase("decided-" + stands));
        return d.owed(d.quoting(d.letter(d.sender, "Your decision about a post to " + d.list.address(), "mod-decided", tags)), d.sender,
                stands, null);
    }

    /// @param unproven whether the address was wrong, so that its sender may be anybody
    private Answered gone(Dialogue d, boolean unproven) {
        var more = Map.of("what", d.phrase("decided-nowhere"));
        return unproven
                ? d.says("refused: nothing to decide on", "Your decision about a post to " + d.list.address(), "mod-decided", more)
                : told(d, "nothing to decide on", "mod-decided", more);
    }

    private static Answered told(Dialogue d, String outcome, String text, Map<String, String> more) {
        var tags = d.tags(d.sender);
        tags.putAll(more);
        var letter = d.quoting(d.letter(d.sender, "Your decision about a post to " + d.list.address(), text, tags));
        return d.answered(outcome, new Act.Nothing(), List.of(d.owed(letter, d.sender, "", null)));
    }

    /// Some mail programs answer to From as well where they answer to all, and From is the address that rejects.
    private static boolean isAnsweredToAll(Dialogue d, Named post) {
        var accept = (d.list.localPart() + "-accept-" + post.id() + ".").toLowerCase(Locale.ROOT);
        return d.mail.header().fields().stream().filter(field -> field.is("To") || field.is("Cc"))
                .anyMatch(field -> field.value().toLowerCase(Locale.ROOT).contains(accept));
    }

    /// What a moderator says to the author: between two lines that have `%%%` at their beginning, or behind the signs of a quotation.
    static Optional<String> comment(String body) {
        var lines = body.lines().toList();
        var start = -1;
        for (var i = 0; i < lines.size(); i++) {
            var mark = lines.get(i).indexOf("%%%");
            if (mark < 0 || mark >= QUOTED) {
                continue;
            }
            if (start < 0) {
                start = i;
                continue;
            }
            var prefix = lines.get(start).substring(0, lines.get(start).indexOf("%%%"));
            var text = new StringBuilder();
            for (var line : lines.subList(start + 1, i)) {
                text.append(line.startsWith(prefix) ? line.substring(prefix.length()) : line.equals(prefix.stripTrailing()) ? "" : line)
                        .append('\n');
            }
            var comment = text.length() > LONGEST_COMMENT ? text.substring(0, LONGEST_COMMENT) : text.toString();
            return comment.isBlank() ? Optional.empty() : Optional.of(comment);
        }
        return Optional.empty();
    }
}
