package org.listserv.web.search;

import java.util.List;

import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Messages;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.web.archive.Asked;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// From a number, a Message-ID or an address of ours to the page of the message.
public final class Resolving {
    private final Pages pages;
    private final Messages messages;

    public Resolving(Pages pages, Messages messages) {
        this.pages = pages;
        this.messages = messages;
    }

    public record View(List<Line> posts) {}

    public record Line(String href, String list, String subject, Moment at) {}

    /// `/LIST@DOMAIN/12`
    public ServerResponse numbered(Place.Numbered place, Reader reader) {
        return messages.byNumber(reader, place.list(), place.number()).map(post -> {
            var home = new Place.Message(post.list(), post.messageId());
            boolean first = messages.find(reader, post.list(), post.messageId()).filter(message -> message.post().seq() == post.seq())
                    .isPresent();
            // Not for good: after a fail-over the number may come back with another post behind it.
            return pages.found(first ? home.path() : Asked.with(home, "number", Long.toString(post.number())));
        }).orElseGet(pages::missing);
    }

    /// `/r?u=`: `list@domain:12`, a Message-ID with or without what mail programs put around it, or an address of this site.
    public ServerResponse resolve(Reader reader, ServerRequest request) {
        var asked = request.param("u").orElse("").strip();
        if (asked.startsWith(pages.site().base() + "/")) {
            var path = asked.substring(pages.site().base().length()).replaceFirst("[?#].*", "");
            return Place.at(path).map(place -> pages.found(place.path())).orElseGet(pages::missing);
        }
        int colon = asked.lastIndexOf(':');
        if (colon > 0 && asked.substring(colon + 1).matches("[1-9][0-9]{0,17}")) {
            try {
                var list = EmailAddress.parse(asked.substring(0, colon), EmailAddress.LONGEST_LOCAL_OCTETS);
                return messages.byNumber(reader, list, Long.parseLong(asked.substring(colon + 1)))
                        .map(post -> pages.found(new Place.Numbered(post.list(), post.number()).path())).orElseGet(pages::missing);
            } catch (AddressSyntaxException e) {
                // then it is a Message-ID that ends like one
            }
        }
        var found = messages.onAnyList(reader, messageId(asked));
        if (found.size() == 1) {
            return pages.found(path(found.getFirst()));
        }
        return found.isEmpty() ? pages.missing() : several(found);
    }

    private ServerResponse several(List<Post> posts) {
        var lines = posts.stream().map(post -> new Line(path(post), post.list().toString(), post.subject(), Moment.sorted(post.filedAt())))
                .toList();
        return pages.html("search/several", Frame.of(pages.site(), new Place.Resolver(), "One message on several lists").notIndexed(),
                new View(lines));
    }

    private static String path(Post post) {
        return new Place.Message(post.list(), post.messageId()).path();
    }

    /// Mail programs and people put brackets around, cut them off, or end a sentence behind.
    private static String messageId(String asked) {
        var id = asked.replaceFirst("^(?i:message-id:|mid:)", "").strip();
        if (id.startsWith("<")) {
            int end = id.indexOf('>');
            return end < 0 ? id.substring(1) : id.substring(1, end);
        }
        return id.replaceFirst("[>.,)]+$", "");
    }
}
