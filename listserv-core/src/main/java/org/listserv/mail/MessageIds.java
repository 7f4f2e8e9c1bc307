package org.listserv.mail;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// Message identifiers (RFC 5322 §3.6.4), written here and everywhere without their angle brackets and never with white space or control
/// characters in them: folding inside an identifier is a mail program's mistake, not part of the name.
public final class MessageIds {
    /// RFC 5322 §2.1.1: no line is longer, so no identifier can be.
    public static final int MAX_CHARS = 998;
    /// The nearest ancestors are enough to find a thread, and no message may make us look up thousands.
    public static final int MAX_REFERENCES = 20;

    private MessageIds() {}

    /// The message's own identifier; empty when the field is missing, empty or too long to be one.
    public static Optional<String> of(HeaderSection header) {
        return header.first("Message-ID").flatMap(field -> {
            var bracketed = bracketed(field.value());
            return clean(bracketed.isEmpty() ? field.value() : bracketed.getFirst());
        });
    }

    /// What the message answers: References, then In-Reply-To, oldest first, so that the last one is the parent. Distinct,
    /// without the message's own identifier, at most the last 20.
    public static List<String> references(HeaderSection header) {
        var all = new ArrayList<String>();
        header.first("References").ifPresent(field -> all.addAll(identifiers(field.value())));
        header.first("In-Reply-To").ifPresent(field -> all.addAll(inReplyTo(field.value())));
        return lastDistinct(all, of(header));
    }

    /// First 8 octets, big-endian, of the SHA-256 of the identifier's UTF-8: what tables are indexed by.
    public static long hash(String messageId) {
        return ByteBuffer.wrap(Fingerprint.sha256().digest(messageId.getBytes(StandardCharsets.UTF_8))).getLong();
    }

    private static List<String> lastDistinct(List<String> identifiers, Optional<String> own) {
        SequencedSet<String> distinct = new LinkedHashSet<>();
        for (var identifier : identifiers.reversed()) {
            if (distinct.size() == MAX_REFERENCES) {
                break;
            }
            clean(identifier).filter(id -> own.filter(id::equals).isEmpty()).ifPresent(distinct::add);
        }
        return List.copyOf(distinct.reversed());
    }

    /// Old mail programs wrote prose: `Message from A <a@example.org> of Tue <id@example.org>`, `<id@example.org> from A <a@example.org>`.
    /// An address taken for an identifier would join all answers to one person into a thread.
    private static Collection<String> inReplyTo(String value) {
        var all = bracketed(value);
        if (all.size() < 2 || isListOfIdentifiers(value)) {
            return identifiers(value);
        }
        return List.of(value.startsWith("<") ? all.getFirst() : all.getLast());
    }

    private static boolean isListOfIdentifiers(String value) {
        boolean inside = false;
        for (char c : value.toCharArray()) {
            if (c == '<' || c == '>') {
                inside = c == '<';
            } else if (!inside && !Character.isWhitespace(c) && c != ',') {
                return false;
            }
        }
        return true;
    }

    /// What stands in angle brackets; where there are none at all, words that look like identifiers.
    private static List<String> identifiers(String value) {
        var bracketed = bracketed(value);
        if (!bracketed.isEmpty() || value.contains("<")) {
            return bracketed;
        }
        // Prose without brackets, such as "your mail of Monday to a@example.org", names no identifier.
        var words = List.of(value.strip().split("[\\s,]+"));
        return words.stream().allMatch(word -> word.indexOf('@') > 0) ? words : List.of();
    }

    private static List<String> bracketed(String value) {
        var found = new ArrayList<String>();
        int close = 0;
        for (int open = value.indexOf('<'); open >= 0; open = value.indexOf('<', close)) {
            close = value.indexOf('>', open);
            if (close < 0) {
                break;
            }
            found.add(value.substring(open + 1, close));
        }
        return found;
    }

    private static Optional<String> clean(String identifier) {
        // Ten times the limit may be white space; more is not worth reading.
        if (identifier.length() > 10 * MAX_CHARS) {
            return Optional.empty();
        }
        var clean = new StringBuilder(identifier.length());
        identifier.codePoints()
                .filter(c -> !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c) && c != '<' && c != '>')
                .forEach(clean::appendCodePoint);
        return clean.isEmpty() || clean.length() > MAX_CHARS ? Optional.empty() : Optional.of(clean.toString());
    }
}
