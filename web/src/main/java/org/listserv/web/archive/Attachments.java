package org.listserv.web.archive;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.BodyReader;
import org.listserv.archive.Message;
import org.listserv.archive.Messages;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.mail.EmailAddress;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;
import org.listserv.web.page.SecurityHeaders;

/// Parts of a message: files to take away, and its own HTML in a cage. What strangers made is never given an origin, a script or a
/// request to elsewhere.
public final class Attachments {
    private final Pages pages;
    private final Messages messages;

    public Attachments(Pages pages, Messages messages) {
        this.pages = pages;
        this.messages = messages;
    }

    private record Found(Message message, Post post, byte[] octets) {}

    public ServerResponse part(Place.Part place, Reader reader, ServerRequest request) {
        return find(place.list(), place.messageId(), reader, request)
                .flatMap(found -> BodyReader.download(found.octets(), place.part()).map(download -> {
                    var tag = pages.site().entityTag(found.post().tag(), place.part());
                    return request.checkNotModified(tag).orElseGet(() -> ServerResponse.ok()
                            .contentType(MediaType.parseMediaType(download.mediaType())).eTag(tag).cacheControl(CacheControl.noCache())
                            .header(SecurityHeaders.POLICY, SecurityHeaders.SANDBOX)
                            .header(HttpHeaders.CONTENT_DISPOSITION,
                                    ContentDisposition.attachment().filename(download.fileName(), StandardCharsets.UTF_8).build()
                                            .toString())
                            .body(download.content()));
                })).orElseGet(pages::missing);
    }

    public ServerResponse html(Place.Html place, Reader reader, ServerRequest request) {
        return find(place.list(), place.messageId(), reader, request)
                .flatMap(found -> Optional.ofNullable(BodyReader.read(found.octets()).html())
                        .flatMap(path -> BodyReader.html(found.octets(), path, reader)).map(html -> {
                            var tag = pages.site().entityTag(found.post().tag(), "html");
                            return request.checkNotModified(tag).orElseGet(() -> ServerResponse.ok()
                                    .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8)).eTag(tag)
                                    .cacheControl(CacheControl.noCache())
                                    .header(SecurityHeaders.POLICY, SecurityHeaders.SANDBOX).header("X-Robots-Tag", "noindex")
                                    .body(document(found.post(), html, reader)));
                        }))
                .orElseGet(pages::missing);
    }

    private Optional<Found> find(EmailAddress list, String messageId, Reader reader, ServerRequest request) {
        return messages.find(reader, list, messageId).flatMap(message -> {
            var post = Twins.asked(message, request);
            return messages.octets(reader, list, post.seq()).map(octets -> new Found(message, post, octets));
        });
    }

    /// A bare document: our style sheet would be a request, and their HTML could dress up as us.
    private static String document(Post post, String html, Reader reader) {
        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
        Escape.text(Lines.subject(post, reader), page);
        page.append("</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<style>:root{color-scheme:light}body{margin:1rem;font-family:sans-serif;line-height:1.5;overflow-wrap:anywhere}"
                + "body>p:first-child{border-bottom:1px solid #999;padding-bottom:.5rem}img{max-width:100%;height:auto}</style>\n</head>\n<body>\n<p>HTML as sent by ");
        Escape.text(Lines.author(post, reader), page);
        page.append(", without scripts and remote pictures. <a href=\"");
        Escape.text(new Place.Message(post.list(), post.messageId()).path(), page);
        return page.append("\">Back to the message</a></p>\n").append(html).append("\n</body>\n</html>\n").toString();
    }
}
