package org.listserv.requests;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.mail.ReversePath;

/// What machines send to addresses meant for people is dropped: nothing of it is a command, and nobody would read an answer.
final class Weed {
    private static final Set<String> LIST_FIELDS = Set.of("mailing-list", "list-id", "list-help", "list-subscribe", "list-unsubscribe",
            "list-post", "list-owner", "list-archive", "x-mailing-list", "x-ml-name", "x-amazon-auto-reply");
    private static final Set<String> MASS = Set.of("bulk", "junk", "list");
    private static final Pattern SUBJECT = Pattern.compile(
            "(?i)success notice.*|deferral notice.*|out of office autoreply:.*|autoresponse -.*|groupwise.*status.*|message status - .*|warning: could not send message for past.*");

    private Weed() {}

    /// @return why it is dropped
    static Optional<String> reason(ReversePath reversePath, HeaderSection header, byte[] octets) {
        if (reversePath instanceof ReversePath.Null) {
            return Optional.of("the reverse-path is null");
        }
        for (var field : header.fields()) {
            var name = field.name().toLowerCase(Locale.ROOT);
            var value = field.value().strip().toLowerCase(Locale.ROOT);
            if (LIST_FIELDS.contains(name)) {
                return Optional.of("it went over a list or comes from a robot (" + field.name() + ")");
            }
            var dropped = switch (name) {
                case "precedence" -> MASS.contains(value);
                // RFC 3834 §5: `no` is what a person's mail may say.
                case "auto-submitted" -> !firstWord(value).equals("no");
                case "x-mailer" -> value.startsWith("kana response");
                case "subject" -> SUBJECT.matcher(value).matches();
                default -> false;
            };
            if (dropped) {
                return Optional.of("a robot wrote it (" + field.name() + ": " + firstWord(value) + ")");
            }
        }
        return isReport(header, octets) ? Optional.of("it is a delivery report") : Optional.empty();
    }

    /// RFC 3464: nothing that tells of a delivery is a command, whatever its action.
    private static boolean isReport(HeaderSection header, byte[] octets) {
        var multipart = header.first("Content-Type").map(field -> field.value().toLowerCase(Locale.ROOT)).orElse("");
        return multipart.startsWith("multipart/report")
                && MimeView.of(octets).mediaTypes().stream().anyMatch(List.of("message/delivery-status", "message/global-delivery-status",
                        "message/disposition-notification")::contains);
    }

    private static String firstWord(String value) {
        return value.split("[;(\\s]", 2)[0];
    }
}
