package org.listserv.bounce;

import java.util.Comparator;

import org.listserv.mail.EmailAddress;

/// What a report claims of one subscriber: his copy was given up.
///
/// @param subscriber whom we sent to, so far as the report or our reverse-path tells
/// @param status     as [Recipient#status]
/// @param kind       never `NONE`
/// @param diagnostic as [Recipient#diagnostic]
public record Failure(EmailAddress subscriber, String status, Recipient.Kind kind, String diagnostic) {
    public Failure {
        if (kind == Recipient.Kind.NONE) {
            throw new IllegalArgumentException("nothing failed for " + subscriber);
        }
    }

    /// Of several statements about one subscriber the one that harms him least comes first: mail that reached one of the addresses he has it
    /// forwarded to did reach him.
    static final Comparator<Recipient> CAUTION = Comparator.comparing(one -> !isFailed(one) ? 0 : switch (one.kind()) {
        case NONE -> 0;
        case POLICY -> 1;
        case SOFT -> 2;
        case HARD -> 3;
    });

    static boolean isFailed(Recipient recipient) {
        return recipient.action() == Recipient.Action.FAILED && recipient.kind() != Recipient.Kind.NONE;
    }

    static Failure of(EmailAddress subscriber, Recipient recipient) {
        return new Failure(subscriber, recipient.status(), recipient.kind(), recipient.diagnostic());
    }
}
