package org.listserv.web.archive;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;

import org.listserv.archive.Cursor;
import org.listserv.web.page.Place;

/// What stands behind the `?` of an archive page.
public final class Asked {
    private Asked() {}

    /// Where a listing goes on: `after`.
    public static @Nullable Cursor cursor(ServerRequest request) {
        return request.param("after").filter(after -> !after.isEmpty()).map(Cursor::new).orElse(null);
    }

    /// The address of the next piece of a listing, or null at its end.
    ///
    /// @param asked what else to ask for: name, value, name, value ...
    public static @Nullable String next(Place place, @Nullable Cursor next, String... asked) {
        return next == null ? null : with(place, "after", next.text(), asked);
    }

    public static String with(Place place, String name, String value, String... more) {
        var address = new StringBuilder(place.path()).append('?').append(name).append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        for (int i = 0; i < more.length; i += 2) {
            address.append('&').append(more[i]).append('=').append(URLEncoder.encode(more[i + 1], StandardCharsets.UTF_8));
        }
        return address.toString();
    }
}
