package org.listserv.archive;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/// A query as it was typed, understood.
///
/// ```
/// query := or;  or := and (OR and)*;  and := unary+;  unary := ('-' | NOT)? atom
/// atom  := '(' query ')' | field ':' value | "phrase" | "phrase"~N | word | word'*'
/// value := word | "phrase" | '(' query ')' | range | '{' query '}'        { } only for thread:
/// range := A..B | A.. | ..B | >A | <A | >=A | <=A
/// ```
///
/// Words beside each other must all be there. A leading `-` excludes only before a letter, a quote or `(`, so that `-1` can be found.
/// Anything can be typed: what does not fit is left out or taken as text, and the notes say so.
///
/// @param root  what to search for; null when nothing is left
/// @param sort  the order the query asks for itself; null when it does not
/// @param notes what was changed, a sentence each
record SearchQuery(@Nullable Node root, SearchRequest.@Nullable Order sort, List<String> notes) {
    /// Typed characters that are read.
    static final int LONGEST = 1000;
    /// Words and phrases of one query.
    static final int MOST_TERMS = 64;
    /// Brackets in brackets.
    static final int DEEPEST = 20;
    /// Words that may stand between those of a phrase.
    private static final int MOST_SLOP = 100;

    sealed interface Node {}

    /// @param text   as typed
    /// @param phrase it stood in quotes
    /// @param prefix what starts like this
    /// @param slop   of a phrase: how far from it the words may be
    record Term(Field field, String text, boolean phrase, boolean prefix, int slop) implements Node {}

    /// A value that is compared whole.
    record Exactly(Value field, String text, boolean prefix) implements Node {}

    /// What no message tells by itself.
    record State(Flag flag) implements Node {}

    /// @param pattern `name@domain`, either side may be `*`; or a name on any domain
    record InList(String pattern) implements Node {}

    /// Filed before the first day of this span.
    record Before(Span span) implements Node {}

    /// Filed on the first day of this span or later.
    record After(Span span) implements Node {}

    /// @param from first day, or null
    /// @param to   day behind the last, or null
    /// @param text in the grammar
    record Dates(boolean sent, @Nullable LocalDate from, @Nullable LocalDate to, String text) implements Node {}

    /// Both ends included.
    record Numbers(Measure measure, long from, long to, String text) implements Node {}

    /// Threads with a message that this finds.
    record InThread(Node node) implements Node {}

    record All(List<Node> nodes) implements Node {}

    record Any(List<Node> nodes) implements Node {}

    record Not(Node node) implements Node {}

    /// A day, month or year as typed.
    record Span(String text, LocalDate first, LocalDate end) {
        static Optional<Span> parse(String text) {
            if (!text.matches("\\d{4}(-\\d{1,2}(-\\d{1,2})?)?")) {
                return Optional.empty();
            }
            var parts = text.split("-");
            try {
                int month = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
                int day = parts.length > 2 ? Integer.parseInt(parts[2]) : 1;
                var first = YearMonth.of(Integer.parseInt(parts[0]), month).atDay(day);
                return Optional.of(new Span(text, first,
                        parts.length > 2 ? first.plusDays(1) : parts.length > 1 ? first.plusMonths(1) : first.plusYears(1)));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }

        /// As [#parse(String)], and spans counted back from today: `6M`, `1y`, `2w`, `10d`, `today`, `yesterday`, `last.week`, `last.month`, `last.year`.
        static Optional<Span> parse(String text, LocalDate today) {
            var word = text.toLowerCase(Locale.ROOT);
            if (text.matches("[0-9]{1,4}[dwMmy]")) {
                int count = Integer.parseInt(text.substring(0, text.length() - 1));
                var first = switch (text.charAt(text.length() - 1)) {
                    case 'd' -> today.minusDays(count);
                    case 'w' -> today.minusWeeks(count);
                    case 'M', 'm' -> today.minusMonths(count);
                    default -> today.minusYears(count);
                };
                return Optional.of(new Span(first.toString(), first, first.plusDays(1)));
            }
            return switch (word) {
                case "today" -> Optional.of(new Span(today.toString(), today, today.plusDays(1)));
                case "yesterday" -> Optional.of(new Span(today.minusDays(1).toString(), today.minusDays(1), today));
                case "last.week" -> Optional.of(new Span(today.minusWeeks(1).toString(), today.minusWeeks(1), today.plusDays(1)));
                case "last.month" -> parse(YearMonth.from(today).minusMonths(1).toString());
                case "last.year" -> parse(Integer.toString(today.getYear() - 1));
                default -> parse(text);
            };
        }

        Instant start() {
            return first.atStartOfDay(ZoneOffset.UTC).toInstant();
        }
    }

