package org.listserv.web.page;

import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;

/// Every address there is below the base URL. A path is parsed once, here, from the raw request line: no
/// decoding by the container, because `%2F` inside a Message-ID is a character and `/` is not.
///
/// `Place.at(place.path())` gives `place` again; that is the canonical spelling.
public sealed interface Place {

    record Front() implements Place {}

    record Overview(EmailAddress list) implements Place {}

    record Month(EmailAddress list, YearMonth month) implements Place {}

    record MonthMbox(EmailAddress list, YearMonth month) implements Place {}

    /// The checksum of that file.
    record MonthSum(EmailAddress list, YearMonth month) implements Place {}

    /// Which of these files there are.
    record Manifest(EmailAddress list) implements Place {}

    record Numbered(EmailAddress list, long number) implements Place {}

    record Message(EmailAddress list, String messageId) implements Place {}

    record Raw(EmailAddress list, String messageId) implements Place {}

    /// The HTML part of a message, made harmless, for a frame of its own.
    record Html(EmailAddress list, String messageId) implements Place {}

    /// @param part path in the MIME tree, `1.2`
    record Part(EmailAddress list, String messageId, String part, String fileName) implements Place {}

    record FlatThread(EmailAddress list, String messageId) implements Place {}

    record NestedThread(EmailAddress list, String messageId) implements Place {}

    record ThreadMbox(EmailAddress list, String messageId) implements Place {}

    /// The newest posts, for feed readers.
    record Feed(EmailAddress list) implements Place {}

    record ThreadFeed(EmailAddress list, String messageId) implements Place {}

    record Chain(EmailAddress list) implements Place {}

    record Search() implements Place {}

    record ListSearch(EmailAddress list) implements Place {}

    /// Any Message-ID, number or old address (`?u=`) to its page.
    record Resolver() implements Place {}

    /// What an archive before this one had there; its hosts lead to us now.
    ///
    /// @param rawPath as in the request line: what it means depends on the query too
    record Old(String rawPath) implements Place {}

    /// What programs asked Pony Mail for, answered as it did.
    record PonyMail(String rawPath) implements Place {}

    record Live() implements Place {}

    record Ready() implements Place {}

    /// Can pages be served, be it from a standby?
    record PagesReady() implements Place {}

    record Metrics() implements Place {}

    record Robots() implements Place {}

    /// Something that never changes under its name, because the name holds a hash of it.
    record Asset(String name) implements Place {}

    /// The same place in other words (a missing slash at the end): the reader is sent on.
    record Elsewhere(Place place) implements Place {}

    /// What cannot stand for a Message-ID right below a list, because it means something else there. It stands below `m/`,
    /// `.` and `..` as `%252E`, since every client takes dots away, encoded or not.
    Set<String> TAKEN = Set.of("search", "chain", "m", "feed.atom", "manifest.json", ".", "..");

    /// How addresses of archives before this one begin. None of it can be a list's, which has an `@` in its first segment.
    Pattern OLD = Pattern.compile(
            "/(x/)?(thread|thread\\.html|list|list\\.html|mod_mbox|ezmlm-cgi|ezmlm-cgi\\.cgi|(members|pmc)/private-arch|eyebrowse)(/.*)?");
    Pattern PONY_MAIL = Pattern.compile("/(x/)?api/[a-z]+\\.(lua|json)(/.*)?");

    Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
    Pattern MONTH = Pattern.compile("[0-9]{4}-[0-9]{2}");
    Pattern MONTH_MBOX = Pattern.compile("([0-9]{4}-[0-9]{2})\\.mbox\\.gz(\\.sha256)?");
    Pattern PART = Pattern.compile("[1-9][0-9]{0,4}(\\.[1-9][0-9]{0,4}){0,60}");

    /// @param rawPath as in the request line, without query
    /// @return empty when nothing can be there
    static Optional<Place> at(String rawPath) {
        if (!rawPath.startsWith("/") || rawPath.length() > 8_000) {
            return Optional.empty();
        }
        if (OLD.matcher(rawPath).matches()) {
            return Optional.of(new Old(rawPath));
        }
        if (PONY_MAIL.matcher(rawPath).matches()) {
            return Optional.of(new PonyMail(rawPath));
        }
        var segments = new ArrayList<String>();
        boolean closed = true; // by a slash
        if (rawPath.length() > 1) {
            var raw = rawPath.substring(1).split("/", -1);
            closed = raw[raw.length - 1].isEmpty();
            for (var segment : closed ? List.of(raw).subList(0, raw.length - 1) : List.of(raw)) {
                var decoded = Percent.decode(segment);
                if (decoded.isEmpty() || decoded.get().isEmpty() || decoded.get().equals(".") || decoded.get().equals("..")) {
                    return Optional.empty();
                }
                segments.add(decoded.get());
            }
        }
        boolean slash = closed;
        return find(segments).map(place -> slash == place.path().endsWith("/") ? place : new Elsewhere(place));
    }

