package org.listserv.web.archive;

/// Text into HTML, where markup is not written by a template: [BodyHtml], [Outline], [Listing].
final class Escape {
    private Escape() {}

    static void text(String text, StringBuilder html) {
        int from = 0; // what stands before it is written
        for (int i = 0; i < text.length(); i++) {
            var written = written(text, i);
            if (!written.isEmpty()) {
                html.append(text, from, i).append(written);
                from = i + 1;
            }
        }
        html.append(text, from, text.length());
    }

    /// Empty for a character that may stand as it is.
    private static String written(String text, int i) {
        char c = text.charAt(i);
        return switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '"' -> "&quot;";
            case '\'' -> "&#39;";
            case '\t', '\n' -> "";
            // Other controls are no characters of HTML, and lone surrogates are no characters at all.
            default -> Character.isISOControl(c) || Character.isSurrogate(c) && lone(text, i) ? "\uFFFD" : "";
        };
    }

    private static boolean lone(String text, int i) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c) && !(i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                || Character.isLowSurrogate(c) && !(i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