    /// Where words are looked for.
    ///
    /// @param label as it is typed, with the colon
    /// @param in    fields of the index
    record Field(String label, List<String> in) {
        static final Field ANY = new Field("", List.of(Indexed.SUBJECT, Indexed.OWN, Indexed.QUOTED, Indexed.FROM, Indexed.FILES));
        static final Field FROM = new Field("from:", List.of(Indexed.FROM));
        static final Field TO = new Field("to:", List.of(Indexed.TO));
        static final Field CC = new Field("cc:", List.of(Indexed.CC));
        static final Field RCPT = new Field("rcpt:", List.of(Indexed.TO, Indexed.CC));
        static final Field WHO = new Field("who:", List.of(Indexed.FROM, Indexed.TO, Indexed.CC));
        static final Field SUBJECT = new Field("subject:", List.of(Indexed.SUBJECT));
        static final Field BODY = new Field("body:", List.of(Indexed.OWN, Indexed.QUOTED));
        static final Field TEXT = new Field("text:", List.of(Indexed.SUBJECT, Indexed.OWN, Indexed.QUOTED));
        static final Field NEW = new Field("new:", List.of(Indexed.OWN));
        static final Field QUOTED = new Field("quoted:", List.of(Indexed.QUOTED));
        static final Field ATTACH = new Field("attach:", List.of(Indexed.FILES));
        static final Field FILE = new Field("file:", List.of(Indexed.PATCH_FILES));
        static final Field ADD = new Field("add:", List.of(Indexed.PATCH_ADDED));
        static final Field DEL = new Field("del:", List.of(Indexed.PATCH_REMOVED));
        static final Field HUNK = new Field("hunk:", List.of(Indexed.PATCH_HUNKS));

        static Field header(String name) {
            return new Field("header." + name + ":", List.of(Indexed.HEADER + name));
        }
    }

    /// What has values that are compared whole.
    enum Value {
        AUTHOR("from:=", Indexed.AUTHOR),
        ID("id:", Indexed.MESSAGE_ID),
        REPLY_TO("replyto:", Indexed.PARENT),
        REF("ref:", Indexed.REFERENCES),
        TYPE("attachtype:", Indexed.TYPES),
        BLOB("blob:", Indexed.BLOBS),
        PATCH_ID("patchid:", Indexed.PATCH_IDS),
        HAS("has:", Indexed.HAS),
        IS("is:", Indexed.IS),
        VOTE("vote:", Indexed.VOTES),
        ISSUE("ref.issue:", Indexed.ISSUES),
        CHARSET("charset:", Indexed.CHARSETS);

        final String label;
        final String in;

        Value(String label, String in) {
            this.label = label;
            this.in = in;
        }

        /// Its beginning is enough.
        boolean isHash() {
            return this == BLOB || this == PATCH_ID;
        }
    }

    /// `is:` of what other messages tell.
    enum Flag {
        UNANSWERED,
        CROSSPOST
    }

    enum Measure {
        /// octets
        SIZE,
        /// messages of the thread beside the first
        REPLIES,
        /// authors in the thread
        PEOPLE
    }

    /// Values of `is:` that stand in the index.
    private static final Set<String> IS = Set.of("root", "reply", "patch", "announce", "vote", "result", "bot");

    private static final Map<String, Field> WORDS = Map.ofEntries(Map.entry("from", Field.FROM), Map.entry("f", Field.FROM),
            Map.entry("to", Field.TO), Map.entry("t", Field.TO), Map.entry("cc", Field.CC), Map.entry("c", Field.CC),
            Map.entry("rcpt", Field.RCPT), Map.entry("tc", Field.RCPT), Map.entry("who", Field.WHO), Map.entry("a", Field.WHO),
            Map.entry("subject", Field.SUBJECT), Map.entry("s", Field.SUBJECT), Map.entry("body", Field.BODY), Map.entry("b", Field.BODY),
            Map.entry("text", Field.TEXT), Map.entry("bs", Field.TEXT), Map.entry("new", Field.NEW), Map.entry("nq", Field.NEW),
            Map.entry("quoted", Field.QUOTED), Map.entry("q", Field.QUOTED), Map.entry("attach", Field.ATTACH),
            Map.entry("n", Field.ATTACH),
            Map.entry("file", Field.FILE), Map.entry("dfn", Field.FILE), Map.entry("add", Field.ADD), Map.entry("dfb", Field.ADD),
            Map.entry("del", Field.DEL), Map.entry("dfa", Field.DEL), Map.entry("hunk", Field.HUNK), Map.entry("dfhh", Field.HUNK));

