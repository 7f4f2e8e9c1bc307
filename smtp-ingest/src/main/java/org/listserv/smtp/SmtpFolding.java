package org.listserv.smtp;

import java.util.List;

import org.listserv.mail.Reply;

/// SMTP has one reply for all recipients of a message where LMTP has one for each (RFC 2033 §4.2). This is the one.
final class SmtpFolding {

    private SmtpFolding() {}

    /// Somebody must see the message again: all do, and those who had it recognise it. Somebody has taken it: it is taken, and
    /// the others have held or discarded it behind the 250. Everybody refused it: the first to refuse says why.
    ///
    /// @param replies one a recipient, at least one
    static Reply fold(List<Reply> replies) {
        var positive = replies.getFirst();
        for (var reply : replies) {
            if (reply.isTransient()) {
                return reply;
            }
            if (!positive.isPositive() && reply.isPositive()) {
                positive = reply;
            }
        }
        return positive;
    }
}
