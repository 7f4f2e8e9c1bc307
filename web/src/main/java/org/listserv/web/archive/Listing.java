package org.listserv.web.archive;

import java.util.List;
import java.util.Locale;

import org.listserv.web.archive.OverviewPage.Cell;
import org.listserv.web.archive.OverviewPage.Year;
import org.listserv.web.page.Moment;

/// The rows of listings. Written by hand because a template evaluates ten expressions a row, which was most of the time that a page of
/// a hundred rows took.
final class Listing {
    private Listing() {}

    static String topics(List<TopicLine> topics) {
        var html = new StringBuilder(512 * topics.size());
        for (var topic : topics) {
            subject(topic.href(), topic.subject(), html);
            if (!topic.since().isEmpty()) {
                html.append(" <span class=\"tag\">");
                Escape.text(topic.since(), html);
                html.append("</span>");
            }
            author(topic.author(), html);
            html.append("<td role=\"cell\" class=\"count\" data-unit=\"").append(topic.single() ? "post" : "posts").append("\">");
            Escape.text(topic.posts(), html);
            html.append("</td>\n<td role=\"cell\" class=\"count\" data-unit=\"").append(topic.people() == 1 ? "person" : "people")
                    .append("\">").append(topic.people()).append("</td>\n");
            date(topic.at(), html);
        }
        return html.toString();
    }

    static String posts(List<PostLine> posts) {
        var html = new StringBuilder(512 * posts.size());
        for (var post : posts) {
            subject(post.href(), post.subject(), html);
            author(post.author(), html);
            html.append("<td role=\"cell\" class=\"count number\">#").append(post.number()).append("</td>\n");
            date(post.at(), html);
        }
        return html.toString();
    }

    static String years(List<Year> years) {
        var html = new StringBuilder(2_000 * years.size());
        for (var year : years) {
            html.append("<tr role=\"row\">\n<th role=\"rowheader\" scope=\"row\">").append(year.year()).append("</th>\n");
            year.cells().forEach(cell -> cell(cell, html));
            html.append("<td role=\"cell\" class=\"sum\">").append(String.format(Locale.ENGLISH, "%,d", year.posts()))
                    .append("</td>\n</tr>\n");
        }
        return html.toString();
    }

    private static void cell(Cell cell, StringBuilder html) {
        if (cell.posts() == 0) {
            html.append("<td role=\"cell\" class=\"none\"><span aria-hidden=\"true\">&middot;</span></td>\n");
            return;
        }
        html.append("<td role=\"cell\"><a href=\"");
        Escape.text(cell.href(), html);
        html.append("\" aria-label=\"").append(cell.name()).append(": ").append(cell.posts()).append(cell.posts() == 1 ? " post" : " posts")
                .append("\" class=\"heat-").append(cell.heat()).append("\"><b>").append(cell.month()).append("</b> ").append(cell.posts())
                .append("</a></td>\n");
    }

    private static void subject(String href, String subject, StringBuilder html) {
        html.append("<tr role=\"row\">\n<th role=\"rowheader\" scope=\"row\" dir=\"auto\"><a href=\"");
        Escape.text(href, html);
        html.append("\">");
        Escape.text(subject, html);
        html.append("</a>");
    }

    private static void author(String author, StringBuilder html) {
        html.append("</th>\n<td role=\"cell\" class=\"who\"><bdi>");
        Escape.text(author, html);
        html.append("</bdi></td>\n");
    }

    private static void date(Moment at, StringBuilder html) {
        html.append("<td role=\"cell\"><time datetime=\"").append(at.machine()).append("\">").append(at.text())
                .append("</time></td>\n</tr>\n");
    }
}
