package org.listserv.web;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Reader;
import org.listserv.store.Freshness;
import org.listserv.web.archive.Attachments;
import org.listserv.web.archive.Feeds;
import org.listserv.web.archive.FrontPage;
import org.listserv.web.archive.MessagePage;
import org.listserv.web.archive.MonthPage;
import org.listserv.web.archive.OverviewPage;
import org.listserv.web.archive.Takeaways;
import org.listserv.web.archive.ThreadPage;
import org.listserv.web.health.Health;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;
import org.listserv.web.permalink.PonyMail;
import org.listserv.web.permalink.Resolving;
import org.listserv.web.search.SearchPage;

/// From a request to the page group that answers it. Every address there is stands in [Place]; a new one is a compile error here.
record Routes(Pages pages, FrontPage front, OverviewPage overview, MonthPage month, MessagePage message, ThreadPage thread,
        Attachments attachments, Takeaways takeaways, Feeds feeds, SearchPage search, Resolving resolving, PonyMail ponyMail, Health health,
        Readers readers, ClientAddress clients, ClientLimits limits, MeterRegistry metrics)
        implements
            RouterFunction<ServerResponse> {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    @Override
    public Optional<HandlerFunction<ServerResponse>> route(ServerRequest request) {
        return Optional.of(this::answer);
    }

    private ServerResponse answer(ServerRequest request) {
        if (!READING.contains(request.method())) {
            return ServerResponse.status(HttpStatus.METHOD_NOT_ALLOWED).header(HttpHeaders.ALLOW, "GET, HEAD").build();
        }
        Freshness.begin();
        var place = Place.at(request.servletRequest().getRequestURI());
        var sample = Timer.start(metrics);
        var status = "failed";
        try {
            var reader = readers.of(request.servletRequest());
            var answer = place.flatMap(there -> refused(there, request)).map(pages::tooOften)
                    .orElseGet(() -> place.map(there -> answer(there, reader, request)).orElseGet(pages::missing));
            status = Integer.toString(answer.statusCode().value());
            return reader.anonymous() ? answer : new Personal(answer);
        } finally {
            var page = place.map(there -> there.getClass().getSimpleName().toLowerCase(Locale.ROOT)).orElse("none");
            sample.stop(metrics.timer("listserv.http.request", "page", page, "status", status));
        }
    }

    /// Whether this client has had enough of what is dear, and for how long.
    private Optional<Duration> refused(Place place, ServerRequest request) {
        return dear(place, request).flatMap(kind -> limits.refused(clients.of(request.servletRequest()), kind));
    }

    private static Optional<ClientLimits.Kind> dear(Place place, ServerRequest request) {
        if (place instanceof Place.Search || place instanceof Place.ListSearch) {
            boolean mbox = request.param("format").filter("mbox"::equals).isPresent();
            return request.param("q").filter(query -> !query.isBlank())
                    .map(_ -> mbox ? ClientLimits.Kind.DOWNLOAD : ClientLimits.Kind.SEARCH);
        }
        return place instanceof Place.MonthMbox || place instanceof Place.MonthSum || place instanceof Place.ThreadMbox
                || place instanceof Place.Raw
                || place instanceof Place.PonyMail
                        ? Optional.of(ClientLimits.Kind.DOWNLOAD)
                        : Optional.empty();
    }

    private static boolean proxied(ServerRequest request) {
        return request.headers().firstHeader("X-Forwarded-For") != null || request.headers().firstHeader("Forwarded") != null;
    }

    private ServerResponse answer(Place place, Reader reader, ServerRequest request) {
        return switch (place) {
            case Place.Front _ -> front.show(reader, request);
            case Place.Overview overviewed -> overview.show(overviewed, reader, request);
            case Place.Month asked -> month.show(asked, reader, request);
            case Place.MonthMbox mbox -> takeaways.month(mbox, reader, request);
            case Place.MonthSum sum -> takeaways.monthSum(sum, reader);
            case Place.Manifest manifest -> takeaways.manifest(manifest, reader, request);
            case Place.Numbered numbered -> resolving.numbered(numbered, reader);
            case Place.Message asked -> message.show(asked, reader, request);
            case Place.Raw raw -> takeaways.raw(raw, reader, request);
            case Place.Html html -> attachments.html(html, reader, request);
            case Place.Part part -> attachments.part(part, reader, request);
            case Place.FlatThread flat -> thread.flat(flat, reader, request);
            case Place.NestedThread nested -> thread.nested(nested, reader, request);
            case Place.ThreadMbox mbox -> takeaways.thread(mbox, reader, request);
            case Place.Feed feed -> feeds.list(feed, reader, request);
            case Place.ThreadFeed feed -> feeds.thread(feed, reader, request);
            case Place.Chain chain -> takeaways.chain(chain, reader);
            case Place.Search _ -> search.everywhere(reader, request);
            case Place.ListSearch inList -> search.inList(inList, reader, request);
            case Place.Resolver _ -> resolving.resolve(reader, request);
            case Place.Old old -> resolving.old(old, reader, request);
            case Place.PonyMail asked -> ponyMail.answer(asked, reader, request);
            case Place.Live _ -> health.live();
            case Place.Ready _ -> health.ready();
            case Place.PagesReady _ -> health.pages();
            // They count all lists together, those one may not read too: for whoever asks the node itself, not for the readers a proxy brings.
            case Place.Metrics _ -> proxied(request) ? pages.missing() : health.metrics();
            case Place.Robots _ -> pages.robots();
            case Place.Asset(var name) -> pages.asset(name);
            case Place.Elsewhere(var there) -> {
                var query = request.servletRequest().getQueryString();
                yield pages.moved(there.path() + (query == null ? "" : "?" + query));
            }
        };
    }
}