    private static final Map<String, Value> VALUES = Map.ofEntries(Map.entry("id", Value.ID), Map.entry("mid", Value.ID),
            Map.entry("msgid", Value.ID), Map.entry("m", Value.ID), Map.entry("replyto", Value.REPLY_TO), Map.entry("ref", Value.REF),
            Map.entry("references", Value.REF), Map.entry("attachtype", Value.TYPE), Map.entry("type", Value.TYPE),
            Map.entry("blob", Value.BLOB), Map.entry("dfblob", Value.BLOB), Map.entry("patchid", Value.PATCH_ID),
            Map.entry("has", Value.HAS), Map.entry("is", Value.IS),
            Map.entry("vote", Value.VOTE), Map.entry("ref.issue", Value.ISSUE), Map.entry("charset", Value.CHARSET));

    /// Fields that are neither words nor values.
    private enum Key {
        LIST,
        BEFORE,
        AFTER,
        FILED,
        SENT,
        SIZE,
        REPLIES,
        PEOPLE,
        THREAD,
        SORT,
        LATER
    }

    private static final Map<String, Key> KEYS = Map.ofEntries(Map.entry("list", Key.LIST), Map.entry("l", Key.LIST),
            Map.entry("before", Key.BEFORE), Map.entry("after", Key.AFTER), Map.entry("date", Key.FILED), Map.entry("d", Key.FILED),
            Map.entry("on", Key.FILED), Map.entry("sent", Key.SENT), Map.entry("dt", Key.SENT), Map.entry("size", Key.SIZE),
            Map.entry("z", Key.SIZE), Map.entry("replies", Key.REPLIES), Map.entry("people", Key.PEOPLE), Map.entry("thread", Key.THREAD),
            Map.entry("sort", Key.SORT), Map.entry("order", Key.SORT), Map.entry("attachtext", Key.LATER), Map.entry("lang", Key.LATER),
            Map.entry("project", Key.LATER));

    static SearchQuery parse(String typed) {
        return parse(typed, LocalDate.now(ZoneOffset.UTC));
    }

    /// @param today what `6M` counts from
    static SearchQuery parse(String typed, LocalDate today) {
        return new Parser(typed, today).parse();
    }

    /// There is something to find, beside what to leave out.
    boolean isPositive() {
        return root != null && isPositive(root);
    }

    private static boolean isPositive(Node node) {
        return switch (node) {
            case Not _ -> false;
            case All(var nodes) -> nodes.stream().anyMatch(SearchQuery::isPositive);
            case Any(var nodes) -> nodes.stream().allMatch(SearchQuery::isPositive);
            case InThread(var inside) -> isPositive(inside);
            case Term _,Exactly _,State _,InList _,Before _,After _,Dates _,Numbers _ -> true;
        };
    }

    /// The query in the grammar, every operator written out.
    @Override
    public String toString() {
        var text = root == null ? "" : print(root, true);
        return sort == null ? text : (text + " sort:" + sort.word()).strip();
    }

    private static String print(Node node, boolean outermost) {
        return switch (node) {
            case Term(var field, var text, var phrase, var prefix, var slop) ->
                field.label() + (phrase ? '"' + text + '"' : text) + (prefix ? "*" : "") + (slop > 0 ? "~" + slop : "");
            case Exactly(var field, var text, var prefix) ->
                field.label + (text.matches("[^ \"()]+") ? text : '"' + text + '"') + (prefix && !field.isHash() ? "*" : "");
            case State(var flag) -> "is:" + flag.name().toLowerCase(Locale.ROOT);
            case InList(var pattern) -> "list:" + pattern;
            case Before(var span) -> "before:" + span.text();
            case After(var span) -> "after:" + span.text();
            case Dates dates -> dates.text();
            case Numbers numbers -> numbers.text();
            case InThread(Exactly(var field, var text, var _)) when field == Value.ID -> "thread:" + text;
            case InThread(var inside) -> "thread:{" + print(inside, true) + "}";
            case Not(var inside) -> "NOT " + print(inside, false);
            case All(var nodes) -> join(nodes, " AND ", outermost);
            case Any(var nodes) -> join(nodes, " OR ", outermost);
        };
    }

