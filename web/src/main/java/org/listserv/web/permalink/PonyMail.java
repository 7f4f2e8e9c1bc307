package org.listserv.web.permalink;

import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Body;
import org.listserv.archive.BodyReader;
import org.listserv.archive.Cursor;
import org.listserv.archive.Messages;
import org.listserv.archive.Months;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Threads;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.web.archive.Asked;
import org.listserv.web.archive.Takeaways;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// What programs asked Pony Mail for and go on asking: `source`, `email`, `thread`, `mbox` and `stats` below `/api/`, with its parameters
/// and the members of its answers that such programs read. An id may be any that it ever gave, or a Message-ID.
public final class PonyMail {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss", Locale.ROOT);
    private static final String REMOVED = "(removed)";
    private static final int MONTH_AT_ONCE = 500;
    /// Of one month, in one answer.
    private static final int MOST = 10_000;

    private final Pages pages;
    private final Resolving resolving;
    private final Messages messages;
    private final Months months;
    private final Threads threads;
    private final Takeaways takeaways;

    public PonyMail(Pages pages, Resolving resolving, Messages messages, Months months, Threads threads, Takeaways takeaways) {
        this.pages = pages;
        this.resolving = resolving;
        this.messages = messages;
        this.months = months;
        this.threads = threads;
        this.takeaways = takeaways;
    }

    record Brief(String id, String mid, @JsonProperty("message-id") String messageId, String from, String subject, String date, long epoch,
            String list, @JsonProperty("list_raw") String listRaw, @JsonProperty("private") boolean isPrivate, String permalink) {}

    record Whole(String id, String mid, @JsonProperty("message-id") String messageId, String from, String subject, String date, long epoch,
            String list, @JsonProperty("list_raw") String listRaw, @JsonProperty("private") boolean isPrivate, String permalink, String to,
            String cc, @JsonProperty("in-reply-to") String inReplyTo, String references, String body, List<File> attachments) {}

    record File(String filename, @JsonProperty("content_type") String contentType, long size, String url) {}

    record Conversation(List<Brief> emails, Map<String, String> thread) {}

    record Stats(String list, long hits, String searchParams, int firstYear, int firstMonth, int lastYear, int lastMonth,
            List<Brief> emails) {}

    public ServerResponse answer(Place.PonyMail place, Reader reader, ServerRequest request) {
        var query = request.servletRequest().getQueryString();
        var asked = OldAddress.parse(place.rawPath() + (query == null ? "" : "?" + query), resolving.today());
        if (asked.isEmpty()) {
            return pages.missing();
        }
        return switch (asked.get()) {
            case OldAddress.Named _,OldAddress.WithId _ -> message(asked.get(), place, reader, request);
            case OldAddress.MonthMbox(var list, var month) -> one(list, reader)
                    .map(found -> takeaways.plainMonth(new Place.MonthMbox(found, month), reader, request)).orElseGet(pages::missing);
            case OldAddress.OfMonth(var list, var month, var _) ->
                one(list, reader).flatMap(found -> stats(found, month, reader)).map(pages::json).orElseGet(pages::missing);
            case OldAddress.Searched(var list, var search) -> list.isEmpty()
                    ? searched(new Place.Search(), search, place)
                    : one(list, reader).map(found -> searched(new Place.ListSearch(found), search, place)).orElseGet(pages::missing);
            case OldAddress.Feed(var list) ->
                one(list, reader).map(found -> pages.moved(new Place.Feed(found).path())).orElseGet(pages::missing);
            case OldAddress.AllLists _ -> pages.moved(new Place.Front().path());
            case OldAddress.Numbered _,OldAddress.OfList _ -> pages.missing();
        };
    }

    private Optional<EmailAddress> one(String list, Reader reader) {
        return resolving.lists(list, reader).stream().findFirst();
    }

    private ServerResponse searched(Place search, String query, Place.PonyMail asked) {
        return pages.found(Asked.with(search, "q", query, "format", asked.rawPath().contains("/mbox.") ? "mbox" : "json"));
    }

    private ServerResponse message(OldAddress asked, Place.PonyMail place, Reader reader, ServerRequest request) {
        var posts = resolving.posts(asked, reader);
        if (posts.isEmpty()) {
            return pages.missing();
        }
        var post = posts.getFirst();
        if (place.rawPath().contains("/source.")) {
            return takeaways.raw(new Place.Raw(post.list(), post.messageId()), reader, request);
        }
        if (place.rawPath().contains("/thread.")) {
            return threads.find(reader, post.list(), post.messageId()).map(thread -> pages.json(new Conversation(
                    thread.posts().stream().map(one -> brief(one, reader)).toList(), Map.of("tid", post.messageId()))))
                    .orElseGet(pages::missing);
        }
        if (place.rawPath().contains("/email.")) {
            return pages.json(whole(post, reader));
        }
        return pages.moved(new Place.ThreadFeed(post.list(), post.messageId()).path()); // atom.lua?mid=
    }

    private Optional<Stats> stats(EmailAddress list, YearMonth month, Reader reader) {
        var emails = new ArrayList<Brief>();
        Cursor after = null;
        do {
            var page = months.byDate(reader, list, month, after, MONTH_AT_ONCE);
            if (page.isEmpty()) {
                return Optional.empty();
            }
            page.get().slice().items().forEach(post -> emails.add(brief(post, reader)));
            after = page.get().slice().next();
        } while (after != null && emails.size() < MOST);
        return Optional.of(new Stats(list.toString(), emails.size(), "", month.getYear(), month.getMonthValue(), month.getYear(),
                month.getMonthValue(), emails));
    }

    private Brief brief(Post post, Reader reader) {
        var seen = reader.anonymous() ? AddressHiding.hide(post) : post;
        return new Brief(post.messageId(), post.messageId(), "<" + post.messageId() + ">", post.redacted() ? REMOVED : from(seen),
                post.redacted() ? REMOVED : seen.subject(), date(post),
                post.filedAt().getEpochSecond(), listId(post), listId(post), false,
                pages.site().url(new Place.Message(post.list(), post.messageId())));
    }

    private Whole whole(Post post, Reader reader) {
        var octets = messages.octets(reader, post.list(), post.seq()).orElse(new byte[0]);
        var header = HeaderSection.parse(octets);
        var brief = brief(post, reader);
        var files = BodyReader.read(octets).attachments().stream().map(file -> file(post, file)).toList();
        return new Whole(brief.id(), brief.mid(), brief.messageId(), brief.from(), brief.subject(), brief.date(), brief.epoch(),
                brief.list(),
                brief.listRaw(), false, brief.permalink(), shown(field(header, "To"), reader), shown(field(header, "Cc"), reader),
                field(header, "In-Reply-To"), field(header, "References"), shown(BodyReader.plain(octets), reader), files);
    }

    private File file(Post post, Body.Attachment file) {
        return new File(file.fileName(), file.mediaType(), file.size(),
                pages.site().url(new Place.Part(post.list(), post.messageId(), file.path(), file.fileName())));
    }

    private static String field(HeaderSection header, String name) {
        return header.first(name).map(field -> field.decoded()).orElse("");
    }

    private static String shown(String text, Reader reader) {
        return reader.anonymous() ? AddressHiding.hide(text) : text;
    }

    private static String from(Post seen) {
        var author = seen.author();
        return author.name().isBlank() ? author.address() : author.name() + " <" + author.address() + ">";
    }

    private static String date(Post post) {
        return DATE.format(post.filedAt().atOffset(ZoneOffset.UTC));
    }

    private static String listId(Post post) {
        return "<" + post.list().localPart() + "." + post.list().domain() + ">";
    }
}
