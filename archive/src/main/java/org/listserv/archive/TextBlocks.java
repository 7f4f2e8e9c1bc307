package org.listserv.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Code;
import org.listserv.archive.Body.Diff;
import org.listserv.archive.Body.DiffLine;
import org.listserv.archive.Body.DiffLine.Kind;
import org.listserv.archive.Body.Inline;
import org.listserv.archive.Body.Paragraph;
import org.listserv.archive.Body.Quote;
import org.listserv.archive.Body.Signature;

/// Finds quotes, patches, code and the signature in plain text.
final class TextBlocks {
    /// Quotes deeper than this stay as they are inside the last.
    private static final int DEEPEST = 12;
    /// A longer tail than this is no signature, whatever stands before it.
    private static final int LONGEST_SIGNATURE = 30;
    private static final Pattern HUNK = Pattern.compile("@@ -\\d{1,9}(?:,(\\d{1,9}))? \\+\\d{1,9}(?:,(\\d{1,9}))? @@.*");
    private static final Pattern PATCH_FIELD = Pattern.compile(
            "(index [0-9a-f]+\\.\\.|old mode |new mode |new file mode |deleted file mode |similarity index |dissimilarity index |rename from |rename to |copy from |copy to |Binary files |GIT binary patch|=====).*");

    /// @param depth how many `>` stood before the text
    private record Line(int depth, String text) {}

    private final List<Line> lines;
    private final Function<String, List<Inline>> inlines;
    /// Looked at already: no fence is closed and no patch begins before these lines. Without this a text of nothing but beginnings would be
    /// read to its end once a line.
    private int noFenceBefore;
    private int noPatchBefore;

    private TextBlocks(List<Line> lines, Function<String, List<Inline>> inlines) {
        this.lines = lines;
        this.inlines = inlines;
    }

    /// @param text with LF line ends, format=flowed joined
    static List<Block> of(String text) {
        return of(text, Inlines::of);
    }

    /// @param inlines makes links and mailboxes of text, or leaves it
    static List<Block> of(String text, Function<String, List<Inline>> inlines) {
        var lines = new ArrayList<Line>();
        text.lines().forEach(line -> lines.add(line(line)));
        return new TextBlocks(lines, inlines).blocks(0, lines.size(), 0);
    }

    /// `>From ` is what mbox files make of "From " and no quote.
    private static Line line(String text) {
        int depth = 0;
        int start = 0;
        int at = 0;
        while (depth < DEEPEST && at < text.length() && text.charAt(at) == '>' && !text.startsWith("From ", at + 1)) {
            depth++;
            at++;
            start = at < text.length() && text.charAt(at) == ' ' ? at + 1 : at;
            if (start < text.length() && text.charAt(start) == '>') {
                at = start;
            }
        }
        return new Line(depth, text.substring(start));
    }

    private List<Block> blocks(int from, int to, int depth) {
        var blocks = new ArrayList<Block>();
        int start = from;
        int at = from;
        while (at < to) {
            int end = special(at, to, depth);
            if (end < 0) {
                at++;
                continue;
            }
            paragraph(blocks, start, at);
            blocks.add(block(at, end, depth));
            at = end;
            start = end;
        }
        paragraph(blocks, start, to);
        return blocks;
    }

    /// @return where the block that starts here ends, -1 if it is ordinary text
    private int special(int at, int to, int depth) {
        var line = lines.get(at);
        if (line.depth() > depth) {
            int end = at;
            while (end < to && lines.get(end).depth() > depth) {
                end++;
            }
            return end;
        }
        return switch (line.text()) {
            case "-- " -> signatureEnd(at, to, depth);
            case String text when text.startsWith("```") -> fenceEnd(at, to, depth);
            default -> patchEnd(at, to, depth);
        };
    }

    private Block block(int from, int to, int depth) {
        var first = lines.get(from);
        if (first.depth() > depth) {
            return new Quote(depth + 1, to - from, blocks(from, to, depth + 1));
        }
        if (first.text().equals("-- ")) {
            return new Signature(inlines.apply(text(from, to)));
        }
        return first.text().startsWith("```") ? new Code(text(from + 1, to - 1)) : patch(from, to);
    }

