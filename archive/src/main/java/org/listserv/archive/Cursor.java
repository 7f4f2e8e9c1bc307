package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Where a listing goes on: the sort value of the last row shown. Opaque outside this package and safe in a URL as it is.
///
/// A cursor names a place and no row, so it stays good when rows come and go.
public record Cursor(String text) {
    /// The cursor was not made by the listing it is given to.
    public static final class BadCursor extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        BadCursor(String text) {
            super("not a place in this listing: " + (text.length() > 100 ? text.substring(0, 100) + "..." : text));
        }
    }

    static Cursor of(Object... parts) {
        var texts = new ArrayList<String>();
        for (var part : parts) {
            texts.add(switch (part) {
                case Long number -> Long.toString(number);
                case Instant instant -> Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
                default -> Base64.getUrlEncoder().withoutPadding().encodeToString(part.toString().getBytes(UTF_8));
            });
        }
        return new Cursor(String.join(".", texts));
    }

    /// @return the parts, exactly `count` of them
    Parts parts(int count) {
        var parts = List.of(text.split("\\.", -1));
        if (parts.size() != count) {
            throw new BadCursor(text);
        }
        return new Parts(parts);
    }

    final class Parts {
        private final List<String> parts;

        private Parts(List<String> parts) {
            this.parts = parts;
        }

        long number(int index) {
            try {
                return Long.parseLong(parts.get(index));
            } catch (NumberFormatException e) {
                throw new BadCursor(text);
            }
        }

        /// PostgreSQL keeps microseconds, and so do cursors. Years beyond four digits are nobody's.
        Instant instant(int index) {
            long micros = number(index);
            if (Math.abs(micros) > 253_402_300_800_000_000L) {
                throw new BadCursor(text);
            }
            return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        }

        String string(int index) {
            try {
                return new String(Base64.getUrlDecoder().decode(parts.get(index)), UTF_8);
            } catch (IllegalArgumentException e) {
                throw new BadCursor(text);
            }
        }
    }
}
