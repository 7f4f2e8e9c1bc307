package org.listserv.bounce;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.listserv.bounce.Recipient.Action;
import org.listserv.bounce.Recipient.Kind;
import org.listserv.bounce.Wordings.Meaning;

/// Why a copy was not delivered, told from what an MTA said: its words first, since a status is often only the MTA's own guess; then the status.
/// Whatever leaves a doubt is not hard.
///
/// @param status enhanced, may be empty
/// @param code of the SMTP reply, 0 when there is none
record Diagnosis(String status, int code, Phase phase, String words) {
    private static final int MAX_WORDS = 2_000;
    /// `550 5.1.1`, `550-5.1.1`, `550 #5.1.0`, `550-'5.2.2`.
    private static final Pattern REPLY = Pattern.compile("(?<![\\d.])([245]\\d\\d)[ -]{1,2}'?\\(?#?([245]\\.[0-7]\\.\\d{1,3})(?!\\.?\\d)");
    private static final Pattern STATUS = Pattern.compile("(?<![\\w.-])([245]\\.[0-7]\\.\\d{1,3})(?!\\.?\\d)");
    private static final Pattern CODE = Pattern.compile("(?:^|[:;<\\['\"(>,]) ?:?([245]\\d\\d)(?=[ -]|$)");
    /// Repeated by every line of a long reply (RFC 5321 §4.2.1).
    private static final Pattern CONTINUED = Pattern.compile("\\b[245]\\d\\d-([245]\\.\\d{1,3}\\.\\d{1,3}(?=\\s|$))?");
    private static final Pattern ADDRESS = Pattern
            .compile("<?(?:\"[^\"\\s]{1,64}\"|[^\\s<>()\\[\\],;:\"'@]{1,128})@[^\\s<>()\\[\\],;:\"'@]{1,255}>?");
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final Set<Meaning> REASONS = EnumSet.of(Meaning.POLICY, Meaning.HINT, Meaning.SOFT, Meaning.UNKNOWN, Meaning.HARD);
    /// RFC 3463 §3.2, RFC 7505 §4.2: the address, its domain or its syntax.
    private static final Set<String> NO_SUCH_ADDRESS = Set.of("1.0", "1.1", "1.2", "1.3", "1.6", "1.10");

    /// Lower case, one space where there was white space, `@` in place of addresses, which must not be taken for words: there is
    /// `blocked@example.org`. At most 2,000 chars are read.
    static String plain(String text) {
        var start = text.length() > 2 * MAX_WORDS ? text.substring(0, 2 * MAX_WORDS) : text;
        var lower = start.toLowerCase(Locale.ROOT).replace('\u2019', '\'').replace('\u00a0', ' ');
        var line = WHITE_SPACE.matcher(CONTINUED.matcher(lower).replaceAll(" ")).replaceAll(" ");
        var without = line.indexOf('@') < 0 ? line : ADDRESS.matcher(line).replaceAll("@");
        return without.length() > MAX_WORDS ? without.substring(0, MAX_WORDS) : without;
    }

    /// The enhanced status in a text; that of the last SMTP reply, which is the one somebody else gave, else the first that stands alone. What was
    /// answered to earlier commands (2yz) only where nothing else is.
    static String status(String text) {
        var found = "";
        for (var reply = REPLY.matcher(text); reply.find();) {
            found = found.isEmpty() || !reply.group(2).startsWith("2") ? reply.group(2) : found;
        }
        return found.isEmpty() ? first(STATUS.matcher(text)) : found;
    }

    /// Of an SMTP reply; 0 when there is none.
    static int code(String text) {
        var start = text.length() > MAX_WORDS ? text.substring(0, MAX_WORDS) : text;
        var code = first(CODE.matcher(start));
        code = code.isEmpty() ? first(REPLY.matcher(start)) : code;
        return code.isEmpty() ? 0 : Integer.parseInt(code);
    }

    private static String first(Matcher matcher) {
        return matcher.find() ? matcher.group(1) : "";
    }

    Kind kind(Action action, Wordings wordings) {
        if (action != Action.FAILED && action != Action.DELAYED) {
            return Kind.NONE;
        }
        var said = said(wordings);
        var doubtful = action == Action.DELAYED || status.startsWith("4") || status.isEmpty() && code >= 400 && code < 500;
        return said == Kind.HARD && doubtful ? Kind.SOFT : said;
    }

    /// Does the text say why, in words that we know?
    static boolean isReason(String plain, Wordings wordings) {
        return wordings.longest(REASONS, plain).isPresent();
    }

    private Kind said(Wordings wordings) {
        // Who closes the door does not want the client, whatever it gives as the reason; and MAIL is not about the recipient.
        var sender = phase == Phase.CONNECT || phase == Phase.MAIL;
        if (phase == Phase.CONNECT && code >= 500) {
            return Kind.POLICY;
        }
        return wordings.longest(REASONS, words).map(wording -> switch (wording.meaning()) {
            case POLICY -> Kind.POLICY;
            case HINT -> sender || isVague() ? Kind.POLICY : byStatus();
            case SOFT -> Kind.SOFT;
            case HARD -> sender ? Kind.POLICY : Kind.HARD;
            default -> sender ? Kind.POLICY : phase == Phase.RCPT || isNoSuchAddress() ? Kind.HARD : Kind.SOFT;
        }).orElseGet(() -> sender ? Kind.POLICY : byStatus());
    }

    /// "Other" and "undefined" (RFC 3463 §3: x.y.0, x.0.z), and what systems and protocols have (x.3.z, x.5.z): nothing about the recipient.
    private boolean isVague() {
        return status.isEmpty() || status.endsWith(".0") || "035".indexOf(status.charAt(2)) >= 0;
    }

    private boolean isNoSuchAddress() {
        return status.length() > 2 && NO_SUCH_ADDRESS.contains(status.substring(2));
    }

    /// RFC 3463 §3, and the registry of RFC 5248. `5.1.0` says nothing without words.
    private Kind byStatus() {
        if (status.isEmpty()) {
            // RFC 7504: the host takes no mail at all.
            return code == 521 ? Kind.HARD : Kind.SOFT;
        }
        var detail = status.substring(2);
        return switch (detail) {
            case "1.1", "1.2", "1.3", "1.6", "1.10" -> Kind.HARD;
            // The sender's address, and messages too large for the recipient, the system, or the way.
            case "1.7", "1.8", "2.3", "3.4" -> Kind.POLICY;
            // The user's account is disabled.
            case "7.13" -> Kind.SOFT;
            default -> switch (detail.charAt(0)) {
                case '6', '7' -> Kind.POLICY;
                default -> Kind.SOFT;
            };
        };
    }
}
