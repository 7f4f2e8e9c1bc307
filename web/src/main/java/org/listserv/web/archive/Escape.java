package org.listserv.web.archive;

/// Text into HTML, where markup is not written by a template: [BodyHtml], [Outline], [Listing].
final class Escape {
    private Escape() {}

    static void text(String text, StringBuilder html) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                case '\t', '\n' -> html.append(c);
                // Other controls are no characters of HTML, and lone surrogates are no characters at all.
                default -> html.append(Character.isISOControl(c) || lone(text, i) ? '\uFFFD' : c);
            }
        }
    }

    private static boolean lone(String text, int i) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c) && !(i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                || Character.isLowSurrogate(c) && !(i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
