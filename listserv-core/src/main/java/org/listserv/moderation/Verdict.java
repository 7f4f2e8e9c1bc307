package org.listserv.moderation;

import java.util.List;

import org.listserv.mail.Reply;

/// What happens to one candidate post. Exactly one of these, decided once.
public sealed interface Verdict {
    record Accept() implements Verdict {}

    /// A moderator decides. The reasons are shown to the moderator.
    record Hold(List<String> reasons) implements Verdict {
        public Hold {
            reasons = List.copyOf(reasons);
        }
    }

    /// Policy says no. The client is told so in the session where it can still say no itself; a client that has already taken
    /// responsibility (`listserv.smtp.upstream: queued`) would have to bounce it, so the list holds or discards it instead.
    record Reject(Reply reply) implements Verdict {}

    /// Nobody is told; the reason goes to the log and to `find`.
    record Discard(String reason) implements Verdict {}
}
