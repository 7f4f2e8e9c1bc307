package org.listserv.requests;

import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.ListSettings.State;
import org.listserv.lists.ListSettings.Subscribing;
import org.listserv.lists.ListSettings.Unsubscribing;
import org.listserv.mail.EmailAddress;
import org.listserv.members.MemberSet;
import org.listserv.notices.Letter;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Act.Change;
import org.listserv.posting.Intake.Budget;
import org.listserv.posting.Intake.Outgoing;

/// Joining and leaving, step by step as ezmlm has it: who asks gets a letter to reply to, the reply proves the address, a moderator may have to
/// approve. Every step is prepared for each way it can go; the database decides which it is, in the transaction that takes the mail.
final class Memberships {
    /// Who refuses our mail for good must be able to take it back for good: a hundred years, which is all an hour in a token can say.
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private static final String THERE = "there";
    private static final String ABSENT = "absent";
    private static final String CHANGED = "changed";
    private static final String UNCHANGED = "unchanged";

    private Memberships() {}

    // Joining

    static Answered subscribe(Dialogue d, EmailAddress target) {
        var settings = d.list.settings();
        var administrator = d.administrator();
        if (d.set == MemberSet.DENY && administrator.isEmpty()) {
            return d.refuses("mod-only");
        }
        if (settings.state() == State.CLOSED || settings.subscribing() == Subscribing.CLOSED && administrator.isEmpty()) {
            return d.refuses("closed");
        }
        if (administrator.isPresent()) {
            var moderator = administrator.get();
            var tags = d.tags(target);
            var nop = d.quoting(d.letter(moderator, "Already subscribed to " + d.spokenAddress(), "sub-nop", tags));
            return d.answered("subscribe", look(d, target), List.of(d.owed(nop, moderator, THERE, Dialogue.stored(moderator)),
                    moderatorConfirms(d, target, "rc", moderator, ABSENT)));
        }
        if (settings.subscribing().isConfirmed()) {
            return d.answered("subscribe", look(d, target), List.of(subNop(d, target, THERE, Dialogue.answer(target)),
                    subConfirm(d, target, "sub-confirm", ABSENT)));
        }
        if (settings.subscribing().isApproved()) {
            var owed = moderatorsConfirm(d, target, "tc", ABSENT);
            owed.add(subNop(d, target, THERE, Dialogue.answer(target)));
            return d.answered("subscribe", look(d, target), owed);
        }
        return d.answered("subscribe", add(d, target, "+", false),
                List.of(subOk(d, target, Dialogue.answer(target)), subNop(d, target, UNCHANGED, Dialogue.answer(target))));
    }

    /// The subscriber says that it was he.
    static Answered confirmSubscribe(Dialogue d, EmailAddress target, boolean proven) {
        if (!proven) {
            return d.answered("subscribe: a confirmation that is not valid", look(d, target),
                    List.of(subConfirm(d, target, "sub-bad", ABSENT), subNop(d, target, THERE, Dialogue.answer(target))));
        }
        var himself = d.sender.normal().equals(target.normal()) && d.mayApproveHimself();
        if (d.list.settings().subscribing().isApproved() && !himself) {
            var owed = moderatorsConfirm(d, target, "tc", ABSENT);
            owed.add(subNop(d, target, THERE, null));
            return d.answered("subscribe: confirmed", look(d, target), owed);
        }
        return d.answered("subscribe: confirmed", add(d, target, "+", true),
                List.of(subOk(d, target, null), subNop(d, target, UNCHANGED, null)));
    }

    /// A moderator says so: for another (`rc`), or to what a subscriber has confirmed (`tc`). A second one finds it done and is told nothing.
    static Answered approveSubscribe(Dialogue d, EmailAddress target, String verb, boolean proven) {
        if (!proven) {
            return notAuthorised(d, target, verb);
        }
        var owed = new ArrayList<Outgoing>();
        if (d.set == MemberSet.MAIN || d.set == MemberSet.DIGEST) {
            owed.add(d.owed(welcome(d, target).suppressing(d.phrase("copy-below")), target, CHANGED, null));
        } else {
            owed.add(accessDone(d, target, d.self(), true, CHANGED));
        }
        return d.answered("subscribe: approved", add(d, target, "+mod", false), owed);
    }

    // Leaving

