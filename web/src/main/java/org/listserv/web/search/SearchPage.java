package org.listserv.web.search;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    /// One more than are read, so that the answer says that not all were.
    private static final int LONGEST_QUERY = 1001;
    private static final Map<Order, String> ORDERS = orders();
    private static final Pattern CHIP = Pattern.compile(" ((?:list|has|is|date):[^ \"()]+|from:\"[^\"]+\")(?= )");
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\x{2028}\\x{2029}]");
    private static final Pattern ORED = Pattern.compile("(?<![^ )])OR(?![^ (])");

    private static Map<Order, String> orders() {
        var orders = new EnumMap<Order, String>(Order.class);
        orders.put(Order.DATE, "Newest first");
        orders.put(Order.DATE_ASC, "Oldest first");
        orders.put(Order.RELEVANCE, "Best first");
        orders.put(Order.REPLIES, "Longest threads first");
        return orders;
    }

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

    public record View(String query, String sort, boolean byThread, String action, String list, String everywhere, boolean asked,
            String understood, List<String> notes, String found, boolean partial, List<Line> hits, @Nullable String more,
            List<Choice> orders,
            List<Choice> threads, List<Choice> narrowed, @Nullable Chart chart, List<Group> facets, @Nullable String json, String atom,
            String mbox) {}

    /// @param href null: this is what is shown
    public record Choice(String name, @Nullable String href) {}

    /// Values that narrow the query.
    public record Group(String name, List<Value> values) {}

    public record Value(String name, String href, String posts) {}

    public record Line(String href, List<Piece> subject, String author, String list, Moment at, long number, List<Piece> snippet) {}

    /// What `format=json` gives.
    record Document(String query, List<String> notes, long found, boolean atLeast, boolean partial, String sort, @Nullable String next,
            List<Found> hits, @Nullable Counts counts) {}

    /// @param complete false: all of these are lower bounds
    record Counts(boolean complete, Map<String, Long> months, List<SearchResult.Facet> lists, List<SearchResult.Facet> authors,
            List<SearchResult.Facet> years, List<SearchResult.Facet> kinds) {}

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
        // Controls mean nothing to the index and are no characters of HTML.
        var query = CONTROLS.matcher(request.param("q").orElse("")).replaceAll(" ").strip();
        query = query.substring(0, Math.min(query.length(), LONGEST_QUERY));
        var order = request.param("sort").flatMap(Order::of).orElse(Order.DATE);
        boolean byThread = request.param("threads").filter("1"::equals).isPresent();
        var format = request.param("format").orElse("");
        if (format.equals("mbox")) {
            return takeaways.posts(all(query, list, order, reader), "search.mbox.gz", reader, request);
        }
        Optional<SearchResult> result = query.isEmpty()
                ? Optional.empty()
                : Optional.of(index.search(reader, new SearchRequest(query, list, order, Asked.cursor(request), HITS,
                        byThread && !format.equals("atom"), !format.equals("atom"))));
        if (format.equals("json")) {
            return pages.json(document(place, query, order, result, reader));
        }
        if (format.equals("atom")) {
            return atom(place, query, order, result, reader, request);
        }
        if (!format.isEmpty() && !format.equals("html")) {
            return pages.bad("There is no format of this name; there are html, json, atom and mbox.");
        }
        return page(place, list, query, order, byThread, result, reader);
    }

    private ServerResponse atom(Place place, String query, Order order, Optional<SearchResult> result, Reader reader,
            ServerRequest request) {
        var posts = result.map(SearchResult::hits).orElse(List.of()).stream().map(Hit::post).toList();
        var tag = pages.site().entityTag("atom", place.path(), query, order, EntityTag.of(posts), reader.anonymous());
        return request.checkNotModified(tag).orElseGet(() -> pages.atom(
                feeds.found(query, Asked.with(place, "q", query, "sort", order.word(), "format", "atom"),
                        Asked.with(place, "q", query, "sort", order.word()), posts, reader),
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

    private ServerResponse page(Place place, @Nullable EmailAddress list, String query, Order asked, boolean byThread,
            Optional<SearchResult> result, Reader reader) {
        // What the query says itself counts more than the address.
        var order = result.map(SearchResult::order).orElse(asked);
        var here = new Address(place, query, asked, byThread);
        var orders = new ArrayList<Choice>();
        ORDERS.forEach((one, name) -> orders.add(new Choice(name, one == order ? null : here.with(one).text())));
        var threads = List.of(new Choice("Every post", byThread ? here.with(false).text() : null),
                new Choice("One of each thread", byThread ? null : here.with(true).text()));
        var counts = result.map(SearchResult::counts).orElse(null);
        var view = new View(query, asked.word(), byThread, place.path(), list == null ? "" : list.toString(),
                Asked.with(new Place.Search(), "q", query), result.isPresent(),
                result.map(found -> found.interpretation().query()).orElse(""),
                result.map(found -> found.interpretation().notes()).orElse(List.of()), result.map(SearchPage::count).orElse(""),
                result.map(SearchResult::partial).orElse(false),
                result.map(SearchResult::hits).orElse(List.of()).stream().map(hit -> line(hit, reader)).toList(),
                result.map(found -> found.next() == null
                        ? null
                        : here.text().replaceFirst("\\?",
                                Matcher.quoteReplacement("?after=" + URLEncoder.encode(found.next().text(), StandardCharsets.UTF_8) + "&")))
                        .orElse(null),
                orders, threads, narrowed(here), counts == null ? null : Chart.of(counts.months(), term -> here.narrowed(term).text()),
                counts == null ? List.of() : facets(counts, here),
                result.isEmpty() ? null : Asked.with(place, "q", query, "sort", asked.word(), "format", "json"),
                Asked.with(place, "q", query, "sort", asked.word(), "format", "atom"),
                Asked.with(place, "q", query, "sort", asked.word(), "format", "mbox"));
        var title = query.isEmpty() ? "Search" : query + " · Search";
        var frame = (list == null
                ? Frame.of(pages.site(), place, title).crumb("Lists", new Place.Front())
                : Frame.of(pages.site(), place, list, title).crumb(list.toString(), new Place.Overview(list))).notIndexed();
        return pages.html("search/search", frame.withoutFinder(), view);
    }

    /// Where a search stands: everything a form can set.
    private record Address(Place place, String query, Order order, boolean byThread) {
        Address with(Order other) {
            // An order that the query names itself would win.
            return new Address(place, query.replaceAll("(?i)(?<![^ ])(sort|order):\\S*", "").strip(), other, byThread);
        }

        Address with(boolean collapsed) {
            return new Address(place, query, order, collapsed);
        }

        Address narrowed(String term) {
            return new Address(place, ORED.matcher(query).find() ? "(" + query + ") " + term : query + " " + term, order, byThread);
        }

        Address without(String term) {
            return new Address(place, (" " + query + " ").replace(" " + term + " ", " ").strip(), order, byThread);
        }

        /// All of it but the query.
        String[] asked() {
            return byThread ? new String[]{"sort", order.word(), "threads", "1"} : new String[]{"sort", order.word()};
        }

        String text() {
            return Asked.with(place, "q", query, asked());
        }
    }

    /// What a click on a facet has added, to be taken back.
    private static List<Choice> narrowed(Address here) {
        var chips = new ArrayList<Choice>();
        var terms = CHIP.matcher(" " + here.query() + " ");
        for (int at = 0; chips.size() < 20 && terms.find(at); at = terms.end(1)) {
            chips.add(new Choice(terms.group(1), here.without(terms.group(1)).text()));
        }
        return chips;
    }

    private static List<Group> facets(SearchResult.Counts counts, Address here) {
        var groups = new ArrayList<Group>();
        group("List", counts.lists(), here).ifPresent(groups::add);
        group("Author", counts.authors(), here).ifPresent(groups::add);
        group("Year", counts.years(), here).ifPresent(groups::add);
        group("With", counts.kinds(), here).ifPresent(groups::add);
        return groups;
    }

    private static Optional<Group> group(String name, List<SearchResult.Facet> facets, Address here) {
        var values = facets.stream().map(facet -> new Value(facet.value(), here.narrowed(facet.term()).text(),
                String.format(Locale.ENGLISH, "%,d", facet.posts()))).toList();
        return values.isEmpty() ? Optional.empty() : Optional.of(new Group(name, values));
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
                + Asked.next(place, cursor, "q", query, "sort", order.word(), "format", "json"))
                .orElse(null);
        return new Document(result.map(found -> found.interpretation().query()).orElse(""),
                result.map(found -> found.interpretation().notes()).orElse(List.of()),
                result.map(SearchResult::found).orElse(0L), result.map(SearchResult::atLeast).orElse(false),
                result.map(SearchResult::partial).orElse(false), order.word(), next, hits,
                result.map(SearchResult::counts).map(SearchPage::counts).orElse(null));
    }

    private static Counts counts(SearchResult.Counts counts) {
        var months = new LinkedHashMap<String, Long>();
        counts.months().forEach(month -> months.put(month.month().toString(), month.posts()));
        return new Counts(counts.complete(), months, counts.lists(), counts.authors(), counts.years(), counts.kinds());
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
