package org.listserv.mail;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Dates as mail writes them: RFC 5322 §3.3 with the obsolete forms of §4.3, and what programs wrote instead (C's `asctime`, ISO 8601,
/// missing seconds, zones or commas). A date that cannot be is absent; one that is merely unlikely, such as 1904 or 2099, is returned.
public final class MailDates {
    private static final int MAX_READ = 200;
    private static final List<String> MONTHS = List.of("january", "february", "march", "april", "may", "june", "july", "august",
            "september",
            "october", "november", "december");
    /// RFC 5322 §4.3. Other letters say nothing reliable and mean UTC.
    private static final Map<String, Integer> ZONES = Map.ofEntries(Map.entry("est", -5), Map.entry("edt", -4), Map.entry("cst", -6),
            Map.entry("cdt", -5), Map.entry("mst", -7), Map.entry("mdt", -6), Map.entry("pst", -8), Map.entry("pdt", -7),
            Map.entry("cet", 1), Map.entry("cest", 2), Map.entry("met", 1), Map.entry("mest", 2), Map.entry("bst", 1), Map.entry("jst", 9));

    private static final Pattern ISO_DATE = Pattern.compile("\\b(\\d{4})[-/](\\d{1,2})[-/](\\d{1,2})(?:T(?=\\d))?");
    private static final Pattern NUMERIC_MONTH = Pattern.compile("#\\d{1,2}");
    private static final Pattern DASHED_DATE = Pattern.compile("\\b(\\d{1,2})-(\\p{Alpha}{3,9})-(\\d{2,4})\\b");
    private static final Pattern TIME = Pattern.compile("(\\d{1,2})[:.](\\d{1,2})(?:[:.](\\d{1,2})(?:[.,]\\d+)?)?(.*)");
    private static final Pattern OFFSET = Pattern.compile("(?:gmt|utc?)?([+-])(\\d{1,2}):?(\\d{2})");
    private static final Pattern LOOSE_COLON = Pattern.compile("(?<=\\d)\\s*:\\s*(?=\\d)");
    private static final Pattern SEPARATORS = Pattern.compile("[\\s,]+");

    private MailDates() {}

    /// When the author says it was sent (the Date field).
    public static Optional<Instant> sent(HeaderSection header) {
        return header.first("Date").flatMap(field -> parse(field.value()));
    }

    /// When the last host took it: the date of the topmost Received field (RFC 5321 §4.4).
    public static Optional<Instant> topmostReceived(HeaderSection header) {
        return header.first("Received").flatMap(field -> {
            // Some programs leave a comment open, and all that follows would be in it.
            return afterLastSemicolon(withoutComments(field.value())).or(() -> afterLastSemicolon(field.value()));
        });
    }

    private static Optional<Instant> afterLastSemicolon(String value) {
        int semicolon = value.lastIndexOf(';');
        return semicolon < 0 ? Optional.empty() : parse(value.substring(semicolon + 1));
    }

    static Optional<Instant> parse(String value) {
        var text = withoutComments(Text.cut(value, MAX_READ));
        text = ISO_DATE.matcher(text).replaceFirst(" $3 #$2 $1 ");
        text = DASHED_DATE.matcher(text).replaceFirst("$1 $2 $3");
        text = LOOSE_COLON.matcher(text).replaceAll(":");
        var reading = new Reading();
        for (var token : SEPARATORS.split(text.strip().toLowerCase(Locale.ROOT))) {
            reading.take(token);
        }
        return reading.instant();
    }

    private static String withoutComments(String text) {
        if (text.indexOf('(') < 0) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        int depth = 0;
        for (char c : text.toCharArray()) {
            if (c == '(') {
                depth++;
            } else if (c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0) {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    /// What has been understood so far, token by token, in whatever order they come.
    private static final class Reading {
        private @Nullable Integer day;
        private @Nullable Integer month;
        private @Nullable Integer year;
        private int hour;
        private int minute;
        private int second;
        private boolean timed;
        private int offsetSeconds;

        void take(String token) {
            if (token.isEmpty()) {
                return;
            }
            char first = token.charAt(0);
            if (NUMERIC_MONTH.matcher(token).matches()) {
                month = Integer.valueOf(token.substring(1));
            } else if (first >= '0' && first <= '9') {
                number(token);
            } else if (!zone(token)) {
                word(token);
            }
        }

        private void number(String token) {
            var time = TIME.matcher(token);
            if (!timed && time.matches()) {
                timed = true;
                hour = Integer.parseInt(time.group(1));
                minute = Integer.parseInt(time.group(2));
                // A leap second is not told apart by anybody downstream.
                second = time.group(3) == null ? 0 : Math.min(59, Integer.parseInt(time.group(3)));
                take(time.group(4));
            } else if (token.length() <= 2 && token.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int value = Integer.parseInt(token);
                if (day == null) {
                    day = value;
                } else if (year == null) {
                    year = value < 50 ? 2000 + value : 1900 + value;
                }
            } else if (year == null && token.length() <= 4 && token.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int value = Integer.parseInt(token);
                year = token.length() == 3 ? 1900 + value : value;
            }
        }

        private boolean zone(String token) {
            var offset = OFFSET.matcher(token);
            if (!timed || !offset.matches()) {
                return false;
            }
            int seconds = Integer.parseInt(offset.group(2)) * 3600 + Integer.parseInt(offset.group(3)) * 60;
            if (seconds <= ZoneOffset.MAX.getTotalSeconds()) {
                offsetSeconds = offset.group(1).equals("-") ? -seconds : seconds;
            }
            return true;
        }

        private void word(String token) {
            if (token.equals("pm") && hour < 12) {
                hour += 12;
            } else if (token.equals("am") && hour == 12) {
                hour = 0;
            } else if (timed && ZONES.containsKey(token)) {
                offsetSeconds = ZONES.get(token) * 3600;
            } else if (month == null && token.length() >= 3) {
                month = MONTHS.stream().filter(name -> name.startsWith(token)).findFirst().map(name -> MONTHS.indexOf(name) + 1)
                        .orElse(null);
            }
        }

        Optional<Instant> instant() {
            if (day == null || month == null || year == null || year < 1) {
                return Optional.empty();
            }
            try {
                return Optional.of(LocalDateTime.of(year, month, day, hour, minute, second)
                        .toInstant(ZoneOffset.ofTotalSeconds(offsetSeconds)));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }
    }
}
