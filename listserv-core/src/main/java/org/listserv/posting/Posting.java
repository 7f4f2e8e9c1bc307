package org.listserv.posting;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

import org.listserv.members.Members;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.store.WakeUps;
import org.listserv.store.WakeUps.Topic;

/// The only way anything becomes a post, is held, or is owed to anybody: COMMIT 1. Reception, moderators' decisions and imports all end here.
///
/// A list's head stays locked until the commit is durable, so posts of one list that arrive while one commits are gathered and committed
/// together, with those of other lists. The answer still follows the commit.
public final class Posting {
    /// Posts of one list waiting in this node; above it the sender is asked to come back (451 4.3.2).
    static final int WAITING_PER_LIST = 64;
    /// Transactions of posts under way in this node: enough for two cores of the database, few enough that slow commits are shared.
    static final int AT_ONCE = 4;
    private static final int POSTS_TOGETHER = 64;
    /// Octets published together at most, so that one large call does not hold everyone's memory.
    private static final long OCTETS_TOGETHER = 8_000_000;

    private final Database database;
    private final Members members;
    private final WakeUps wakeUps;
    private final IntSupplier node;
    private final SubjectThreads subjectThreads;
    private final Queue queue = new Queue();

    /// @param node the id of the node that receives; 0 for a command
    public Posting(Database database, Members members, WakeUps wakeUps, int node) {
        this(database, members, wakeUps, () -> node);
    }

    /// @param node the id of the node that receives, 0 until it has joined
    public Posting(Database database, Members members, WakeUps wakeUps, IntSupplier node) {
        this.database = database;
        this.members = members;
        this.wakeUps = wakeUps;
        this.node = node;
        this.subjectThreads = new SubjectThreads(database);
    }

    /// Makes everything that follows from one message durable, in one transaction.
    ///
    /// @return one answer an effect, in order
    /// @throws TooManyWaiting when too many posts of the list wait already; nothing happened
    /// @throws DatabaseUnavailable when there is no primary, or the commit's result is unknown
    public List<Taken> publish(Intake intake) {
        var list = listToWaitFor(intake);
        var taken = list.isPresent() ? queue.publish(list.get(), intake) : take(List.of(intake), copiesOf(intake)).getFirst();
        awake(intake);
        return taken;
    }

    /// Imports: many posts of one list in one transaction, without copies.
    public List<List<Taken>> publishTogether(List<Intake> intakes) {
        var taken = take(intakes, List.of());
        wakeUps.awake(Topic.ARCHIVE);
        return taken;
    }

