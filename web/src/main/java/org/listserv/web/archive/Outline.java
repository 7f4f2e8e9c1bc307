package org.listserv.web.archive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.listserv.archive.Conversation;
import org.listserv.archive.Conversation.Line;
import org.listserv.archive.Conversation.Node.Ghost;
import org.listserv.archive.Conversation.Node.Present;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.web.page.Moment;

/// The tree of a thread: as nested lists, and as "who is answered by this one".
///
/// The lists are written by hand because a thread may be as deep as it is long, and templates nest by recursion.
final class Outline {
    /// Deeper replies are listed at this depth, or names would stand in columns of three letters.
    private static final int DEEPEST = 8;

    /// @param level 1 for the start of a thread
    /// @param answered the post above, or null at the start and below a message that is not here
    /// @param lost it answers a message that is not here
    record Position(int level, @Nullable Post answered, boolean lost) {}

    private final Conversation conversation;
    private final Reader reader;
    private final Map<Long, Position> positions = new HashMap<>();

    Outline(Conversation conversation, Reader reader) {
        this.conversation = conversation;
        this.reader = reader;
        var above = new ArrayList<Line>();
        for (var line : conversation.outline()) {
            while (above.size() > line.depth()) {
                above.removeLast();
            }
            if (line.node() instanceof Present(var post, var _)) {
                var answered = !above.isEmpty() && above.getLast().node() instanceof Present(var parent, var _) ? parent : null;
                positions.put(post.seq(), new Position(line.depth() + 1, answered, !above.isEmpty() && answered == null));
            }
            above.add(line);
        }
    }

    Position position(Post post) {
        return positions.getOrDefault(post.seq(), new Position(1, null, false));
    }

    /// Posts in the order of the tree.
    List<Post> inOrder() {
        var posts = new ArrayList<Post>();
        for (var line : conversation.outline()) {
            if (line.node() instanceof Present(var post, var _)) {
                posts.add(post);
            }
        }
        return posts;
    }

    /// @param current marked as where the reader is, or null
    /// @param centre of what is shown of a long thread
    /// @param around lines shown before and after it
    /// @param href where the line of a post leads
    String html(@Nullable Post current, Post centre, int around, Function<Post, String> href) {
        var lines = window(centre, around);
        int least = lines.stream().mapToInt(Line::depth).min().orElse(0);
        var html = new StringBuilder(128 * lines.size());
        int open = 0;
        for (var line : lines) {
            int depth = Math.min(line.depth() - least, DEEPEST) + 1;
            if (depth > open) {
                for (; open < depth; open++) {
                    // A list opened only to get deeper needs an item to stand in.
                    html.append(open == 0 ? "<ol class=\"outline\">" : "<ol>").append(open + 1 < depth ? "<li>" : "");
                }
            } else {
                html.append("</li>");
                for (; open > depth; open--) {
                    html.append("</ol></li>");
                }
            }
            html.append("\n<li>");
            switch (line.node()) {
                case Ghost _ -> html.append("<span class=\"ghost\">not in this archive</span>");
                case Present(var post, var _) -> item(post, current != null && post.seq() == current.seq(), href.apply(post), html);
            }
        }
        for (; open > 0; open--) {
            html.append("</li></ol>");
        }
        return html.toString();
    }

    private void item(Post post, boolean current, String href, StringBuilder html) {
        html.append("<a href=\"");
        Escape.text(href, html);
        html.append(current ? "\" aria-current=\"true\">" : "\">").append("<bdi class=\"who\">");
        Escape.text(Lines.author(post, reader), html);
        var at = Moment.brief(post.filedAt());
        html.append("</bdi> <time datetime=\"").append(at.machine()).append("\">").append(at.text()).append("</time></a>");
    }

    private List<Line> window(Post centre, int around) {
        var lines = conversation.outline();
        if (lines.size() <= 2 * around + 1) {
            return lines;
        }
        int here = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).node() instanceof Present(var post, var _) && post.seq() == centre.seq()) {
                here = i;
            }
        }
        int from = Math.clamp(here - around, 0, lines.size() - 2 * around - 1);
        return lines.subList(from, from + 2 * around + 1);
    }
}