    static Answered unsubscribe(Dialogue d, EmailAddress target) {
        var administrator = d.administrator();
        if (d.set == MemberSet.DENY && administrator.isEmpty()) {
            return d.refuses("mod-only");
        }
        var unsubscribing = d.list.settings().unsubscribing();
        if (unsubscribing == Unsubscribing.OPEN && administrator.isEmpty()) {
            return d.answered("unsubscribe", remove(d, target, "-"), List.of(unsubOk(d, target, Dialogue.answer(target)),
                    unsubNop(d, target, target, UNCHANGED, Dialogue.answer(target))));
        }
        if (administrator.isPresent()) {
            var moderator = administrator.get();
            return d.answered("unsubscribe", look(d, target),
                    List.of(unsubNop(d, target, moderator, ABSENT, Dialogue.stored(moderator)),
                            moderatorConfirms(d, target, "wc", moderator, THERE)));
        }
        return d.answered("unsubscribe", look(d, target), List.of(unsubNop(d, target, target, ABSENT, Dialogue.answer(target)),
                unsubConfirm(d, target, "unsub-confirm", THERE)));
    }

    static Answered confirmUnsubscribe(Dialogue d, EmailAddress target, boolean proven) {
        if (!proven) {
            return d.answered("unsubscribe: a confirmation that is not valid", look(d, target),
                    List.of(unsubConfirm(d, target, "unsub-bad", THERE),
                            unsubNop(d, target, target, ABSENT, Dialogue.answer(target))));
        }
        var himself = d.sender.normal().equals(target.normal()) && d.mayApproveHimself();
        if (d.list.settings().unsubscribing() == Unsubscribing.CONFIRM_AND_APPROVE && !himself) {
            var owed = moderatorsConfirm(d, target, "vc", THERE);
            owed.add(unsubNop(d, target, target, ABSENT, null));
            return d.answered("unsubscribe: confirmed", look(d, target), owed);
        }
        return d.answered("unsubscribe: confirmed", remove(d, target, "-"),
                List.of(unsubOk(d, target, null), unsubNop(d, target, target, UNCHANGED, null)));
    }

    static Answered approveUnsubscribe(Dialogue d, EmailAddress target, String verb, boolean proven) {
        if (!proven) {
            return notAuthorised(d, target, verb);
        }
        var owed = new ArrayList<Outgoing>();
        if (d.set == MemberSet.MAIN || d.set == MemberSet.DIGEST) {
            owed.add(d.owed(goodbye(d, target).suppressing(d.phrase("copy-below")), target, CHANGED, null));
        } else {
            owed.add(accessDone(d, target, d.self(), false, CHANGED));
        }
        if (!d.list.settings().subscribing().isApproved()) {
            owed.add(unsubNop(d, target, d.self(), UNCHANGED, null));
        }
        return d.answered("unsubscribe: approved", remove(d, target, "-mod"), owed);
    }

    // What a subscriber gets

    /// @param day `yyyymmdd` from which mail comes again; empty: until he says so
    static Answered mode(Dialogue d, EmailAddress target, String verb, String day) {
        var until = day(d, day);
        if (!day.isEmpty() && until.isEmpty()) {
            return d.says("refused: " + verb, "Your request to " + d.spokenAddress(), "mode-bad", Map.of());
        }
        var tags = d.tags(target);
        tags.put("until", until.map(LocalDate::toString).orElse(""));
        tags.put("what", d.phrase(verb.equals("mail") ? "resumes" : until.isEmpty() ? "pauses" : "pauses-until", tags));
        var replyTo = d.confirmAddress(verb.equals("nomail") ? "nc" : "mc", day, target, Tokens.CONFIRMATION);
        tags.put("R", replyTo);
        var letter = d.letter(target, "confirm " + verb + " of " + d.spokenAddress(), "mode-confirm", tags).replyTo(replyTo);
        return d.answered(verb, look(d, target),
                List.of(unsubNop(d, target, target, ABSENT, Dialogue.answer(target)),
                        d.owed(d.quoting(letter), target, THERE, Dialogue.confirmation(target))));
    }