    private static String join(List<Node> nodes, String operator, boolean outermost) {
        var text = nodes.stream().map(node -> print(node, false)).collect(Collectors.joining(operator));
        return outermost ? text : "(" + text + ")";
    }

    private static final class Parser {
        private final LocalDate today;
        private final String text;
        private final List<String> notes = new ArrayList<>();
        private int at;
        private int depth;
        private int braces;
        private int terms;
        private SearchRequest.@Nullable Order sort;

        Parser(String typed, LocalDate today) {
            this.today = today;
            if (typed.length() > LONGEST) {
                notes.add("Only the first " + LONGEST + " characters were read.");
            }
            var read = typed.length() > LONGEST ? typed.substring(0, LONGEST) : typed;
            text = read.replaceAll("[\\p{Cntrl}\\p{Z}]", " ").replaceAll("[\u201c\u201d\u201e\u00ab\u00bb]", "\"");
        }

        SearchQuery parse() {
            var all = new ArrayList<Node>();
            while (at < text.length()) {
                any(words(Field.ANY)).ifPresent(all::add);
                if (at < text.length()) {  // a ) or } that nobody opened
                    var bracket = text.charAt(at++) == ')' ? "A “)” without “(”" : "A “}” without “{”";
                    note(bracket + " was left out.");
                }
            }
            if (terms > MOST_TERMS) {
                notes.add("Only the first " + MOST_TERMS + " words and phrases were searched.");
            }
            return new SearchQuery(all.isEmpty() ? null : joined(all, true), sort, List.copyOf(notes));
        }

        private Optional<Node> any(Target field) {
            var alternatives = new ArrayList<Node>();
            boolean wanted = false;
            do {
                var all = all(field);
                if (all.isEmpty() && (wanted || isOr())) {
                    note("An “OR” with nothing beside it was left out.");
                }
                all.ifPresent(alternatives::add);
                wanted = isOr();
                if (wanted) {
                    at += 2;
                }
            } while (wanted);
            return alternatives.isEmpty() ? Optional.empty() : Optional.of(joined(alternatives, false));
        }

        private Optional<Node> all(Target field) {
            var nodes = new ArrayList<Node>();
            while (true) {
                skipSpaces();
                if (isEnd() || isOr()) {
                    return nodes.isEmpty() ? Optional.empty() : Optional.of(joined(nodes, true));
                }
                if (isWord("AND")) {
                    at += 3;
                } else {
                    unary(field).ifPresent(nodes::add);
                }
            }
        }

        private Optional<Node> unary(Target field) {
            if (isWord("NOT")) {
                at += 3;
                skipSpaces();
                if (isEnd() || isOr()) {
                    note("A “NOT” with nothing behind it was left out.");
                    return Optional.empty();
                }
                return unary(field).map(Parser::not);
            }
            if (text.charAt(at) == '-' && at + 1 < text.length() && excludes(text.charAt(at + 1))) {
                at++;
                return atom(field).map(Parser::not);
            }
            return atom(field);
        }

        private static Node not(Node node) {
            return node instanceof Not(var twice) ? twice : new Not(node);
        }

        private static boolean excludes(char next) {
            return Character.isLetter(next) || next == '"' || next == '(';
        }

        /// At the end of the query, or of the brackets around.
        private boolean isEnd() {
            return at >= text.length() || text.charAt(at) == ')' || text.charAt(at) == '}' && braces > 0;
        }

        private Optional<Node> atom(Target field) {
            char c = text.charAt(at);
            if (c == '(') {
                return brackets(field);
            }
            if (c == '"') {
                return phrase(field);
            }
            int colon = colon();
            if (colon > 0) {
                var typed = text.substring(at, colon);
                var name = typed.toLowerCase(Locale.ROOT);
                boolean value = colon + 1 < text.length() && " )}".indexOf(text.charAt(colon + 1)) < 0;
                if (isField(name)) {
                    if (value) {
                        at = colon + 1;
                        return value(name, typed, field);
                    }
                } else if (!text.startsWith("//", colon + 1)) {
                    note("“" + typed + ":” is no field here and was taken as text.");
                }
            }
            var relative = text.startsWith("lte=", at) ? "after" : text.startsWith("gte=", at) ? "before" : "";
            if (!relative.isEmpty() && at + 4 < text.length() && " )}".indexOf(text.charAt(at + 4)) < 0) {
                at += 4;
                return value(relative, relative, field);
            }
            return field.node(word(), false, 0);
        }

