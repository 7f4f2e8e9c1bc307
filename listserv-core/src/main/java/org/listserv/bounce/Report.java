package org.listserv.bounce;

import java.util.List;

import org.listserv.mail.EmailAddress;

/// What a message that came to one of our reverse-paths says. Exactly one of these. Anybody can write such a message: it is a claim.
public sealed interface Report {
    /// What became of the recipients of a message, as a delivery report (RFC 3464) or in the words of the MTA that wrote it.
    ///
    /// @param recipients at least one
    record Delivery(List<Recipient> recipients) implements Report {
        public Delivery {
            recipients = List.copyOf(recipients);
        }

        /// Was a copy given up for anybody? Reports of delay, delivery and relaying are none of failure.
        public boolean isBounce() {
            return recipients.stream().anyMatch(recipient -> recipient.action() == Recipient.Action.FAILED);
        }
    }

    /// A recipient or his provider calls our mail abuse (RFC 5965).
    ///
    /// @param recipients whom the report names (Original-Rcpt-To), often nobody
    record Complaint(List<EmailAddress> recipients) implements Report {
        public Complaint {
            recipients = List.copyOf(recipients);
        }
    }

    /// About SPF, DKIM and DMARC of mail in our name, ours or forged: failures (RFC 6591) and sums (RFC 7489 §7.2).
    record Authentication() implements Report {}

    /// Somebody is away, a ticket was opened, a message was displayed (RFC 3834, RFC 8098).
    record AutoReply() implements Report {}

    /// None of these: a person wrote it, or a program we know nothing of.
    record Other() implements Report {}
}
