package org.listserv.web.page;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Percent-encoding of one path segment (RFC 3986 §2.1, §3.3), strict in both directions: what cannot be
/// read as UTF-8 without control characters is no segment at all, because guessing would give two spellings
/// of one address different pages.
public final class Percent {

    /// May stand in a segment as it is. `;` is allowed by RFC 3986 but servers and proxies cut segments there,
    /// and `'` ends an attribute in careless templates; both are encoded.
    private static final String PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$()*+,=:@";

    private static final String HEX = "0123456789ABCDEF";

    private Percent() {}

    public static String encode(String segment) {
        var written = new StringBuilder(segment.length() + 16);
        for (byte octet : segment.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0 && PLAIN.indexOf(octet) >= 0) {
                written.append((char) octet);
            } else {
                written.append('%').append(HEX.charAt((octet >> 4) & 0xF)).append(HEX.charAt(octet & 0xF));
            }
        }
        return written.toString();
    }

    public static Optional<String> decode(String segment) {
        var octets = new ByteArrayOutputStream(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                if (i + 2 >= segment.length()) {
                    return Optional.empty();
                }
                int high = Character.digit(segment.charAt(i + 1), 16);
                int low = Character.digit(segment.charAt(i + 2), 16);
                if (high < 0 || low < 0 || segment.charAt(i + 1) > 'f' || segment.charAt(i + 2) > 'f') {
                    return Optional.empty();
                }
                octets.write(high << 4 | low);
                i += 2;
            } else if (c > 0xFF) {
                return Optional.empty();
            } else {
                octets.write(c); // the request line reaches us as octets, one a character
            }
        }
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.toByteArray())).toString();
            return text.chars().anyMatch(Character::isISOControl) ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
