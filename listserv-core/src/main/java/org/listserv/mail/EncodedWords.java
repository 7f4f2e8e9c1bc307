package org.listserv.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

/// Reads encoded-words (RFC 2047, with the language tag of RFC 2231 §5), forgiving what mail programs get wrong: words within words
/// and quotes, spaces inside, characters split between neighbours, missing padding. What cannot be read stays as it stands. Linear time.
final class EncodedWords {
    private static final int MAX_CHARSET = 80;

    private final String text;
    private final StringBuilder out = new StringBuilder();
    private final ByteArrayOutputStream run = new ByteArrayOutputStream();
    private @Nullable Charset runCharset;
    /// The nearest `?=` found so far; remembered, or many beginnings before one end would be searched over and over.
    private int wordEnd = -1;

    private EncodedWords(String text) {
        this.text = text;
    }

    private record Word(Charset charset, boolean base64, int textStart, int textEnd) {}

    static String decode(String text) {
        return text.contains("=?") ? new EncodedWords(text).decode() : text;
    }

    private String decode() {
        int copied = 0;
        int from = 0;
        for (int start = text.indexOf("=?"); start >= 0; start = text.indexOf("=?", from)) {
            var word = wordAt(start);
            if (word == null) {
                from = start + 2;
                continue;
            }
            // White space between two encoded-words is not part of the text (RFC 2047 §6.2).
            boolean adjacent = runCharset != null && text.substring(copied, start).isBlank();
            if (!adjacent || !word.charset.equals(runCharset)) {
                flush();
            }
            if (!adjacent) {
                out.append(text, copied, start);
            }
            runCharset = word.charset;
            decode(word);
            from = copied = word.textEnd + 2;
        }
        flush();
        return out.append(text, copied, text.length()).toString();
    }

    private @Nullable Word wordAt(int start) {
        int charsetEnd = start + 2;
        while (charsetEnd < text.length() && charsetEnd - start < MAX_CHARSET && text.charAt(charsetEnd) > ' '
                && text.charAt(charsetEnd) != '?') {
            charsetEnd++;
        }
        if (charsetEnd + 3 > text.length() || text.charAt(charsetEnd) != '?' || text.charAt(charsetEnd + 2) != '?') {
            return null;
        }
        char encoding = Character.toLowerCase(text.charAt(charsetEnd + 1));
        int textStart = charsetEnd + 3;
        int textEnd = wordEnd >= textStart ? wordEnd : text.indexOf("?=", textStart);
        wordEnd = textEnd < 0 ? Integer.MAX_VALUE : textEnd;
        int nextStart = text.indexOf("=?", textStart);
        boolean endless = wordEnd == Integer.MAX_VALUE || nextStart >= 0 && nextStart + 1 < textEnd;
        if (endless || encoding != 'q' && encoding != 'b') {
            return null;
        }
        var label = text.substring(start + 2, charsetEnd);
        int language = label.indexOf('*');
        // An unknown charset still shows its ASCII; the rest becomes U+FFFD.
        var charset = Charsets.find(language < 0 ? label : label.substring(0, language)).orElse(StandardCharsets.US_ASCII);
        return new Word(charset, encoding == 'b', textStart, textEnd);
    }

    /// Octets of neighbours in one charset are decoded together: a character may begin in one word and end in the next.
    private void flush() {
        if (runCharset != null) {
            out.append(new String(run.toByteArray(), runCharset));
        }
        run.reset();
        runCharset = null;
    }

    private void decode(Word word) {
        if (word.base64) {
            base64(text.substring(word.textStart, word.textEnd));
        } else {
            quoted(word);
        }
    }

    private void quoted(Word word) {
        for (int i = word.textStart; i < word.textEnd; i++) {
            char c = text.charAt(i);
            int octet = c == '=' && i + 2 < word.textEnd ? ContentType.hex(text.charAt(i + 1), text.charAt(i + 2)) : -1;
            if (octet >= 0) {
                run.write(octet);
                i += 2;
            } else if (c == '_') {
                run.write(' ');
            } else if (c < 0x80) {
                run.write(c);
            } else {
                // Octets that should have been encoded, and were read as UTF-8 or ISO-8859-1 with the rest of the field.
                int codePoint = text.codePointAt(i);
                run.writeBytes(Character.toString(codePoint).getBytes(word.charset.canEncode() ? word.charset : StandardCharsets.UTF_8));
                i += Character.charCount(codePoint) - 1;
            }
        }
    }

    private void base64(String encoded) {
        for (var piece : encoded.split("=")) {
            var letters = new StringBuilder(piece.length());
            piece.chars().filter(EncodedWords::isBase64).forEach(c -> letters.append((char) c));
            if (letters.length() % 4 == 1) {
                letters.setLength(letters.length() - 1);
            }
            run.writeBytes(Base64.getDecoder().decode(letters.toString()));
        }
    }

    private static boolean isBase64(int c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/';
    }
}
