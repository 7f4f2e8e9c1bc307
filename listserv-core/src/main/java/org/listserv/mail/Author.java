package org.listserv.mail;

import java.util.Optional;
import java.util.regex.Pattern;

/// Who wrote a message, as it says itself (RFC 5598 §2.1.1): the first mailbox of From, else of Sender. For people and for search; nothing
/// is decided by it alone, since anyone can write anything there.
///
/// @param name decoded display name or comment, empty when there is none
/// @param address `local-part@domain` as it was written where that can be told, else empty
public record Author(String name, String address) {
    private static final Author NOBODY = new Author("", "");
    private static final int MAX_READ = 16_000;
    private static final int MAX_NAME = 200;
    private static final int MAX_ADDRESS = 320;
    /// Pipermail archives write `user at example.org` to hide addresses from robots.
    private static final Pattern HIDDEN_AT = Pattern.compile("(\\S+) at (\\S+)");
    private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\p{Z}]+");

    public static Author of(HeaderSection header) {
        return read(header, "From").or(() -> read(header, "Sender")).orElse(NOBODY);
    }

    private static Optional<Author> read(HeaderSection header, String name) {
        return header.first(name).map(field -> parse(field.value())).filter(author -> !author.equals(NOBODY));
    }

    /// @param value of a From field: any text
    static Author parse(String value) {
        var text = Text.cut(value, MAX_READ);
        var author = new Reader(text).author();
        if (author.address.isEmpty() && text.contains("=?")) {
            // Some programs encode the whole field, brackets and all.
            var decoded = new Reader(EncodedWords.decode(text)).author();
            return decoded.address.isEmpty() ? author : decoded;
        }
        return author;
    }

    /// The first mailbox of an address list (RFC 5322 §3.4), read so that anything gives something.
    private static final class Reader {
        private final String text;
        private final StringBuilder phrase = new StringBuilder();
        private final StringBuilder comment = new StringBuilder();
        private Optional<String> angle = Optional.empty();
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Author author() {
            boolean more = true;
            while (more && at < text.length()) {
                more = step(text.charAt(at++));
            }
            var words = plain(phrase);
            if (angle.isPresent()) {
                var name = words.isEmpty() ? plain(comment) : words;
                return of(name, angle.get());
            }
            return looksLikeAddress(words) ? of(plain(comment), words) : of(words.isEmpty() ? plain(comment) : words, "");
        }

        /// @return whether the mailbox may go on
        private boolean step(char c) {
            switch (c) {
                case '"' -> quoted();
                case '(' -> comment();
                case '<' -> angle();
                case ',', ';' -> {
                    // "Doe, Jane <jane@example.org>" without its quotes is one mailbox, not two.
                    if (angle.isPresent() || phrase.indexOf("@") >= 0) {
                        return false;
                    }
                    if (!phrase.isEmpty() && c == ',') {
                        phrase.append(c);
                    }
                }
                case ':' -> phrase.setLength(0); // what stood before was the name of a group
                default -> {
                    if (angle.isEmpty()) {
                        phrase.append(c);
                    }
                }
            }
            return true;
        }

        private void quoted() {
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                phrase.append(text.charAt(at++));
            }
            at++;
        }

        private void comment() {
            int depth = 1;
            for (; at < text.length() && depth > 0; at++) {
                char c = text.charAt(at);
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (c == '\\' && at + 1 < text.length()) {
                    comment.append(text.charAt(++at));
                } else if (depth > 0) {
                    comment.append(c);
                }
            }
            comment.append(' ');
        }

        private void angle() {
            int close = text.indexOf('>', at);
            int stop = close < 0 ? text.length() : close;
            if (angle.isEmpty()) {
                angle = Optional.of(text.substring(at, stop));
            }
            at = stop + 1;
        }

        private static Author of(String name, String address) {
            var mailbox = WHITE_SPACE.matcher(Text.visible(address)).replaceAll(" ").strip();
            var hidden = HIDDEN_AT.matcher(mailbox);
            mailbox = hidden.matches() ? hidden.group(1) + "@" + hidden.group(2) : mailbox.replace(" ", "");
            return new Author(Text.cut(name, MAX_NAME), Text.cut(mailbox, MAX_ADDRESS));
        }

        private static boolean looksLikeAddress(String words) {
            return words.indexOf(' ') < 0 && words.indexOf('@') > 0 || HIDDEN_AT.matcher(words).matches();
        }

        private static String plain(StringBuilder text) {
            return WHITE_SPACE.matcher(Text.visible(EncodedWords.decode(text.toString().strip()))).replaceAll(" ").strip();
        }
    }
}
