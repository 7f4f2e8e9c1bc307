package org.listserv.web.permalink;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.posting.LegacyId;
import org.listserv.web.page.Percent;

/// What an address of another archive asks for. Lists are named as that archive named them.
///
/// Understood are Pony Mail (all generations), mod_mbox, ezmlm-cgi and Eyebrowse, on whatever host, and what mail programs make of such
/// addresses: angle brackets encoded, escaped for HTML, or with the last one cut off, and a full stop or bracket of the sentence around.
sealed interface OldAddress {
    /// A message by the name it had.
    ///
    /// @param list what the address says about its list; empty: nothing
    record Named(LegacyId id, String list, Form form) implements OldAddress {}

    /// @param list empty: unknown
    record WithId(String messageId, String list, Form form) implements OldAddress {}

    record Numbered(String list, long number) implements OldAddress {}

    record OfMonth(String list, YearMonth month, Order order) implements OldAddress {}

    record MonthMbox(String list, YearMonth month) implements OldAddress {}

    record OfList(String list) implements OldAddress {}

    record Feed(String list) implements OldAddress {}

    /// @param list  empty: all
    /// @param query in our search language
    record Searched(String list, String query) implements OldAddress {}

    record AllLists() implements OldAddress {}

    enum Form {
        PAGE,
        THREAD,
        RAW
    }

    enum Order {
        THREAD,
        DATE,
        AUTHOR
    }

    Pattern ORIGIN = Pattern.compile("^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*");
    Pattern PONY_MAIL = Pattern.compile("/(?:x/)?thread(?:\\.html)?/(.+)");
    Pattern PONY_MAIL_LIST = Pattern.compile("/(?:x/)?list(?:\\.html)?");
    Pattern PONY_MAIL_API = Pattern.compile("/(?:x/)?api/([a-z]+)\\.(?:lua|json)(?:/(.*))?");
    Pattern MOD_MBOX = Pattern.compile("/(?:mod_mbox|(?:members|pmc)/private-arch)(?:/([^/]*))?(?:/(\\d{6})\\.mbox)?(?:/(.*))?");
    Pattern EZMLM_CGI = Pattern.compile("(?:/.*)?/ezmlm-cgi(?:\\.cgi)?(?:/(\\d+)(?:/(\\d+|index(?:/\\d+)?)?)?)?/?");
    Pattern EYEBROWSE = Pattern.compile("(?:/.*)?/eyebrowse/(ReadMsg|SummarizeList|BrowseList|SearchList)");
    Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

    /// @param written  an address with or without scheme and host
    /// @param today    what `lte=1M` counts from
    /// @return empty when it is none of these
    static Optional<OldAddress> parse(String written, LocalDate today) {
        var address = ORIGIN.matcher(unescaped(written.strip())).replaceFirst("");
        if (!address.startsWith("/")) {
            return Optional.empty();
        }
        int fragment = address.indexOf('#');
        var whole = fragment < 0 ? address : address.substring(0, fragment);
        int mark = whole.indexOf('?');
        var path = mark < 0 ? whole : whole.substring(0, mark);
        var query = mark < 0 ? "" : whole.substring(mark + 1);
        var thread = PONY_MAIL.matcher(path);
        if (thread.matches()) {
            return ponyMail(decoded(thread.group(1)), query);
        }
        if (PONY_MAIL_LIST.matcher(path).matches()) {
            return Optional.of(ponyMailList(query, today));
        }
        var api = PONY_MAIL_API.matcher(path);
        if (api.matches()) {
            return ponyMailApi(api.group(1), decoded(Optional.ofNullable(api.group(2)).orElse("")), parameters(query), today);
        }
        var mbox = MOD_MBOX.matcher(path);
        if (mbox.matches()) {
            return modMbox(decoded(Optional.ofNullable(mbox.group(1)).orElse("")), Optional.ofNullable(mbox.group(2)).orElse(""),
                    Optional.ofNullable(mbox.group(3)).orElse(""), query);
        }
        var ezmlm = EZMLM_CGI.matcher(path);
        if (ezmlm.matches()) {
            return ezmlm(Optional.ofNullable(ezmlm.group(1)).orElse(""), Optional.ofNullable(ezmlm.group(2)).orElse(""), query);
        }
        return EYEBROWSE.matcher(path).matches() ? eyebrowse(parameters(query)) : Optional.empty();
    }

