package org.listserv.delivery;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;

/// What a relay offered in its answer to EHLO (RFC 5321 §4.1.1.1). What we do not know, or cannot read, is not there.
///
/// @param maxSize largest message in octets; 0 when the relay names no limit (RFC 1870 §4)
record Capabilities(boolean pipelining, boolean eightBitMime, boolean smtpUtf8, boolean startTls, boolean xverp, boolean size,
        long maxSize) {
    static final Capabilities NONE = new Capabilities(false, false, false, false, false, false, 0);

    /// @param keywords lines of the answer, without code and without the first, which names the relay
    static Capabilities of(Collection<String> keywords) {
        var offered = new HashMap<String, String>();
        for (var line : keywords) {
            int space = line.indexOf(' ');
            offered.put((space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT), space < 0 ? "" : line.substring(space + 1));
        }
        return new Capabilities(offered.containsKey("PIPELINING"), offered.containsKey("8BITMIME"), offered.containsKey("SMTPUTF8"),
                offered.containsKey("STARTTLS"), offered.containsKey("XVERP"), offered.containsKey("SIZE"),
                octets(offered.getOrDefault("SIZE", "")));
    }

    Capabilities withoutXverp() {
        return new Capabilities(pipelining, eightBitMime, smtpUtf8, startTls, false, size, maxSize);
    }

    private static long octets(String parameter) {
        try {
            return Math.max(0, Long.parseLong(parameter.strip()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
