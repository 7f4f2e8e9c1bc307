package org.listserv.reception;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import org.listserv.bounce.Report;
import org.listserv.bounce.ReportReader;
import org.listserv.bounce.Verp;
import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.lists.Target;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.mail.Rewritten;
import org.listserv.members.MemberSet;
import org.listserv.members.Members;
import org.listserv.members.Role;
import org.listserv.moderation.Candidate;
import org.listserv.moderation.Moderation;
import org.listserv.moderation.Verdict;
import org.listserv.notices.SetAsideNotice;
import org.listserv.posting.CopyEdits;
import org.listserv.posting.Edit;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Outgoing;
import org.listserv.posting.PostReader;
import org.listserv.posting.Posting;
import org.listserv.requests.Answered;
import org.listserv.requests.Asked;
import org.listserv.requests.Kit;
import org.listserv.requests.ModerationMail;
import org.listserv.requests.Requests;
import org.listserv.store.Database;

/// What a list does with a message, by the function its address names: posts are judged, commands are prepared, owner mail goes to the owners, delivery
/// reports are read. Nothing here changes anything yet.
public final class Effects {
    /// No more than are asked for are looked at.
    private static final String POSTS_IN_AN_HOUR = """
            select count(*) from (select 1 from post where list_id = ? and filed_at > clock_now() - interval '1 hour' limit ?) late
            """;

    private final Database database;
    private final Lists lists;
    private final Members members;
    private final Posting posting;
    private final CopyEdits copies;
    private final Verp verp;
    private final ReportReader reports = new ReportReader();
    private final Requests requests;
    private final ModerationMail moderationMail;
    private final EmailAddress postmaster;
    private final Clock clock;

    public Effects(Kit kit, Verp verp) {
        this.database = kit.database();
        this.lists = kit.lists();
        this.members = kit.members();
        this.posting = kit.posting();
        this.copies = new CopyEdits(kit.baseUrl());
        this.verp = verp;
        this.requests = new Requests(kit);
        this.moderationMail = new ModerationMail(kit);
        this.postmaster = kit.postmaster();
        this.clock = kit.clock();
    }

    Plan plan(Arrived arrived, Arrived.Place place, Target target) {
        return switch (target) {
            case Target.Post(var list) -> post(arrived, place, list);
            case Target.Owner(var list) -> new Plan.Take(toOwners(arrived, place, list, "forwarded", List.of()));
            case Target.Request request ->
                new Plan.Take(requests.answer(asked(arrived), request).stream().map(answered -> effect(place, answered)).toList());
            case Target.Site(var domain) -> new Plan.Take(effect(place, requests.site(asked(arrived), domain)));
            case Target.Bounce(var list, var digest, var behind) ->
                new Plan.Take(bounce(arrived, place, list, digest ? MemberSet.DIGEST : MemberSet.MAIN, behind));
            case Target.Postmaster _ -> new Plan.Take(effect(arrived, place, "forwarded", new Act.Nothing(),
                    List.of(forward(arrived, List.of(postmaster), "", List.of(place.name())))));
            case Target.Unknown(var reason) -> new Plan.Refuse(new Reply(550, "5.1.1", reason), () -> nothing(arrived, place, "discarded"));
        };
    }

    private Plan post(Arrived arrived, Arrived.Place place, MailingList list) {
        var verdict = flooded(list, Moderation.judge(candidate(arrived, list)).verdict());
        if (!(verdict instanceof Verdict.Discard)) {
            var meant = requests.meant(asked(arrived), list);
            if (meant.isPresent()) {
                return new Plan.Take(effect(place, meant.get()));
            }
        }
        return switch (verdict) {
            case Verdict.Accept() ->
                new Plan.Take(confirmed(arrived, place, list, List.of()).orElseGet(() -> posted(arrived, place, list)));
            case Verdict.Hold(var reasons) ->
                new Plan.Take(confirmed(arrived, place, list, reasons).orElseGet(() -> held(arrived, place, list, reasons)));
            case Verdict.Discard(var reason) -> new Plan.Take(nothing(arrived, place, "discarded: " + reason));
            case Verdict.Reject(var reply) -> new Plan.Refuse(reply, refused(arrived, place, list, reply));
        };
    }

    /// ezmlm-limit: more posts than anybody means to send make the list moderated, until a person sets it back.
    private Verdict flooded(MailingList list, Verdict verdict) {
        var most = list.settings().byMail().floodLimit();
        if (most == 0 || !(verdict instanceof Verdict.Accept) || postsInAnHour(list.id(), most) < most) {
            return verdict;
        }
        lists.set(list.address(), Map.of("posting", "moderated"), "flood-limit");
        return new Verdict.Hold(List.of("more than " + most + " posts in an hour; the list is moderated until its posting is set again"));
    }

