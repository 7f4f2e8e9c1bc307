package org.listserv.archive;

import java.util.Set;

import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/// HTML as the plain text its author would have written: paragraphs, list marks, quotes with `>`, targets behind links.
final class HtmlText implements NodeVisitor {
    private static final Set<String> UNSEEN = Set.of("head", "script", "style", "title", "template", "noscript", "object", "svg", "math",
            "select", "textarea");
    private static final Set<String> PARAGRAPHS = Set.of("p", "blockquote", "ul", "ol", "dl", "table", "pre", "h1", "h2", "h3", "h4", "h5",
            "h6");

    private final StringBuilder text = new StringBuilder();
    private final StringBuilder line = new StringBuilder();
    private int quotes;
    private int unseen;
    private int preformatted;
    private boolean gap;

    private HtmlText() {}

    static String of(String html) {
        var reader = new HtmlText();
        Jsoup.parse(html).body().traverse(reader);
        reader.endLine();
        return reader.text.toString();
    }

    @Override
    public void head(Node node, int depth) {
        if (node instanceof TextNode textNode) {
            if (unseen == 0) {
                write(textNode.getWholeText());
            }
        } else if (node instanceof Element element) {
            open(element);
        }
    }

    @Override
    public void tail(Node node, int depth) {
        if (node instanceof Element element) {
            close(element);
        }
    }

    private void open(Element element) {
        var name = element.normalName();
        if (UNSEEN.contains(name)) {
            unseen++;
        }
        if (name.equals("br")) {
            newLine();
        } else if (PARAGRAPHS.contains(name)) {
            endParagraph();
        } else if (element.isBlock()) {
            endLine();
        } else if (name.equals("td") || name.equals("th")) {
            line.append(line.isEmpty() ? "" : "  ");
        }
        switch (name) {
            case "blockquote" -> quotes++;
            case "pre" -> preformatted++;
            case "li" -> line.append("* ");
            case "hr" -> {
                line.append("----");
                endLine();
            }
            default -> {
            }
        }
    }

    private void close(Element element) {
        var name = element.normalName();
        if (UNSEEN.contains(name)) {
            unseen--;
        }
        if (name.equals("a") && unseen == 0) {
            var target = element.attr("href").strip();
            if (target.matches("(?i)(https?|ftp)://\\S+") && !element.text().contains(target)) {
                write(" <" + target + ">");
            }
        }
        if (PARAGRAPHS.contains(name)) {
            endParagraph();
        } else if (element.isBlock() || name.equals("tr")) {
            endLine();
        }
        switch (name) {
            case "blockquote" -> quotes--;
            case "pre" -> preformatted--;
            default -> {
            }
        }
    }

    private void write(String words) {
        if (preformatted > 0) {
            for (int i = 0; i < words.length(); i++) {
                if (words.charAt(i) == '\n') {
                    newLine();
                } else {
                    line.append(words.charAt(i));
                }
            }
            return;
        }
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            boolean space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
            if (!space) {
                line.append(c == '\u00a0' ? ' ' : c);
            } else if (!line.isEmpty() && line.charAt(line.length() - 1) != ' ') {
                line.append(' ');
            }
        }
    }

    private void endParagraph() {
        endLine();
        gap = true;
    }

    private void endLine() {
        if (!line.toString().isBlank()) {
            newLine();
        } else {
            line.setLength(0);
        }
    }

    private void newLine() {
        if (text.length() > BodyReader.MAX_TEXT) {
            line.setLength(0);
            return;
        }
        var mark = quotes == 0 ? "" : ">".repeat(Math.min(quotes, 20)) + " ";
        if (gap && !text.isEmpty()) {
            text.append(mark.stripTrailing()).append('\n');
        }
        gap = false;
        // What only looks like a quote or a signature is none.
        text.append(mark).append(line.toString().stripTrailing()).append('\n');
        line.setLength(0);
    }
}
