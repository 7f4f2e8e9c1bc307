package org.listserv.reception;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.lists.Target;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.Fingerprint;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.ReversePath;
import org.listserv.mail.Sha256;
import org.listserv.posting.Intake.Message;

/// A submission with what is read from it once: header section, hashes, arrival keys, our trace field.
final class Arrived {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Submission submission;
    private final HeaderSection header;
    private final byte[] sha256;
    private final List<byte[]> keys;
    private final String trace;

    Arrived(Submission submission) {
        this.submission = submission;
        this.header = HeaderSection.parse(submission.octets());
        this.sha256 = Sha256.of(submission.octets());
        var exact = Fingerprint.exact(submission.octets(), submission.reversePath());
        this.keys = Fingerprint.fingerprint(submission.octets(), header).map(print -> List.of(exact, print)).orElse(List.of(exact));
        this.trace = trace();
    }

    /// A list and a function of it, or of the mail domain (list 0): what an arrival key is about.
    ///
    /// @param name the forward-path that says so, in its plainest spelling, so that two spellings are one place
    record Place(long list, String function, String name) {
        static Optional<Place> of(Target target, EmailAddress recipient) {
            return switch (target) {
                case Target.Post(var list) -> Optional.of(at(list, "post", ""));
                case Target.Owner(var list) -> Optional.of(at(list, "owner", "-owner"));
                case Target.Bounce(var list, var digest, var behind) ->
                    Optional.of(
                            at(list, (digest ? "digest-bounce " : "bounce ") + behind, (digest ? "-digest-return-" : "-return-") + behind));
                case Target.Request(var list, var command, var rest) ->
                    Optional.of(request(list, rest.isEmpty() ? command : command + "-" + rest));
                case Target.Site _ -> Optional.of(new Place(0, recipient.normal(), recipient.normal()));
                case Target.Postmaster _ -> Optional.of(new Place(0, recipient.normal(), recipient.normal()));
                case Target.Unknown _ -> Optional.empty();
            };
        }

        private static Place request(MailingList list, String words) {
            return at(list, "request " + words, "-" + words);
        }

        private static Place at(MailingList list, String function, String behind) {
            return new Place(list.id(), function, list.localPart() + behind + "@" + list.domain());
        }

        @Override
        public String toString() {
            return name + " (" + function + ")";
        }
    }

    /// For the log: what a person can find again.
    String id() {
        return HexFormat.of().formatHex(sha256, 0, 6);
    }

    byte[] octets() {
        return submission.octets();
    }

    HeaderSection header() {
        return header;
    }

    ReversePath reversePath() {
        return submission.reversePath();
    }

    List<byte[]> keys() {
        return keys;
    }

    boolean isLmtp() {
        return submission.client().protocol().startsWith("LMTP");
    }

    String traceField() {
        return trace;
    }

    /// Who handed it to us, for people.
    String client() {
        return submission.client().helo() + " [" + submission.client().address() + "]";
    }

    Message message() {
        @Nullable
        String reversePath = submission.reversePath() instanceof ReversePath.Mailbox(var address) ? address.toString() : "";
        return new Message.Fresh(submission.octets(), sha256, isLmtp() ? "lmtp" : "smtp", reversePath,
                client(), trace);
    }

    /// RFC 5321 §4.4. It goes on copies only: the stored octets are as received.
    private String trace() {
        var client = submission.client();
        var recipients = submission.recipients();
        // Copies of one list must not tell its subscribers of another (RFC 5321 §7.2).
        var only = recipients.size() == 1 ? "\r\n\tfor <" + recipients.getFirst() + ">" : "";
        return "Received: from %s ([%s])\r\n\tby %s (listserv) with %s id %s%s; %s\r\n".formatted(
                client.helo().isEmpty() ? "unknown" : client.helo(), client.address(), recipients.getFirst().domain(), client.protocol(),
                id(),
                only,
                DATE.format(Instant.now()));
    }
}
