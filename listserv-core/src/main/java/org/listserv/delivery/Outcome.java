package org.listserv.delivery;

import org.listserv.mail.Reply;

/// What became of one recipient of one copy. Exactly one of these for every forward-path that was handed over.
public sealed interface Outcome {
    /// The relay has taken it (RFC 5321 §6.1); from now on it is the relay's.
    record Delivered(Reply reply) implements Outcome {}

    /// Not now; the same recipient is tried again on the retry schedule.
    record Deferred(Reply reply) implements Outcome {}

    /// Never: a bounce.
    record Failed(Reply reply) implements Outcome {}

    /// Trouble on the way to the relay or of the relay itself, none of the recipient's doing: nothing is written down, the copy is still owed.
    /// As far as we know the relay has not taken it. Where the connection broke between the final dot and the reply it may have, and then
    /// the subscriber may get it twice (RFC 1047); the reason says so.
    record Unsent(String why) implements Outcome {}

    /// What a relay's last word about a recipient means: its first digit decides (RFC 5321 §4.2.1). 421 is no exception, although it also
    /// ends the connection: a relay that answers it to one recipient again and again must not get the others stuck behind that one.
    static Outcome of(Reply reply) {
        if (reply.isPositive()) {
            return new Delivered(reply);
        }
        if (reply.isTransient()) {
            return new Deferred(reply);
        }
        if (reply.isPermanent()) {
            return new Failed(reply);
        }
        return new Unsent("out of step, the relay answered " + reply);
    }
}
