package org.listserv.mail;

/// Makes text from strangers fit to be shown, logged and stored.
final class Text {
    static final char REPLACEMENT = '\uFFFD';

    private Text() {}

    /// Control characters (NUL among them, which PostgreSQL cannot store) and lone surrogates become U+FFFD; a tab becomes a space.
    static String visible(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
            boolean bad = Character.isISOControl(c) || Character.isSurrogate(c) && !pair;
            if (bad && out == null) {
                out = new StringBuilder(text.length()).append(text, 0, i);
            }
            if (out != null) {
                out.append(c == '\t' ? ' ' : bad ? REPLACEMENT : c);
            }
            if (pair) {
                i++;
                if (out != null) {
                    out.append(text.charAt(i));
                }
            }
        }
        return out == null ? text : out.toString();
    }

    /// At most so many chars, never half a surrogate pair.
    static String cut(String text, int maxChars) {
        if (text.length() <= maxChars) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars);
    }
}
