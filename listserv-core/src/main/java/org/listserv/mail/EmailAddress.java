package org.listserv.mail;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

import org.listserv.mail.AddressSyntaxException.Part;

/// A mailbox as it may stand in an SMTP envelope: RFC 5321 §4.1.2 `Mailbox`, with the UTF-8 of RFC 6531 §3.3.
/// Valid because it exists: comments, folding white space and control characters never get in.
///
/// @param localPart without quotes and backslashes; its case is kept, since only the destination may interpret it (RFC 5321 §2.4)
/// @param domain lower case, as it was written otherwise (A-labels stay A-labels, U-labels stay U-labels), or an address literal `[192.0.2.1]`
public record EmailAddress(String localPart, String domain) {
    /// RFC 5321 §4.5.3.1.1.
    public static final int MAX_LOCAL_OCTETS = 64;
    /// RFC 5321 §4.5.3.1.2.
    public static final int MAX_DOMAIN_OCTETS = 255;
    /// What no local part may exceed: VERP, cookies and other people's bounce addresses are longer than the standard's 64,
    /// and RFC 5321 §4.5.3.1 asks to be liberal where that costs nothing.
    public static final int LONGEST_LOCAL_OCTETS = 255;

    private static final Pattern LABELS = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final String ATEXT_MARKS = "!#$%&'*+-/=?^_`{|}~";

    public EmailAddress {
        checkLocalPart(localPart);
        domain = domain.toLowerCase(Locale.ROOT);
        checkDomain(domain);
    }

    /// As [#parse(String, int)], with the standard's limit of 64 octets for the local part.
    public static EmailAddress parse(String mailbox) {
        return parse(mailbox, MAX_LOCAL_OCTETS);
    }

    /// @param mailbox without angle brackets and without white space around it
    /// @param maxLocalOctets longest local part, counted in UTF-8 octets as it is written; our own addresses may have 200
    /// @throws AddressSyntaxException naming the part that is wrong
    public static EmailAddress parse(String mailbox, int maxLocalOctets) {
        if (mailbox.isEmpty()) {
            throw new AddressSyntaxException(Part.ADDRESS, "is empty");
        }
        if (mailbox.length() > 2 * (LONGEST_LOCAL_OCTETS + 1) + MAX_DOMAIN_OCTETS + 1) {
            throw new AddressSyntaxException(Part.ADDRESS, "is too long");
        }
        return mailbox.charAt(0) == '"' ? parseQuoted(mailbox, maxLocalOctets) : parseDotString(mailbox, maxLocalOctets);
    }

    private static EmailAddress parseDotString(String mailbox, int maxLocalOctets) {
        int at = mailbox.indexOf('@');
        if (at < 0) {
            throw new AddressSyntaxException(Part.ADDRESS, "has no @");
        }
        var local = mailbox.substring(0, at);
        checkLength(local, maxLocalOctets);
        if (!isDotString(local)) {
            throw new AddressSyntaxException(Part.LOCAL_PART, local.isEmpty() ? "is empty" : "has a character or dot that needs quotes");
        }
        return new EmailAddress(local, mailbox.substring(at + 1));
    }

    private static EmailAddress parseQuoted(String mailbox, int maxLocalOctets) {
        var local = new StringBuilder();
        int i = 1;
        for (; i < mailbox.length() && mailbox.charAt(i) != '"'; i++) {
            char c = mailbox.charAt(i);
            if (c == '\\') {
                // quoted-pairSMTP: RFC 6531 widens qtext to UTF-8 but leaves this one at ASCII.
                if (++i == mailbox.length() || mailbox.charAt(i) < ' ' || mailbox.charAt(i) > '~') {
                    throw new AddressSyntaxException(Part.LOCAL_PART, "has a backslash before nothing that can be quoted");
                }
                c = mailbox.charAt(i);
            }
            local.append(c);
        }
        if (i == mailbox.length()) {
            throw new AddressSyntaxException(Part.LOCAL_PART, "has no closing quote");
        }
        if (i + 1 == mailbox.length() || mailbox.charAt(i + 1) != '@') {
            throw new AddressSyntaxException(Part.LOCAL_PART, "goes on after the closing quote");
        }
        checkLength(mailbox.substring(0, i + 1), maxLocalOctets);
        return new EmailAddress(local.toString(), mailbox.substring(i + 2));
    }

