package org.listserv.requests;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;

/// An address inside a local part: `u=d`, the last `=` standing for the `@`.
///
/// A local part that is not plain ASCII, or needs quotes, or looks like this escape, is written `u8--` and the base 32 of its UTF-8, and the
/// domain in A-labels, so that any mail program can send there without SMTPUTF8.
final class SpokenAddress {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9!#$%&'*+=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+=?^_`{|}~-]+)*");
    private static final String ESCAPE = "u8--";
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

    private SpokenAddress() {}

    static String of(EmailAddress address) {
        var local = address.localPart();
        var plain = PLAIN.matcher(local).matches() && !startsWithEscape(local);
        var normal = address.normal();
        var domain = normal.substring(normal.lastIndexOf('@') + 1);
        return (plain ? local : ESCAPE + base32(local.getBytes(StandardCharsets.UTF_8))) + "=" + (address.isAscii()
                ? address.domain()
                : domain);
    }

    /// Empty where it is no address, which includes a local part of ours.
    static Optional<EmailAddress> read(String spoken) {
        var at = spoken.lastIndexOf('=');
        if (at <= 0) {
            return Optional.empty();
        }
        var local = spoken.substring(0, at);
        try {
            var meant = startsWithEscape(local) ? unescaped(local.substring(ESCAPE.length())) : local;
            return Optional.of(new EmailAddress(meant, spoken.substring(at + 1)));
        } catch (AddressSyntaxException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean startsWithEscape(String local) {
        return local.regionMatches(true, 0, ESCAPE, 0, ESCAPE.length());
    }

    private static String base32(byte[] octets) {
        var text = new StringBuilder();
        var bits = 0;
        var held = 0;
        for (var octet : octets) {
            held = held << 8 | octet & 0xff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(BASE32.charAt(held >>> bits & 31));
            }
            held &= (1 << bits) - 1;
        }
        return bits == 0 ? text.toString() : text.append(BASE32.charAt(held << 5 - bits & 31)).toString();
    }

    private static String unescaped(String text) throws CharacterCodingException {
        var octets = ByteBuffer.allocate(text.length() * 5 / 8);
        var bits = 0;
        var held = 0;
        for (var c : text.toCharArray()) {
            var five = BASE32.indexOf(Character.toLowerCase(c));
            if (five < 0) {
                throw new CharacterCodingException();
            }
            held = held << 5 | five;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                octets.put((byte) (held >>> bits));
                held &= (1 << bits) - 1;
            }
        }
        return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    }
}
