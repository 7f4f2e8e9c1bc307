package org.listserv.mail;

import java.util.Optional;
import java.util.regex.Pattern;

/// Addresses as forwarders (SRS) and bounce protection (BATV: `prvs`, `btv1`, `msprvs1`) rewrite them. People are subscribed as themselves, and
/// reports may come back to a reverse-path as somebody on the way had changed it.
public final class Rewritten {
    private static final Pattern SRS0 = Pattern.compile("(?i)SRS0[=+-][^=]+=[^=]+=(?<domain>[^=]+)=(?<user>.+)");
    private static final Pattern SRS1 = Pattern.compile("(?i)SRS1[=+-][^=]+=[^=]+=[=+-][^=]+=[^=]+=(?<domain>[^=]+)=(?<user>.+)");
    private static final Pattern BTV1 = Pattern.compile("(?i)btv1==[^=]+==(?<user>.+)");
    private static final Pattern MSPRVS1 = Pattern.compile("(?i)msprvs1=[^=]+=(?<user>.+)");
    /// draft-levine-smtp-batv, and what implementations made of it: tag and user in either order.
    private static final Pattern PRVS = Pattern.compile("(?i)prvs=(?<tag>[0-9a-f]{9,})=(?<user>.+)");
    private static final Pattern PRVS_USER_FIRST = Pattern.compile("(?i)prvs=(?<user>.+)[=/](?<tag>[0-9a-f]{9,})");

    private Rewritten() {}

    /// Who is behind a reverse-path; empty for the null one.
    public static Optional<EmailAddress> sender(ReversePath reversePath) {
        return switch (reversePath) {
            case ReversePath.Null() -> Optional.empty();
            case ReversePath.Mailbox(var address) -> Optional.of(original(address));
        };
    }

    /// The address before anybody rewrote it, however often; itself when nobody did.
    public static EmailAddress original(EmailAddress address) {
        var local = address.localPart();
        if (local.indexOf('=') < 0) {
            return address;
        }
        for (var srs : new Pattern[]{SRS0, SRS1}) {
            var rewritten = srs.matcher(local);
            if (rewritten.matches()) {
                return address(rewritten.group("user"), rewritten.group("domain")).map(Rewritten::original).orElse(address);
            }
        }
        for (var tagged : new Pattern[]{BTV1, MSPRVS1, PRVS, PRVS_USER_FIRST}) {
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
