package org.listserv.requests;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Tokens that stand in addresses we mail: who sends to such an address has read that mail. Any node verifies them with the secrets all share
/// and remembers nothing.
///
/// 26 letters of base 32, never 20 letters from `a` to `p` as ezmlm's cookies: 5 say the hour of expiry, 21 are the first 105 bits of
/// HMAC-SHA-256 over hour, purpose, list and subject (docs/formats.md). Compared without case: mail servers change it.
public final class Tokens {
    /// As long as ezmlm's confirmations: 1,000,000 s.
    static final Duration CONFIRMATION = Duration.ofHours(278);

    /// No secret is needed longer than this after another has taken its place. Takings-back of `never` outlive it; they are made anew with every such mail.
    public static final Duration LONGEST = Duration.ofDays(60);

    static final Pattern FORM = Pattern.compile("[a-zA-Z2-7]{26}");

    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int HOUR_LETTERS = 5;
    private static final int MAC_LETTERS = 21;

    private final Supplier<List<byte[]>> secrets;

    /// @param secrets the newest first, never empty; all are accepted, the first makes tokens
    public Tokens(Supplier<List<byte[]>> secrets) {
        this.secrets = secrets;
    }

    /// @param purpose what it allows, and for which set of members: a token for one thing is worth nothing for another
    /// @param subject whom or what it is about, in normal form
    public String make(String purpose, long list, String subject, Instant now, Duration valid) {
        // Up to the next full hour, so a token lives at least as long as was asked.
        return token(secrets.get().getFirst(), now.plus(valid).getEpochSecond() / 3600 + 1, purpose, list, subject);
    }

    public boolean isValid(String token, String purpose, long list, String subject, Instant now) {
        if (!FORM.matcher(token).matches()) {
            return false;
        }
        var given = token.toLowerCase(Locale.ROOT);
        var hour = 0L;
        for (var i = 0; i < HOUR_LETTERS; i++) {
            hour = hour << 5 | BASE32.indexOf(given.charAt(i));
        }
        if (now.getEpochSecond() >= hour * 3600) {
            return false;
        }
        var expires = hour;
        return secrets.get().stream().anyMatch(secret -> MessageDigest.isEqual(
                token(secret, expires, purpose, list, subject).getBytes(StandardCharsets.US_ASCII),
                given.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String token(byte[] secret, long hour, String purpose, long list, String subject) {
        var token = new StringBuilder();
        for (var shift = 5 * (HOUR_LETTERS - 1); shift >= 0; shift -= 5) {
            token.append(BASE32.charAt((int) (hour >>> shift & 31)));
        }
        var mac = mac(secret, hour, purpose, list, subject);
        for (var bit = 0; bit < 5 * MAC_LETTERS; bit += 5) {
            var two = (mac[bit / 8] & 0xff) << 8 | mac[bit / 8 + 1] & 0xff;
            token.append(BASE32.charAt(two >>> 11 - bit % 8 & 31));
        }
        return token.toString();
    }

    private static byte[] mac(byte[] secret, long hour, String purpose, long list, String subject) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update("token\0".getBytes(StandardCharsets.US_ASCII));      // other things are signed with the same secret
            mac.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(hour).putLong(list).flip());
            mac.update((purpose + "\0" + subject).getBytes(StandardCharsets.UTF_8));
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has HmacSHA256", e);
        }
    }
}
