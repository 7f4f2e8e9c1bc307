package org.listserv.bounce;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

/// Reverse-paths that name the subscriber, so that a delivery report tells whom it is about: `L-return-N-u=d@H`, the form ezmlm made known.
/// Where that would exceed 64 octets, or `u` is not plain ASCII: `L-return-N-~ID.TAG@H` with the subscription's id and a keyed tag, so that
/// ids cannot be guessed. Both are understood always.
public final class Verp {
    /// RFC 5321 §4.5.3.1.1.
    private static final int LOCAL_PART = 64;
    private static final String SUBSCRIBER = "{u}";
    /// RFC 5321 §4.1.2 Atom, without the `/` that some relays take for a folder, and the dot.
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9!#$%&'*+=?^_`{|}~.-]+");
    private static final Pattern RETURNED = Pattern.compile("(?<number>\\d{1,18})?(-(?<who>.*))?", Pattern.DOTALL);
    private static final Pattern SHORT = Pattern.compile("~(?<id>\\d{1,18})\\.(?<tag>[a-z2-7]{8})");
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

    private final Supplier<List<byte[]>> secrets;

    /// @param secrets the newest first, never empty; all are accepted, the first makes tags
    public Verp(Supplier<List<byte[]>> secrets) {
        this.secrets = secrets;
    }

    /// @param pattern      a reverse-path with `{u}` for the subscriber, one without, or empty for the null reverse-path
    /// @param subscription 0 where the copy goes to an address that is none
    public ReversePath reversePath(String pattern, long subscription, EmailAddress to) {
        if (pattern.isEmpty()) {
            return new ReversePath.Null();
        }
        if (!pattern.contains(SUBSCRIBER)) {
            return address(pattern);
        }
        var at = pattern.lastIndexOf('@');
        var spoken = pattern.replace(SUBSCRIBER, to.localPart() + "=" + to.domain());
        var isPlain = PLAIN.matcher(to.localPart()).matches() && PLAIN.matcher(to.domain()).matches();
        var fits = spoken.length() - (pattern.length() - at) <= LOCAL_PART;
        if (isPlain && fits || subscription == 0) {
            return address(spoken);
        }
        return address(pattern.replace(SUBSCRIBER, "~" + subscription + "." + tag(secrets.get().getFirst(), subscription)));
    }

    private static ReversePath address(String text) {
        return new ReversePath.Mailbox(EmailAddress.parse(text, EmailAddress.LONGEST_LOCAL_OCTETS));
    }

    /// What the local part behind `L-return-` says. Anybody can write such an address: it is a claim, not a proof.
    ///
    /// @param number       of the post
    /// @param subscription only with a valid tag
    public record Returned(@Nullable Long number, @Nullable Long subscription, @Nullable EmailAddress address) {}

    /// @param behind what stands between `L-return-` and the `@`
    public Returned read(String behind) {
        var returned = RETURNED.matcher(behind);
        if (!returned.matches()) {
            return new Returned(null, null, null);
        }
        @Nullable
        Long number = returned.group("number") == null ? null : Long.valueOf(returned.group("number"));
        var who = Optional.ofNullable(returned.group("who")).orElse("");
        var shorter = SHORT.matcher(who.toLowerCase(Locale.ROOT));
        if (shorter.matches()) {
            var id = Long.parseLong(shorter.group("id"));
            return new Returned(number, isOurs(id, shorter.group("tag")) ? id : null, null);
        }
        return new Returned(number, null, subscriber(who).orElse(null));
    }

    /// The last `=` stands for the `@`.
    private static Optional<EmailAddress> subscriber(String who) {
        var at = who.lastIndexOf('=');
        if (at < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(EmailAddress.parse(who.substring(0, at) + "@" + who.substring(at + 1), EmailAddress.LONGEST_LOCAL_OCTETS));
        } catch (AddressSyntaxException e) {
            return Optional.empty();
        }
    }

    private boolean isOurs(long subscription, String tag) {
        return secrets.get().stream()
                .anyMatch(secret -> MessageDigest.isEqual(tag(secret, subscription).getBytes(StandardCharsets.US_ASCII),
                        tag.getBytes(StandardCharsets.US_ASCII)));
    }

    /// 40 bits of HMAC-SHA-256 over `verp` and the id, in base 32.
    private static String tag(byte[] secret, long subscription) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            var hash = mac.doFinal(("verp " + subscription).getBytes(StandardCharsets.US_ASCII));
            var bits = 0L;
            for (var i = 0; i < 5; i++) {
                bits = bits << 8 | hash[i] & 0xff;
            }
            var tag = new StringBuilder();
            for (var shift = 35; shift >= 0; shift -= 5) {
                tag.append(BASE32.charAt((int) (bits >>> shift & 31)));
            }
            return tag.toString();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has HmacSHA256", e);
        }
    }
}
