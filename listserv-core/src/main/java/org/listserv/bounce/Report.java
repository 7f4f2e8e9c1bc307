package org.listserv.bounce;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

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

        /// What it says of the subscriber our reverse-path names: where it has his address, that; else whatever it says, for his mail may be
        /// forwarded. Empty where that is no failure.
        public Optional<Failure> failure(EmailAddress subscriber) {
            var his = recipients.stream().filter(one -> is(subscriber, one.original()) || is(subscriber, one.address())).toList();
            return (his.isEmpty() ? recipients : his).stream().min(Failure.CAUTION).filter(Failure::isFailed)
                    .map(one -> Failure.of(subscriber, one));
        }

        /// What it says of everybody it names, where our reverse-path names nobody: one for each address we sent to.
        public List<Failure> failures() {
            var named = new LinkedHashMap<String, List<Recipient>>();
            for (var one : recipients) {
                var to = sentTo(one);
                if (to != null) {
                    named.computeIfAbsent(to.normal(), _ -> new ArrayList<>()).add(one);
                }
            }
            var failures = new ArrayList<Failure>();
            for (var said : named.values()) {
                var one = Collections.min(said, Failure.CAUTION);
                var to = sentTo(one);
                if (to != null && Failure.isFailed(one)) {
                    failures.add(Failure.of(to, one));
                }
            }
            return failures;
        }

        private static @Nullable EmailAddress sentTo(Recipient recipient) {
            return recipient.original() != null ? recipient.original() : recipient.address();
        }

        private static boolean is(EmailAddress subscriber, @Nullable EmailAddress address) {
            return address != null && address.normal().equals(subscriber.normal());
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