        private static boolean isField(String name) {
            return WORDS.containsKey(name) || VALUES.containsKey(name) || KEYS.containsKey(name) || name.startsWith("header.");
        }

        private Optional<Node> phrase(Target field) {
            var inside = quoted();
            int slop = 0;
            if (at + 1 < text.length() && text.charAt(at) == '~' && Character.isDigit(text.charAt(at + 1))) {
                int end = at + 1;
                while (end < text.length() && end < at + 4 && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
                    end++;
                }
                slop = Math.min(MOST_SLOP, Integer.parseInt(text.substring(at + 1, end)));
                at = end;
            }
            return field.node(inside, true, slop);
        }

        private Optional<Node> brackets(Target field) {
            at++;
            if (++depth > DEEPEST) {
                note("Brackets deeper than " + DEEPEST + " were left out.");
                depth--;
                return Optional.empty();
            }
            var inside = any(field);
            depth--;
            if (at < text.length() && text.charAt(at) == ')') {
                at++;
            } else {
                note("A missing “)” was added at the end.");
            }
            return inside;
        }

        private Optional<Node> value(String name, String typed, Target field) {
            var words = WORDS.get(name);
            if (Field.FROM.equals(words) && text.startsWith("=", at) && at + 1 < text.length() && text.charAt(at + 1) != ' ') {
                at++;
                return atomOf(exactly(Value.AUTHOR));
            }
            if (words != null) {
                return atomOf(words(words));
            }
            if (name.startsWith("header.")) {
                var header = name.substring("header.".length());
                if (Traits.HEADER.contains(header)) {
                    return atomOf(words(Field.header(header)));
                }
                return leftOut(typed, field, "knows only " + Traits.HEADER.stream().sorted().collect(Collectors.joining(", ")));
            }
            var value = VALUES.get(name);
            if (value != null) {
                return atomOf(exactly(value));
            }
            return switch (KEYS.get(name)) {
                case LIST -> Optional.of(new InList(literal().toLowerCase(Locale.ROOT)));
                case BEFORE -> span(typed).map(Before::new);
                case AFTER -> span(typed).map(After::new);
                case FILED -> dates(false, typed);
                case SENT -> dates(true, typed);
                case SIZE -> numbers(Measure.SIZE, typed);
                case REPLIES -> numbers(Measure.REPLIES, typed);
                case PEOPLE -> numbers(Measure.PEOPLE, typed);
                case THREAD -> thread();
                case SORT -> sort();
                case LATER -> leftOut(typed, field, "is not supported yet");
                case null -> Optional.empty();
            };
        }

        private Optional<Node> leftOut(String name, Target field, String why) {
            int start = at;
            atomOf(field);
            note("“" + name + ":” " + why + "; “" + text.substring(start, at).strip() + "” was left out.");
            return Optional.empty();
        }

        /// A value is an atom without a field of its own: in `from:a:b` the rest is text.
        private Optional<Node> atomOf(Target field) {
            return switch (text.charAt(at)) {
                case '(' -> brackets(field);
                case '"' -> phrase(field);
                default -> field.node(word(), false, 0);
            };
        }

        private Optional<Node> thread() {
            if (text.charAt(at) != '{') {
                var id = literal();
                return Optional.of(new InThread(new Exactly(Value.ID, bracketless(id), false)));
            }
            at++;
            if (++depth > DEEPEST) {
                note("Brackets deeper than " + DEEPEST + " were left out.");
                depth--;
                return Optional.empty();
            }
            braces++;
            var inside = any(words(Field.ANY));
            braces--;
            depth--;
            if (at < text.length() && text.charAt(at) == '}') {
                at++;
            } else {
                note("A missing “}” was added at the end.");
            }
            return inside.map(InThread::new);
        }

        private Optional<Node> sort() {
            var word = literal().toLowerCase(Locale.ROOT);
            var wanted = SearchRequest.Order.of(word);
            if (wanted.isEmpty()) {
                note("“sort:" + word + "” was left out: there are date, date-asc, relevance and replies.");
            } else {
                sort = wanted.get();
            }
            return Optional.empty();
        }

