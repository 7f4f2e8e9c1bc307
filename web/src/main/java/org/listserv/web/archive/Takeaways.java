package org.listserv.web.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Messages;
import org.listserv.archive.Month;
import org.listserv.archive.Months;
import org.listserv.archive.Overviews;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.mail.MboxWriter;
import org.listserv.mail.ReversePath;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;
import org.listserv.web.page.SecurityHeaders;

/// The archive's octets as they are: one message, a month, and the head of the hash chain to hold us to it.
public final class Takeaways {
    /// Rows read at once.
    private static final int POSTS = 100;

    private final Pages pages;
    private final Overviews overviews;
    private final Months months;
    private final Messages messages;

    public Takeaways(Pages pages, Overviews overviews, Months months, Messages messages) {
        this.pages = pages;
        this.overviews = overviews;
        this.months = months;
        this.messages = messages;
    }

    /// What `/LIST@DOMAIN/chain` gives.
    record Head(String list, long seq, long number, String chain, long revision) {}

    public ServerResponse chain(Place.Chain place, Reader reader) {
        return overviews.head(reader, place.list())
                .map(head -> pages.json(new Head(head.list().toString(), head.seq(), head.number(), head.chain(), head.revision())))
                .orElseGet(pages::missing);
    }

    /// As text, so that a browser shows it; the octets are those that were received.
    public ServerResponse raw(Place.Raw place, Reader reader, ServerRequest request) {
        return messages.find(reader, place.list(), place.messageId()).flatMap(message -> {
            var post = Twins.asked(message, request);
            return messages.octets(reader, place.list(), post.seq()).map(octets -> {
                var tag = pages.site().entityTag(post.tag(), "raw");
                return request.checkNotModified(tag).orElseGet(() -> ServerResponse.ok()
                        .contentType(new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8)).eTag(tag)
                        .cacheControl(CacheControl.noCache())
                        .header(SecurityHeaders.POLICY, SecurityHeaders.SANDBOX).header("X-Robots-Tag", "noindex")
                        .header(HttpHeaders.CONTENT_DISPOSITION,
                                ContentDisposition.inline()
                                        .filename(post.list().localPart() + "-" + post.number() + ".eml", StandardCharsets.UTF_8).build()
                                        .toString())
                        .body(octets));
            });
        }).orElseGet(pages::missing);
    }

    /// A month as one mbox file, written as it is read: never more than one message of it is in memory.
    public ServerResponse mbox(Place.MonthMbox place, Reader reader, ServerRequest request) {
        var first = months.byDate(reader, place.list(), place.month(), null, POSTS);
        var head = overviews.head(reader, place.list());
        if (first.isEmpty() || first.get().posts() == 0 || head.isEmpty()) {
            return pages.missing();
        }
        // A month changes by posts coming in, and by redaction; what a fail-over can take away is in the last month only.
        var tag = pages.site().entityTag(first.get().tag(), head.get().revision(), first.get().next() == null ? head.get().chain() : "",
                "mbox");
        return request.checkNotModified(tag).orElseGet(() -> ServerResponse.ok()
                .contentType(MediaType.parseMediaType("application/gzip")).eTag(tag).cacheControl(CacheControl.noCache())
                .header("X-Robots-Tag", "noindex")
                .header(HttpHeaders.CONTENT_DISPOSITION, attachment(place.list().localPart() + "-" + place.month() + ".mbox.gz"))
                .build((asked, response) -> {
                    if (!asked.getMethod().equals("HEAD")) {
                        write(first.get(), reader, response.getOutputStream());
                    }
                    return null;
                }));
    }

    private void write(Month<Post> first, Reader reader, OutputStream out) throws IOException {
        try (var zipped = new GZIPOutputStream(out, 65_536)) {
            var mbox = new MboxWriter(zipped);
            Optional<Month<Post>> month = Optional.of(first);
            while (month.isPresent()) {
                var slice = month.get().slice();
                for (var post : slice.items()) {
                    var octets = messages.octets(reader, post.list(), post.seq());
                    if (octets.isPresent()) {
                        mbox.write(new ReversePath.Null(), post.filedAt(), octets.get());
                    }
                }
                month = slice.next() == null
                        ? Optional.empty()
                        : months.byDate(reader, first.list().address(), first.month(), slice.next(), POSTS);
            }
        }
    }

    private static String attachment(String name) {
        return ContentDisposition.attachment().filename(name, StandardCharsets.UTF_8).build().toString();
    }
}
