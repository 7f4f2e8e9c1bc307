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
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/// A query as it was typed, understood.
///
/// ```
/// query := or;  or := and (OR and)*;  and := unary+;  unary := ('-' | NOT)? atom
/// atom  := '(' query ')' | field ':' value | "phrase" | word | word'*'
/// value := word | "phrase" | '(' query ')'
/// ```
///
/// Words beside each other must all be there. A leading `-` excludes only before a letter, a quote or `(`, so that `-1` can be found.
/// Anything can be typed: what does not fit is left out or taken as text, and the notes say so.
///
/// @param root  what to search for; null when nothing is left
/// @param notes what was changed, a sentence each
record SearchQuery(@Nullable Node root, List<String> notes) {
    /// Typed characters that are read.
    static final int LONGEST = 1000;
    /// Words and phrases of one query.
    static final int MOST_TERMS = 64;
    /// Brackets in brackets.
    static final int DEEPEST = 20;

    sealed interface Node {}

    /// @param text   as typed
    /// @param phrase it stood in quotes
    /// @param prefix what starts like this
    record Term(Field field, String text, boolean phrase, boolean prefix) implements Node {}

    /// @param pattern `name@domain`, either side may be `*`; or a name on any domain
    record InList(String pattern) implements Node {}

    /// Filed before the first day of this span.
    record Before(Span span) implements Node {}

    /// Filed on the first day of this span or later.
    record After(Span span) implements Node {}

    record All(List<Node> nodes) implements Node {}

    record Any(List<Node> nodes) implements Node {}

    record Not(Node node) implements Node {}

    /// A day, month or year as typed.
    record Span(String text, LocalDate first) {
        static Optional<Span> parse(String text) {
            if (!text.matches("\\d{4}(-\\d{1,2}(-\\d{1,2})?)?")) {
                return Optional.empty();
            }
            var parts = text.split("-");
            try {
                int month = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
                int day = parts.length > 2 ? Integer.parseInt(parts[2]) : 1;
                return Optional.of(new Span(text, YearMonth.of(Integer.parseInt(parts[0]), month).atDay(day)));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }

        Instant start() {
            return first.atStartOfDay(ZoneOffset.UTC).toInstant();
        }
    }

    enum Field {
        ANY(""),
        FROM("from:"),
        SUBJECT("subject:");

        final String label;

        Field(String label) {
            this.label = label;
        }
    }

    /// What a name before a colon means.
    private enum Key {
        FROM,
        SUBJECT,
        LIST,
        BEFORE,
        AFTER,
        LATER
    }

    private static final Map<String, Key> KEYS = Map.of("from", Key.FROM, "f", Key.FROM, "subject", Key.SUBJECT, "s", Key.SUBJECT,
            "list", Key.LIST, "l", Key.LIST, "before", Key.BEFORE, "after", Key.AFTER);

    /// Fields of the full grammar that this index does not have yet.
    private static final String LATER = " to t cc c rcpt tc who a body b text bs new nq quoted q id mid msgid m replyto ref references thread date d on"
            + " sent dt attach n attachtype type attachtext file dfn add dfb del dfa hunk dfhh blob dfblob patchid has is vote replies people size z"
            + " lang charset sort order project ";

    static SearchQuery parse(String typed) {
        return new Parser(typed).parse();
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
            case Term _,InList _,Before _,After _ -> true;
        };
    }

    /// The query in the grammar, every operator written out.
    @Override
    public String toString() {
        return root == null ? "" : print(root, true);
    }