        private Optional<Span> span(String name) {
            var value = literal();
            var span = Span.parse(value, today);
            if (span.isEmpty()) {
                note("“" + name + ":" + value + "” was left out: a date is 2024, 2024-03 or 2024-03-15.");
            }
            return span;
        }

        /// `A..B`, `A..`, `..B`, `>A`, `>=A`, `<A`, `<=A`, `A`
        private record Range(String from, String to, boolean afterFrom, boolean beforeTo, boolean one) {
            static Range of(String text) {
                int dots = text.indexOf("..");
                if (dots >= 0) {
                    return new Range(text.substring(0, dots), text.substring(dots + 2), false, false, false);
                }
                for (var sign : List.of(">=", "<=", ">", "<")) {
                    if (text.startsWith(sign)) {
                        var value = text.substring(sign.length());
                        return sign.startsWith(">")
                                ? new Range(value, "", sign.length() == 1, false, false)
                                : new Range("", value, false, sign.length() == 1, false);
                    }
                }
                return new Range(text, text, false, false, true);
            }
        }

        private Optional<Node> dates(boolean sent, String name) {
            var value = literal();
            var range = Range.of(value);
            var from = Span.parse(range.from(), today);
            var to = Span.parse(range.to(), today);
            if (from.isEmpty() && !range.from().isEmpty() || to.isEmpty() && !range.to().isEmpty() || from.isEmpty() && to.isEmpty()) {
                note("“" + name + ":" + value
                        + "” was left out: a date is 2024, 2024-03 or 2024-03-15, a span 2024-01..2024-03 or >2024-03.");
                return Optional.empty();
            }
            var first = from.map(span -> range.afterFrom() ? span.end() : span.first()).orElse(null);
            var end = to.map(span -> range.beforeTo() ? span.first() : span.end()).orElse(null);
            var label = sent ? "sent:" : "date:";
            var text = range.one()
                    ? label + from.orElseThrow().text()
                    : label + (first == null ? "" : first) + ".." + (end == null ? "" : end.minusDays(1));
            return Optional.of(new Dates(sent, first, end, text));
        }

        private Optional<Node> numbers(Measure measure, String name) {
            var value = literal();
            var range = Range.of(value);
            var from = number(range.from());
            var to = number(range.to());
            if (from.isEmpty() && !range.from().isEmpty() || to.isEmpty() && !range.to().isEmpty() || from.isEmpty() && to.isEmpty()) {
                note("“" + name + ":" + value + "” was left out: a number is 12, 10k or 2M, a span 2..5 or >3.");
                return Optional.empty();
            }
            long least = from.map(number -> range.afterFrom() ? number + 1 : number).orElse(0L);
            long most = to.map(number -> range.beforeTo() ? number - 1 : number).orElse(Long.MAX_VALUE);
            var text = measure.name().toLowerCase(Locale.ROOT) + ":"
                    + (range.one() ? Long.toString(least) : least + ".." + (most == Long.MAX_VALUE ? "" : most));
            return Optional.of(new Numbers(measure, least, most, text));
        }

        private static Optional<Long> number(String text) {
            if (!text.matches("[0-9]{1,12}[kKmM]?")) {
                return Optional.empty();
            }
            char unit = Character.toLowerCase(text.charAt(text.length() - 1));
            return Optional.of(switch (unit) {
                case 'k' -> Long.parseLong(text.substring(0, text.length() - 1)) * 1_000;
                case 'm' -> Long.parseLong(text.substring(0, text.length() - 1)) * 1_000_000;
                default -> Long.parseLong(text);
            });
        }

        private String literal() {
            return text.charAt(at) == '"' ? quoted() : word();
        }

        /// What a value becomes; distributes over brackets.
        private interface Target {
            Optional<Node> node(String value, boolean phrase, int slop);
        }

        private Target words(Field field) {
            return (value, phrase, slop) -> term(field, value, phrase, slop);
        }

        private Target exactly(Value field) {
            return (value, _, _) -> exact(field, value);
        }

