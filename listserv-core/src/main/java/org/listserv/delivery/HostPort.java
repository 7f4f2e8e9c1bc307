package org.listserv.delivery;

/// Where a relay listens.
///
/// @param host name or address; an IPv6 address stands without brackets
public record HostPort(String host, int port) {
    private static final int SMTP = 25;

    public HostPort {
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '[' || c == ']' || c == 0x7f)) {
            throw new IllegalArgumentException("\"" + host + "\" is no host name or address");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " of " + host + " is not between 1 and 65535");
        }
    }

    /// @param text `relay.example.org:25`, `192.0.2.1:25` or `[2001:db8::1]:25`; without a port 25 is meant
    /// @throws IllegalArgumentException naming what is wrong
    public static HostPort parse(String text) {
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            var rest = text.substring(close + 1);
            if (close < 0 || !rest.isEmpty() && !rest.startsWith(":")) {
                throw new IllegalArgumentException("\"" + text + "\" is not of the form [address]:port");
            }
            return new HostPort(text.substring(1, close), rest.isEmpty() ? SMTP : port(text, rest.substring(1)));
        }
        int colon = text.indexOf(':');
        if (colon != text.lastIndexOf(':')) {
            throw new IllegalArgumentException("\"" + text + "\": an IPv6 address is written in brackets, [address]:port");
        }
        return colon < 0 ? new HostPort(text, SMTP) : new HostPort(text.substring(0, colon), port(text, text.substring(colon + 1)));
    }

    private static int port(String text, String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + digits + "\" in \"" + text + "\" is no port", e);
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
