package org.listserv.delivery;

import java.util.List;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

/// One mail transaction (RFC 5321 §3.3): what is sent, to whom, and where reports about it go.
///
/// @param reversePath with `xverp` the common part, such as `dev-return-17@lists.example.org`, which the relay makes `dev-return-17-u=d@...` of
/// @param xverp the relay is to expand the reverse-path for each recipient; only for a lease that says [Relays.Lease#xverp()]
/// @param forwardPaths one or more, at most 100 (RFC 5321 §4.5.3.1.8); each gets an [Outcome] of its own
public record Copy(ReversePath reversePath, boolean xverp, List<EmailAddress> forwardPaths, WireMessage message) {
    public Copy {
        forwardPaths = List.copyOf(forwardPaths);
        if (forwardPaths.isEmpty() || forwardPaths.size() > 100) {
            throw new IllegalArgumentException(forwardPaths.size() + " forward-paths in one transaction");
        }
    }

    /// The usual copy: one recipient, its own reverse-path.
    public static Copy to(EmailAddress forwardPath, ReversePath reversePath, WireMessage message) {
        return new Copy(reversePath, false, List.of(forwardPath), message);
    }
}
