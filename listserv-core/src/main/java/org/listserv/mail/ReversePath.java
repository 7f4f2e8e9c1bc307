package org.listserv.mail;

/// The argument of MAIL FROM (RFC 5321 §4.1.1.2): where a delivery report would go, or nowhere.
public sealed interface ReversePath {
    /// `<>`: reports and automatic mail. Nothing may ever be sent back to it (RFC 5321 §4.5.5).
    record Null() implements ReversePath {
        @Override
        public String toString() {
            return "";
        }
    }

    record Mailbox(EmailAddress address) implements ReversePath {
        @Override
        public String toString() {
            return address.toString();
        }
    }

    /// Foreign bounce addresses carry whole addresses and cookies in the local part, so more than the standard's 64 octets are taken.
    /// A source route is dropped, as RFC 5321 appendix C asks.
    ///
    /// @param insideAngleBrackets empty for the null reverse-path. `#@[]`, qmail's mark for the report of a report, is null too.
    /// @throws AddressSyntaxException naming the part that is wrong
    static ReversePath parse(String insideAngleBrackets) {
        if (insideAngleBrackets.isEmpty() || insideAngleBrackets.equals("#@[]")) {
            return new Null();
        }
        int colon = insideAngleBrackets.startsWith("@") ? insideAngleBrackets.indexOf(':') : -1;
        return new Mailbox(EmailAddress.parse(insideAngleBrackets.substring(colon + 1), EmailAddress.LONGEST_LOCAL_OCTETS));
    }
}