    // --- Pony Mail

    private static Optional<OldAddress> ponyMail(String written, String query) {
        var id = bare(written);
        var parameters = parameters(query);
        boolean whole = parameters.getOrDefault("find_parent", "").equals("true");
        int behind = id.lastIndexOf('@');
        var named = LegacyId.ponyMail(id);
        if (named.isPresent()) {
            var list = behind > 0 && !NUMBER.matcher(id.substring(behind + 1)).matches() ? bracketless(id.substring(behind + 1)) : "";
            return Optional.of(new Named(named.get(), list, whole ? Form.THREAD : Form.PAGE));
        }
        var list = query.isEmpty() || whole ? "" : bracketless(decoded(query.replaceFirst("&.*", "")));
        return Optional.of(new WithId(bracketless(id), list, whole ? Form.THREAD : Form.PAGE));
    }

    /// `L[:D[:Q]][&header_*=v]`
    private static OldAddress ponyMailList(String query, LocalDate today) {
        var pieces = query.split("&", -1);
        var words = decoded(pieces[0]).split(":", 3);
        var list = words[0].strip();
        var span = words.length > 1 ? words[1].strip() : "";
        var terms = new ArrayList<String>();
        if (words.length > 2 && !words[2].isBlank()) {
            terms.add(words[2].strip());
        }
        for (int i = 1; i < pieces.length; i++) {
            int equals = pieces[i].indexOf('=');
            var name = equals < 0 ? pieces[i] : pieces[i].substring(0, equals);
            var value = equals < 0 ? "" : decoded(pieces[i].substring(equals + 1).replace('+', ' ')).strip();
            if (!value.isEmpty()) {
                header(name).ifPresent(field -> terms.add(field + phrase(value)));
            }
        }
        if (list.isEmpty()) {
            return terms.isEmpty() ? new AllLists() : new Searched("", String.join(" ", terms));
        }
        boolean one = list.indexOf('@') > 0 && list.indexOf('*') < 0 && list.indexOf(',') < 0;
        var month = month(span.replace("-", ""), span);
        if (one && terms.isEmpty() && (span.isEmpty() || month.isPresent())) {
            return month.isPresent() ? new OfMonth(list, month.get(), Order.THREAD) : new OfList(list);
        }
        var lists = one ? "" : lists(list);
        if (!lists.isEmpty()) {
            terms.addFirst(lists);
        }
        terms.addAll(within(span, today));
        return new Searched(one ? list : "", String.join(" ", terms));
    }

    private static Optional<String> header(String name) {
        return switch (name) {
            case "header_from" -> Optional.of("from:");
            case "header_to" -> Optional.of("to:");
            case "header_subject" -> Optional.of("subject:");
            case "header_body" -> Optional.of("body:");
            case "header_messageid" -> Optional.of("id:");
            default -> Optional.empty();
        };
    }

    private static String phrase(String value) {
        return value.matches("[\\p{L}\\p{N}._@+-]+") ? value : '"' + value.replace("\"", "") + '"';
    }

    private static String lists(String written) {
        var all = new ArrayList<String>();
        for (var list : written.split(",")) {
            var name = list.strip();
            if (!name.isEmpty() && !name.equals("*@*") && !name.equals("*")) {
                all.add("list:" + (name.indexOf('@') < 0 ? "*@" + name : name));
            }
        }
        return all.size() > 1 ? "(" + String.join(" OR ", all) + ")" : String.join("", all);
    }