    private int signatureEnd(int at, int to, int depth) {
        int end = at + 1;
        while (end < to && lines.get(end).depth() == depth) {
            if (end - at > LONGEST_SIGNATURE) {
                return -1;
            }
            end++;
        }
        return end;
    }

    private int fenceEnd(int at, int to, int depth) {
        if (at < noFenceBefore) {
            return -1;
        }
        int end = at + 1;
        for (; end < to && lines.get(end).depth() == depth; end++) {
            if (lines.get(end).text().strip().equals("```")) {
                return end + 1;
            }
        }
        noFenceBefore = end;
        return -1;
    }

    private void paragraph(List<Block> blocks, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && lines.get(start).text().isBlank()) {
            start++;
        }
        while (end > start && lines.get(end - 1).text().isBlank()) {
            end--;
        }
        if (start < end) {
            blocks.add(new Paragraph(inlines.apply(text(start, end))));
        }
    }

    private String text(int from, int to) {
        var text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i == from ? "" : "\n").append(lines.get(i).text());
        }
        return text.toString();
    }

    // A patch is "diff ...", fields of git, and files of "--- ", "+++ " and hunks, whose head says how many lines they have.

    private int patchEnd(int at, int to, int depth) {
        if (at < noPatchBefore) {
            return -1;
        }
        int end = at;
        boolean changes = false;
        while (end < to && lines.get(end).depth() == depth) {
            var text = lines.get(end).text();
            if (isDiffLine(text)) {
                end++;
            } else if (isFile(end, to)) {
                end += 2;
            } else if (end > at && HUNK.matcher(text) instanceof Matcher hunk && hunk.matches()) {
                end = hunkEnd(end, to, depth, hunk);
                changes = true;
            } else if (end > at && (PATCH_FIELD.matcher(text).matches() || text.startsWith("\\ "))) {
                changes |= text.startsWith("Binary") || text.startsWith("rename to") || text.contains(" mode ");
                end++;
            } else if (changes && text.isBlank() && end + 1 < to && (isDiffLine(lines.get(end + 1).text()) || isFile(end + 1, to))) {
                end++;  // Subversion puts an empty line between files
            } else {
                break;
            }
        }
        if (!changes) {
            noPatchBefore = end;
            return -1;
        }
        return end;
    }

    private static boolean isDiffLine(String text) {
        return text.startsWith("diff -") || text.startsWith("Index: ");
    }

    private boolean isFile(int at, int to) {
        return lines.get(at).text().startsWith("--- ") && at + 1 < to && lines.get(at + 1).text().startsWith("+++ ");
    }

    private int hunkEnd(int at, int to, int depth, Matcher head) {
        int old = count(head.group(1));
        int now = count(head.group(2));
        int end = at + 1;
        while (end < to && (old > 0 || now > 0) && lines.get(end).depth() == depth) {
            var text = lines.get(end).text();
            switch (text.isEmpty() ? ' ' : text.charAt(0)) {
                case '+' -> now--;
                case '-' -> old--;
                case ' ', '\t', '\u00a0' -> {
                    old--;
                    now--;
                }
                case '\\' -> {
                    // "\ No newline at end of file" counts as nothing
                }
                default -> {
                    return end;
                }
            }
            end++;
        }
        return end;
    }

    private static int count(String digits) {
        return digits == null ? 1 : Integer.parseInt(digits);
    }

    private Diff patch(int from, int to) {
        var patch = new ArrayList<DiffLine>();
        int inHunk = 0;
        for (int i = from; i < to; i++) {
            var text = lines.get(i).text();
            var hunk = HUNK.matcher(text);
            if (inHunk == 0 && hunk.matches()) {
                inHunk = hunkEnd(i, to, lines.get(i).depth(), hunk) - i;
                patch.add(new DiffLine(Kind.HUNK, text));
            } else {
                patch.add(new DiffLine(inHunk == 0 ? Kind.FILE : kind(text), text));
            }
            inHunk = Math.max(0, inHunk - 1);
        }
        return new Diff(patch);
    }

    private static Kind kind(String text) {
        return switch (text.isEmpty() ? ' ' : text.charAt(0)) {
            case '+' -> Kind.ADDED;
            case '-' -> Kind.REMOVED;
            default -> Kind.CONTEXT;
        };
    }
}
