package org.listserv.store;

/// What PostgreSQL's text can hold: neither NUL nor half a surrogate pair. Mail has both.
public final class PgText {
    private static final int REPLACEMENT = 0xfffd;

    private PgText() {}

    public static String clean(String value) {
        for (var i = 0; i < value.length(); i++) {
            if (value.charAt(i) == 0 || Character.isSurrogate(value.charAt(i))) {
                return replaced(value);
            }
        }
        return value;
    }

    private static String replaced(String value) {
        var text = new StringBuilder(value.length());
        value.codePoints().map(c -> c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .forEach(text::appendCodePoint);
        return text.toString();
    }
}
