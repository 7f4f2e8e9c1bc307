package org.listserv.web.archive;

import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.List;

import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.MboxExport;
import org.listserv.archive.Messages;
import org.listserv.archive.Overviews;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.mail.EmailAddress;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;
import org.listserv.web.page.SecurityHeaders;

/// The archive's octets as they are: one message, a month, and the head of the hash chain to hold us to it.
public final class Takeaways {
    private static final MediaType MBOX = MediaType.parseMediaType("application/mbox");

    private final Pages pages;
    private final Overviews overviews;
    private final Messages messages;
    private final MboxExport export;
    private final UnderWay underWay;
    private final Zipped zipped;

    public Takeaways(Pages pages, Overviews overviews, Messages messages, MboxExport export) {
        this.pages = pages;
        this.overviews = overviews;
        this.messages = messages;
        this.export = export;
        this.underWay = new UnderWay(pages);
        this.zipped = new Zipped(pages, underWay);
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
                .map(mbox -> zipped.answer(mbox, name(place.list(), place.month()), request)).orElseGet(pages::missing);
    }

    /// As `sha256sum` writes it, so that it can check the file.
    public ServerResponse monthSum(Place.MonthSum place, Reader reader) {
        return export.month(reader, place.list(), place.month())
                .map(mbox -> pages.text(HttpStatus.OK, zipped.sum(mbox).hex() + "  " + name(place.list(), place.month()) + "\n"))
                .orElseGet(pages::missing);
    }

    /// What `/LIST@DOMAIN/manifest.json` gives: a copy of the archive needs to fetch only months whose `etag` is another than before.
    record Manifest(String list, long seq, long number, String chain, long revision, List<MonthFile> months) {}

    /// @param sha256 where the checksum of the file is
    record MonthFile(String month, int posts, String mbox, String etag, String sha256) {}

    public ServerResponse manifest(Place.Manifest place, Reader reader, ServerRequest request) {
        // The months after the head: what comes in between is in them and not in the head, so a reader comes again.
        return overviews.head(reader, place.list()).map(head -> {
            var months = export.months(reader, place.list()).stream().map(file -> month(place.list(), file)).toList();
            var manifest = new Manifest(head.list().toString(), head.seq(), head.number(), head.chain(), head.revision(), months);
            var tag = pages.site().entityTag("manifest", manifest);
            return request.checkNotModified(tag).orElseGet(() -> pages.json(manifest, tag));
        }).orElseGet(pages::missing);
    }

    private MonthFile month(EmailAddress list, MboxExport.MonthFile file) {
        var site = pages.site();
        return new MonthFile(file.month().toString(), file.posts(), site.url(new Place.MonthMbox(list, file.month())),
                zipped.tag(file.mbox()), site.url(new Place.MonthSum(list, file.month())));
    }

    private static String name(EmailAddress list, YearMonth month) {
        return list.localPart() + "-" + month + ".mbox.gz";
    }

    /// The same unpacked, for programs of other archives' time.
    public ServerResponse plainMonth(Place.MonthMbox place, Reader reader, ServerRequest request) {
        return export.month(reader, place.list(), place.month()).map(mbox -> {
            var tag = pages.site().entityTag(mbox.tag(), "plain mbox");
            var name = place.list().localPart() + "-" + place.month() + ".mbox";
            return request.checkNotModified(tag).orElseGet(() -> underWay.send(ServerResponse.ok().contentType(MBOX).eTag(tag)
                    .cacheControl(CacheControl.noCache()).header("X-Robots-Tag", "noindex")
                    .header(HttpHeaders.CONTENT_DISPOSITION, attachment(name)), mbox::writeTo));
        }).orElseGet(pages::missing);
    }

    public ServerResponse thread(Place.ThreadMbox place, Reader reader, ServerRequest request) {
        return export.thread(reader, place.list(), place.messageId())
                .map(mbox -> zipped.answer(mbox, place.list().localPart() + "-thread.mbox.gz", request)).orElseGet(pages::missing);
    }

    /// These posts, oldest first.
    public ServerResponse posts(List<Post> posts, String name, Reader reader, ServerRequest request) {
        return zipped.answer(export.posts(reader, posts), name, request);
    }

    private static String attachment(String name) {
        return ContentDisposition.attachment().filename(name, StandardCharsets.UTF_8).build().toString();
    }
}
