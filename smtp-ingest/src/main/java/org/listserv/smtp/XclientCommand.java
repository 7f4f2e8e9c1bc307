package org.listserv.smtp;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.jspecify.annotations.Nullable;

/// XCLIENT, as Postfix's XCLIENT_README has it: a trusted mail proxy says for whom it speaks. Everybody who gets as far as commands
/// is in a trusted network. Only ADDR, HELO and PROTO reach the trace field; the rest is understood and left.
final class XclientCommand implements CommandHandler<Session> {

    static final String ATTRIBUTES = "NAME ADDR PORT PROTO HELO DESTADDR DESTPORT";

    private static final String UNKNOWN = "unknown";

    private final String hostName;

    XclientCommand(String hostName) {
        this.hostName = hostName;
    }

    @Override
    public Collection<String> getImplCommands() {
        return List.of("XCLIENT");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        if (session.isInTransaction()) {
            return Replies.of(503, "5.5.1", "not within a transaction");
        }
        if (request.getArgument().isEmpty()) {
            return Replies.of(501, "5.5.4", "say XCLIENT ADDR=address");
        }
        @Nullable
        String address = null;
        @Nullable
        String helo = null;
        @Nullable
        String protocol = null;
        for (var attribute : request.getArgument().split(" +")) {
            int equals = attribute.indexOf('=');
            if (equals < 0) {
                return Replies.of(501, "5.5.4", "an XCLIENT attribute is NAME=value");
            }
            var value = value(attribute.substring(equals + 1));
            switch (attribute.substring(0, equals).toUpperCase(Locale.ROOT)) {
                case "ADDR" -> address = address(value);
                case "HELO" -> helo = value;
                case "PROTO" -> protocol = protocol(value);
                case "NAME", "PORT", "DESTADDR", "DESTPORT" -> {
                    // Nothing of ours asks for them.
                }
                default -> {
                    return Replies.of(501, "5.5.4", "XCLIENT knows " + ATTRIBUTES);
                }
            }
        }
        session.claim(address, helo, protocol);
        return Welcome.greeting(session.dialect(), hostName);
    }

    private static String address(String value) {
        if (value.equals(UNKNOWN)) {
            return UNKNOWN;
        }
        try {
            var literal = value.regionMatches(true, 0, "IPV6:", 0, 5) ? value.substring(5) : value;
            return Session.literal(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException e) {
            throw new CommandSyntaxException(501, "5.5.4", "ADDR is an IP address");
        }
    }

    private static @Nullable String protocol(String value) {
        return switch (value.toUpperCase(Locale.ROOT)) {
            case "SMTP" -> "SMTP";
            case "ESMTP" -> "ESMTP";
            case "UNKNOWN" -> null;
            default -> throw new CommandSyntaxException(501, "5.5.4", "PROTO is SMTP or ESMTP");
        };
    }

    /// Values are xtext (RFC 3461 §4): `+` and two hexadecimal digits stand for an octet.
    private static String value(String xtext) {
        if (xtext.equalsIgnoreCase("[UNAVAILABLE]") || xtext.equalsIgnoreCase("[TEMPUNAVAIL]")) {
            return UNKNOWN;
        }
        if (xtext.indexOf('+') < 0) {
            return xtext;
        }
        var decoded = new ByteArrayOutputStream();
        var octets = xtext.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] != '+') {
                decoded.write(octets[i]);
                continue;
            }
            int octet = i + 2 < octets.length ? Character.digit(octets[i + 1], 16) << 4 | Character.digit(octets[i + 2], 16) : -1;
            if (octet < ' ') {
                throw new CommandSyntaxException(501, "5.5.4", "XCLIENT values are xtext");
            }
            decoded.write(octet);
            i += 2;
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
