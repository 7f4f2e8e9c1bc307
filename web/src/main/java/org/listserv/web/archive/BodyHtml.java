package org.listserv.web.archive;

import java.util.ArrayList;
import java.util.List;

import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Code;
import org.listserv.archive.Body.Diff;
import org.listserv.archive.Body.DiffLine;
import org.listserv.archive.Body.Enclosed;
import org.listserv.archive.Body.Inline;
import org.listserv.archive.Body.Link;
import org.listserv.archive.Body.Mailbox;
import org.listserv.archive.Body.Paragraph;
import org.listserv.archive.Body.Quote;
import org.listserv.archive.Body.Signature;
import org.listserv.archive.Body.Text;

/// What a message says, as HTML: every line as it was typed, and around it what helps to find one's way.
///
/// - All text stands in `pre`, so that text browsers keep its lines too.
/// - Quotes are nested blockquotes that keep their `>`, for text browsers and for copying. One of more than six lines is folded
///   (`<details>`: find-in-page opens it, text browsers show it).
/// - In a patch colour only repeats what the signs say.
/// - Each paragraph says how it may be set on a narrow screen ([Setting]); on a wide one all stand as typed.
///
/// Written by hand and not by a template because a page may have a hundred thousand lines of it. Linear in their length; not
/// recursive beyond the depth of quotes, which the archive bounds.
final class BodyHtml {
    /// Quotes of up to this many lines stay open.
    private static final int SHORT_QUOTE = 6;

    private final boolean unfolded;
    private final StringBuilder html = new StringBuilder(4096);

    private BodyHtml(boolean unfolded) {
        this.unfolded = unfolded;
    }

    /// @param unfolded shows long quotes at once
    static String of(List<Block> blocks, boolean unfolded) {
        var body = new BodyHtml(unfolded);
        // A message that is nothing but a quote would be empty when folded.
        boolean only = blocks.size() == 1;
        blocks.forEach(block -> body.write(block, 0, only));
        return body.html.toString();
    }

    private void write(Block block, int level, boolean only) {
        switch (block) {
            case Paragraph(var text) -> paragraphs(text, level);
            case Quote quote -> quote(quote, level, only);
            case Code(var text) -> code(text, level);
            case Diff(var lines) -> diff(lines, level);
            case Signature(var text) -> paragraph(lines(text), level, "lines sign");
            case Enclosed enclosed -> enclosed(enclosed, level);
        }
    }

    // --- quotes and enclosed messages

    private void quote(Quote quote, int level, boolean only) {
        boolean folded = level == 0 && quote.lines() > SHORT_QUOTE && !unfolded && !only;
        if (folded) {
            html.append("<details><summary>").append(quote.lines()).append(" quoted lines</summary>\n");
        }
        html.append("<blockquote>\n");
        quote.blocks().forEach(block -> write(block, quote.level(), false));
        html.append("</blockquote>\n");
        if (folded) {
            html.append("</details>\n");
        }
    }

    private void enclosed(Enclosed enclosed, int level) {
        html.append("<section class=\"enclosed\"><h3>");
        escape(enclosed.subject().isBlank() ? "(no subject)" : enclosed.subject());
        html.append("</h3>\n<p class=\"from\">");
        escape(enclosed.from());
        html.append(enclosed.date().isEmpty() || enclosed.from().isEmpty() ? "" : ", ");
        escape(enclosed.date());
        html.append("</p>\n");
        enclosed.blocks().forEach(block -> write(block, level, false));
        html.append("</section>\n");
    }

    // --- text

    /// An empty line parts paragraphs; each may flow or not for itself.
    private void paragraphs(List<Inline> text, int level) {
        var paragraph = new ArrayList<List<Inline>>();
        for (var line : lines(text)) {
            if (!isBlank(line)) {
                paragraph.add(line);
            } else if (!paragraph.isEmpty()) {
                paragraph(paragraph, level, Setting.of(texts(paragraph)).style());
                paragraph.clear();
            }
        }
        if (!paragraph.isEmpty()) {
            paragraph(paragraph, level, Setting.of(texts(paragraph)).style());
        }
    }

    private static List<String> texts(List<List<Inline>> lines) {
        return lines.stream().map(line -> {
            var text = new StringBuilder();
            line.forEach(inline -> text.append(inline.text()));
            return text.toString();
        }).toList();
    }

    private void paragraph(List<List<Inline>> lines, int level, String kind) {
        html.append("<pre class=\"").append(kind).append("\">");
        for (var line : lines) {
            marks(level);
            line.forEach(this::inline);
            html.append('\n'); // behind the last one too: it parts paragraphs in text browsers and shows nowhere else
        }
        html.append("</pre>\n");
    }

    private static boolean isBlank(List<Inline> line) {
        for (var inline : line) {
            if (!inline.text().isBlank()) {
                return false;
            }
        }
        return true;
    }

    private static List<List<Inline>> lines(List<Inline> text) {
        var lines = new ArrayList<List<Inline>>();
        var line = new ArrayList<Inline>();
        for (var inline : text) {
            if (inline instanceof Text(var words)) {
                int from = 0;
                for (int end = words.indexOf('\n'); end >= 0; end = words.indexOf('\n', from)) {
                    line.add(new Text(words.substring(from, end)));
                    lines.add(List.copyOf(line));
                    line.clear();
                    from = end + 1;
                }
                if (from < words.length()) {
                    line.add(new Text(words.substring(from)));
                }
            } else {
                line.add(inline);
            }
        }
        if (!line.isEmpty()) {
            lines.add(List.copyOf(line));
        }
        return lines;
    }

    private void inline(Inline inline) {
        switch (inline) {
            case Text(var text) -> escape(text);
            case Mailbox(var mailbox) -> escape(mailbox);
            case Link(var text, var target) -> {
                html.append("<a rel=\"nofollow ugc noreferrer\" href=\"");
                escape(target);
                html.append("\">");
                escape(text);
                html.append("</a>");
            }
        }
    }

    private void marks(int level) {
        if (level > 0) {
            html.append("<span class=\"mark\">").append("&gt; ".repeat(level)).append("</span>");
        }
    }

    // --- code and patches

    private void code(String text, int level) {
        html.append("<pre class=\"code\" tabindex=\"0\">");
        text.lines().forEach(line -> {
            marks(level);
            escape(line);
            html.append('\n');
        });
        html.append("</pre>\n");
    }

    private void diff(List<DiffLine> lines, int level) {
        html.append("<pre class=\"code diff\" tabindex=\"0\">");
        for (var line : lines) {
            marks(level);
            var style = switch (line.kind()) {
                case FILE -> "file";
                case HUNK -> "hunk";
                case ADDED -> "added";
                case REMOVED -> "removed";
                case CONTEXT -> "";
            };
            html.append(style.isEmpty() ? "" : "<span class=\"" + style + "\">");
            escape(line.text());
            html.append(style.isEmpty() ? "\n" : "</span>\n");
        }
        html.append("</pre>\n");
    }

    private void escape(String text) {
        Escape.text(text, html);
    }
}
