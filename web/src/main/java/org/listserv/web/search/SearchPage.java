package org.listserv.web.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Cursor;
import org.listserv.archive.EntityTag;
import org.listserv.archive.Overviews;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.SearchIndex;
import org.listserv.archive.SearchRequest;
import org.listserv.archive.SearchRequest.Order;
import org.listserv.archive.SearchResult;
import org.listserv.archive.SearchResult.Hit;
import org.listserv.archive.SearchResult.Piece;
import org.listserv.mail.EmailAddress;
import org.listserv.web.archive.Asked;
import org.listserv.web.archive.Feeds;
import org.listserv.web.archive.Takeaways;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// `/search` and `/LIST@DOMAIN/search`: one query in one box, one address for one result.
public final class SearchPage {
    private static final int HITS = 25;
    /// Posts in an mbox of what was found; the newest, or best, of them.
    private static final int TAKEN_AWAY = 1000;
    private static final int AT_ONCE = 200;
    private static final int LONGEST_QUERY = 1000;

    private final Pages pages;
    private final Overviews overviews;
    private final SearchIndex index;
    private final Feeds feeds;
    private final Takeaways takeaways;

    public SearchPage(Pages pages, Overviews overviews, SearchIndex index, Feeds feeds, Takeaways takeaways) {
        this.pages = pages;
        this.overviews = overviews;
        this.index = index;
        this.feeds = feeds;
        this.takeaways = takeaways;
    }

    public record View(String query, String action, String list, String everywhere, boolean asked, boolean byRelevance, String understood,
            List<String> notes,
            String found, boolean partial, List<Line> hits, @Nullable String more, String otherOrder, @Nullable String json, String atom,
            String mbox) {}

    public record Line(String href, List<Piece> subject, String author, String list, Moment at, long number, List<Piece> snippet) {}

    /// What `format=json` gives.
    record Document(String query, List<String> notes, long found, boolean atLeast, boolean partial, @Nullable String next,
            List<Found> hits) {}

    record Found(String list, long number, String messageId, String subject, String from, String date, String snippet, String url) {}

    public ServerResponse everywhere(Reader reader, ServerRequest request) {
        return show(new Place.Search(), null, reader, request);
    }

    public ServerResponse inList(Place.ListSearch place, Reader reader, ServerRequest request) {
        if (request.param("in").filter("all"::equals).isPresent()) {
            return pages.found(Asked.with(new Place.Search(), "q", request.param("q").orElse("")));
        }
        return overviews.list(reader, place.list()).isEmpty() ? pages.missing() : show(place, place.list(), reader, request);
    }

    private ServerResponse show(Place place, @Nullable EmailAddress list, Reader reader, ServerRequest request) {
        var query = request.param("q").orElse("").strip();
        query = query.substring(0, Math.min(query.length(), LONGEST_QUERY));
        var order = request.param("sort").filter("relevance"::equals).isPresent() ? Order.RELEVANCE : Order.DATE;
        var format = request.param("format").orElse("");
        if (format.equals("mbox")) {
            return takeaways.posts(all(query, list, order, reader), "search.mbox.gz", reader, request);
        }
        Optional<SearchResult> result = query.isEmpty()
                ? Optional.empty()
                : Optional.of(index.search(reader, new SearchRequest(query, list, order, Asked.cursor(request), HITS)));
        if (format.equals("json")) {
            return pages.json(document(place, query, order, result, reader));
        }
        if (format.equals("atom")) {
            return atom(place, query, order, result, reader, request);
        }
        if (!format.isEmpty() && !format.equals("html")) {
            return pages.bad("There is no format of this name; there are html, json, atom and mbox.");
        }
        return page(place, list, query, order, result, reader);
    }

    private ServerResponse atom(Place place, String query, Order order, Optional<SearchResult> result, Reader reader,
            ServerRequest request) {
        var posts = result.map(SearchResult::hits).orElse(List.of()).stream().map(Hit::post).toList();
        var tag = pages.site().entityTag("atom", place.path(), query, order, EntityTag.of(posts), reader.anonymous());
        return request.checkNotModified(tag).orElseGet(() -> pages.atom(
                feeds.found(query, Asked.with(place, "q", query, "sort", name(order), "format", "atom"),
                        Asked.with(place, "q", query, "sort", name(order)), posts, reader),
                tag));
    }

