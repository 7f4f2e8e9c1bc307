package org.listserv.mail;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/// What makes two received messages the same one: the keys under which an arrival is remembered. 33 octets each: a version, then a SHA-256.
/// A retry by the same client has the same [#exact]; a copy that came another way, with other trace fields, has the same [#fingerprint].
public final class Fingerprint {
    private static final byte EXACT = 0x00;
    private static final byte FINGERPRINT = 0x01;
    private static final List<String> FIELDS = List.of("Message-ID", "From", "Date", "Subject");
    private static final int ABSENT = -1;
    private static final byte[] LF = {'\n'};
    private static final char[] BASE32 = "abcdefghijklmnopqrstuvwxyz234567".toCharArray();

    private Fingerprint() {}

    /// 0x00, then SHA-256 over the octets, one NUL and the reverse-path without brackets. The NUL cannot occur in a reverse-path, so no
    /// octets can be moved from one to the other.
    public static byte[] exact(byte[] message, ReversePath reversePath) {
        var digest = sha256();
        digest.update(message);
        digest.update((byte) 0);
        digest.update(reversePath.toString().getBytes(StandardCharsets.UTF_8));
        return versioned(EXACT, digest);
    }

    /// 0x01, then SHA-256 over Message-ID, From, Date and Subject and the body; empty for a message without Message-ID, since two of those
    /// with the same content may well be two messages.
    ///
    /// Each field is a 32-bit big-endian length and so many octets: unfolded, trimmed, in UTF-8; an absent field has the length -1 and no octets.
    /// The body's CRLF, LF and CR count as LF; line ends at its end do not count.
    public static Optional<byte[]> fingerprint(byte[] message, HeaderSection header) {
        return MessageIds.of(header).map(id -> content(message, header));
    }

    /// An identifier for a message that has none, the same on every node and at every try: `BASE32.derived@DOMAIN` without angle brackets,
    /// where BASE32 is the fingerprint (with its Message-ID marked absent) in RFC 4648 §6, lower case, unpadded.
    public static String derivedMessageId(byte[] message, HeaderSection header, String domain) {
        return base32(content(message, header)) + ".derived@" + domain;
    }

    private static byte[] content(byte[] message, HeaderSection header) {
        var digest = sha256();
        for (var name : FIELDS) {
            var field = header.first(name);
            var value = field.map(f -> f.value().getBytes(StandardCharsets.UTF_8)).orElseGet(() -> new byte[0]);
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(field.isPresent() ? value.length : ABSENT).flip());
            digest.update(value);
        }
        body(message, header.bodyOffset(), digest);
        return versioned(FINGERPRINT, digest);
    }

    /// Line by line into the digest: a 25 MB body is read where it lies. Line ends wait until text follows, so those at the end never count.
    private static void body(byte[] message, int from, MessageDigest digest) {
        int pending = 0;
        int at = from;
        while (at < message.length) {
            int lineEnd = at;
            while (lineEnd < message.length && message[lineEnd] != '\n' && message[lineEnd] != '\r') {
                lineEnd++;
            }
            if (lineEnd > at) {
                for (; pending > 0; pending--) {
                    digest.update(LF);
                }
                digest.update(message, at, lineEnd - at);
            }
            pending++;
            boolean crlf = lineEnd + 1 < message.length && message[lineEnd] == '\r' && message[lineEnd + 1] == '\n';
            at = lineEnd + (crlf ? 2 : 1);
        }
    }

    private static byte[] versioned(byte version, MessageDigest digest) {
        return ByteBuffer.allocate(1 + digest.getDigestLength()).put(version).put(digest.digest()).array();
    }

    private static String base32(byte[] octets) {
        var text = new StringBuilder();
        int bits = 0;
        int buffer = 0;
        for (byte octet : octets) {
            buffer = buffer << 8 | octet & 0xff;
            for (bits += 8; bits >= 5; bits -= 5) {
                text.append(BASE32[buffer >> bits - 5 & 31]);
            }
            buffer &= (1 << bits) - 1;
        }
        return bits == 0 ? text.toString() : text.append(BASE32[buffer << 5 - bits & 31]).toString();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
