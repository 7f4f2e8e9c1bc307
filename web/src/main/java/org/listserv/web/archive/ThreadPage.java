package org.listserv.web.archive;

import static java.util.stream.Collectors.toSet;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Conversation;
import org.listserv.archive.Messages;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Threads;
import org.listserv.mail.EmailAddress;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// `/LIST@DOMAIN/MESSAGE-ID/T/` and `/t/`: all messages of a thread, by time or in the order of the tree, its outline first.
public final class ThreadPage {
    /// Messages on one page.
    private static final int MESSAGES = 200;
    /// Characters of text on one page; what comes behind is shown without its text.
    private static final long ENOUGH = 5_000_000;
    /// The same where the whole thread was asked for.
    private static final long ENOUGH_FOR_ALL = 30_000_000;
    /// Replies to replies move to the right up to here.
    private static final int DEEPEST = 6;
    /// Lines of the outline; of longer threads those around the first message shown.
    private static final int OUTLINE = 500;

    /// Octets read at once.
    private static final long READ_OCTETS = 8_000_000;
    private static final byte[] NOTHING = {};
    private static final Pattern REPLY = Pattern.compile("^(\\s*(re|aw|sv|fwd?)(\\[\\d{1,3}])?:)+", Pattern.CASE_INSENSITIVE);
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private final Pages pages;
    private final Threads threads;
    private final Messages messages;
    private final Nearby nearby;

    public ThreadPage(Pages pages, Messages messages, Threads threads, Nearby nearby) {
        this.pages = pages;
        this.nearby = nearby;
        this.threads = threads;
        this.messages = messages;
    }

    public record View(String subject, int posts, long people, Moment from, Moment to, boolean sameDay, boolean nested, String other,
            String mbox, String feed, String outline, List<Entry> entries, boolean truncated, @Nullable String earlier,
            @Nullable String later, @Nullable String whole, @Nullable String unfold, @Nullable Other splitFrom, List<Other> splitOff) {}

    /// Where another thread goes on.
    public record Other(String href, String subject) {}

    /// @param indent 1 to 6, how deep it is shown
    /// @param answered author of the post above; empty when that is not here
    /// @param lost it answers a message that is not here
    public record Entry(Letter letter, int level, int indent, String answered, String answeredHref, boolean lost, boolean otherSubject) {}

    public ServerResponse flat(Place.FlatThread place, Reader reader, ServerRequest request) {
        return show(place, place.list(), place.messageId(), false, reader, request);
    }

    public ServerResponse nested(Place.NestedThread place, Reader reader, ServerRequest request) {
        return show(place, place.list(), place.messageId(), true, reader, request);
    }

    private ServerResponse show(Place place, EmailAddress list, String messageId, boolean nested, Reader reader, ServerRequest request) {
        var found = threads.find(reader, list, messageId);
        if (found.isEmpty()) {
            return nearby.missing(reader, messageId);
        }
        var thread = found.get();
        if (request.param("format").filter("json"::equals).isPresent()) {
            return pages.json(out -> ThreadJson.write(thread, reader, out));
        }
        boolean unfolded = request.param("quotes").filter("all"::equals).isPresent();
        boolean whole = request.param("all").filter("1"::equals).isPresent();
        int from = whole ? 0 : Math.max(0, number(request.param("from"))) / MESSAGES * MESSAGES;
        var tag = pages.site().entityTag(thread.tag(), messageId, nested, unfolded, whole ? -1 : from, reader.anonymous());
        return request.checkNotModified(tag).orElseGet(() -> page(place, thread, messageId, nested, unfolded, whole, from, reader, tag));
    }

    private static int number(Optional<String> asked) {
        return asked.filter(text -> text.matches("[0-9]{1,6}")).map(Integer::parseInt).orElse(0);
    }