    /// The form under which two spellings are the same mailbox for us: lower case throughout, composed (NFC), domain in A-labels.
    /// Local parts are compared without case as ezmlm and every large provider do, though RFC 5321 §2.4 would allow a difference.
    public String normal() {
        var local = Normalizer.normalize(quoted().toLowerCase(Locale.ROOT), Normalizer.Form.NFC);
        return local + "@" + (isLiteral(domain) ? domain : aLabels(domain));
    }

    /// Can it be named to a server without SMTPUTF8? An internationalised domain could still be written in A-labels, a local part could not.
    public boolean isAscii() {
        return isAscii(localPart) && isAscii(domain);
    }

    /// The mailbox as it is written in an envelope or between the angle brackets of a header field: quoted where it must be.
    @Override
    public String toString() {
        return quoted() + "@" + domain;
    }

    private String quoted() {
        if (isDotString(localPart)) {
            return localPart;
        }
        var quoted = new StringBuilder("\"");
        for (char c : localPart.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    private static void checkLocalPart(String local) {
        checkLength(local, LONGEST_LOCAL_OCTETS);
        local.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || isSurrogate(c)) {
                throw new AddressSyntaxException(Part.LOCAL_PART, "has a control character");
            }
        });
    }

    private static void checkLength(String local, int maxOctets) {
        if (local.getBytes(StandardCharsets.UTF_8).length > maxOctets) {
            throw new AddressSyntaxException(Part.LOCAL_PART, "is longer than " + maxOctets + " octets");
        }
    }

    private static boolean isDotString(String local) {
        boolean afterDot = true;
        for (char c : local.toCharArray()) {
            if (c == '.' ? afterDot : !isAtext(c)) {
                return false;
            }
            afterDot = c == '.';
        }
        return !afterDot;
    }

    private static boolean isAtext(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c > '~' || ATEXT_MARKS.indexOf(c) >= 0;
    }

    private static void checkDomain(String domain) {
        if (domain.isEmpty()) {
            throw new AddressSyntaxException(Part.DOMAIN, "is empty");
        }
        if (isLiteral(domain)) {
            if (!AddressLiteral.isValid(domain.substring(1, domain.length() - 1))) {
                throw new AddressSyntaxException(Part.DOMAIN, "is not an IPv4 or IPv6 address literal (RFC 5321 §4.1.3)");
            }
            return;
        }
        var ascii = isAscii(domain) ? domain : aLabels(domain);
        if (domain.getBytes(StandardCharsets.UTF_8).length > MAX_DOMAIN_OCTETS || ascii.length() > MAX_DOMAIN_OCTETS) {
            throw new AddressSyntaxException(Part.DOMAIN, "is longer than " + MAX_DOMAIN_OCTETS + " octets");
        }
        // Underscores are refused with the rest: no mail host can be named so (RFC 5321 §2.3.5).
        if (!LABELS.matcher(ascii).matches()) {
            throw new AddressSyntaxException(Part.DOMAIN, "is not made of letters, digits and inner hyphens");
        }
    }

    private static boolean isLiteral(String domain) {
        return domain.startsWith("[") && domain.endsWith("]");
    }

    /// Java's IDNA is that of 2003, frozen at Unicode 3.2; newer scripts pass as unassigned. Good enough to tell equal names from different ones.
    private static String aLabels(String domain) {
        try {
            return IDN.toASCII(domain, IDN.ALLOW_UNASSIGNED | IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new AddressSyntaxException(Part.DOMAIN, "is not an internationalised domain name (RFC 5890)");
        }
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
