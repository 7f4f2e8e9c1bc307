package org.listserv.web.page;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/// A time as pages show it: absolute and in UTC, because pages are kept, printed and quoted long after "2 hours ago".
///
/// @param machine for the `datetime` attribute
/// @param text for people
public record Moment(String machine, String text) {
    private static final DateTimeFormatter FULL = DateTimeFormatter.ofPattern("EEE, d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter SORTED = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ENGLISH);
    private static final DateTimeFormatter BRIEF = DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH);

    /// Mon, 25 March 2024, 21:40 UTC
    public static Moment full(Instant instant) {
        return of(instant, FULL);
    }

    /// 25 March 2024
    public static Moment day(Instant instant) {
        return of(instant, DAY);
    }

    /// 2024-03-25 21:40, for columns
    public static Moment sorted(Instant instant) {
        return of(instant, SORTED);
    }

    /// 25 Mar 21:40, where the year is known
    public static Moment brief(Instant instant) {
        return of(instant, BRIEF);
    }

    private static Moment of(Instant instant, DateTimeFormatter format) {
        return new Moment(instant.truncatedTo(ChronoUnit.SECONDS).toString(),
                format.format(ZonedDateTime.ofInstant(instant, ZoneOffset.UTC)));
    }
}