        private Optional<Node> exact(Value field, String typed) {
            boolean prefix = typed.endsWith("*") && typed.length() > 2
                    && Set.of(Value.ID, Value.REPLY_TO, Value.REF, Value.ISSUE, Value.TYPE).contains(field);
            var bare = prefix ? typed.substring(0, typed.length() - 1) : typed;
            var value = switch (field) {
                case ID, REPLY_TO, REF -> bracketless(bare);
                case BLOB, PATCH_ID -> bare.toLowerCase(Locale.ROOT).replaceFirst("\\*$", "");
                default -> bare.toLowerCase(Locale.ROOT);
            };
            if (value.isBlank() || ++terms > MOST_TERMS) {
                return Optional.empty();
            }
            return switch (field) {
                case IS -> is(value);
                case HAS -> known(field, value, Traits.HAS);
                case VOTE -> known(field, value.equals("+0") || value.equals("-0") ? "0" : value.equals("1") ? "+1" : value,
                        Set.of("+1", "0", "-1"));
                case BLOB, PATCH_ID -> Optional.of(new Exactly(field, value, true));
                default -> Optional.of(new Exactly(field, value, prefix));
            };
        }

        private Optional<Node> is(String value) {
            return switch (value) {
                case "unanswered" -> Optional.of(new State(Flag.UNANSWERED));
                case "crosspost" -> Optional.of(new State(Flag.CROSSPOST));
                case "private", "redacted" -> {
                    note("“is:" + value + "” finds nothing here: what may not be read is not shown.");
                    yield Optional.of(new Exactly(Value.IS, value, false));
                }
                default -> known(Value.IS, value, IS);
            };
        }

        private Optional<Node> known(Value field, String value, Set<String> values) {
            if (!values.contains(value)) {
                note("“" + field.label + value + "” was left out: there are " + values.stream().sorted().collect(Collectors.joining(", "))
                        + ".");
                return Optional.empty();
            }
            return Optional.of(new Exactly(field, value, false));
        }

        private static String bracketless(String id) {
            return id.replaceAll("^<|>$", "");
        }

        private Optional<Node> term(Field field, String value, boolean phrase, int slop) {
            boolean prefix = !phrase && value.endsWith("*");
            var stem = prefix ? value.substring(0, value.length() - 1) : value;
            if (value.codePoints().noneMatch(SearchQuery::isSearchable)) {
                if (!value.isBlank()) {
                    note("“" + value + "” holds nothing that can be searched.");
                }
                return Optional.empty();
            }
            if (++terms > MOST_TERMS) {
                return Optional.empty();
            }
            if (prefix && stem.codePoints().filter(SearchQuery::isSearchable).count() < 2) {
                note("“" + value + "” is too short for a “*”; it was searched without.");
                prefix = false;
            }
            return Optional.of(new Term(field, stem, phrase, prefix, slop));
        }

        private String quoted() {
            int close = text.indexOf('"', at + 1);
            if (close < 0) {
                note("A missing quote was added at the end.");
                close = text.length();
            }
            var inside = text.substring(at + 1, close).strip();
            at = Math.min(close + 1, text.length());
            return inside;
        }

        /// Up to a space, a quote, or a bracket that closes one outside of the word: `f(x)` is a word.
        private String word() {
            int start = at;
            int open = 0;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == ' ' || c == '"' || c == ')' && open == 0 || c == '}' && braces > 0) {
                    break;
                }
                open += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
            return text.substring(start, at);
        }

        /// Of a field name that starts here, or -1.
        private int colon() {
            int end = at;
            boolean header = text.regionMatches(true, at, "header.", 0, 7);
            while (end < text.length()
                    && (Character.isLetter(text.charAt(end))
                            || end > at && (text.charAt(end) == '.' || header && text.charAt(end) == '-'))) {
                end++;
            }
            return end > at && end < text.length() && text.charAt(end) == ':' ? end : -1;
        }

        private boolean isOr() {
            return isWord("OR");
        }

        private boolean isWord(String operator) {
            int end = at + operator.length();
            return text.startsWith(operator, at) && (end >= text.length() || " (){}\"".indexOf(text.charAt(end)) >= 0);
        }

        private void skipSpaces() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
        }

        private void note(String note) {
            if (notes.size() < 20 && !notes.contains(note)) {
                notes.add(note);
            }
        }

        private static Node joined(List<Node> nodes, boolean all) {
            return nodes.size() == 1 ? nodes.getFirst() : all ? new All(List.copyOf(nodes)) : new Any(List.copyOf(nodes));
        }
    }

    /// What the index has tokens for ([MailTokenizer]).
    static boolean isSearchable(int codePoint) {
        return Character.isLetterOrDigit(codePoint) || Character.getType(codePoint) == Character.OTHER_SYMBOL;
    }
}
