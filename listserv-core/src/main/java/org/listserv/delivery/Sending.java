package org.listserv.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

import org.listserv.delivery.Batches.Deferred;
import org.listserv.delivery.Batches.Mark;
import org.listserv.delivery.Batches.Refused;
import org.listserv.delivery.Claimed.CopyTo;
import org.listserv.mail.Reply;

/// A claimed batch while its copies are sent: what is known since the last mark, and what must be written when the turn ends.
final class Sending {
    private final Claimed batch;
    private final List<Deferred> deferred = new ArrayList<>();
    private List<Refused> refused = new ArrayList<>();
    private BitSet settled;
    private int delivered;
    private int departed;
    private int unsettled;
    private int open;
    private boolean troubled;
    private boolean answered;
    private boolean abandoned;
    private boolean ended;

    Sending(Claimed batch) {
        this.batch = batch;
        this.open = batch.copies().size();
        this.unsettled = batch.unsettled();
        this.settled = (BitSet) batch.departed().clone();
        this.departed = settled.cardinality();
        this.unsettled -= departed;
    }

    Claimed batch() {
        return batch;
    }

    synchronized void delivered(CopyTo copy) {
        settle(copy);
        delivered++;
    }

    synchronized void refused(CopyTo copy, Reply reply) {
        settle(copy);
        refused.add(new Refused(copy.subscription(), copy.address().toString(), reply.toString()));
    }

    synchronized void deferred(CopyTo copy, Reply reply, Instant next) {
        open--;
        answered = true;
        deferred.add(new Deferred(copy.position(), copy.address().toString(), reply.toString(), copy.tries() + 1, next));
    }

    /// Nothing is known to have been taken; the trouble is the connection's, not the subscriber's.
    synchronized void unsent() {
        unsent(1);
    }

    synchronized void unsent(int copies) {
        open -= copies;
        troubled = true;
    }

    /// The batch is another node's now: nothing more is marked.
    synchronized void abandon() {
        abandoned = true;
    }

    synchronized boolean isAbandoned() {
        return abandoned;
    }

    private void settle(CopyTo copy) {
        open--;
        answered = true;
        unsettled--;
        settled.set(copy.position());
    }

    /// Ends the turn, once: when every copy has an outcome and each outcome is marked. An outcome that came while a mark was being committed
    /// waits for the next mark. A second end would release the batch under the feet of whoever has claimed it meanwhile.
    synchronized boolean tryEnd() {
        if (ended || open > 0 || !settled.isEmpty()) {
            return false;
        }
        ended = true;
        return true;
    }

    /// Whether there is nothing to send in this turn.
    synchronized boolean hasNothingToSend() {
        return open == 0;
    }

    /// What is to be marked now, taken out of here.
    synchronized Optional<Mark> mark() {
        if (abandoned || settled.isEmpty()) {
            return Optional.empty();
        }
        var mark = new Mark(batch.id(), batch.recipients(), settled, unsettled == 0, delivered, departed, refused);
        settled = new BitSet();
        delivered = 0;
        departed = 0;
        refused = new ArrayList<>();
        return Optional.of(mark);
    }

    /// How the turn ends, when it is over and everything is marked.
    ///
    /// @param troubled copies are left of which no relay said anything
    /// @param answered a relay said something of at least one copy in this turn
    /// @param next     the earliest next try of those the relay deferred; empty when there are none
    record End(boolean complete, boolean troubled, boolean answered, List<Deferred> deferred, Optional<Instant> next) {}

    synchronized End end() {
        var soonest = new ArrayList<>(batch.later().values());
        deferred.forEach(one -> soonest.add(one.next()));
        return new End(unsettled == 0, troubled, answered, List.copyOf(deferred), soonest.stream().min(Instant::compareTo));
    }
}
