package org.listserv.archive;

import java.util.ArrayList;
import java.util.List;

import org.listserv.archive.Body.Inline;
import org.listserv.archive.Body.Link;
import org.listserv.archive.Body.Mailbox;
import org.listserv.archive.Body.Text;

/// Finds links and mailboxes in text. One pass, whatever the text is.
final class Inlines {
    private static final List<String> SCHEMES = List.of("https", "http", "ftp");
    private static final int LONGEST_LINK = 2000;
    private static final int LONGEST_MAILBOX = 1000;

    private final String text;
    private final List<Inline> found = new ArrayList<>();
    /// Everything before is in `found`.
    private int done;

    private Inlines(String text) {
        this.text = text;
    }

    /// The whole text, in pieces.
    static List<Inline> of(String text) {
        var inlines = new Inlines(text);
        inlines.scan();
        return inlines.found;
    }

    private void scan() {
        int colon = text.indexOf("://");
        int at = text.indexOf('@');
        while (colon >= 0 || at >= 0) {
            if (colon >= 0 && (at < 0 || colon < at)) {
                link(colon);
                colon = text.indexOf("://", Math.max(done, colon + 3));
            } else {
                mailbox(at);
                at = text.indexOf('@', Math.max(done, at + 1));
            }
            if (colon >= 0 && colon < done) {
                colon = text.indexOf("://", done);
            }
            if (at >= 0 && at < done) {
                at = text.indexOf('@', done);
            }
        }
        plainUntil(text.length());
    }

    private void link(int colon) {
        int start = scheme(colon);
        if (start < 0) {
            return;
        }
        int end = colon + 3;
        while (end < text.length() && isLink(text.charAt(end))) {
            end++;
        }
        if (end - start > LONGEST_LINK) {
            plainUntil(end);
            return;
        }
        end = withoutPunctuation(colon + 3, end);
        if (end == colon + 3) {
            return;
        }
        plainUntil(start);
        var target = text.substring(start, end);
        found.add(new Link(target, target));
        done = end;
    }

    private int scheme(int colon) {
        for (var scheme : SCHEMES) {
            int start = colon - scheme.length();
            if (start >= done && text.regionMatches(true, start, scheme, 0, scheme.length())
                    && (start == 0 || !Character.isLetterOrDigit(text.charAt(start - 1)))) {
                return start;
            }
        }
        return -1;
    }

    private static boolean isLink(char c) {
        return c > ' ' && c != '<' && c != '>' && c != '"' && c != '`' && c != '\u007f' && !Character.isSpaceChar(c)
                && !Character.isISOControl(c);
    }

    /// A sentence may end behind a link, and brackets around it are not its own unless they open inside.
    private int withoutPunctuation(int start, int end) {
        int open = 0;
        int square = 0;
        for (int i = start; i < end; i++) {
            switch (text.charAt(i)) {
                case '(' -> open++;
                case ')' -> open--;
                case '[' -> square++;
                case ']' -> square--;
                default -> {
                }
            }
        }
        for (; end > start; end--) {
            char last = text.charAt(end - 1);
            if (last == ')' && open < 0) {
                open++;
            } else if (last == ']' && square < 0) {
                square++;
            } else if (".,;:!?'*_|\\{}".indexOf(last) < 0) {
                break;
            }
        }
        return end;
    }

    private void mailbox(int at) {
        int start = at;
        while (start > done && isAtom(text.charAt(start - 1))) {
            start--;
        }
        int end = at + 1;
        while (end < text.length() && isDomain(text.charAt(end))) {
            end++;
        }
        while (end > at + 1 && (text.charAt(end - 1) == '.' || text.charAt(end - 1) == '-')) {
            end--;
        }
        if (start == at || end - start > LONGEST_MAILBOX || text.substring(at + 1, end).indexOf('.') <= 0) {
            return;
        }
        plainUntil(start);
        found.add(new Mailbox(text.substring(start, end)));
        done = end;
    }

    /// RFC 5322 §3.2.3 atext and dots, with letters of any language (RFC 6532 §3.2).
    private static boolean isAtom(char c) {
        return Character.isLetterOrDigit(c) || c > 127 && !Character.isSpaceChar(c) && !Character.isISOControl(c)
                || "!#$%&'*+-/=?^_`{|}~.".indexOf(c) >= 0;
    }

    private static boolean isDomain(char c) {
        return Character.isLetterOrDigit(c) || c == '.' || c == '-' || c > 127 && !Character.isSpaceChar(c) && !Character.isISOControl(c);
    }

    private void plainUntil(int end) {
        if (end > done) {
            found.add(new Text(text.substring(done, end)));
        }
        done = end;
    }
}
