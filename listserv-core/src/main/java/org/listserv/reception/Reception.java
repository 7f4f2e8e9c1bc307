package org.listserv.reception;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.lists.AddressBook;
import org.listserv.lists.ListSettings;
import org.listserv.lists.Target;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.posting.Intake;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Posting;
import org.listserv.posting.Taken;
import org.listserv.posting.TooManyWaiting;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;

/// One received message to its one transaction: which lists and functions are meant, what each does with it, and then a single commit (P1).
/// What our own code cannot process is set aside, for a human, and answered 250: it must not come back for ever.
public final class Reception implements Receiver {
    private static final Logger log = LoggerFactory.getLogger(Reception.class);

    static final Reply OK = new Reply(250, "2.0.0", "taken");
    private static final Reply TRY_LATER = new Reply(451, "4.3.0", "not stored, please try again later");
    private static final Reply TOO_MANY = new Reply(451, "4.3.2", "too many posts of this list are waiting, please try again later");
    /// Commits whose result is unknown and whose server processes may still hold locks.
    private static final int UNKNOWN_COMMITS = 16;

    private final Database database;
    private final AddressBook addresses;
    private final Effects effects;
    private final Posting posting;
    private final Upstream upstream;
    private final Breaker breaker;

    /// @param upstream who still has responsibility when we say no after DATA
    public Reception(Database database, AddressBook addresses, Effects effects, Posting posting, Upstream upstream) {
        this.database = database;
        this.addresses = addresses;
        this.effects = effects;
        this.posting = posting;
        this.upstream = upstream;
        this.breaker = new Breaker();
    }

    @Override
    public Optional<String> refusing() {
        if (database.unknownCommits() > UNKNOWN_COMMITS) {
            return Optional.of("waiting for the database, please try again later");
        }
        return breaker.isOpen() ? Optional.of("too many messages could not be processed; an administrator is told") : Optional.empty();
    }

    @Override
    public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
        return switch (addresses.resolve(recipient)) {
            case Target.Unknown(var reason) -> new Reply(550, "5.1.1", reason);
            case Target.Post(var list) when list.settings().state() == ListSettings.State.CLOSED ->
                new Reply(550, "5.2.1", list.address() + " is closed; its archive can still be read");
            case Target.Post _,Target.Owner _,Target.Bounce _,Target.Request _,Target.Site _,Target.Postmaster _ ->
                new Reply(250, "2.1.5", "recipient ok");
        };
    }

    @Override
    public List<Reply> receive(Submission submission) {
        if (breaker.isOpen()) {
            return answers(submission, TRY_LATER);
        }
        var arrived = new Arrived(submission);
        var meant = new LinkedHashMap<Arrived.Place, Target>();      // one effect a list and function, however often named
        var places = new ArrayList<Optional<Arrived.Place>>();
        for (var recipient : submission.recipients()) {
            var target = addresses.resolve(recipient);
            var place = Arrived.Place.of(target, recipient);
            place.ifPresent(one -> meant.putIfAbsent(one, target));
            places.add(place);
        }
        try {
            var replies = decide(arrived, meant);
            return places.stream().map(place -> place.map(one -> replies.getOrDefault(one, TRY_LATER))
                    .orElse(new Reply(550, "5.1.1", "no such address here any more"))).toList();
        } catch (TooManyWaiting e) {
            return answers(submission, TOO_MANY);
        }
    }

    /// Decides for every place and commits. In SMTP one reply stands for all, so where not all say no, those who do hold or discard.
    private Map<Arrived.Place, Reply> decide(Arrived arrived, Map<Arrived.Place, Target> meant) {
        var plans = new LinkedHashMap<Arrived.Place, Plan>();
        meant.forEach((place, target) -> plans.put(place, plan(arrived, place, target)));
        var replies = new LinkedHashMap<Arrived.Place, Reply>();
        var saysNo = upstream == Upstream.INLINE
                && (arrived.isLmtp() || plans.values().stream().allMatch(plan -> plan instanceof Plan.Refuse));
        var place = new ArrayList<Arrived.Place>();
        var taking = new ArrayList<Effect>();
        plans.forEach((where, plan) -> {
            switch (plan) {
                case Plan.Take(var effects) -> effects.forEach(effect -> {
                    place.add(where);
                    taking.add(effect);
                });
                case Plan.Refuse(var reply, var instead) -> {
                    if (saysNo) {
                        log.info("{}: {} refused: {}", arrived.id(), where, reply);
                        replies.put(where, reply);
                    } else {
                        place.add(where);
                        taking.add(instead.get());
                    }
                }
            }
        });
        if (!taking.isEmpty()) {
            publish(arrived, place, taking);
            place.forEach(where -> replies.put(where, OK));
        }
        return replies;
    }

    private Plan plan(Arrived arrived, Arrived.Place place, Target target) {
        try {
            return effects.plan(arrived, place, target);
        } catch (DatabaseUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            log.error("{}: set aside for {}", arrived.id(), place, e);
            breaker.count();
            return new Plan.Take(effects.setAside(arrived, place, e));
        }
    }

    private void publish(Arrived arrived, List<Arrived.Place> places, List<Effect> taking) {
        List<Taken> taken;
        try {
            taken = posting.publish(new Intake(arrived.message(), taking));
        } catch (DatabaseUnavailable | TooManyWaiting e) {
            throw e;
        } catch (RuntimeException e) {
            log.error("{}: set aside for {}", arrived.id(), places, e);
            breaker.count();
            var asidePlaces = places.stream().distinct().toList();
            var aside = asidePlaces.stream().map(place -> effects.setAside(arrived, place, e)).toList();
            tellAll(arrived, asidePlaces, posting.publish(new Intake(arrived.message(), aside)), aside);
            return;
        }
        tellAll(arrived, places, taken, taking);
    }

    private static void tellAll(Arrived arrived, List<Arrived.Place> places, List<Taken> taken, List<Effect> taking) {
        for (var i = 0; i < taken.size(); i++) {
            tell(arrived, places.get(i), taken.get(i), taking.get(i));
        }
    }

    private static void tell(Arrived arrived, Arrived.Place place, Taken taken, Effect effect) {
        switch (taken) {
            case Taken.Done(_, var number, _, var said, var silent) -> {
                log.info("{}: {} {}{}{} from {}", arrived.id(), place, effect.outcome(), number > 0 ? " as " + number : "",
                        said.equals("done") ? "" : ": " + said, arrived.reversePath());
                if (silent > 0) {
                    log.info("{}: {} kept silent: nothing is left of the budget for automatic mail, or the address wants none",
                            arrived.id(),
                            place);
                }
            }
            case Taken.Duplicate(var by, var was) -> {
                if (by.equals("fingerprint")) {
                    log.warn("{}: {} has taken this message before ({}), recognised by its fingerprint alone", arrived.id(), place, was);
                } else {
                    log.info("{}: {} has taken this message before ({})", arrived.id(), place, was);
                }
            }
            case Taken.Decided(var state, var by, _) ->
                log.info("{}: {} came too late: it was {} by {} already", arrived.id(), place, state, by);
            case Taken.Unknown() -> log.info("{}: {}: there is no such held message any more", arrived.id(), place);
        }
    }

    private static List<Reply> answers(Submission submission, Reply reply) {
        return submission.recipients().stream().map(_ -> reply).toList();
    }
}