    /// @param args the token, behind the day if there is one
    static Answered confirmMode(Dialogue d, EmailAddress target, String cookie, String args, boolean proven) {
        var verb = cookie.equals("nc") ? "nomail" : "mail";
        var day = args.contains(".") ? args.substring(0, args.indexOf('.')) : "";
        if (!proven) {
            return mode(d, target, verb, day(d, day).isEmpty() ? "" : day);
        }
        var until = day.isEmpty() ? null : LocalDate.parse(day, DateTimeFormatter.BASIC_ISO_DATE);
        var tags = d.tags(target);
        tags.put("until", until == null ? "" : until.toString());
        tags.put("what", d.phrase(verb.equals("mail") ? "resumed" : until == null ? "paused" : "paused-until", tags));
        tags.put("other", verb.equals("nomail") ? "mail" : "nomail");
        var done = d.quoting(
                d.letter(target, (verb.equals("nomail") ? "No mail from " : "Mail again from ") + d.spokenAddress(), "mode-ok", tags));
        var act = new Act.Membership(Change.MODE, d.set.word(), target, "", verb.equals("nomail") ? "none" : "each",
                until == null ? null : until.atStartOfDay(ZoneOffset.UTC).toInstant(), verb, actor(d), client(d), true);
        return d.answered(verb + ": confirmed", act, List.of(d.owed(done, target, CHANGED, null), d.owed(done, target, UNCHANGED, null),
                unsubNop(d, target, target, ABSENT, null)));
    }

