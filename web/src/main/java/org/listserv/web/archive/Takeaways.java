package org.listserv.web.archive;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;

import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.MboxExport;
import org.listserv.archive.MboxExport.Mbox;
import org.listserv.archive.Messages;
import org.listserv.archive.Overviews;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;
import org.listserv.web.page.SecurityHeaders;

/// The archive's octets as they are: one message, a month, and the head of the hash chain to hold us to it.
public final class Takeaways {
    private static final MediaType MBOX = MediaType.parseMediaType("application/mbox");
    private static final MediaType GZIP = MediaType.parseMediaType("application/gzip");

    private final Pages pages;
    private final Overviews overviews;
    private final Messages messages;
    private final MboxExport export;

    public Takeaways(Pages pages, Overviews overviews, Messages messages, MboxExport export) {
        this.pages = pages;
        this.overviews = overviews;
        this.messages = messages;
        this.export = export;
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

    public ServerResponse month(Place.MonthMbox place, Reader reader, ServerRequest request) {
        return export.month(reader, place.list(), place.month())
                .map(mbox -> gzipped(mbox, place.list().localPart() + "-" + place.month() + ".mbox.gz", request)).orElseGet(pages::missing);
    }

    /// The same unpacked, for programs of other archives' time.
    public ServerResponse plainMonth(Place.MonthMbox place, Reader reader, ServerRequest request) {
        return export.month(reader, place.list(), place.month()).map(mbox -> {
            var tag = pages.site().entityTag(mbox.tag(), "plain mbox");
            return request.checkNotModified(tag).orElseGet(() -> ServerResponse.ok().contentType(MBOX).eTag(tag)
                    .cacheControl(CacheControl.noCache()).header("X-Robots-Tag", "noindex")
                    .header(HttpHeaders.CONTENT_DISPOSITION, attachment(place.list().localPart() + "-" + place.month() + ".mbox"))
                    .build((asked, response) -> {
                        if (!asked.getMethod().equals("HEAD")) {
                            mbox.writeTo(response.getOutputStream());
                        }
                        return null;
                    }));
        }).orElseGet(pages::missing);
    }

    public ServerResponse thread(Place.ThreadMbox place, Reader reader, ServerRequest request) {
        return export.thread(reader, place.list(), place.messageId())
                .map(mbox -> gzipped(mbox, place.list().localPart() + "-thread.mbox.gz", request)).orElseGet(pages::missing);
    }

    /// These posts, oldest first.
    public ServerResponse posts(List<Post> posts, String name, Reader reader, ServerRequest request) {
        return gzipped(export.posts(reader, posts), name, request);
    }

    /// Made while it is sent. Where that breaks off, the connection breaks too, and nobody takes a piece for the whole.
    private ServerResponse gzipped(Mbox mbox, String name, ServerRequest request) {
        var tag = pages.site().entityTag(mbox.tag(), "mbox");
        return request.checkNotModified(tag)
                .orElseGet(() -> ServerResponse.ok().contentType(GZIP).eTag(tag).cacheControl(CacheControl.noCache())
                        .header("X-Robots-Tag", "noindex").header(HttpHeaders.CONTENT_DISPOSITION, attachment(name))
                        .build((asked, response) -> {
                            if (!asked.getMethod().equals("HEAD")) {
                                try (var zipped = new GZIPOutputStream(response.getOutputStream(), 65_536)) {
                                    mbox.writeTo(zipped);
                                }
                            }
                            return null;
                        }));
    }

    private static String attachment(String name) {
        return ContentDisposition.attachment().filename(name, StandardCharsets.UTF_8).build().toString();
    }
}
