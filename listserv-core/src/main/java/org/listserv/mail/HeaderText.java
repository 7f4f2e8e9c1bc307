package org.listserv.mail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Text as it may stand in a header field: as it is where it is printable ASCII, as encoded-words where not (RFC 2047).
public final class HeaderText {
    /// An encoded-word has at most 75 characters; `=?utf-8?B?` and `?=` take 12 of them, and base64 makes 4 of 3 octets.
    private static final int OCTETS_A_WORD = 45;

    private HeaderText() {}

    /// Control characters, line ends among them, become spaces: no text can add a field.
    public static String of(String text) {
        var line = text.replaceAll("[\\p{Cntrl}]+", " ");
        return isPlain(line) ? line : String.join("\r\n ", words(line));
    }

    private static boolean isPlain(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7f) && !text.contains("=?");
    }

    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        var octets = 0;
        for (var c : text.codePoints().toArray()) {
            var more = Character.toString(c);
            var size = more.getBytes(StandardCharsets.UTF_8).length;
            if (octets + size > OCTETS_A_WORD) {
                words.add(word(word));
                word.setLength(0);
                octets = 0;
            }
            word.append(more);
            octets += size;
        }
        words.add(word(word));
        return words;
    }

    private static String word(CharSequence text) {
        return "=?utf-8?B?" + Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8)) + "?=";
    }
}