    /// `2024-3`, `lte=6M`, `gte=1y`, `dfr=2024-01-15|dto=2024-02-28`
    private static List<String> within(String span, LocalDate today) {
        var terms = new ArrayList<String>();
        var month = month("", span);
        if (month.isPresent()) {
            terms.add("after:" + month.get());
            terms.add("before:" + month.get().plusMonths(1));
        }
        for (var piece : span.split("\\|")) {
            var equals = piece.indexOf('=');
            if (equals < 0) {
                continue;
            }
            var value = piece.substring(equals + 1).strip();
            switch (piece.substring(0, equals).strip()) {
                case "lte" -> ago(value, today).ifPresent(day -> terms.add("after:" + day));
                case "gte" -> ago(value, today).ifPresent(day -> terms.add("before:" + day));
                case "dfr" -> day(value).ifPresent(day -> terms.add("after:" + day));
                case "dto" -> day(value).ifPresent(day -> terms.add("before:" + day.plusDays(1)));
                default -> {}
            }
        }
        return terms;
    }

    private static Optional<LocalDate> ago(String span, LocalDate today) {
        if (!span.matches("[0-9]{1,4}[dwMy]")) {
            return Optional.empty();
        }
        int count = Integer.parseInt(span.substring(0, span.length() - 1));
        return Optional.of(switch (span.charAt(span.length() - 1)) {
            case 'd' -> today.minusDays(count);
            case 'w' -> today.minusWeeks(count);
            case 'M' -> today.minusMonths(count);
            default -> today.minusYears(count);
        });
    }

