package org.listserv.posting;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A name that another archive gave a message, in one spelling.
///
/// @param kind `ponymail`, `ezmlm` (a message number of the list), `other` (whatever was imported)
/// @param id   for Pony Mail without the list's id behind it: that one changed when lists were renamed
public record LegacyId(String kind, String id) {
    public static final String PONY_MAIL = "ponymail";
    public static final String EZMLM = "ezmlm";
    public static final String OTHER = "other";

    /// Octets; the primary key's index takes no more.
    public static final int LONGEST = 2_000;

    private static final Pattern PONY_MAIL_ID = Pattern
            .compile("([0-9b-df-hj-tv-z]{32}|r?[0-9a-f]{56}|[0-9a-f]{18})(@[0-9]{1,12})?(?:@<?[^<>@]*>?)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern SHORT = Pattern.compile("[ZB]([0-9a-z-]{7})([0-9a-z-]{7})");
    private static final int HALF_DIGITS = 9;

    /// An id of Pony Mail, of any of its generations, the list's id behind it or not. A short link (`Z7qd2pd84pll5sl`) stands for the
    /// first 18 digits of a longer id.
    public static Optional<LegacyId> ponyMail(String written) {
        var shortened = SHORT.matcher(written);
        if (shortened.matches()) {
            return half(shortened.group(1))
                    .flatMap(first -> half(shortened.group(2)).map(second -> new LegacyId(PONY_MAIL, first + second)));
        }
        var matcher = PONY_MAIL_ID.matcher(written);
        return matcher.matches()
                ? Optional.of(new LegacyId(PONY_MAIL,
                        (matcher.group(1) + (matcher.group(2) == null ? "" : matcher.group(2))).toLowerCase(Locale.ROOT)))
                : Optional.empty();
    }

    /// However it is written in a file of permalinks.
    public static LegacyId of(String written) {
        return ponyMail(written).orElseGet(() -> new LegacyId(OTHER, written));
    }

    public static LegacyId ezmlm(long number) {
        return new LegacyId(EZMLM, Long.toString(number));
    }

    /// May stand for longer ids that begin like this.
    public boolean mayBeShortened() {
        return kind.equals(PONY_MAIL) && id.matches("[0-9a-f]{18}|r?[0-9a-f]{56}");
    }

    private static Optional<String> half(String digits) {
        var number = digits.replace("-", "");
        if (number.isEmpty()) {
            return Optional.empty();
        }
        var hex = Long.toHexString(Long.parseLong(number, 36));
        return hex.length() > HALF_DIGITS ? Optional.empty() : Optional.of("0".repeat(HALF_DIGITS - hex.length()) + hex);
    }
}
