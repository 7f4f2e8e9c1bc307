package org.listserv.mail;

import java.util.regex.Pattern;

/// What may stand between the brackets of `user@[192.0.2.1]` (RFC 5321 §4.1.3). Nothing is looked up.
/// The standard's third form, a registered tag with free text, has no registered tag besides IPv6 and is not taken.
final class AddressLiteral {
    private static final Pattern IPV4 = Pattern.compile("(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");
    private static final Pattern GROUP = Pattern.compile("[0-9a-f]{1,4}", Pattern.CASE_INSENSITIVE);
    private static final String IPV6_TAG = "ipv6:";
    private static final int IPV6_GROUPS = 8;

    private AddressLiteral() {}

    static boolean isValid(String literal) {
        return literal.regionMatches(true, 0, IPV6_TAG, 0, IPV6_TAG.length())
                ? isIpv6(literal.substring(IPV6_TAG.length()))
                : IPV4.matcher(literal).matches();
    }

    private static boolean isIpv6(String address) {
        int gap = address.indexOf("::");
        if (gap < 0) {
            return groups(address, true) == IPV6_GROUPS;
        }
        var before = address.substring(0, gap);
        var after = address.substring(gap + 2);
        int left = before.isEmpty() ? 0 : groups(before, false);
        int right = after.isEmpty() ? 0 : groups(after, true);
        return left >= 0 && right >= 0 && left + right < IPV6_GROUPS;
    }

    /// Number of 16-bit groups, an IPv4 address at the end counting as two, or -1 when it is none.
    private static int groups(String text, boolean mayEndInIpv4) {
        var parts = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            if (GROUP.matcher(parts[i]).matches()) {
                count++;
            } else if (mayEndInIpv4 && i == parts.length - 1 && IPV4.matcher(parts[i]).matches()) {
                count += 2;
            } else {
                return -1;
            }
        }
        return count;
    }
}