    /// The id the next held message will have: its notice names it, so it must be known before the transaction.
    public long nextHeldId() {
        return database.read(connection -> {
            try (var next = connection.prepareStatement("select nextval('held_post_id_seq')"); var row = next.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /// An intake that makes one post and nothing else waits for its list.
    private static Optional<Long> listToWaitFor(Intake intake) {
        var alone = intake.effects().size() == 1 ? intake.effects().getFirst() : null;
        return alone != null && isCopied(alone) ? Optional.of(alone.list()) : Optional.empty();
    }

    private static boolean isCopied(Effect effect) {
        return effect.act() instanceof Act.Publish(var facts, var copies) && copies != null;
    }

    /// Several lists in one message: each has its own subscribers.
    private List<CopyList> copiesOf(Intake intake) {
        return copiesOf(intake.effects().stream().filter(Posting::isCopied).map(Effect::list).distinct());
    }

    private List<CopyList> copiesOf(Stream<Long> lists) {
        return lists.map(list -> new CopyList(list, members.recipients(list))).toList();
    }

    private List<List<Taken>> take(List<Intake> intakes, List<CopyList> copies) {
        return new Take(node.getAsInt()).owing(copies).run(database, subjectThreads.completed(intakes));
    }

    private void awake(Intake intake) {
        wakeUps.awake(Topic.DELIVERY);
        if (intake.effects().stream().anyMatch(effect -> effect.act() instanceof Act.Publish)) {
            wakeUps.awake(Topic.ARCHIVE);
        }
    }

    /// The subscribers of one list who get copies, as read before the list is locked: "active at acceptance" means this.
    record CopyList(long list, long[] subscriptions) {}

    /// A post that waits, its sender's thread with it.
    private static final class Waiting {
        private final long list;
        private final Intake intake;
        private final CompletableFuture<List<Taken>> answer = new CompletableFuture<>();
        /// What is to happen in this thread next: publish for these, or look at the answer.
        private final CompletableFuture<List<Waiting>> turn = new CompletableFuture<>();

        Waiting(long list, Intake intake) {
            this.list = list;
            this.intake = intake;
        }

        void answered(List<Taken> taken) {
            answer.complete(taken);
            turn.complete(List.of());
        }

        void failed(Throwable why) {
            answer.completeExceptionally(why);
            turn.complete(List.of());
        }
    }

    /// The posts that wait in this node, of all lists. A list's head is locked until the commit is durable, so a list is in one transaction at a
    /// time; and only [#AT_ONCE] transactions are under way, so that where a commit waits for another machine the posts of many lists share one.
    /// One of those who wait publishes for the others of his group; nobody works for others twice.
    private final class Queue {
        private Deque<Waiting> waiting = new ArrayDeque<>();
        private final Set<Long> busy = new HashSet<>();
        private int underWay;

        List<Taken> publish(long list, Intake intake) {
            var mine = new Waiting(list, intake);
            synchronized (this) {
                if (waiting.stream().filter(one -> one.list == list).count() >= WAITING_PER_LIST) {
                    throw new TooManyWaiting();
                }
                waiting.add(mine);
                try {
                    begin();
                } catch (Throwable e) {
                    waiting.remove(mine);
                    throw e;
                }
            }
            var group = mine.turn.join();
            if (!group.isEmpty()) {
                try {
                    publishAll(group);
                } finally {
                    over(group);
                }
            }
            return answer(mine);
        }

        private synchronized void over(List<Waiting> group) {
            underWay--;
            group.forEach(one -> busy.remove(one.list));
            begin();
        }

        private void begin() {
            while (underWay < AT_ONCE) {
                var group = gather();
                if (group.isEmpty()) {
                    return;
                }
                underWay++;
                try {
                    group.forEach(one -> busy.add(one.list));
                } catch (Throwable e) {      // no memory: they wait no longer, so somebody must tell them
                    underWay--;
                    group.forEach(one -> busy.remove(one.list));
                    group.forEach(one -> one.failed(e));
                    throw e;
                }
                group.getFirst().turn.complete(group);
            }
        }

        /// The oldest that wait for a list that is free. The same arrival key twice must not meet in one call: `on conflict` could not decide
        /// between them.
        ///
        /// Nobody leaves the queue before the whole is known: whoever was taken out when memory ended would be answered by nobody.
        private List<Waiting> gather() {
            var together = new ArrayList<Waiting>();
            var later = new ArrayDeque<Waiting>();
            Set<String> keys = new HashSet<>();
            Set<Long> passed = new HashSet<>(busy);
            var octets = 0L;
            for (var next : waiting) {
                var size = next.intake.message().size();
                var fits = !passed.contains(next.list) && (together.isEmpty() || together.size() < POSTS_TOGETHER
                        && octets + size <= OCTETS_TOGETHER && keysOf(next.intake).stream().noneMatch(keys::contains));
                if (fits) {
                    octets += size;
                    keys.addAll(keysOf(next.intake));
                    together.add(next);
                } else {
                    passed.add(next.list);      // in a list nobody overtakes
                    later.add(next);
                }
            }
            if (!together.isEmpty()) {
                waiting = later;
            }
            return together;
        }
    }

    private void publishAll(List<Waiting> together) {
        try {
            var copies = copiesOf(together.stream().map(one -> one.list).distinct());
            var taken = take(together.stream().map(one -> one.intake).toList(), copies);
            for (var i = 0; i < together.size(); i++) {
                together.get(i).answered(taken.get(i));
            }
        } catch (DatabaseUnavailable e) {
            together.forEach(one -> one.failed(e));
        } catch (RuntimeException e) {
            publishEachAlone(together, e);
        } catch (Throwable e) {
            // Out of memory, say: each of them has a sender who waits in a thread of his own, and only an answer wakes him.
            together.forEach(one -> one.failed(e));
        }
    }

    /// One of them cannot be stored and took the others with it: alone, only that one fails.
    private void publishEachAlone(List<Waiting> together, RuntimeException why) {
        if (together.size() == 1) {
            together.getFirst().failed(why);
            return;
        }
        together.forEach(one -> publishAll(List.of(one)));
    }

    private static List<Taken> answer(Waiting mine) {
        try {
            return mine.answer.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    private static List<String> keysOf(Intake intake) {
        return intake.effects().stream()
                .flatMap(effect -> keys(effect.gate()).stream()
                        .map(key -> effect.list() + " " + effect.function() + " " + HexFormat.of().formatHex(key)))
                .toList();
    }

    private static List<byte[]> keys(Gate gate) {
        return switch (gate) {
            case Gate.Arrival(var keys) -> keys;
            case Gate.DecisionByMail byMail -> byMail.keys();
            case Gate.Decision _,Gate.Retry _,Gate.OnceByOctets _ -> List.of();
        };
    }
}
