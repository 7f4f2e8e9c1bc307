package org.listserv.requests;

import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

/// Who is behind a reverse-path: forwarders (SRS) and bounce protection (BATV: `prvs`, `btv1`) rewrite it, and people are subscribed as
/// themselves.
public final class Senders {
    private static final Pattern SRS0 = Pattern.compile("(?i)SRS0[=+-][^=]+=[^=]+=(?<domain>[^=]+)=(?<user>.+)");
    private static final Pattern SRS1 = Pattern.compile("(?i)SRS1[=+-][^=]+=[^=]+=[=+-][^=]+=[^=]+=(?<domain>[^=]+)=(?<user>.+)");
    private static final Pattern BTV1 = Pattern.compile("(?i)btv1==[^=]+==(?<user>.+)");
    /// draft-levine-smtp-batv, and what implementations made of it: tag and user in either order.
    private static final Pattern PRVS = Pattern.compile("(?i)prvs=(?<tag>[0-9a-f]{9,})=(?<user>.+)");
    private static final Pattern PRVS_USER_FIRST = Pattern.compile("(?i)prvs=(?<user>.+)[=/](?<tag>[0-9a-f]{9,})");

    private Senders() {}

    /// Empty for the null reverse-path.
    public static Optional<EmailAddress> of(ReversePath reversePath) {
        return switch (reversePath) {
            case ReversePath.Null() -> Optional.empty();
            case ReversePath.Mailbox(var address) -> Optional.of(original(address));
        };
    }

    static EmailAddress original(EmailAddress address) {
        var local = address.localPart();
        for (var srs : new Pattern[]{SRS0, SRS1}) {
            var rewritten = srs.matcher(local);
            if (rewritten.matches()) {
                return address(rewritten.group("user"), rewritten.group("domain")).map(Senders::original).orElse(address);
            }
        }
        for (var tagged : new Pattern[]{BTV1, PRVS, PRVS_USER_FIRST}) {
            var rewritten = tagged.matcher(local);
            if (rewritten.matches()) {
                return address(rewritten.group("user"), address.domain()).orElse(address);
            }
        }
        return address;
    }

    private static Optional<EmailAddress> address(String local, String domain) {
        try {
            return Optional.of(new EmailAddress(local, domain));
        } catch (AddressSyntaxException e) {
            return Optional.empty();
        }
    }
}