    private static Optional<Place> find(List<String> path) {
        if (path.isEmpty()) {
            return Optional.of(new Front());
        }
        if (path.getFirst().indexOf('@') > 0) {
            try {
                return inList(EmailAddress.parse(path.getFirst(), 200), path.subList(1, path.size()));
            } catch (AddressSyntaxException e) {
                return Optional.empty();
            }
        }
        return switch (String.join("/", path)) {
            case "search" -> Optional.of(new Search());
            case "r" -> Optional.of(new Resolver());
            case "health/live" -> Optional.of(new Live());
            case "health/ready" -> Optional.of(new Ready());
            case "health/pages" -> Optional.of(new PagesReady());
            case "metrics" -> Optional.of(new Metrics());
            case "robots.txt" -> Optional.of(new Robots());
            default -> path.size() == 2 && path.getFirst().equals("assets") ? Optional.of(new Asset(path.get(1))) : Optional.empty();
        };
    }

    private static Optional<Place> inList(EmailAddress list, List<String> rest) {
        if (rest.isEmpty()) {
            return Optional.of(new Overview(list));
        }
        var first = rest.getFirst();
        if (first.equals("m") && rest.size() > 1) {
            var id = rest.get(1).matches("(%2E){1,2}") ? rest.get(1).replace("%2E", ".") : rest.get(1);
            return inMessage(list, id, rest.subList(2, rest.size()));
        }
        if (!taken(first)) {
            return inMessage(list, first, rest.subList(1, rest.size()));
        }
        if (rest.size() > 1) {
            return Optional.empty();
        }
        var mbox = MONTH_MBOX.matcher(first);
        if (mbox.matches()) {
            return month(mbox.group(1)).map(month -> mbox.group(2) == null ? new MonthMbox(list, month) : new MonthSum(list, month));
        }
        if (MONTH.matcher(first).matches()) {
            return month(first).map(month -> new Month(list, month));
        }
        return switch (first) {
            case "search" -> Optional.of(new ListSearch(list));
            case "chain" -> Optional.of(new Chain(list));
            case "feed.atom" -> Optional.of(new Feed(list));
            case "manifest.json" -> Optional.of(new Manifest(list));
            default -> NUMBER.matcher(first).matches() ? Optional.of(new Numbered(list, Long.parseLong(first))) : Optional.empty();
        };
    }

    private static Optional<Place> inMessage(EmailAddress list, String id, List<String> rest) {
        return switch (rest.size()) {
            case 0 -> Optional.of(new Message(list, id));
            case 1 -> switch (rest.getFirst()) {
                case "T" -> Optional.of(new FlatThread(list, id));
                case "t" -> Optional.of(new NestedThread(list, id));
                case "t.mbox.gz" -> Optional.of(new ThreadMbox(list, id));
                case "raw" -> Optional.of(new Raw(list, id));
                case "html" -> Optional.of(new Html(list, id));
                default -> Optional.empty();
            };
            case 2 -> rest.equals(List.of("t", "feed.atom"))
                    ? Optional.of(new ThreadFeed(list, id))
                    : PART.matcher(rest.getFirst()).matches()
                            ? Optional.of(new Part(list, id, rest.getFirst(), rest.get(1)))
                            : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<YearMonth> month(String written) {
        try {
            return Optional.of(YearMonth.parse(written));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static boolean taken(String segment) {
        return TAKEN.contains(segment) || NUMBER.matcher(segment).matches() || MONTH.matcher(segment).matches()
                || MONTH_MBOX.matcher(segment).matches();
    }

    /// The canonical path, percent-encoded.
    default String path() {
        return switch (this) {
            case Front() -> "/";
            case Overview(var list) -> below(list);
            case Month(var list, var month) -> below(list) + month + "/";
            case MonthMbox(var list, var month) -> below(list) + month + ".mbox.gz";
            case MonthSum(var list, var month) -> below(list) + month + ".mbox.gz.sha256";
            case Manifest(var list) -> below(list) + "manifest.json";
            case Numbered(var list, var number) -> below(list) + number;
            case Message(var list, var id) -> below(list, id);
            case Raw(var list, var id) -> below(list, id) + "raw";
            case Html(var list, var id) -> below(list, id) + "html";
            case Part(var list, var id, var part, var name) -> below(list, id) + part + "/" + Percent.encode(name);
            case FlatThread(var list, var id) -> below(list, id) + "T/";
            case NestedThread(var list, var id) -> below(list, id) + "t/";
            case ThreadMbox(var list, var id) -> below(list, id) + "t.mbox.gz";
            case Feed(var list) -> below(list) + "feed.atom";
            case ThreadFeed(var list, var id) -> below(list, id) + "t/feed.atom";
            case Chain(var list) -> below(list) + "chain";
            case Search() -> "/search";
            case ListSearch(var list) -> below(list) + "search";
            case Resolver() -> "/r";
            case Old(var path) -> path;
            case PonyMail(var path) -> path;
            case Live() -> "/health/live";
            case Ready() -> "/health/ready";
            case PagesReady() -> "/health/pages";
            case Metrics() -> "/metrics";
            case Robots() -> "/robots.txt";
            case Asset(var name) -> "/assets/" + Percent.encode(name);
            case Elsewhere(var place) -> place.path();
        };
    }

    private static String below(EmailAddress list) {
        return "/" + Percent.encode(list.toString()) + "/";
    }

    private static String below(EmailAddress list, String messageId) {
        var dots = messageId.matches("\\.{1,2}") ? messageId.replace(".", "%2E") : messageId;
        return below(list) + (taken(messageId) ? "m/" : "") + Percent.encode(dots) + "/";
    }
}