    private int postsInAnHour(long list, int most) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(POSTS_IN_AN_HOUR)) {
                ask.setLong(1, list);
                ask.setInt(2, most);
                try (var row = ask.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        });
    }

    private static Asked asked(Arrived arrived) {
        return new Asked(arrived.reversePath(), arrived.header(), arrived.octets(), arrived.keys(), arrived.client());
    }

    /// The list that does it may be another than the place says: the site's address takes commands for all.
    private static Effect effect(Arrived.Place place, Answered answered) {
        var function = answered.part().isEmpty() ? place.function() : place.function() + " " + answered.part();
        return new Effect(answered.list(), function, answered.outcome(), answered.gate(), answered.act(), answered.owed());
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
        var post = waiting(arrived, list);
        var hold = new Act.Hold(post.id(), post.author(), post.subject(), reasons, list.settings().holdHours(), "held");
        return effect(arrived, place, "held", hold, List.of(moderationMail.toModerators(list, post, reasons)));
    }

    /// On lists where authors confirm what they send; moderators see it afterwards, where they have to.
    private Optional<Effect> confirmed(Arrived arrived, Arrived.Place place, MailingList list, List<String> concerns) {
        var sender = Rewritten.sender(arrived.reversePath());
        if (!list.settings().byMail().confirmPosts().isOn() || sender.isEmpty()) {
            return Optional.empty();
        }
        var post = waiting(arrived, list);
        var reasons = new ArrayList<>(List.of(ModerationMail.UNCONFIRMED));
        reasons.addAll(concerns);
        var hold = new Act.Hold(post.id(), post.author(), post.subject(), reasons, list.settings().holdHours(), "unconfirmed");
        var known = members.firstIn(list.id(), MemberSet.MAIN, List.of(sender.get())).isPresent();
        return Optional.of(
                effect(arrived, place, "waits for its author", hold, List.of(moderationMail.toAuthor(list, post, sender.get(), known))));
    }

    private ModerationMail.Waiting waiting(Arrived arrived, MailingList list) {
        var facts = PostReader.read(arrived.octets(), arrived.header(), list.address(), null, null);
        var author = facts.authorAddress().isEmpty() ? facts.authorName() : facts.authorAddress();
        return new ModerationMail.Waiting(posting.nextHeldId(), Rewritten.sender(arrived.reversePath()), author, facts.subject(),
                arrived.octets());
    }

    /// A report about a copy. `L-return-` alone is what our own notices go out with: their reports tell nobody anything.
    /// Only what failed for good counts. A complaint is for people: owners get it, with the address that tells whose copy it is about.
    private Effect bounce(Arrived arrived, Arrived.Place place, MailingList list, MemberSet set, String behind) {
        if (behind.isEmpty()) {
            return nothing(arrived, place, "dropped: a report about a notice");
        }
        return switch (reports.read(arrived.reversePath(), arrived.octets())) {
            case Report.Delivery delivery when delivery.isBounce() -> failures(arrived, place, list, set, behind, delivery);
            case Report.Delivery _ -> nothing(arrived, place, "dropped: a report of delay or delivery");
            case Report.Complaint _ -> toOwners(arrived, place, list, "complaint", List.of(place.name()));
            case Report.Authentication() -> nothing(arrived, place, "dropped: a report about authentication");
            case Report.AutoReply() -> nothing(arrived, place, "dropped: an automatic answer");
            case Report.Other() -> nothing(arrived, place, "dropped: not a report");
        };
    }

    private Effect failures(Arrived arrived, Arrived.Place place, MailingList list, MemberSet set, String behind,
            Report.Delivery delivery) {
        var returned = verp.read(behind);
        if (returned.number() == null) {
            return nothing(arrived, place, "dropped: it names no post");
        }
        var address = Optional.ofNullable(returned.address());
        if (returned.subscription() != null) {
            address = members.subscriber(list.id(), returned.subscription());
            if (address.isEmpty()) {
                return nothing(arrived, place, "dropped: the subscriber has left");
            }
        }
        var failures = address.isPresent() ? address.flatMap(delivery::failure).stream().toList() : delivery.failures();
        return failures.isEmpty()
                ? nothing(arrived, place, "dropped: it names nobody it failed for")
                : effect(arrived, place, "bounce", new Act.Failures(returned.number(), set.word(), behind, failures), List.of());
    }

    private Effect toOwners(Arrived arrived, Arrived.Place place, MailingList list, String outcome, List<String> deliveredTo) {
        var role = "owner of " + list.address();
        var marks = new ArrayList<>(deliveredTo);
        marks.add(role);
        var came = arrived.header().all("Delivered-To").stream().anyMatch(field -> field.value().trim().equalsIgnoreCase(role));
        return came
                ? nothing(arrived, place, "discarded: it has been here already")
                : effect(arrived, place, outcome, new Act.Nothing(), List.of(forward(arrived, owners(list), repliesTrashed(list), marks)));
    }

    /// As received, with our trace field and marks by which we know it when it comes back.
    private static Outgoing forward(Arrived arrived, List<EmailAddress> to, String reversePath, List<String> deliveredTo) {
        var top = new StringBuilder(arrived.traceField());
        for (var one : deliveredTo) {
            top.append("Delivered-To: ").append(one).append("\r\n");
        }
        return new Outgoing.Forward(List.of(new Edit(0, 0, top.toString().getBytes(StandardCharsets.UTF_8))), texts(to), reversePath);
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

    private List<EmailAddress> orPostmaster(List<EmailAddress> people) {
        return people.isEmpty() ? List.of(postmaster) : people;
    }

    /// Bounces of robot mail are trash (reference: `L-return-`).
    private static String repliesTrashed(MailingList list) {
        return list.address().localPart() + "-return-@" + list.address().domain();
    }

    private static List<String> texts(List<EmailAddress> addresses) {
        return addresses.stream().map(EmailAddress::toString).toList();
    }
}
