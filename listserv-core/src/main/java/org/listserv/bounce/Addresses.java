package org.listserv.bounce;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;

/// Addresses as reports write them.
final class Addresses {
    /// Found anywhere in a line of text.
    static final String IN_TEXT = "(?:\"[^\"\\s]{1,64}\"|[^\\s<>()\\[\\],;:\"'|@]{1,128})@[\\p{L}\\p{N}\\[][\\p{L}\\p{N}.:\\]-]{0,254}";
    private static final Pattern ANYWHERE = Pattern.compile(IN_TEXT);
    /// RFC 6533 §3: a character of an address in a report that must be ASCII.
    private static final Pattern ESCAPED = Pattern.compile("\\\\x\\{([0-9A-Fa-f]{2,6})}");
    private static final int MAX_READ = 1_000;

    private Addresses() {}

    /// The value of Final-Recipient, Original-Recipient and kin: `rfc822; jane@example.org`, with brackets or without type as some write it
    /// (RFC 3464 §2.1.2, RFC 6533 §4). Empty for other types of address, files, pipes.
    static Optional<EmailAddress> ofField(String value) {
        var field = value.length() > MAX_READ ? value.substring(0, MAX_READ) : value;
        int type = field.indexOf(';');
        var text = field.substring(type + 1).strip();
        if (type >= 0 && field.substring(0, type).strip().equalsIgnoreCase("utf-8")) {
            text = ESCAPED.matcher(text).replaceAll(found -> Matcher.quoteReplacement(character(found.group(1))));
        }
        var opened = text.indexOf('<');
        var closed = text.indexOf('>', opened + 1);
        if (opened >= 0 && closed > opened) {
            text = text.substring(opened + 1, closed);
        }
        var comment = text.indexOf(" (");
        return parse(comment < 0 ? text : text.substring(0, comment).strip());
    }

    private static String character(String hexadecimal) {
        int point = Integer.parseInt(hexadecimal, 16);
        return Character.isValidCodePoint(point) ? Character.toString(point) : "";
    }

    /// All in a line of text, in order.
    static List<EmailAddress> in(String line) {
        var found = new ArrayList<EmailAddress>();
        if (line.indexOf('@') >= 0) {
            for (var address = ANYWHERE.matcher(line); address.find();) {
                parse(address.group()).ifPresent(found::add);
            }
        }
        return found;
    }

    static Optional<EmailAddress> parse(String text) {
        var address = text.startsWith("mailto:") ? text.substring("mailto:".length()) : text;
        while (address.endsWith(".") || address.endsWith("-") || address.endsWith(":")) {
            address = address.substring(0, address.length() - 1);
        }
        try {
            return Optional.of(EmailAddress.parse(address, EmailAddress.LONGEST_LOCAL_OCTETS));
        } catch (AddressSyntaxException e) {
            return Optional.empty();
        }
    }
}
