package org.listserv.web.archive;

import java.util.List;

/// How a paragraph of plain text is set where its lines do not fit.
enum Setting {
    /// Prose that its author's program broke into lines: it may be broken elsewhere.
    PROSE,
    /// Words in lines that were meant as lines: addresses, verse, lists, a greeting.
    LINES,
    /// Columns, code, logs: every character stands where it stands.
    TYPED;

    private static final int NARROWEST_PROSE = 50;
    /// Programs that break lines differ by a character or two in what they think fits.
    private static final int SLACK = 2;

    /// The test for prose: no line could have taken the first word of the next one. When in doubt lines stay lines, since a poem set
    /// as prose is worse than prose set as a poem.
    ///
    /// @param lines of one paragraph, none of them blank
    static Setting of(List<String> lines) {
        int width = 0;
        int words = 0;
        int all = 0;
        for (var line : lines) {
            var text = line.stripTrailing();
            if (Character.isWhitespace(text.charAt(0)) || text.indexOf('\t') >= 0 || columns(text)) {
                return TYPED;
            }
            width = Math.max(width, text.length());
            all += text.length();
            words += words(text);
        }
        if (words * 10 < all * 6) {
            return TYPED;
        }
        if (lines.size() == 1) {
            return PROSE;
        }
        if (width < NARROWEST_PROSE || words * 4 < all * 3) {
            return LINES;
        }
        for (int i = 0; i < lines.size() - 1; i++) {
            if (lines.get(i).stripTrailing().length() + 1 + firstWord(lines.get(i + 1)) <= width - SLACK) {
                return LINES;
            }
        }
        return PROSE;
    }

    /// The class in the style sheet.
    String style() {
        return switch (this) {
            case PROSE -> "prose";
            case LINES -> "lines";
            case TYPED -> "typed";
        };
    }

    /// Letters and the spaces between them.
    private static int words(String text) {
        int words = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            words += c == ' ' || Character.isLetter(c) ? 1 : 0;
        }
        return words;
    }

    private static int firstWord(String line) {
        int space = line.indexOf(' ');
        return space < 0 ? line.length() : space;
    }

    /// Two or more spaces that do not follow the end of a sentence.
    private static boolean columns(String text) {
        for (int at = text.indexOf("  "); at >= 0; at = text.indexOf("  ", at + 2)) {
            if (at == 0 || ".!?:)\"'".indexOf(text.charAt(at - 1)) < 0) {
                return true;
            }
        }
        return false;
    }
}
