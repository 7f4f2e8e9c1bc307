package org.listserv.mail;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;

/// Random and mutated input for parsers, the same on every run. The property tested is "a value or its exception, quickly".
public final class Mutations {
    /// Pieces that parsers stumble over.
    private static final String[] PIECES = {"\r\n", "\n", "\r", "\0", " ", "\t", ":", "=?", "?=", "=?utf-8?q?", "=?x?b?", "<", ">", "<>",
            "(", ")",
            "\"", "\\", "@", ",", ";", "--", "--a--", "\n--a\n", "\nFrom ", "\n\n", "\r\n\r\n",
            "Content-Type: multipart/mixed; boundary=a\n",
            "Content-Transfer-Encoding: base64\n", "\u00e9", "\ud83d\ude00", "=", "=3D", "=\n", "-- \n", "9999999999", "boundary=",
            "\u001b$B"};

    private final Random random;

    public Mutations(long seed) {
        random = new Random(seed);
    }

    /// @param rounds bounded, so that the test ends in a second or two
    public void forEach(byte[] seed, int rounds, Consumer<byte[]> property) {
        for (int i = 0; i < rounds; i++) {
            var mutated = mutate(seed);
            try {
                property.accept(mutated);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("round %d, octets (ISO-8859-1): %s".formatted(i, text(mutated)), e);
            }
        }
    }

    /// Nothing but noise, of every length up to the given.
    public void noise(int maxLength, int rounds, Consumer<byte[]> property) {
        for (int i = 0; i < rounds; i++) {
            var octets = new byte[random.nextInt(maxLength)];
            random.nextBytes(octets);
            forEach(octets, 1, property);
        }
    }

    private byte[] mutate(byte[] seed) {
        var text = new StringBuilder(text(seed));
        for (int edits = 1 + random.nextInt(8); edits > 0; edits--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + 1 + random.nextInt(20));
            switch (random.nextInt(5)) {
                case 0 -> text.insert(at, text(PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8)));
                case 1 -> text.delete(at, end);
                case 2 -> text.insert(random.nextInt(text.length() + 1), text.substring(at, end));
                case 3 -> text.insert(at, (char) random.nextInt(256));
                default -> text.setLength(Math.max(at, text.length() / 2));
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