    private static String print(Node node, boolean outermost) {
        return switch (node) {
            case Term(var field, var text, var phrase, var prefix) ->
                field.label + (phrase ? '"' + text + '"' : text) + (prefix ? "*" : "");
            case InList(var pattern) -> "list:" + pattern;
            case Before(var span) -> "before:" + span.text();
            case After(var span) -> "after:" + span.text();
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
        private final String text;
        private final List<String> notes = new ArrayList<>();
        private int at;
        private int depth;
        private int terms;

        Parser(String typed) {
            if (typed.length() > LONGEST) {
                notes.add("Only the first " + LONGEST + " characters were read.");
            }
            var read = typed.length() > LONGEST ? typed.substring(0, LONGEST) : typed;
            text = read.replaceAll("[\\p{Cntrl}\\p{Z}]", " ").replaceAll("[\u201c\u201d\u201e\u00ab\u00bb]", "\"");
        }

        SearchQuery parse() {
            var all = new ArrayList<Node>();
            while (at < text.length()) {
                any(Field.ANY).ifPresent(all::add);
                if (at < text.length()) {  // a ) that nobody opened
                    at++;
                    note("A “)” without “(” was left out.");
                }
            }
            if (terms > MOST_TERMS) {
                notes.add("Only the first " + MOST_TERMS + " words and phrases were searched.");
            }
            return new SearchQuery(all.isEmpty() ? null : joined(all, true), List.copyOf(notes));
        }

        private Optional<Node> any(Field field) {
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

        private Optional<Node> all(Field field) {
            var nodes = new ArrayList<Node>();
            while (true) {
                skipSpaces();
                if (at >= text.length() || text.charAt(at) == ')' || isOr()) {
                    return nodes.isEmpty() ? Optional.empty() : Optional.of(joined(nodes, true));
                }
                if (isWord("AND")) {
                    at += 3;
                } else {
                    unary(field).ifPresent(nodes::add);
                }
            }
        }

        private Optional<Node> unary(Field field) {
            if (isWord("NOT")) {
                at += 3;
                skipSpaces();
                if (at >= text.length() || text.charAt(at) == ')' || isOr()) {
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

        private Optional<Node> atom(Field field) {
            char c = text.charAt(at);
            if (c == '(') {
                return brackets(field);
            }
            if (c == '"') {
                return term(field, quoted(), true);
            }
            int colon = colon();
            if (colon > 0) {
                var name = text.substring(at, colon);
                var key = LATER.contains(" " + name.toLowerCase(Locale.ROOT) + " ") ? Key.LATER : KEYS.get(name.toLowerCase(Locale.ROOT));
                if (key != null && colon + 1 < text.length() && text.charAt(colon + 1) != ' ' && text.charAt(colon + 1) != ')') {
                    at = colon + 1;
                    return value(key, name, field);
                }
                if (key == null && !text.startsWith("//", colon + 1)) {
                    note("“" + name + ":” is no field here and was taken as text.");
                }
            }
            return term(field, word(), false);
        }

        private Optional<Node> brackets(Field field) {
            at++;
            if (++depth > DEEPEST) {
                note("Brackets deeper than " + DEEPEST + " were left out.");
                depth--;
                return Optional.empty();
            }
            var inside = any(field);
            depth--;
            if (at < text.length()) {
                at++;
            } else {
                note("A missing “)” was added at the end.");
            }
            return inside;
        }

        private Optional<Node> value(Key key, String name, Field field) {
            return switch (key) {
                case FROM -> atomOf(Field.FROM);
                case SUBJECT -> atomOf(Field.SUBJECT);
                case LIST -> Optional.of(new InList(literal().toLowerCase(Locale.ROOT)));
                case BEFORE -> span(name).map(Before::new);
                case AFTER -> span(name).map(After::new);
                case LATER -> {
                    int start = at;
                    atomOf(field);
                    note("“" + name + ":” is not supported yet; “" + text.substring(start, at).strip() + "” was left out.");
                    yield Optional.empty();
                }
            };
        }

        /// A value is an atom without a field of its own: in `from:a:b` the rest is text.
        private Optional<Node> atomOf(Field field) {
            return switch (text.charAt(at)) {
                case '(' -> brackets(field);
                case '"' -> term(field, quoted(), true);
                default -> term(field, word(), false);
            };
        }

        private Optional<Span> span(String name) {
            var value = literal();
            var span = Span.parse(value);
            if (span.isEmpty()) {
                note("“" + name + ":" + value + "” was left out: a date is 2024, 2024-03 or 2024-03-15.");
            }
            return span;
        }

        private String literal() {
            return text.charAt(at) == '"' ? quoted() : word();
        }

        private Optional<Node> term(Field field, String value, boolean phrase) {
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
            return Optional.of(new Term(field, stem, phrase, prefix));
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
                if (c == ' ' || c == '"' || c == ')' && open == 0) {
                    break;
                }
                open += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
            return text.substring(start, at);
        }

        /// Of a field name that starts here, or -1.
        private int colon() {
            int end = at;
            while (end < text.length() && (Character.isLetter(text.charAt(end)) || end > at && text.charAt(end) == '.')) {
                end++;
            }
            return end > at && end < text.length() && text.charAt(end) == ':' ? end : -1;
        }

        private boolean isOr() {
            return isWord("OR");
        }

        private boolean isWord(String operator) {
            int end = at + operator.length();
            return text.startsWith(operator, at) && (end >= text.length() || " ()\"".indexOf(text.charAt(end)) >= 0);
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
