package org.listserv.web.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerResponse;
import org.thymeleaf.ITemplateEngine;
import org.thymeleaf.context.Context;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

import org.listserv.store.Freshness;

/// The answers that every page group gives in the same way.
///
/// A page is rendered whole before its first octet is sent: what fails in it becomes an answer and not half a page.
public final class Pages {
    private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);
    private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    private static final MediaType ATOM = new MediaType(MediaType.APPLICATION_ATOM_XML, StandardCharsets.UTF_8);

    private final Site site;
    private final ITemplateEngine templates;
    private final JsonMapper json;

    public Pages(Site site, ITemplateEngine templates, JsonMapper json) {
        this.site = site;
        this.templates = templates;
        this.json = json;
    }

    public Site site() {
        return site;
    }

    /// @param template below `org/listserv/web`, without `.html`
    /// @param page what the template shows, under the template's own name; a public record
    public ServerResponse html(String template, Frame frame, Object page) {
        return kept(HTML).body(render(template, frame, page));
    }

    /// As [#html(String, Frame, Object)], for a page that a reader may keep and ask again about.
    public ServerResponse html(String template, Frame frame, Object page, String entityTag) {
        var answer = kept(HTML);
        return (Freshness.mayBeBehind() ? answer : answer.eTag(entityTag)).body(render(template, frame, page));
    }

    /// A page of several answers to one question (RFC 9110 §15.4.1).
    public ServerResponse choices(String template, Frame frame, Object page) {
        return ServerResponse.status(HttpStatus.MULTIPLE_CHOICES).contentType(HTML).cacheControl(CacheControl.noStore())
                .body(render(template, frame, page));
    }

    public ServerResponse atom(byte[] feed, String entityTag) {
        var answer = kept(ATOM);
        return (Freshness.mayBeBehind() ? answer : answer.eTag(entityTag)).body(feed);
    }

    public ServerResponse json(Object document) {
        return kept(MediaType.APPLICATION_JSON).body(json.writeValueAsBytes(document));
    }

    public ServerResponse json(Object document, String entityTag) {
        var answer = kept(MediaType.APPLICATION_JSON);
        return (Freshness.mayBeBehind() ? answer : answer.eTag(entityTag)).body(json.writeValueAsBytes(document));
    }

    /// For documents that no object mapper could walk, because they are too deep.
    public ServerResponse json(Consumer<JsonGenerator> document) {
        var octets = new ByteArrayOutputStream();
        try (var generator = json.createGenerator(octets)) {
            document.accept(generator);
        }
        return kept(MediaType.APPLICATION_JSON).body(octets.toByteArray());
    }

    /// May be kept, and is asked about again before it is shown; but nobody keeps what may lack something.
    private static ServerResponse.BodyBuilder kept(MediaType type) {
        return ServerResponse.ok().contentType(type)
                .cacheControl(Freshness.mayBeBehind() ? CacheControl.noStore() : CacheControl.noCache());
    }

    public ServerResponse text(HttpStatus status, String text) {
        return ServerResponse.status(status).contentType(TEXT).cacheControl(CacheControl.noStore())
                .body(text.getBytes(StandardCharsets.UTF_8));
    }

    /// To where it is for good.
    public ServerResponse moved(String location) {
        return ServerResponse.status(HttpStatus.MOVED_PERMANENTLY).header(HttpHeaders.LOCATION, location).build();
    }

    /// To where it is today.
    public ServerResponse found(String location) {
        return ServerResponse.status(HttpStatus.FOUND).header(HttpHeaders.LOCATION, location).build();
    }

    /// A file whose name changes when it does.
    public ServerResponse asset(String name) {
        return site.file(name)
                .map(file -> ServerResponse.ok().contentType(MediaType.parseMediaType(file.contentType()))
                        .cacheControl(CacheControl.maxAge(365, TimeUnit.DAYS).cachePublic().immutable()).body(file.octets()))
                .orElseGet(this::missing);
    }

    /// Pages are for everyone; what is expensive, or the same mail in another shape, is not for crawlers.
    public ServerResponse robots() {
        return text(HttpStatus.OK, """
                User-agent: *
                Disallow: /search
                Disallow: /*/search
                Disallow: /*.mbox.gz
                Disallow: /*/raw
                Disallow: /*/html
                Disallow: /*/t/
                Disallow: /*format=
                Disallow: /r
                """);
    }

    /// Not there, or not for this reader: the same octets for both, whatever was asked for.
    public ServerResponse missing() {
        return missing(List.of());
    }

    /// @param instead what the reader may read and may have meant; must not depend on what he may not read
    public ServerResponse missing(List<Instead> instead) {
        return failure(HttpStatus.NOT_FOUND, "page/missing", "Nothing here", new Missing(instead), new HttpHeaders());
    }

    public record Missing(List<Instead> instead) {}

    /// A message to read instead of the one that is not there.
    public record Instead(String href, String subject, String author, String list) {}

    /// @param why in a few words, for whoever wrote the address by hand
    public ServerResponse bad(String why) {
        return text(HttpStatus.BAD_REQUEST, why + "\n");
    }

    public ServerResponse databaseAway(Duration retryAfter) {
        return unavailable("page/away", retryAfter);
    }

    /// The client has had its share (RFC 6585 §4).
    public ServerResponse tooOften(Duration retryAfter) {
        var headers = new HttpHeaders();
        var seconds = Long.toString(retryAfter.toSeconds() + 1);
        headers.set(HttpHeaders.RETRY_AFTER, seconds);
        return failure(HttpStatus.TOO_MANY_REQUESTS, "page/often", "Later", seconds, headers);
    }

    public ServerResponse searchBusy(Duration retryAfter) {
        return unavailable("page/busy", retryAfter);
    }

    public ServerResponse downloadsBusy(Duration retryAfter) {
        return unavailable("page/downloads", retryAfter);
    }

    private ServerResponse unavailable(String template, Duration retryAfter) {
        var headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter.toSeconds()));
        return failure(HttpStatus.SERVICE_UNAVAILABLE, template, "Later", "", headers);
    }

    /// The program is at fault.
    ///
    /// @param incident under which the log says why
    public ServerResponse broken(String incident) {
        return failure(HttpStatus.INTERNAL_SERVER_ERROR, "page/broken", "Error", incident, new HttpHeaders());
    }

    private ServerResponse failure(HttpStatus status, String template, String title, Object page, HttpHeaders headers) {
        var frame = Frame.of(site, new Place.Front(), title).notIndexed();
        return ServerResponse.status(status).contentType(HTML).cacheControl(CacheControl.noStore()).headers(all -> all.addAll(headers))
                .body(render(template, frame, page));
    }

    /// As octets from the beginning: a long page as one string is so large that the collector has to treat it apart.
    private byte[] render(String template, Frame frame, Object page) {
        // Each page under a name of its own: expressions are compiled for one type, and forgotten when they meet another.
        var name = template.substring(template.indexOf('/') + 1);
        var octets = new ByteArrayOutputStream(32_768);
        try (var writer = new OutputStreamWriter(octets, StandardCharsets.UTF_8)) {
            templates.process(template,
                    new Context(Locale.ENGLISH, Map.of("frame", frame, "site", site, "behind", Freshness.mayBeBehind(), name, page)),
                    writer);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return octets.toByteArray();
    }
}
