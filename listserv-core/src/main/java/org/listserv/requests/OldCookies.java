package org.listserv.requests;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Pattern;

import org.listserv.members.MemberSet;
import org.listserv.store.Database;

/// Confirmations that ezmlm sent before the switch, on lists that brought their key.
final class OldCookies {
    private static final Pattern FORM = Pattern.compile("(?<time>\\d{1,10})\\.(?<cookie>[a-p]{20})");
    private static final long VALID_SECONDS = 1_000_000;

    private OldCookies() {}

    /// @param args    `<time>.<cookie>`
    /// @param written the target as it stands in the address, `u=d`
    static boolean isValid(Database database, long list, MemberSet set, String verb, String args, String written, Instant now) {
        var form = FORM.matcher(args);
        if (!form.matches()) {
            return false;
        }
        var age = now.getEpochSecond() - Long.parseLong(form.group("time"));
        if (age < 0 || age > VALID_SECONDS) {
            return false;
        }
        var at = written.lastIndexOf('=');
        var target = at < 0 ? written : written.substring(0, at) + "@" + written.substring(at + 1);
        var key = key(database, list);
        // ezmlm tells the sets apart by leaving out the end of the key.
        var cut = set.ordinal();
        return key.length > cut && MessageDigest.isEqual(form.group("cookie").getBytes(StandardCharsets.US_ASCII),
                EzmlmCookie.of(Arrays.copyOf(key, key.length - cut), form.group("time"), target, verb).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] key(Database database, long list) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement("select key from ezmlm_key where list_id = ?")) {
                ask.setLong(1, list);
                try (var row = ask.executeQuery()) {
                    return row.next() ? row.getBytes(1) : new byte[0];
                }
            }
        });
    }
}