    private List<Post> all(String query, @Nullable EmailAddress list, Order order, Reader reader) {
        var posts = new ArrayList<Post>();
        Cursor after = null;
        while (!query.isEmpty() && posts.size() < TAKEN_AWAY) {
            var found = index.search(reader, new SearchRequest(query, list, order, after, AT_ONCE));
            found.hits().forEach(hit -> posts.add(hit.post()));
            after = found.next();
            if (after == null) {
                break;
            }
        }
        return posts;
    }

    private static String name(Order order) {
        return order == Order.RELEVANCE ? "relevance" : "date";
    }

    private ServerResponse page(Place place, @Nullable EmailAddress list, String query, Order order, Optional<SearchResult> result,
            Reader reader) {
        var sort = name(order);
        var view = new View(query, place.path(), list == null ? "" : list.toString(), Asked.with(new Place.Search(), "q", query),
                result.isPresent(),
                order == Order.RELEVANCE, result.map(found -> found.interpretation().query()).orElse(""),
                result.map(found -> found.interpretation().notes()).orElse(List.of()), result.map(SearchPage::count).orElse(""),
                result.map(SearchResult::partial).orElse(false),
                result.map(SearchResult::hits).orElse(List.of()).stream().map(hit -> line(hit, reader)).toList(),
                result.map(found -> Asked.next(place, found.next(), "q", query, "sort", sort)).orElse(null),
                Asked.with(place, "q", query, "sort", order == Order.RELEVANCE ? "date" : "relevance"),
                result.isEmpty() ? null : Asked.with(place, "q", query, "sort", sort, "format", "json"),
                Asked.with(place, "q", query, "sort", sort, "format", "atom"),
                Asked.with(place, "q", query, "sort", sort, "format", "mbox"));
        var title = query.isEmpty() ? "Search" : query + " · Search";
        var frame = (list == null
                ? Frame.of(pages.site(), place, title).crumb("Lists", new Place.Front())
                : Frame.of(pages.site(), place, list, title).crumb(list.toString(), new Place.Overview(list))).notIndexed();
        return pages.html("search/search", frame.withoutFinder(), view);
    }

    private static String count(SearchResult result) {
        var posts = result.found() == 1 && !result.atLeast() ? " post" : " posts";
        return (result.atLeast() ? "more than " : "") + String.format(Locale.ENGLISH, "%,d", result.found()) + posts;
    }

    private static Line line(Hit hit, Reader reader) {
        var post = seen(hit.post(), reader);
        return new Line(new Place.Message(post.list(), post.messageId()).path(),
                hit.subject().isEmpty() ? List.of(new Piece("(no subject)", false)) : hit.subject(),
                author(post), post.list().toString(), Moment.full(post.filedAt()), post.number(), hit.snippet());
    }

    private Document document(Place place, String query, Order order, Optional<SearchResult> result, Reader reader) {
        var hits = new ArrayList<Found>();
        for (var hit : result.map(SearchResult::hits).orElse(List.of())) {
            var post = seen(hit.post(), reader);
            hits.add(new Found(post.list().toString(), post.number(), post.messageId(), post.subject(), author(post),
                    post.filedAt().toString(),
                    text(hit.snippet()), pages.site().url(new Place.Message(post.list(), post.messageId()))));
        }
        var next = result.map(SearchResult::next).map(cursor -> pages.site().base()
                + Asked.next(place, cursor, "q", query, "sort", name(order), "format", "json"))
                .orElse(null);
        return new Document(result.map(found -> found.interpretation().query()).orElse(""),
                result.map(found -> found.interpretation().notes()).orElse(List.of()),
                result.map(SearchResult::found).orElse(0L), result.map(SearchResult::atLeast).orElse(false),
                result.map(SearchResult::partial).orElse(false), next, hits);
    }

    private static String text(List<Piece> pieces) {
        var text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.text()));
        return text.toString();
    }

    private static Post seen(Post post, Reader reader) {
        return reader.anonymous() ? AddressHiding.hide(post) : post;
    }

    private static String author(Post post) {
        return post.author().name().isBlank() ? post.author().address() : post.author().name();
    }
}
