package org.listserv.web.archive;

import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Month;
import org.listserv.archive.Months;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Topic;
import org.listserv.mail.EmailAddress;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// `/LIST@DOMAIN/2024-03/`: the topics of a month, or its posts by date or author.
public final class MonthPage {
    private static final int LINES = 100;

    private final Pages pages;
    private final Months months;

    public MonthPage(Pages pages, Months months) {
        this.pages = pages;
        this.months = months;
    }

    public enum By {
        TOPIC,
        DATE,
        AUTHOR;

        static By of(ServerRequest request) {
            return switch (request.param("by").orElse("")) {
                case "date" -> DATE;
                case "author" -> AUTHOR;
                default -> TOPIC;
            };
        }

        String written() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public record View(String name, String list, int posts, By by, String byTopic, String byDate, String byAuthor, String topics,
            String lines, @Nullable String more, boolean continued, String start, @Nullable Neighbour previous,
            @Nullable Neighbour next,
            String mbox) {}

    public record Neighbour(String href, String name) {}

    public ServerResponse show(Place.Month place, Reader reader, ServerRequest request) {
        var by = By.of(request);
        var after = Asked.cursor(request);
        var month = switch (by) {
            case TOPIC -> months.byThread(reader, place.list(), place.month(), after, LINES);
            case DATE -> months.byDate(reader, place.list(), place.month(), after, LINES);
            case AUTHOR -> months.byAuthor(reader, place.list(), place.month(), after, LINES);
        };
        return month.map(found -> {
            var tag = pages.site().entityTag(found.tag(), by, after == null ? "" : after.text(), reader.anonymous());
            return request.checkNotModified(tag).orElseGet(() -> page(found, by, after != null, reader, tag));
        }).orElseGet(pages::missing);
    }

    private ServerResponse page(Month<?> month, By by, boolean continued, Reader reader, String tag) {
        var list = month.list().address();
        var place = new Place.Month(list, month.month());
        var name = OverviewPage.name(month.month());
        var frame = Frame.of(pages.site(), place, list, name).crumb(list.toString(), new Place.Overview(list));
        var previous = neighbour(list, month.previous());
        var next = neighbour(list, month.next());
        if (previous != null) {
            frame = frame.relation("prev", previous.href());
        }
        if (next != null) {
            frame = frame.relation("next", next.href());
        }
        if (continued) {
            frame = frame.notIndexed();
        }
        var mbox = new Place.MonthMbox(list, month.month());
        var items = month.slice().items();
        var view = new View(name, list.toString(), month.posts(), by, place.path(), place.path() + "?by=date", place.path() + "?by=author",
                Listing.topics(items.stream().filter(Topic.class::isInstance).map(Topic.class::cast)
                        .map(topic -> Lines.topic(topic, topic.last(), reader, since(topic, month))).toList()),
                Listing.posts(items.stream().filter(Post.class::isInstance).map(Post.class::cast).map(post -> Lines.post(post, reader))
                        .toList()),
                by == By.TOPIC ? Asked.next(place, month.slice().next()) : Asked.next(place, month.slice().next(), "by", by.written()),
                continued,
                by == By.TOPIC ? place.path() : Asked.with(place, "by", by.written()), previous, next, mbox.path());
        return pages.html("archive/month", frame.alternate("application/mbox", "mbox of " + name, mbox), view, tag);
    }

    private static String since(Topic topic, Month<?> month) {
        var started = topic.start().filedAt();
        return started.isBefore(month.month().atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant())
                ? "since " + Moment.day(started).text()
                : "";
    }

    private static @Nullable Neighbour neighbour(EmailAddress list, @Nullable YearMonth month) {
        return Optional.ofNullable(month).map(there -> new Neighbour(new Place.Month(list, there).path(), OverviewPage.name(there)))
                .orElse(null);
    }
}
