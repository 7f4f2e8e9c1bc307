package org.listserv.web.archive;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.ListSummary;
import org.listserv.archive.Overviews;
import org.listserv.archive.Reader;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// `/`: all lists this reader may read, by mail domain.
public final class FrontPage {
    private static final int LISTS = 500;
    /// Fewer are seen at a glance.
    private static final int MANY = 10;
    private static final int LONGEST_FILTER = 200;

    private final Pages pages;
    private final Overviews overviews;

    public FrontPage(Pages pages, Overviews overviews) {
        this.pages = pages;
        this.overviews = overviews;
    }

    /// @param words  of the lists shown; empty: all
    /// @param filter there are enough lists to look for some among them
    public record View(List<Domain> domains, String words, boolean filter, @Nullable String more) {}

    public record Domain(String name, List<Line> lists) {}

    public record Line(String address, String href, String description, boolean restricted, boolean closed, long posts, int thisMonth,
            @Nullable Moment last) {}

    public ServerResponse show(Reader reader, ServerRequest request) {
        var words = request.param("lists").map(String::strip).filter(asked -> asked.length() <= LONGEST_FILTER).orElse("");
        var slice = overviews.lists(reader, words, Asked.cursor(request), LISTS);
        var domains = new LinkedHashMap<String, List<Line>>();
        for (var list : slice.items()) {
            domains.computeIfAbsent(list.address().domain(), _ -> new ArrayList<>()).add(line(list));
        }
        var view = new View(domains.entrySet().stream().map(domain -> new Domain(domain.getKey(), domain.getValue())).toList(),
                words, !words.isEmpty() || slice.items().size() > MANY,
                words.isEmpty()
                        ? Asked.next(new Place.Front(), slice.next())
                        : Asked.next(new Place.Front(), slice.next(), "lists", words));
        var frame = Frame.of(pages.site(), new Place.Front());
        return pages.html("archive/front", words.isEmpty() ? frame : frame.notIndexed(), view);
    }

    private static Line line(ListSummary list) {
        return new Line(list.address().toString(), new Place.Overview(list.address()).path(), list.description(), list.restricted(),
                list.closed(), list.posts(), list.postsThisMonth(), list.lastPostAt() == null ? null : Moment.sorted(list.lastPostAt()));
    }
}
