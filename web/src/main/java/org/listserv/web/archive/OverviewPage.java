package org.listserv.web.archive;

import java.time.Month;
import java.time.YearMonth;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.ListOverview;
import org.listserv.archive.ListOverview.MonthCount;
import org.listserv.archive.Overviews;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Topic;
import org.listserv.mail.EmailAddress;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// `/LIST@DOMAIN/`: what the list is, what is going on, and a way into every month.
public final class OverviewPage {
    /// Years shown at once; the others are one click away.
    private static final int OPEN_YEARS = 5;

    private final Pages pages;
    private final Overviews overviews;

    public OverviewPage(Pages pages, Overviews overviews) {
        this.pages = pages;
        this.overviews = overviews;
    }

    public record View(String address, String description, boolean restricted, boolean closed, long posts, @Nullable Moment last,
            String firstMonth,
            String years, String olderYears, String older, List<String> months, String activeTopics, String newTopics, String post,
            String subscribe, String unsubscribe, String help, String feed, String manifest) {}

    public record Year(int year, List<Cell> cells, long posts) {}

    /// @param heat 0 for no posts to 4 for as many as the busiest months
    public record Cell(String month, String name, int posts, int heat, String href) {}

    public ServerResponse show(Place.Overview place, Reader reader, ServerRequest request) {
        return overviews.overview(reader, place.list()).map(overview -> {
            var tag = pages.site().entityTag(overview.tag(), reader.anonymous());
            return request.checkNotModified(tag).orElseGet(() -> page(overview, reader, tag));
        }).orElseGet(pages::missing);
    }

    private ServerResponse page(ListOverview overview, Reader reader, String tag) {
        var list = overview.list();
        var address = list.address();
        var place = new Place.Overview(address);
        var years = years(address, overview.months());
        var open = years.subList(0, Math.min(OPEN_YEARS, years.size()));
        var older = years.subList(open.size(), years.size());
        var view = new View(address.toString(), list.description(), list.restricted(), list.closed(), list.posts(),
                list.lastPostAt() == null ? null : Moment.day(list.lastPostAt()),
                overview.months().isEmpty() ? "" : name(overview.months().getFirst().month()), Listing.years(open), Listing.years(older),
                older(older), monthNames(),
                topics(overview.activeTopics(), Topic::last, reader), topics(overview.newTopics(), Topic::start, reader),
                "mailto:" + address,
                mailto(address, "subscribe"), mailto(address, "unsubscribe"), mailto(address, "help"),
                new Place.Feed(address).path(), new Place.Manifest(address).path());
        var frame = Frame.of(pages.site(), place, address).alternate("application/atom+xml", "New posts on " + address,
                new Place.Feed(address));
        return pages.html("archive/overview", frame, view, tag);
    }

    private static String topics(List<Topic> topics, Function<Topic, Post> listedAt, Reader reader) {
        return Listing.topics(topics.stream().map(topic -> Lines.topic(topic, listedAt.apply(topic), reader, "")).toList());
    }

    private static String mailto(EmailAddress list, String command) {
        return "mailto:" + new EmailAddress(list.localPart() + "-" + command, list.domain());
    }

    static String name(YearMonth month) {
        return month.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH) + " " + month.getYear();
    }

    private static List<String> monthNames() {
        return List.of(Month.values()).stream().map(month -> month.getDisplayName(TextStyle.SHORT, Locale.ENGLISH)).toList();
    }

    private static List<Year> years(EmailAddress list, List<MonthCount> counts) {
        int most = counts.stream().mapToInt(MonthCount::posts).max().orElse(1);
        var byYear = new TreeMap<Integer, List<MonthCount>>();
        for (var count : counts) {
            byYear.computeIfAbsent(count.month().getYear(), _ -> new ArrayList<>()).add(count);
        }
        return byYear.descendingMap().entrySet().stream().map(year -> year(list, year.getKey(), year.getValue(), most)).toList();
    }

    private static Year year(EmailAddress list, int year, List<MonthCount> counts, int most) {
        var posts = new int[12];
        long sum = 0;
        for (var count : counts) {
            posts[count.month().getMonthValue() - 1] = count.posts();
            sum += count.posts();
        }
        var cells = new ArrayList<Cell>();
        for (int i = 0; i < 12; i++) {
            var month = YearMonth.of(year, i + 1);
            cells.add(new Cell(monthNames().get(i), name(month), posts[i], heat(posts[i], most), new Place.Month(list, month).path()));
        }
        return new Year(year, cells, sum);
    }

    /// By the square root, so that one month of uproar does not make all others look empty.
    private static int heat(int posts, int most) {
        return posts == 0 ? 0 : Math.clamp((int) Math.ceil(4 * Math.sqrt((double) posts / most)), 1, 4);
    }

    private static String older(List<Year> years) {
        if (years.isEmpty()) {
            return "";
        }
        long posts = years.stream().mapToLong(Year::posts).sum();
        var span = years.size() == 1
                ? Integer.toString(years.getFirst().year())
                : years.getLast().year() + " to " + years.getFirst().year();
        return String.format(Locale.ENGLISH, "%s: %,d posts", span, posts);
    }
}