    private ServerResponse page(Place place, Conversation thread, String messageId, boolean nested, boolean unfolded, boolean whole,
            int from,
            Reader reader, String tag) {
        var list = thread.list().address();
        var tree = new Outline(thread, reader);
        var all = nested ? tree.inOrder() : thread.posts();
        int perPage = whole ? Integer.MAX_VALUE : MESSAGES;
        var shown = whole ? all : all.subList(Math.min(from, all.size()), Math.min(from + MESSAGES, all.size()));
        var start = thread.start();
        var subject = Lines.subject(start, reader);
        var pageOf = new HashMap<Long, Integer>();
        for (int i = 0; i < all.size(); i++) {
            pageOf.put(all.get(i).seq(), i / perPage * perPage);
        }
        var entries = entries(thread, tree, shown, unfolded, whole ? ENOUGH_FOR_ALL : ENOUGH, reader);
        var first = thread.posts().getFirst().filedAt();
        var last = thread.posts().getLast().filedAt();
        Place other = nested ? new Place.FlatThread(list, messageId) : new Place.NestedThread(list, messageId);
        boolean folds = !unfolded && entries.stream().anyMatch(entry -> entry.letter().html().contains("<details>"));
        var view = new View(subject, thread.posts().size(), people(thread.posts()), Moment.day(first), Moment.day(last),
                day(first).equals(day(last)),
                nested, other.path(), new Place.ThreadMbox(list, start.messageId()).path(),
                new Place.ThreadFeed(list, start.messageId()).path(),
                tree.html(null, shown.isEmpty() ? start : shown.getFirst(), OUTLINE / 2,
                        post -> href(post, pageOf.getOrDefault(post.seq(), 0), from, place)),
                entries,
                thread.truncated(), from == 0 ? null : Asked.with(place, "from", Integer.toString(from - MESSAGES)),
                whole || from + MESSAGES >= all.size() ? null : Asked.with(place, "from", Integer.toString(from + MESSAGES)),
                whole || all.size() <= MESSAGES ? null : Asked.with(place, "all", "1"),
                !folds
                        ? null
                        : whole
                                ? Asked.with(place, "quotes", "all", "all", "1")
                                : Asked.with(place, "quotes", "all", "from", Integer.toString(from)),
                thread.splitFrom() == null ? null : other(thread.splitFrom(), reader),
                thread.splitOff().stream().map(post -> other(post, reader)).toList());
        // The thread has as many addresses as messages; one of them stands for all.
        var canonical = new Place.FlatThread(list, start.messageId());
        var month = YearMonth.from(start.filedAt().atOffset(ZoneOffset.UTC));
        var frame = Frame.of(pages.site(), canonical, list, subject).crumb(list.toString(), new Place.Overview(list))
                .crumb(OverviewPage.name(month), new Place.Month(list, month));
        frame = frame.alternate("application/mbox", "mbox of the thread", new Place.ThreadMbox(list, start.messageId()))
                .alternate("application/atom+xml", "Feed of the thread", new Place.ThreadFeed(list, start.messageId()));
        return pages.html("archive/thread", nested || unfolded || whole ? frame.notIndexed() : frame, view, tag);
    }

    private static Other other(Post post, Reader reader) {
        return new Other(new Place.FlatThread(post.list(), post.messageId()).path() + "#" + Letters.anchor(post),
                Lines.subject(post, reader));
    }

    private List<Entry> entries(Conversation thread, Outline tree, List<Post> shown, boolean unfolded, long enough, Reader reader) {
        var firsts = new HashMap<String, Long>();
        thread.posts().forEach(post -> firsts.merge(post.messageId(), post.seq(), Math::min));
        var onPage = shown.stream().map(Post::seq).collect(toSet());
        var entries = new ArrayList<Entry>();
        long text = 0;
        for (int at = 0; at < shown.size();) {
            var some = text < enough ? together(shown, at) : shown.subList(at, shown.size());
            var octets = text < enough
                    ? messages.octets(reader, thread.list().address(), some.stream().map(Post::seq).toList())
                    : Map.<Long, byte[]>of();
            for (var post : some) {
                boolean twin = firsts.getOrDefault(post.messageId(), post.seq()) != post.seq();
                var letter = text < enough
                        ? Letters.letter(post, octets.getOrDefault(post.seq(), NOTHING), twin, thread.list().language(), reader, unfolded)
                        : Letters.heading(post, twin, reader);
                text += letter.html().length();
                entries.add(entry(post, letter, tree.position(post), thread, onPage, reader));
            }
            at += some.size();
        }
        return entries;
    }

    /// Posts that are read at once: one at least, and not more than memory is made for.
    private static List<Post> together(List<Post> posts, int from) {
        long octets = 0;
        int to = from;
        do {
            octets += posts.get(to++).size();
        } while (to < posts.size() && to - from < MESSAGES && octets + posts.get(to).size() <= READ_OCTETS);
        return posts.subList(from, to);
    }

    private static Entry entry(Post post, Letter letter, Outline.Position position, Conversation thread, Set<Long> onPage, Reader reader) {
        boolean otherSubject = !topic(post.subject()).equals(topic(thread.start().subject()));
        int indent = Math.min(position.level(), DEEPEST);
        var answered = position.answered();
        if (answered == null) {
            return new Entry(letter, position.level(), indent, "", "", position.lost(), otherSubject);
        }
        var href = onPage.contains(answered.seq())
                ? "#" + Letters.anchor(answered)
                : new Place.Message(answered.list(), answered.messageId()).path();
        return new Entry(letter, position.level(), indent, Lines.author(answered, reader), href, position.lost(), otherSubject);
    }

    /// Is the subject worth repeating? Not for `Re:` alone.
    private static String topic(String subject) {
        return SPACE.matcher(REPLY.matcher(subject).replaceFirst("")).replaceAll(" ").strip();
    }

    private static String href(Post post, int page, int current, Place place) {
        var address = page == current ? "" : page == 0 ? place.path() : Asked.with(place, "from", Integer.toString(page));
        return address + "#" + Letters.anchor(post);
    }

    private static long people(List<Post> posts) {
        return posts.stream().map(post -> post.author().address().toLowerCase(Locale.ROOT)).distinct().count();
    }

    private static String day(Instant instant) {
        return Moment.day(instant).text();
    }
}
