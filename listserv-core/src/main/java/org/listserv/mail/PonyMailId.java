package org.listserv.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

/// The permalink that Pony Mail (Foal) gives a message: 32 characters computed from the message itself, so it can be had again without
/// the old archive. It is an HMAC-SHA-256, keyed with the list's id, over the fields DKIM names for signing (RFC 4871 §5.5), relaxed
/// (RFC 6376 §3.4.2), and the body, simple (§3.4.3); of it the first 160 bits, in base 32.
///
/// Two things differ from DKIM: fields stand in the message's order, and a body that does not end with a line end stays so.
public final class PonyMailId {
    private static final char[] ALPHABET = "0123456789bcdfghjklmnopqrstvwxyz".toCharArray();
    private static final int OCTETS = 20;
    private static final byte[] CRLF = {'\r', '\n'};
    private static final Set<String> FIELDS = Set.of("from", "sender", "reply-to", "subject", "date", "message-id", "to", "cc",
            "mime-version",
            "content-type", "content-transfer-encoding", "content-id", "content-description", "resent-date", "resent-from",
            "resent-sender", "resent-to", "resent-cc", "resent-message-id", "in-reply-to", "references", "list-id", "list-help",
            "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive", "dkim-signature");
    private static final int LONGEST_FIELD_NAME = 40;

    private PonyMailId() {}

    /// @param message its octets; line ends of any kind count as CRLF
    /// @param listId  RFC 2919's, without angle brackets: `users.ponymail.apache.org`
    public static String of(byte[] message, String listId) {
        var mac = mac("<" + listId + ">");
        int at = header(message, mac);
        mac.update(CRLF);
        body(message, at, mac);
        return base32(mac.doFinal());
    }

    /// @return where the body begins; the length of the message where no empty line ends the header section
    private static int header(byte[] message, Mac mac) {
        ByteArrayOutputStream field = null;
        int at = 0;
        while (at < message.length) {
            int end = lineEnd(message, at);
            if (end == at) {
                finish(field, mac);
                return next(message, end);
            }
            if (message[at] != ' ' && message[at] != '\t') {
                finish(field, mac);
                field = isSigned(message, at, end) ? new ByteArrayOutputStream() : null;
            }
            if (field != null) {
                field.write(message, at, end - at);
            }
            at = next(message, end);
        }
        finish(field, mac);
        return message.length;
    }

    private static boolean isSigned(byte[] message, int from, int to) {
        int colon = from;
        while (colon < to && message[colon] != ':') {
            colon++;
        }
        return colon - from <= LONGEST_FIELD_NAME && FIELDS.contains(
                new String(message, from, colon - from, StandardCharsets.ISO_8859_1).replaceAll("[ \t]+$", "").toLowerCase(Locale.ROOT));
    }

    private static void finish(@Nullable ByteArrayOutputStream unfolded, Mac mac) {
        if (unfolded == null) {
            return;
        }
        var field = unfolded.toByteArray();
        int colon = 0;
        while (colon < field.length && field[colon] != ':') {
            colon++;
        }
        for (int i = 0; i < colon; i++) {
            if (field[i] >= 'A' && field[i] <= 'Z') {
                field[i] = (byte) (field[i] + ('a' - 'A'));
            }
        }
        relaxed(field, 0, colon, mac);
        mac.update((byte) ':');
        relaxed(field, Math.min(colon + 1, field.length), field.length, mac);
        mac.update(CRLF);
    }

    /// White space at both ends dropped, elsewhere made one space.
    private static void relaxed(byte[] field, int from, int to, Mac mac) {
        boolean begun = false;
        boolean space = false;
        for (int i = from; i < to; i++) {
            if (field[i] == ' ' || field[i] == '\t') {
                space = begun;
            } else {
                if (space) {
                    mac.update((byte) ' ');
                }
                mac.update(field[i]);
                begun = true;
                space = false;
            }
        }
    }

    /// Empty lines wait until text follows: of those at the end one line end counts, and an empty body is one line end.
    private static void body(byte[] message, int from, Mac mac) {
        int lineEnds = from == message.length ? 1 : 0;
        int at = from;
        while (at < message.length) {
            int end = lineEnd(message, at);
            if (end > at) {
                for (; lineEnds > 0; lineEnds--) {
                    mac.update(CRLF);
                }
                mac.update(message, at, end - at);
            }
            lineEnds += end < message.length ? 1 : 0;
            at = next(message, end);
        }
        if (lineEnds > 0) {
            mac.update(CRLF);
        }
    }

    private static int lineEnd(byte[] message, int from) {
        int at = from;
        while (at < message.length && message[at] != '\r' && message[at] != '\n') {
            at++;
        }
        return at;
    }

    private static int next(byte[] message, int lineEnd) {
        if (lineEnd == message.length) {
            return lineEnd;
        }
        return lineEnd + (message[lineEnd] == '\r' && lineEnd + 1 < message.length && message[lineEnd + 1] == '\n' ? 2 : 1);
    }

    private static String base32(byte[] digest) {
        var text = new StringBuilder(OCTETS * 8 / 5);
        int bits = 0;
        int buffer = 0;
        for (int i = 0; i < OCTETS; i++) {
            buffer = (buffer << 8 | digest[i] & 0xff) & 0xfff;
            for (bits += 8; bits >= 5; bits -= 5) {
                text.append(ALPHABET[buffer >> bits - 5 & 31]);
            }
        }
        return text.toString();
    }

    private static Mac mac(String key) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has HmacSHA256", e);
        }
    }
}
