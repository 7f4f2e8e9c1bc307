package org.listserv.members;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;

/// One line of input: a mailbox, `Name <mailbox>`, or in the allow and deny sets `@domain`.
///
/// @param address as it will be kept: a mailbox, or a pattern in normal form
/// @param normal what two spellings of it share
record Entry(String address, String normal, String name) {
    /// The column's limit, which is ezmlm's too.
    private static final int MOST_CHARACTERS = 400;

    /// @throws AddressSyntaxException naming the part that is wrong
    static Entry of(String line, boolean pattern) {
        int open = line.endsWith(">") ? line.lastIndexOf('<') : -1;
        var address = open < 0 ? line : line.substring(open + 1, line.length() - 1).strip();
        var name = open < 0 ? "" : name(line.substring(0, open));
        if (pattern && address.startsWith("@")) {
            var normal = domainPattern(EmailAddress.parse("x" + address));
            return new Entry(normal, normal, "");
        }
        var mailbox = EmailAddress.parse(address, EmailAddress.LONGEST_LOCAL_OCTETS);
        var normal = mailbox.normal();
        if (normal.length() > MOST_CHARACTERS || mailbox.toString().length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException("address is longer than " + MOST_CHARACTERS + " characters");
        }
        return new Entry(pattern ? normal : mailbox.toString(), normal, name);
    }

    /// The entry that stands for everyone at this address's domain.
    static String domainPattern(EmailAddress address) {
        var normal = address.normal();
        return normal.substring(normal.lastIndexOf('@'));
    }

    private static String name(String text) {
        var name = text.strip();
        if (name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")) {
            name = name.substring(1, name.length() - 1);
        }
        name = name.codePoints().filter(c -> !Character.isISOControl(c) && (c < 0xD800 || c > 0xDFFF))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        return name.length() > 200
                ? name.substring(0, name.offsetByCodePoints(0, Math.min(200, name.codePointCount(0, name.length()))))
                : name;
    }
}
