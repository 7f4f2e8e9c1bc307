package org.listserv.web.permalink;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Messages;
import org.listserv.archive.OldLinks;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.posting.LegacyId;
import org.listserv.web.archive.Asked;
import org.listserv.web.page.Frame;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// From a number, a Message-ID, an address of ours or one of an archive before us to the page that is meant.
///
/// Answers 301, 300 with all that may be meant, or 404. Who accepts JSON and no HTML gets the same as JSON.
public final class Resolving {
    private final Pages pages;
    private final Messages messages;
    private final OldLinks links;
    private final Clock clock;

    public Resolving(Pages pages, Messages messages, OldLinks links, Clock clock) {
        this.pages = pages;
        this.messages = messages;
        this.links = links;
        this.clock = clock;
    }

    public record View(List<Line> posts) {}

    public record Line(String href, String list, String subject, @Nullable Moment at) {}

    record Found(List<Target> found) {}

    record Target(String url, String list, long number, String messageId) {}

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

    /// `/r?u=`: `list@domain:12`, a Message-ID with or without what mail programs put around it, an address of this site or of another archive.
    public ServerResponse resolve(Reader reader, ServerRequest request) {
        var asked = request.param("u").orElse("").strip();
        if (asked.startsWith(pages.site().base() + "/")) {
            var path = asked.substring(pages.site().base().length()).replaceFirst("[?#].*", "");
            var place = Place.at(path);
            if (place.isPresent() && !(place.get() instanceof Place.Old)) {
                return pages.found(place.get().path());
            }
        }
        int colon = asked.lastIndexOf(':');
        if (colon > 0 && asked.substring(colon + 1).matches("[1-9][0-9]{0,17}")) {
            try {
                var list = EmailAddress.parse(asked.substring(0, colon), EmailAddress.LONGEST_LOCAL_OCTETS);
                return numbered(List.of(list), Long.parseLong(asked.substring(colon + 1)), reader, request);
            } catch (AddressSyntaxException e) {
                // then it is a Message-ID that ends like one
            }
        }
        if (asked.length() > LegacyId.LONGEST) {
            return pages.missing();
        }
        var imported = links.byId(reader, new LegacyId(LegacyId.OTHER, asked));
        if (!imported.isEmpty()) {
            return posts(imported, OldAddress.Form.PAGE, reader, request);
        }
        var old = OldAddress.parse(asked, today());
        if (old.isPresent()) {
            return resolve(old.get(), reader, request);
        }
        var named = LegacyId.ponyMail(asked).map(id -> links.byId(reader, id)).orElse(List.of());
        return posts(named.isEmpty() ? messages.onAnyList(reader, messageId(asked)) : named, OldAddress.Form.PAGE, reader, request);
    }

    /// The same for an address of an archive whose host now leads to us.
    public ServerResponse old(Place.Old place, Reader reader, ServerRequest request) {
        var query = request.servletRequest().getQueryString();
        var whole = place.rawPath() + (query == null ? "" : "?" + query);
        return OldAddress.parse(whole, today()).map(old -> resolve(old, reader, request)).orElseGet(pages::missing);
    }

    /// Which posts are meant, by an id of Pony Mail or a Message-ID; several where that is not clear.
    List<Post> posts(OldAddress address, Reader reader) {
        return switch (address) {
            case OldAddress.Named(var id, var list, var _) -> narrowed(links.byId(reader, id), list, reader);
            case OldAddress.WithId(var id, var list, var _) -> narrowed(messages.onAnyList(reader, id), list, reader);
            default -> List.of();
        };
    }

    List<EmailAddress> lists(String name, Reader reader) {
        return links.lists(reader, name);
    }

    LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private ServerResponse resolve(OldAddress address, Reader reader, ServerRequest request) {
        return switch (address) {
            case OldAddress.Named named -> posts(posts(named, reader), named.form(), reader, request);
            case OldAddress.WithId withId -> posts(posts(withId, reader), withId.form(), reader, request);
            case OldAddress.Numbered(var list, var number) -> numbered(lists(list, reader), number, reader, request);
            case OldAddress.OfMonth(var list, var month, var order) -> places(lists(list, reader), request, found -> {
                var place = new Place.Month(found, month);
                return switch (order) {
                    case THREAD -> place.path();
                    case DATE -> Asked.with(place, "by", "date");
                    case AUTHOR -> Asked.with(place, "by", "author");
                };
            });
            case OldAddress.MonthMbox(var list, var month) ->
                places(lists(list, reader), request, found -> new Place.MonthMbox(found, month).path());
            case OldAddress.OfList(var list) -> places(lists(list, reader), request, found -> new Place.Overview(found).path());
            case OldAddress.Feed(var list) -> places(lists(list, reader), request, found -> new Place.Feed(found).path());
            case OldAddress.Searched(var list, var query) when list.isEmpty() -> pages.found(Asked.with(new Place.Search(), "q", query));
            case OldAddress.Searched(var list, var query) ->
                places(lists(list, reader), request, found -> Asked.with(new Place.ListSearch(found), "q", query));
            case OldAddress.AllLists _ -> pages.moved(new Place.Front().path());
        };
    }

