package org.listserv.reception;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import org.listserv.bounce.Verp;
import org.listserv.lists.MailingList;
import org.listserv.lists.Target;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.members.Members;
import org.listserv.members.Role;
import org.listserv.moderation.Candidate;
import org.listserv.moderation.Moderation;
import org.listserv.moderation.Verdict;
import org.listserv.notices.HeldNotice;
import org.listserv.notices.SetAsideNotice;
import org.listserv.posting.CopyEdits;
import org.listserv.posting.Edit;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Outgoing;
import org.listserv.posting.PostReader;
import org.listserv.posting.Posting;

/// What a list does with a message, by the function its address names: posts are judged, owner mail and requests go to the owners, delivery
/// reports are recorded. Nothing here changes anything yet.
public final class Effects {
    private static final int FIRST_LINES = 20;

    private final Members members;
    private final Posting posting;
    private final CopyEdits copies;
    private final Verp verp;
    private final EmailAddress postmaster;
    private final Clock clock;

    /// @param baseUrl    of the web archive
    /// @param postmaster who gets `postmaster@`, `abuse@`, and what nobody else is there for
    public Effects(Members members, Posting posting, Verp verp, URI baseUrl, EmailAddress postmaster, Clock clock) {
        this.members = members;
        this.posting = posting;
        this.copies = new CopyEdits(baseUrl);
        this.verp = verp;
        this.postmaster = postmaster;
        this.clock = clock;
    }

    Plan plan(Arrived arrived, Arrived.Place place, Target target) {
        return switch (target) {
            case Target.Post(var list) -> post(arrived, place, list);
            case Target.Owner(var list) -> new Plan.Take(forwarded(arrived, place, owners(list), list));
            // Commands by mail are not understood yet; a person must learn of the wish, above all of a wish to leave.
            case Target.Request(var list, _, _) -> new Plan.Take(arrived.reversePath() instanceof ReversePath.Null
                    ? nothing(arrived, place, "dropped: a report or an automatic reply to a command")
                    : forwarded(arrived, place, owners(list), list));
            case Target.Bounce(_, _, var behind) -> new Plan.Take(bounce(arrived, place, behind));
            case Target.Postmaster _ -> new Plan.Take(effect(arrived, place, "forwarded", new Act.Nothing(),
                    List.of(forward(arrived, List.of(postmaster), "", place.name()))));
            case Target.Unknown(var reason) -> new Plan.Refuse(new Reply(550, "5.1.1", reason), () -> nothing(arrived, place, "discarded"));
        };
    }

    private Plan post(Arrived arrived, Arrived.Place place, MailingList list) {
        var judgement = Moderation.judge(candidate(arrived, list));
        return switch (judgement.verdict()) {
            case Verdict.Accept() -> new Plan.Take(posted(arrived, place, list));
            case Verdict.Hold(var reasons) -> new Plan.Take(held(arrived, place, list, reasons));
            case Verdict.Discard(var reason) -> new Plan.Take(nothing(arrived, place, "discarded: " + reason));
            case Verdict.Reject(var reply) -> new Plan.Refuse(reply, refused(arrived, place, list, reply));
        };
    }

    private Supplier<Effect> refused(Arrived arrived, Arrived.Place place, MailingList list, Reply reply) {
        return () -> switch (list.settings().refused()) {
            case HOLD -> held(arrived, place, list, List.of(reply.text()));
            case DISCARD -> nothing(arrived, place, "discarded: " + reply.text());
        };
    }

    private Candidate candidate(Arrived arrived, MailingList list) {
        return candidate(list, arrived.reversePath(), arrived.octets(), arrived.header());
    }

    /// A message as the rules of a list see it; `explain` asks this way too.
    public Candidate candidate(MailingList list, ReversePath reversePath, byte[] octets, HeaderSection header) {
        // The envelope sender or the author, either suffices: people do not know their envelope sender.
        var writers = new ArrayList<EmailAddress>();
        if (reversePath instanceof ReversePath.Mailbox(var sender)) {
            writers.add(sender);
        }
        address(Author.of(header).address()).ifPresent(writers::add);
        var mediaTypes = list.settings().rejectTypes().isEmpty() ? Set.<String>of() : MimeView.of(octets).mediaTypes();
        return new Candidate(list, reversePath, header, octets.length, octets.length - (long) header.bodyOffset(), mediaTypes,
                members.standing(list.id(), writers));
    }

    private static Optional<EmailAddress> address(String text) {
        try {
            return Optional.of(EmailAddress.parse(text));
        } catch (AddressSyntaxException e) {
            return Optional.empty();
        }
    }