    /// A day to come, and no more than a year away.
    private static Optional<LocalDate> day(Dialogue d, String written) {
        var today = LocalDate.ofInstant(d.kit.clock().instant(), ZoneOffset.UTC);
        try {
            return Optional.of(LocalDate.parse(written, DateTimeFormatter.BASIC_ISO_DATE))
                    .filter(day -> day.isAfter(today) && !day.isAfter(today.plusYears(1)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /// No automatic mail to this address any more, whoever asks for it in its name; or again.
    static Answered never(Dialogue d, EmailAddress target, String verb, boolean proven) {
        if (!proven) {
            return d.nothing(verb + ": dropped, what should prove it is not valid");
        }
        var never = verb.equals("never");
        var tags = d.tags(target);
        var letter = d.letter(target, never ? "No requests in your name" : "Requests in your name", verb + "-ok", tags);
        if (never) {
            var again = d.confirmAddress("again", "", target, FOR_EVER);
            tags.put("R", again);
            letter = d.letter(target, "No requests in your name", "never-ok", tags).replyTo(again);
        }
        var act = new Act.Membership(never ? Change.NEVER : Change.AGAIN, d.set.word(), target, "", null, null, "", actor(d), client(d),
                true);
        return d.answered(verb, act, List.of(d.owed(d.quoting(letter), target, "", null)));
    }

    static Answered query(Dialogue d, EmailAddress target) {
        var to = d.administrator().orElse(target);
        var budget = d.administrator().isPresent() ? Dialogue.stored(to) : Dialogue.answer(to);
        var owed = new ArrayList<Outgoing>();
        for (var when : List.of(THERE, ABSENT)) {
            var tags = d.tags(target);
            tags.put("what", d.phrase(standing(d.set, when.equals(THERE))));
            owed.add(d.owed(d.quoting(d.letter(to, "Status of " + target + " on " + d.spokenAddress(), "query", tags)), to, when, budget));
        }
        return d.answered("query", look(d, target), owed);
    }

    // Letters

    private static Outgoing subConfirm(Dialogue d, EmailAddress target, String text, String when) {
        var tags = d.tags(target);
        var replyTo = d.confirmAddress("sc", target);
        var never = d.confirmAddress("never", target);
        tags.put("R", replyTo);
        tags.put("never", never);
        var letter = d.letter(target, "confirm subscribe to " + d.spokenAddress(), text, tags).replyTo(replyTo);
        return d.owed(d.quoting(letter), target, when, Dialogue.confirmation(target));
    }

    private static Outgoing unsubConfirm(Dialogue d, EmailAddress target, String text, String when) {
        var tags = d.tags(target);
        var replyTo = d.confirmAddress("uc", target);
        tags.put("R", replyTo);
        tags.put("never", d.confirmAddress("never", target));
        var letter = d.letter(target, "confirm unsubscribe from " + d.spokenAddress(), text, tags).replyTo(replyTo);
        return d.owed(d.quoting(letter), target, when, Dialogue.confirmation(target));
    }

    private static Outgoing subNop(Dialogue d, EmailAddress target, String when, @Nullable Budget budget) {
        return d.owed(d.quoting(d.letter(target, "Already subscribed to " + d.spokenAddress(), "sub-nop", d.tags(target))), target, when,
                budget);
    }

    private static Outgoing unsubNop(Dialogue d, EmailAddress target, EmailAddress to, String when, @Nullable Budget budget) {
        return d.owed(d.quoting(d.letter(to, "Not subscribed to " + d.spokenAddress(), "unsub-nop", d.tags(target))), to, when, budget);
    }

    private static Outgoing subOk(Dialogue d, EmailAddress target, @Nullable Budget budget) {
        return d.set == MemberSet.MAIN || d.set == MemberSet.DIGEST
                ? d.owed(d.quoting(welcome(d, target)), target, CHANGED, budget)
                : accessDone(d, target, target, true, CHANGED);
    }

    private static Outgoing unsubOk(Dialogue d, EmailAddress target, @Nullable Budget budget) {
        return d.set == MemberSet.MAIN || d.set == MemberSet.DIGEST
                ? d.owed(d.quoting(goodbye(d, target)), target, CHANGED, budget)
                : accessDone(d, target, target, false, CHANGED);
    }

    private static Letter welcome(Dialogue d, EmailAddress target) {
        return d.letter(target, "WELCOME to " + d.spokenAddress(), "sub-ok", d.tags(target))
                .unsubscribe(d.spoken() + "-unsubscribe-" + SpokenAddress.of(target));
    }

    private static Letter goodbye(Dialogue d, EmailAddress target) {
        return d.letter(target, "GOODBYE from " + d.spokenAddress(), "unsub-ok", d.tags(target));
    }

    /// ezmlm changed the allow and deny sets without a word; who did it is told that it is done.
    private static Outgoing accessDone(Dialogue d, EmailAddress target, EmailAddress to, boolean added, String when) {
        var tags = d.tags(target);
        tags.put("what", d.phrase(standing(d.set, added)));
        var letter = d.letter(to, "Done: " + target + " on " + d.spokenAddress(), "access-ok", tags);
        return d.owed(d.quoting(letter), to, when, Dialogue.stored(to));
    }

    /// The phrase that says so.
    private static String standing(MemberSet set, boolean in) {
        return (in ? "in-" : "out-") + set.word();
    }

    private static List<Outgoing> moderatorsConfirm(Dialogue d, EmailAddress target, String verb, String when) {
        var owed = new ArrayList<Outgoing>();
        d.subscriptionModerators().forEach(moderator -> owed.add(moderatorConfirms(d, target, verb, moderator, when)));
        return owed;
    }

    private static Outgoing moderatorConfirms(Dialogue d, EmailAddress target, String verb, EmailAddress moderator, String when) {
        var joins = verb.equals("rc") || verb.equals("tc");
        var tags = d.tags(target);
        var replyTo = d.confirmAddress(verb, target);
        tags.put("R", replyTo);
        var subject = joins ? "CONFIRM subscribe to " + d.spokenAddress() : "CONFIRM unsubscribe from " + d.spokenAddress();
        var letter = d.letter(moderator, subject, joins ? "mod-sub-confirm" : "mod-unsub-confirm", tags).replyTo(replyTo);
        return d.owed(d.quoting(letter), moderator, when, Dialogue.stored(moderator));
    }

    /// A new letter for a moderator whose old one is out of date; else nothing is authorised by it.
    private static Answered notAuthorised(Dialogue d, EmailAddress target, String verb) {
        var administrator = d.administrator();
        if (administrator.isEmpty()) {
            return d.says("refused: a moderator's confirmation that is not valid", "Illegal or outdated moderator request", "mod-bad",
                    Map.of());
        }
        var moderator = administrator.get();
        var joins = verb.equals("rc") || verb.equals("tc");
        var nop = joins
                ? d.owed(d.quoting(d.letter(moderator, "Already subscribed to " + d.spokenAddress(), "sub-nop", d.tags(target))), moderator,
                        THERE,
                        Dialogue.stored(moderator))
                : unsubNop(d, target, moderator, ABSENT, Dialogue.stored(moderator));
        return d.answered("a moderator's confirmation that is not valid", look(d, target),
                List.of(nop, moderatorConfirms(d, target, verb, moderator, joins ? ABSENT : THERE)));
    }

    // What the database does

    private static Act look(Dialogue d, EmailAddress target) {
        return new Act.Membership(Change.LOOK, d.set.word(), target, "", null, null, "", actor(d), client(d), false);
    }

    private static Act add(Dialogue d, EmailAddress target, String event, boolean proven) {
        var name = event.equals("+") ? d.authorName() : "";
        return new Act.Membership(Change.ADD, d.set.word(), target, name, null, null, event, actor(d), client(d), proven);
    }

    private static Act remove(Dialogue d, EmailAddress target, String event) {
        var name = event.equals("-") ? d.authorName() : "";
        return new Act.Membership(Change.REMOVE, d.set.word(), target, name, null, null, event, actor(d), client(d), true);
    }

    private static String actor(Dialogue d) {
        return d.sender.toString();
    }

    private static String client(Dialogue d) {
        return d.mail.client();
    }
}
