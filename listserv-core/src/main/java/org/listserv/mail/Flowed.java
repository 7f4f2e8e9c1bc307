package org.listserv.mail;

/// Joins the lines of a format=flowed text into paragraphs (RFC 3676 §4): a line that ends with a space goes on in the next one of the same quote depth.
final class Flowed {
    private static final String SIGNATURE = "-- ";

    private final boolean delSp;
    private final StringBuilder out = new StringBuilder();
    /// Quote depth of the paragraph that goes on, or -1.
    private int going = -1;

    private Flowed(boolean delSp) {
        this.delSp = delSp;
    }

    /// @param text with LF line ends
    /// @param delSp whether the space that marks a flowed line is not part of the text
    /// @return paragraphs as one line each, quoted ones behind `>` for each level and a space
    static String join(String text, boolean delSp) {
        var flowed = new Flowed(delSp);
        int from = 0;
        while (from < text.length()) {
            int lineEnd = text.indexOf('\n', from);
            flowed.line(text.substring(from, lineEnd < 0 ? text.length() : lineEnd));
            from = lineEnd < 0 ? text.length() : lineEnd + 1;
        }
        flowed.end();
        return flowed.out.toString();
    }

    private void line(String line) {
        int depth = 0;
        while (depth < line.length() && line.charAt(depth) == '>') {
            depth++;
        }
        // One space protects lines that would look quoted or like "From " (space-stuffing, §4.4).
        int from = depth < line.length() && line.charAt(depth) == ' ' ? depth + 1 : depth;
        var content = line.substring(from);
        boolean signature = content.equals(SIGNATURE);
        if (going >= 0 && (going != depth || signature)) {
            end();
        }
        if (going < 0 && depth > 0) {
            out.append(line, 0, depth).append(content.isEmpty() ? "" : " ");
        }
        boolean flows = content.endsWith(" ") && !signature;
        out.append(content, 0, flows && delSp ? content.length() - 1 : content.length());
        going = depth;
        if (!flows) {
            end();
        }
    }

    private void end() {
        if (going >= 0) {
            out.append('\n');
        }
        going = -1;
    }
}