    private Effect posted(Arrived arrived, Arrived.Place place, MailingList list) {
        var facts = PostReader.read(arrived.octets(), arrived.header(), list.address(), null, null);
        var copy = copies.of(list, arrived.octets(), arrived.header(), facts.messageId(), arrived.traceField());
        return effect(arrived, place, "posted", new Act.Publish(facts, copy), List.of());
    }

    private Effect held(Arrived arrived, Arrived.Place place, MailingList list, List<String> reasons) {
        var facts = PostReader.read(arrived.octets(), arrived.header(), list.address(), null, null);
        var id = posting.nextHeldId();
        var author = facts.authorAddress().isEmpty() ? facts.authorName() : facts.authorAddress();
        var notice = new HeldNotice(id, list, author, facts.subject(), reasons, firstLines(arrived)).octets(clock.instant());
        var hold = new Act.Hold(id, author, facts.subject(), reasons, list.settings().holdHours());
        return effect(arrived, place, "held", hold, List.of(new Outgoing.Notice(notice, texts(moderators(list)), repliesTrashed(list))));
    }

    /// A report about a copy. `L-return-` alone is what our own notices go out with: their reports tell nobody anything.
    private Effect bounce(Arrived arrived, Arrived.Place place, String behind) {
        if (behind.isEmpty()) {
            return nothing(arrived, place, "dropped: a report about a notice");
        }
        var returned = verp.read(behind);
        var address = returned.address() == null ? null : returned.address().toString();
        return effect(arrived, place, "bounce", new Act.Bounce(returned.subscription(), address, returned.number(), behind), List.of());
    }

    private Effect forwarded(Arrived arrived, Arrived.Place place, List<EmailAddress> to, MailingList list) {
        var role = "owner of " + list.address();
        var came = arrived.header().all("Delivered-To").stream().anyMatch(field -> field.value().trim().equalsIgnoreCase(role));
        return came
                ? nothing(arrived, place, "discarded: it has been here already")
                : effect(arrived, place, "forwarded", new Act.Nothing(), List.of(forward(arrived, to, repliesTrashed(list), role)));
    }

    /// As received, with our trace field and a mark by which we know it when it comes back.
    private static Outgoing forward(Arrived arrived, List<EmailAddress> to, String reversePath, String role) {
        var top = (arrived.traceField() + "Delivered-To: " + role + "\r\n").getBytes(StandardCharsets.UTF_8);
        return new Outgoing.Forward(List.of(new Edit(0, 0, top)), texts(to), reversePath);
    }

    /// Sets a message aside that our code failed on; as much as possible is kept out of the failing code's way.
    Effect setAside(Arrived arrived, Arrived.Place place, RuntimeException why) {
        var reason = why.getClass().getSimpleName() + ": " + why.getMessage();
        var notice = new SetAsideNotice(place.name(), reason, arrived.id()).octets(clock.instant(), postmaster);
        return effect(arrived, place, "set aside", new Act.SetAside(place.name(), reason),
                List.of(new Outgoing.Notice(notice, List.of(postmaster.toString()), "")));
    }

    private static Effect nothing(Arrived arrived, Arrived.Place place, String outcome) {
        return effect(arrived, place, outcome, new Act.Nothing(), List.of());
    }

    private static Effect effect(Arrived arrived, Arrived.Place place, String outcome, Act act, List<Outgoing> owed) {
        return new Effect(place.list(), place.function(), outcome, new Gate.Arrival(arrived.keys()), act, owed);
    }

    private List<EmailAddress> owners(MailingList list) {
        return orPostmaster(members.withRole(list.id(), Set.of(Role.OWNER)));
    }

    private List<EmailAddress> moderators(MailingList list) {
        var moderators = members.withRole(list.id(), Set.of(Role.MODERATOR, Role.POST_MODERATOR));
        return moderators.isEmpty() ? owners(list) : moderators;
    }

    private List<EmailAddress> orPostmaster(List<EmailAddress> people) {
        return people.isEmpty() ? List.of(postmaster) : people;
    }

    /// Bounces of robot mail are trash (reference: `L-return-`).
    private static String repliesTrashed(MailingList list) {
        return list.address().localPart() + "-return-@" + list.address().domain();
    }

    private static List<String> firstLines(Arrived arrived) {
        return MimeView.of(arrived.octets()).bodyText().lines().limit(FIRST_LINES).toList();
    }

    private static List<String> texts(List<EmailAddress> addresses) {
        return addresses.stream().map(EmailAddress::toString).toList();
    }
}