    private static Optional<LocalDate> day(String written) {
        try {
            return Optional.of(LocalDate.parse(written));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<OldAddress> ponyMailApi(String what, String behind, Map<String, String> asked, LocalDate today) {
        var list = asked.getOrDefault("list", "");
        var domain = asked.getOrDefault("domain", "");
        var address = list.isEmpty() || list.indexOf('@') >= 0 || domain.isEmpty() ? list : list + "@" + domain;
        var id = bare(asked.getOrDefault("id", behind));
        switch (what) {
            case "source", "email", "thread" -> {
                if (id.isEmpty()) {
                    return Optional.empty();
                }
                var form = what.equals("source") ? Form.RAW : what.equals("thread") ? Form.THREAD : Form.PAGE;
                var named = LegacyId.ponyMail(id);
                return Optional.of(named.<OldAddress>map(known -> new Named(known, "", form))
                        .orElseGet(() -> new WithId(bracketless(id), address, form)));
            }
            case "mbox", "stats" -> {
                var date = asked.getOrDefault("date", asked.getOrDefault("d", ""));
                var month = month(date.replace("-", ""), date);
                if (month.isPresent() && !address.isEmpty()) {
                    return Optional.of(what.equals("mbox")
                            ? new MonthMbox(address, month.get())
                            : new OfMonth(address, month.get(), Order.THREAD));
                }
                var terms = new ArrayList<String>();
                Optional.ofNullable(asked.get("q")).filter(q -> !q.isBlank()).ifPresent(terms::add);
                asked.forEach((name, value) -> header(name).ifPresent(field -> terms.add(field + phrase(value))));
                terms.addAll(within(date, today));
                return Optional.of(new Searched(address, String.join(" ", terms)));
            }
            case "atom" -> {
                return asked.containsKey("mid")
                        ? ponyMail(asked.get("mid"), "")
                        : Optional.of(address.isEmpty() ? new AllLists() : new Feed(address));
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    // --- mod_mbox

    private static Optional<OldAddress> modMbox(String list, String month, String rest, String query) {
        if (list.isEmpty()) {
            return Optional.of(new AllLists());
        }
        if (month.isEmpty()) {
            return Optional.of(query.contains("format=atom") ? new Feed(list) : new OfList(list));
        }
        boolean raw = rest.startsWith("raw/");
        var asked = decoded(raw ? rest.substring(4) : rest.startsWith("ajax/") ? rest.substring(5) : rest);
        if (asked.startsWith("<") || asked.indexOf('@') > 0) {
            int end = asked.indexOf('>');
            var id = bare(end < 0 ? asked : asked.substring(0, end + 1));
            // Behind the id comes the path of a part.
            return Optional.of(new WithId(bracketless(id), list, raw && (end < 0 || end == asked.length() - 1) ? Form.RAW : Form.PAGE));
        }
        var filed = month(month, "");
        if (filed.isEmpty()) {
            return Optional.of(new OfList(list));
        }
        return Optional.of(switch (asked) {
            case "", "/" ->
                rest.isEmpty() && query.isEmpty() ? new MonthMbox(list, filed.get()) : new OfMonth(list, filed.get(), Order.THREAD);
            case "date" -> new OfMonth(list, filed.get(), Order.DATE);
            case "author" -> new OfMonth(list, filed.get(), Order.AUTHOR);
            default -> new OfMonth(list, filed.get(), Order.THREAD);
        });
    }

    // --- ezmlm-cgi, Eyebrowse

    /// `/N/MESSAGE`, `/N/index`, `?N:MESSAGE`, `?N:XYZ:MESSAGE[:YYYYMM][:HASH]`
    private static Optional<OldAddress> ezmlm(String list, String item, String query) {
        if (!list.isEmpty()) {
            return Optional.of(NUMBER.matcher(item).matches()
                    ? new Numbered("ezmlm-cgi/" + list, Long.parseLong(item))
                    : new OfList("ezmlm-cgi/" + list));
        }
        var words = decoded(query).split(":", -1);
        if (!words[0].matches("\\d{1,9}")) {
            return Optional.of(new AllLists());
        }
        var named = "ezmlm-cgi/" + words[0];
        if (words.length > 1 && NUMBER.matcher(words[1]).matches()) {
            return Optional.of(new Numbered(named, Long.parseLong(words[1])));
        }
        var axis = words.length > 1 ? words[1] : "";
        if (axis.startsWith("m") && words.length > 2 && NUMBER.matcher(words[2]).matches()) {
            return Optional.of(new Numbered(named, Long.parseLong(words[2])));
        }
        var month = words.length > 3 ? month(words[3], "") : Optional.<YearMonth>empty();
        if (month.isPresent()) {
            return Optional.of(new OfMonth(named, month.get(),
                    axis.startsWith("a") ? Order.AUTHOR : axis.startsWith("d") ? Order.DATE : Order.THREAD));
        }
        return Optional.of(words.length > 2 && NUMBER.matcher(words[2]).matches()
                ? new Numbered(named, Long.parseLong(words[2]))
                : new OfList(named));
    }

    private static Optional<OldAddress> eyebrowse(Map<String, String> asked) {
        var list = asked.getOrDefault("listName", "");
        var number = asked.getOrDefault("msgNo", "");
        if (list.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(NUMBER.matcher(number).matches() ? new Numbered(list, Long.parseLong(number)) : new OfList(list));
    }

    // --- words

    /// @param compact `202403` or `20243`
    /// @param dashed  `2024-3` or `2024-03`
    private static Optional<YearMonth> month(String compact, String dashed) {
        var digits = dashed.matches("\\d{4}-\\d{1,2}") ? dashed.replace("-", "") : dashed.isEmpty() ? compact : "";
        try {
            return digits.matches("\\d{5,6}")
                    ? Optional.of(YearMonth.of(Integer.parseInt(digits.substring(0, 4)), Integer.parseInt(digits.substring(4))))
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> parameters(String query) {
        var all = new LinkedHashMap<String, String>();
        for (var piece : query.split("&")) {
            int equals = piece.indexOf('=');
            if (equals > 0) {
                all.putIfAbsent(piece.substring(0, equals), decoded(piece.substring(equals + 1).replace('+', ' ')).strip());
            }
        }
        return all;
    }

    /// What cannot be decoded stands for itself.
    private static String decoded(String written) {
        return Percent.decode(written).orElse(written);
    }

    private static String unescaped(String text) {
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    }

    /// Without what a sentence put behind it.
    private static String bare(String id) {
        var text = id.strip().replaceFirst("[.,);/]+$", "");
        return text.indexOf('<') >= 0 ? text : text.replaceFirst(">$", "");
    }

    private static String bracketless(String text) {
        return text.replaceAll("[<>]", "").strip();
    }
}
