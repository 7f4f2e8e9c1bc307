package org.listserv.web.archive;

import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Conversation;
import org.listserv.archive.Message;
import org.listserv.archive.Messages;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Threads;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// `/LIST@DOMAIN/MESSAGE-ID/`: one message, and where it stands in its thread.
public final class MessagePage {
    /// Lines of the thread shown on either side of this message.
    private static final int AROUND = 20;

    private final Pages pages;
    private final Messages messages;
    private final Threads threads;
    private final Nearby nearby;
    private final Letters letters;

    public MessagePage(Pages pages, Messages messages, Threads threads, Nearby nearby) {
        this.pages = pages;
        this.nearby = nearby;
        this.messages = messages;
        this.threads = threads;
        this.letters = new Letters(messages);
    }

    public record View(Letter letter, @Nullable Neighbour answered, String thread, int threadPosts, String outline,
            @Nullable Neighbour previousInThread,
            @Nullable Neighbour nextInThread, @Nullable Neighbour previous, @Nullable Neighbour next, List<Neighbour> alsoOn,
            List<Neighbour> twins, @Nullable Neighbour person, @Nullable String unfold) {}

    public record Neighbour(String href, String name) {}

    public ServerResponse show(Place.Message place, Reader reader, ServerRequest request) {
        // Read before what is shown: what comes in between changes the next stamp.
        return messages.stamp(reader, place.list(), place.messageId()).map(stamp -> {
            boolean unfolded = request.param("quotes").filter("all"::equals).isPresent();
            var tag = pages.site().entityTag("message", stamp, request.param("number").orElse(""), unfolded, reader.anonymous());
            return request.checkNotModified(tag).orElseGet(() -> whole(place, reader, request, unfolded, tag));
        }).orElseGet(() -> nearby.missing(reader, place.messageId()));
    }

    private ServerResponse whole(Place.Message place, Reader reader, ServerRequest request, boolean unfolded, String tag) {
        return messages.find(reader, place.list(), place.messageId()).map(message -> page(message, Twins.asked(message, request),
                threads.find(reader, place.list(), place.messageId()), unfolded, reader, tag))
                .orElseGet(() -> nearby.missing(reader, place.messageId()));
    }

    private ServerResponse page(Message message, Post post, Optional<Conversation> conversation, boolean unfolded, Reader reader,
            String tag) {
        var list = message.list().address();
        var place = new Place.Message(list, post.messageId());
        var letter = letters.read(post, post.seq() != message.post().seq(), message.list().language(), reader, unfolded);
        var outline = conversation.map(thread -> new Outline(thread, reader));
        var answered = outline.map(tree -> tree.position(post).answered()).orElse(null);
        boolean folds = !unfolded && letter.html().contains("<details>");
        var view = new View(letter, byAuthor(answered, reader), new Place.FlatThread(list, post.messageId()).path() + "#" + letter.anchor(),
                conversation.map(thread -> thread.posts().size()).orElse(1),
                outline.map(tree -> tree.html(post, post, AROUND, other -> new Place.Message(list, other.messageId()).path())).orElse(""),
                byAuthor(message.previousInThread(), reader), byAuthor(message.nextInThread(), reader),
                bySubject(message.previous(), reader), bySubject(message.next(), reader),
                message.alsoOn().stream()
                        .map(other -> new Neighbour(new Place.Message(other.list(), other.messageId()).path(), other.list().toString()))
                        .toList(),
                Twins.others(message, post).stream().map(other -> new Neighbour(Twins.path(message, other), "#" + other.number())).toList(),
                person(post), folds ? place.path() + "?quotes=all" : null);
        var month = YearMonth.from(post.filedAt().atOffset(ZoneOffset.UTC));
        var frame = Frame.of(pages.site(), place, list, letter.subject())
                .crumb(list.toString(), new Place.Overview(list)).crumb(OverviewPage.name(month), new Place.Month(list, month));
        if (view.previous() != null) {
            frame = frame.relation("prev", view.previous().href());
        }
        if (view.next() != null) {
            frame = frame.relation("next", view.next().href());
        }
        frame = frame.alternate("text/plain", "The message as received", new Place.Raw(list, post.messageId()));
        return pages.html("archive/message", unfolded || post.redacted() ? frame.notIndexed() : frame, view, tag);
    }

    /// Everything on the list in this name. Whoever gave none can only be named by a mailbox, and that is hidden.
    private static @Nullable Neighbour person(Post post) {
        var name = AddressHiding.hide(post.author().name()).replaceAll("[\"\\p{Cntrl}]", " ").strip();
        return post.redacted() || !name.equals(post.author().name()) || name.codePoints().noneMatch(Character::isLetterOrDigit)
                ? null
                : new Neighbour(Asked.with(new Place.ListSearch(post.list()), "q", "from:\"" + name + "\""), name);
    }

    private static @Nullable Neighbour byAuthor(@Nullable Post post, Reader reader) {
        return post == null ? null : new Neighbour(new Place.Message(post.list(), post.messageId()).path(), Lines.author(post, reader));
    }

    private static @Nullable Neighbour bySubject(@Nullable Post post, Reader reader) {
        return post == null ? null : new Neighbour(new Place.Message(post.list(), post.messageId()).path(), Lines.subject(post, reader));
    }
}
