package org.listserv.deploy.command;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

import org.listserv.members.About;
import org.listserv.members.MemberSet;
import org.listserv.members.Mode;

/// How values look to people, the same in every command. Times are UTC and say so.
final class Texts {

    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Texts() {}

    static String day(Instant instant) {
        return instant.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }

    static String minute(Instant instant) {
        return MINUTE.format(instant.truncatedTo(ChronoUnit.MINUTES));
    }

    /// `1 post`, `17 posts`, `12,000 posts`.
    static String count(long number, String one, String many) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : many);
    }

    /// Text from mail, safe for a terminal: line ends and tabs stay, other controls and invisible marks do not.
    static String printable(String text) {
        return text.codePoints()
                .map(c -> c == '\n' || c == '\t' || !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT ? c : ' ')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    static String what(About.Subscribed subscribed) {
        var what = subscribed.set() == MemberSet.DIGEST ? "subscribed to the digest" : "subscribed";
        return subscribed.suspended() ? what + ", suspended" : subscribed.mode() == Mode.NONE ? what + ", gets nothing" : what;
    }

    static String what(About.HasAccess access) {
        return access.set() == MemberSet.ALLOW ? "may post" : "may not post";
    }
}
