package org.listserv.web.archive;

import java.util.Comparator;
import java.util.List;

import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Messages;
import org.listserv.archive.Overviews;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Threads;
import org.listserv.web.page.Atom;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// What is new, for feed readers: of a list, of a thread, of what a search finds. Entries hold the whole text, since many read nothing else.
public final class Feeds {
    private static final int ENTRIES = 25;
    /// Characters of text in one feed; what comes behind is listed without its text.
    private static final long ENOUGH = 1_000_000;

    private final Pages pages;
    private final Overviews overviews;
    private final Threads threads;
    private final Letters letters;

    public Feeds(Pages pages, Overviews overviews, Messages messages, Threads threads) {
        this.pages = pages;
        this.overviews = overviews;
        this.threads = threads;
        this.letters = new Letters(messages);
    }

    public ServerResponse list(Place.Feed place, Reader reader, ServerRequest request) {
        return overviews.recent(reader, place.list(), ENTRIES).map(recent -> {
            var tag = pages.site().entityTag(recent.tag(), "atom", reader.anonymous());
            return request.checkNotModified(tag).orElseGet(() -> pages.atom(
                    feed(place.list().toString(), pages.site().url(place), new Place.Overview(place.list()).path(),
                            recent.list().language(), recent.posts(), reader),
                    tag));
        }).orElseGet(pages::missing);
    }

    public ServerResponse thread(Place.ThreadFeed place, Reader reader, ServerRequest request) {
        return threads.find(reader, place.list(), place.messageId()).map(thread -> {
            var tag = pages.site().entityTag(thread.tag(), "atom", place.messageId(), reader.anonymous());
            return request.checkNotModified(tag).orElseGet(() -> {
                var newest = thread.posts().reversed().stream().limit(ENTRIES).toList();
                var title = Lines.subject(thread.start(), reader) + " · " + place.list();
                return pages.atom(feed(title, pages.site().url(place), new Place.FlatThread(place.list(), place.messageId()).path(),
                        thread.list().language(), newest, reader), tag);
            });
        }).orElseGet(pages::missing);
    }

    /// @param self the path and query of this feed, and `page` of the page for people
    public byte[] found(String query, String self, String page, List<Post> found, Reader reader) {
        return feed(query + " · Search", pages.site().base() + self, page, "", found, reader);
    }

    private byte[] feed(String title, String self, String page, String language, List<Post> posts, Reader reader) {
        var updated = posts.stream().map(Post::filedAt).max(Comparator.naturalOrder()).orElse(null);
        var feed = new Atom(title, self, pages.site().base() + page, updated);
        long text = 0;
        for (var post : posts) {
            var letter = text < ENOUGH ? letters.read(post, false, language, reader, true) : Letters.heading(post, false, reader);
            text += letter.html().length();
            // By number: a second post with the same Message-ID is another entry.
            feed.add(new Atom.Entry(pages.site().url(new Place.Numbered(post.list(), post.number())), letter.subject(), letter.author(),
                    reader.anonymous() ? "" : letter.mailbox(), post.filedAt(),
                    letter.redacted() || letter.rest() == Letter.Rest.ALL ? null : letter.html()));
        }
        return feed.octets();
    }
}
