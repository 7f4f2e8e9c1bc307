package org.listserv.requests;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;

/// A command that stands in a mail, not in its address: in the subject, else in the first line of text that begins with a letter.
///
/// @param words the command and what follows it
record Spoken(List<String> words) {
    private static final Pattern REPLY = Pattern.compile("(?i)((re|aw|fwd?|antw|sv)(\\[\\d+\\])?:\\s*)+");
    /// Letters, digits and `. - _ +` as ezmlm has it, and the signs of addresses.
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+=@~-]*");
    private static final Map<String, String> ALIASES = Map.ofEntries(Map.entry("sub", "subscribe"), Map.entry("join", "subscribe"),
            Map.entry("unsub", "unsubscribe"), Map.entry("signoff", "unsubscribe"), Map.entry("remove", "unsubscribe"),
            Map.entry("leave", "unsubscribe"), Map.entry("ind", "index"), Map.entry("rev", "list"), Map.entry("review", "list"),
            Map.entry("recipients", "list"), Map.entry("who", "list"), Map.entry("showdist", "list"), Map.entry("system", "help"),
            Map.entry("put", "help"), Map.entry("set", "help"));

    /// Who sends these words alone to the list means the list's program. One line for each language we speak.
    private static final Map<String, String> MEANT = Map.ofEntries(Map.entry("subscribe", "subscribe"),
            Map.entry("subscribe me", "subscribe"),
            Map.entry("please subscribe", "subscribe"), Map.entry("please subscribe me", "subscribe"),
            Map.entry("unsubscribe", "unsubscribe"),
            Map.entry("unsubscribe me", "unsubscribe"), Map.entry("please unsubscribe", "unsubscribe"),
            Map.entry("please unsubscribe me", "unsubscribe"), Map.entry("signoff", "unsubscribe"), Map.entry("remove me", "unsubscribe"),
            Map.entry("please remove me", "unsubscribe"),
            Map.entry("abmelden", "unsubscribe"), Map.entry("bitte abmelden", "unsubscribe"), Map.entry("anmelden", "subscribe"),
            Map.entry("bitte anmelden", "subscribe"));
    private static final Pattern END = Pattern.compile("-- ?|-----Original.*|(On|Am) .*(wrote|schrieb.*):");
    private static final int LINES_READ = 20;
    /// Of what [#MEANT] has, with room for signs behind it.
    private static final int LONGEST_MEANT = 40;

    private static final Set<String> MEANT_AS_SUBJECT = Set.of("help", "remove", "hilfe");

    Spoken {
        words = List.copyOf(words);
    }

    static Optional<Spoken> of(HeaderSection header, byte[] octets) {
        return words(subject(header)).or(() -> firstLine(octets));
    }

    private static String subject(HeaderSection header) {
        var subject = header.first("Subject").map(field -> field.decoded().strip()).orElse("");
        var reply = REPLY.matcher(subject);
        return reply.lookingAt() ? subject.substring(reply.end()).strip() : subject;
    }

    private static Optional<Spoken> firstLine(byte[] octets) {
        return MimeView.of(octets).bodyText().lines().map(String::strip).takeWhile(line -> !line.startsWith("-"))
                .filter(line -> !line.isEmpty() && Character.isLetter(line.charAt(0))).findFirst().flatMap(Spoken::words);
    }

    private static Optional<Spoken> words(String line) {
        // `nomail 2026-12-24`: the day belongs to the command
        var words = List.of(line.strip().replaceFirst("(?i)^nomail\\s+(?=\\d{4}-?\\d{2}-?\\d{2}\\b)", "nomail.").split("\\s+"));
        return !words.getFirst().isEmpty() && Character.isLetter(words.getFirst().charAt(0))
                && words.stream().limit(3).allMatch(word -> WORD.matcher(word).matches())
                        ? Optional.of(new Spoken(words.subList(0, Math.min(3, words.size()))))
                        : Optional.empty();
    }

    /// What to do, as it stands in an address: `subscribe`, `get.12`.
    String command() {
        var word = words.getFirst().toLowerCase(Locale.ROOT);
        return ALIASES.getOrDefault(word, word);
    }

    /// The command of a mail to a list's posting address that is none to its readers.
    ///
    /// @return `subscribe`, `unsubscribe` or `help`
    static Optional<String> meant(HeaderSection header, byte[] octets) {
        var subject = subject(header).toLowerCase(Locale.ROOT).replaceAll("[.!]+$", "");
        if (MEANT_AS_SUBJECT.contains(subject)) {
            return Optional.of(subject.equals("remove") ? "unsubscribe" : "help");
        }
        if (MEANT.containsKey(subject)) {
            return Optional.of(MEANT.get(subject));
        }
        return beginning(MimeView.of(octets).bodyText()).map(text -> MEANT.get(text.toLowerCase(Locale.ROOT).replaceAll("[.!]+$", "")));
    }

    /// The author's own words in one line.
    ///
    /// @return empty as soon as it is too long for a command, so that the many posts that are none cost a line or two
    private static Optional<String> beginning(String body) {
        var text = new StringBuilder();
        for (var line : (Iterable<String>) own(body).limit(LINES_READ).map(String::strip)::iterator) {
            text.append(text.isEmpty() || line.isEmpty() ? "" : " ").append(line);
            if (text.length() > LONGEST_MEANT) {
                return Optional.empty();
            }
        }
        return Optional.of(text.toString());
    }

    /// Without quotations, what introduces them, and the signature.
    static List<String> ownLines(String body) {
        return own(body).toList();
    }

    private static Stream<String> own(String body) {
        return body.lines().takeWhile(line -> !END.matcher(line).matches()).filter(line -> !line.startsWith(">"));
    }

    /// `u@d`, or `u=d` as in addresses.
    static Optional<EmailAddress> address(String word) {
        return word.contains("@")
                ? SpokenAddress.read(word.substring(0, word.lastIndexOf('@')) + "=" + word.substring(word.lastIndexOf('@') + 1))
                : SpokenAddress.read(word);
    }
}
