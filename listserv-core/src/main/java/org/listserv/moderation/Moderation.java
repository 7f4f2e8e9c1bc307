package org.listserv.moderation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.moderation.Verdict.Accept;
import org.listserv.moderation.Verdict.Discard;
import org.listserv.moderation.Verdict.Hold;
import org.listserv.moderation.Verdict.Reject;

/// Judges candidate posts. Pure: no I/O, no time.
public final class Moderation {
    /// What one rule says: nothing against it, a reason to hold it, or the verdict.
    public sealed interface Finding {
        record Clear() implements Finding {}

        record Concern(String reason) implements Finding {}

        record Decided(Verdict verdict) implements Finding {}
    }

    /// A rule by its name, as `explain` and `find` show it.
    private record Rule(String name, Check check) {}

    private interface Check {
        Finding of(Candidate post);
    }

    /// Every rule there is, in the order asked. To change what a list lets through, change this.
    private static final List<Rule> RULES = List.of(new Rule("loop", Moderation::loop), new Rule("automatic", Moderation::automatic),
            new Rule("denied", Moderation::denied), new Rule("size", Moderation::size), new Rule("media-type", Moderation::mediaType),
            new Rule("posting", Moderation::posting));

    private static final Finding CLEAR = new Finding.Clear();

    private Moderation() {}

    /// The verdict, and what each rule that was asked said.
    public record Judgement(Verdict verdict, List<Asked> asked) {
        public Judgement {
            asked = List.copyOf(asked);
        }

        /// The rule that decided or first raised a concern; empty when all were clear.
        public String rule() {
            return asked.stream().filter(one -> !(one.finding() instanceof Finding.Clear)).map(Asked::rule).findFirst().orElse("");
        }
    }

    public record Asked(String rule, Finding finding) {}

    public static Judgement judge(Candidate post) {
        var asked = new ArrayList<Asked>();
        var concerns = new ArrayList<String>();
        for (var rule : RULES) {
            var finding = rule.check().of(post);
            asked.add(new Asked(rule.name(), finding));
            switch (finding) {
                case Finding.Clear() -> {}
                case Finding.Concern(var reason) -> concerns.add(reason);
                case Finding.Decided(var verdict) -> {
                    return new Judgement(verdict, asked);
                }
            }
        }
        return new Judgement(concerns.isEmpty() ? new Accept() : new Hold(concerns), asked);
    }

    /// Our own copy coming back must not go round again: it names us in one of the fields only we put there.
    private static Finding loop(Candidate post) {
        var list = post.list().address();
        var listId = list.localPart() + "." + list.domain();
        for (var field : post.header().fields()) {
            var value = field.value().trim().toLowerCase(Locale.ROOT);
            var ours = switch (field.name().toLowerCase(Locale.ROOT)) {
                case "list-id" -> value.endsWith("<" + listId.toLowerCase(Locale.ROOT) + ">");
                case "delivered-to" -> value.equals("mailing list " + list.toString().toLowerCase(Locale.ROOT));
                case "mailing-list" -> value.contains("contact " + list.localPart() + "-help@" + list.domain());
                default -> false;
            };
            if (ours) {
                return new Finding.Decided(
                        new Discard("this message has been on this list already (its " + field.name() + " field says so)"));
            }
        }
        return CLEAR;
    }

    /// Replies of robots and delivery reports are never posted (RFC 3834 §2); what machines write for people (commits, issues) is.
    private static Finding automatic(Candidate post) {
        if (post.reversePath() instanceof ReversePath.Null) {
            return new Finding.Decided(new Discard("the reverse-path is null: a delivery report or an automatic reply"));
        }
        var replied = post.header().all("Auto-Submitted").stream().anyMatch(field -> keyword(field.value()).equals("auto-replied"));
        return replied ? new Finding.Decided(new Discard("it is an automatic reply (Auto-Submitted: auto-replied)")) : CLEAR;
    }

    /// RFC 3834 §5: a keyword, perhaps followed by `;` and parameters or by a comment.
    private static String keyword(String value) {
        return value.strip().split("[;(\\s]", 2)[0].toLowerCase(Locale.ROOT);
    }

    private static Finding denied(Candidate post) {
        return post.standing().denied() ? rejected(550, "5.7.1", "you may not post to " + post.list().address()) : CLEAR;
    }

    private static Finding size(Candidate post) {
        var settings = post.list().settings();
        if (settings.maxSize() > 0 && post.size() > settings.maxSize()) {
            return rejected(552, "5.3.4",
                    "%d octets; %s takes messages up to %d octets".formatted(post.size(), post.list().address(), settings.maxSize()));
        }
        if (post.bodySize() < settings.minSize()) {
            return rejected(554, "5.6.0",
                    "the body has %d octets; %s asks for at least %d".formatted(post.bodySize(), post.list().address(),
                            settings.minSize()));
        }
        return CLEAR;
    }

    private static Finding mediaType(Candidate post) {
        for (var refused : post.list().settings().rejectTypes()) {
            var wanted = refused.toLowerCase(Locale.ROOT);
            var found = post.mediaTypes().stream().filter(type -> type.equals(wanted) || type.startsWith(wanted + "/")).findFirst();
            if (found.isPresent()) {
                return rejected(554, "5.6.1", "%s does not take %s".formatted(post.list().address(), found.get()));
            }
        }
        return CLEAR;
    }

    private static Finding posting(Candidate post) {
        var standing = post.standing();
        var list = post.list().address();
        return switch (post.list().settings().posting()) {
            case ANYONE -> CLEAR;
            case MEMBERS -> post.fromMember()
                    ? CLEAR
                    : rejected(550, "5.7.2", "only subscribers may post to " + list + ", from the address they subscribed");
            case MEMBERS_OR_HOLD -> post.fromMember() ? CLEAR : new Finding.Concern("the author is not subscribed");
            case MODERATED -> new Finding.Concern("the list is moderated");
            // A From can be forged, so a moderator approves his own post too: ezmlm's secure announce list.
            case MODERATORS_ONLY -> standing.moderator() || standing.owner()
                    ? new Finding.Concern("only moderators post; each post is confirmed")
                    : rejected(550, "5.7.2", "only moderators may post to " + list);
        };
    }

    private static Finding rejected(int code, String enhanced, String text) {
        return new Finding.Decided(new Reject(new Reply(code, enhanced, text)));
    }
}
