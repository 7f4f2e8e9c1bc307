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
    /// The place a relay with XVERP fills in by itself.
    private static final String AT_THE_END = "-" + SUBSCRIBER + "@";
    /// Of RFC 5321 §4.1.2 Atom, without the `/` that some relays take for a folder, and the dot.
    private static final String PLAIN_MARKS = "!#$%&'*+=?^_`{|}~.-";
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
        if (isSpoken(pattern, to) || subscription == 0) {
            return address(pattern.replace(SUBSCRIBER, to.localPart() + "=" + to.domain()));
        }
        return address(pattern.replace(SUBSCRIBER, "~" + subscription + "." + tag(secrets.get().getFirst(), subscription)));
    }

    /// What a relay makes the reverse-paths of many subscribers of: with `MAIL FROM:<dev-return-17@H> XVERP=-=` Postfix puts `-`, then the
    /// recipient with `=` for its `@`, behind the local part, which is what [#reversePath] says for all who are [#isSpoken].
    ///
    /// @return empty where the pattern has no place for the subscriber, or not that one
    public Optional<ReversePath> shared(String pattern) {
        return pattern.contains(AT_THE_END) && pattern.indexOf(SUBSCRIBER) == pattern.lastIndexOf(SUBSCRIBER)
                ? Optional.of(address(pattern.replace(AT_THE_END, "@")))
                : Optional.empty();
    }

    /// Whether the reverse-path names the subscriber's address itself, not id and tag.
    public boolean isSpoken(String pattern, EmailAddress to) {
        var common = pattern.lastIndexOf('@') - SUBSCRIBER.length();
        return common + to.localPart().length() + 1 + to.domain().length() <= LOCAL_PART && isPlain(to.localPart()) && isPlain(to.domain());
    }

    private static boolean isPlain(String text) {
        var last = ' ';
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || PLAIN_MARKS.indexOf(c) >= 0)
                    || c == '.' && last == '.') {
                return false;
            }
            last = c;
        }
        return true;
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