    private interface Path {
        String of(EmailAddress list);
    }

    private ServerResponse places(List<EmailAddress> lists, ServerRequest request, Path path) {
        return answer(lists.stream().map(list -> new Choice(path.of(list), list, "", null, 0, "")).toList(), request);
    }

    /// A number of an old archive first; where the list went on counting it is ours as well.
    private ServerResponse numbered(List<EmailAddress> lists, long number, Reader reader, ServerRequest request) {
        var found = new ArrayList<Post>();
        for (var list : lists) {
            var old = links.byOldNumber(reader, list, number);
            found.addAll(old.isEmpty() ? messages.byNumber(reader, list, number).stream().toList() : old);
        }
        return posts(found, OldAddress.Form.PAGE, reader, request);
    }

    /// Those on the list that is named, where there are any: it was renamed perhaps, or the address is of another one's copy.
    private List<Post> narrowed(List<Post> posts, String list, Reader reader) {
        if (posts.size() < 2 || list.isEmpty()) {
            return posts;
        }
        var lists = lists(list, reader);
        var there = posts.stream().filter(post -> lists.contains(post.list())).toList();
        return there.isEmpty() ? posts : there;
    }

    private ServerResponse posts(List<Post> posts, OldAddress.Form form, Reader reader, ServerRequest request) {
        // One address for posts of a list with one Message-ID: its page shows them all.
        var choices = posts.stream().sorted(Comparator.comparing(Post::seq)).map(post -> new Choice(path(post, form), post.list(),
                post.redacted() ? "(removed)" : reader.anonymous() ? AddressHiding.hide(post.subject()) : post.subject(),
                Moment.sorted(post.filedAt()), post.number(), post.messageId()))
                .collect(Collectors.toMap(Choice::path, choice -> choice, (first, _) -> first, LinkedHashMap::new));
        return answer(List.copyOf(choices.values()), request);
    }

    private record Choice(String path, EmailAddress list, String subject, @Nullable Moment at, long number,
            String messageId) {}

    private ServerResponse answer(List<Choice> choices, ServerRequest request) {
        if (wantsJson(request)) {
            return pages.json(new Found(choices.stream()
                    .map(choice -> new Target(pages.site().base() + choice.path(), choice.list().toString(), choice.number(),
                            choice.messageId()))
                    .toList()));
        }
        return switch (choices.size()) {
            case 0 -> pages.missing();
            case 1 -> pages.moved(choices.getFirst().path());
            default -> pages.choices("permalink/several",
                    Frame.of(pages.site(), new Place.Resolver(), "Several things have this name").notIndexed(),
                    new View(
                            choices.stream().map(choice -> new Line(choice.path(), choice.list().toString(), choice.subject(), choice.at()))
                                    .toList()));
        };
    }

    private static boolean wantsJson(ServerRequest request) {
        var accepted = accepted(request);
        return accepted.stream().anyMatch(type -> type.isCompatibleWith(MediaType.APPLICATION_JSON) && !type.isWildcardType())
                && Stream.of(MediaType.TEXT_HTML, MediaType.APPLICATION_XHTML_XML).noneMatch(accepted::contains);
    }

    /// A field that cannot be read asks for nothing.
    private static List<MediaType> accepted(ServerRequest request) {
        try {
            return request.headers().accept();
        } catch (InvalidMediaTypeException e) {
            return List.of();
        }
    }

    private static String path(Post post, OldAddress.Form form) {
        return switch (form) {
            case PAGE -> new Place.Message(post.list(), post.messageId()).path();
            case THREAD -> new Place.FlatThread(post.list(), post.messageId()).path();
            case RAW -> new Place.Raw(post.list(), post.messageId()).path();
        };
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
