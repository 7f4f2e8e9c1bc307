package org.listserv.bounce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// What MTAs say, and what they mean by it: the table `wordings.txt`. The longest wording that is found decides, since it is the most precise;
/// of two that are equally long, the more cautious. A text is gone through once, whatever the number of wordings.
final class Wordings {
    /// What `*` stands for at most.
    private static final int GAP = 60;
    /// So many first chars of a wording say where to look for it.
    private static final int KEY = 3;
    private static final int BUCKETS = 1 << 13;
    private static final int MAX_SPELLINGS = 2_000;
    private static final Pattern ALTERNATIVES = Pattern.compile("\\([^()]*\\)");
    /// Last, since reading it takes the others.
    private static final Wordings SHIPPED = parse(shipped());

    private final List<Wording> all;
    private final Map<Meaning, List<List<Spelling>>> index = new EnumMap<>(Meaning.class);

    private Wordings(List<Wording> all) {
        this.all = List.copyOf(all);
        for (var wording : all) {
            for (var beginning : wording.pieces.getFirst()) {
                var buckets = index.computeIfAbsent(wording.meaning, _ -> new ArrayList<>(Collections.nCopies(BUCKETS, List.of())));
                var bucket = new ArrayList<>(buckets.get(key(beginning, 0)));
                bucket.add(new Spelling(wording, beginning));
                buckets.set(key(beginning, 0), bucket);
            }
        }
    }

    /// In the order of caution.
    enum Meaning {
        POLICY,
        /// Policy, where nothing else says more, not even the status.
        HINT,
        SOFT,
        /// The address is unknown: hard where it was said to RCPT or with a status that says the same.
        UNKNOWN,
        /// The address or its domain is dead, whoever says it.
        HARD,
        /// Begins a report of failure.
        OPENING,
        /// Begins a report of delay.
        DELAY,
        /// Begins a line, behind which the returned message stands.
        RETURNED,
        CONNECT,
        MAIL,
        RCPT,
        DATA,
        /// In the From field of what MTAs write.
        DAEMON,
        /// In the Subject of automatic answers.
        AWAY,
        /// In the Subject of complaints that are not written as RFC 5965 has it.
        COMPLAINT
    }

    /// @param family whose words they are; `general` where several MTAs say the same
    /// @param words  as they stand in the table
    /// @param pieces what stands between the `*`, each in all its spellings
    /// @param isLast nothing but punctuation may follow
    record Wording(Meaning meaning, String family, String words, List<List<String>> pieces, boolean isLast) {
        /// @throws IllegalArgumentException for words too short or with too many alternatives
        static Wording of(Meaning meaning, String family, String words) {
            var isLast = words.endsWith("$");
            var pieces = new ArrayList<List<String>>();
            for (var piece : (isLast ? words.substring(0, words.length() - 1) : words).split("\\*")) {
                pieces.add(spellings(piece));
            }
            if (pieces.isEmpty() || pieces.getFirst().stream().anyMatch(beginning -> beginning.length() < KEY)) {
                throw new IllegalArgumentException("words begin with " + KEY + " chars at least: " + words);
            }
            return new Wording(meaning, family, words, List.copyOf(pieces), isLast);
        }

        private static List<String> spellings(String piece) {
            var found = ALTERNATIVES.matcher(piece);
            if (!found.find()) {
                return List.of(piece);
            }
            var all = new ArrayList<String>();
            for (var word : found.group().substring(1, found.group().length() - 1).split("\\|", -1)) {
                for (var rest : spellings(piece.substring(found.end()))) {
                    all.add(piece.substring(0, found.start()) + word + rest);
                }
            }
            if (all.size() > MAX_SPELLINGS) {
                throw new IllegalArgumentException("too many alternatives: " + piece);
            }
            return all;
        }

        /// How many chars of the text are these words, what `*` stands for left out, when the first piece ends at `end`; 0 when the others do not
        /// follow.
        private int matched(String text, int length, int end) {
            int matched = length;
            int at = end;
            for (int piece = 1; piece < pieces.size(); piece++) {
                int next = -1;
                for (var spelling : pieces.get(piece)) {
                    int found = text.indexOf(spelling, at, Math.min(text.length(), at + GAP + spelling.length()));
                    if (found >= 0 && found + spelling.length() > next) {
                        next = found + spelling.length();
                        matched += spelling.length();
                        break;
                    }
                }
                if (next < 0) {
                    return 0;
                }
                at = next;
            }
            return isLast && text.substring(at).chars().anyMatch(Character::isLetterOrDigit) ? 0 : matched;
        }
    }

    /// One way to begin a wording.
    private record Spelling(Wording wording, String beginning) {}

    private static int key(String text, int at) {
        int key = 0;
        for (int i = 0; i < KEY; i++) {
            key = 31 * key + text.charAt(at + i);
        }
        return (key ^ key >>> 13) & (BUCKETS - 1);
    }

    static Wordings shippedOnes() {
        return SHIPPED;
    }

    Wordings without(Predicate<Wording> left) {
        return new Wordings(all.stream().filter(left.negate()).toList());
    }

    List<Wording> all() {
        return all;
    }

    /// @param text in lower case, as [Diagnosis#plain] makes it
    Optional<Wording> longest(Set<Meaning> meanings, String text) {
        var best = new Object() {
            @Nullable
            Wording wording;
            int matched;
        };
        forEach(meanings, text, (wording, matched) -> {
            if (matched > best.matched) {
                best.wording = wording;
                best.matched = matched;
            }
        });
        return Optional.ofNullable(best.wording);
    }

    /// All that are found, with how many chars of the text they are; one as often as it is found.
    void forEach(Set<Meaning> meanings, String text, ObjIntConsumer<Wording> found) {
        for (var meaning : meanings) {
            var buckets = index.get(meaning);
            for (int at = 0; buckets != null && at + KEY <= text.length(); at++) {
                for (var spelling : buckets.get(key(text, at))) {
                    var beginning = spelling.beginning;
                    int matched = text.startsWith(beginning, at)
                            ? spelling.wording.matched(text, beginning.length(), at + beginning.length())
                            : 0;
                    if (matched > 0) {
                        found.accept(spelling.wording, matched);
                    }
                }
            }
        }
    }

    boolean contains(Meaning meaning, String text) {
        return longest(EnumSet.of(meaning), text).isPresent();
    }

    /// @param line in lower case, without white space around it
    boolean begin(Meaning meaning, String line) {
        var buckets = index.get(meaning);
        return buckets != null && line.length() >= KEY
                && buckets.get(key(line, 0)).stream().anyMatch(spelling -> line.startsWith(spelling.beginning));
    }

    /// @throws IllegalArgumentException naming the line that cannot be read
    static Wordings parse(String table) {
        var all = new ArrayList<Wording>();
        var family = "";
        int number = 0;
        for (var line : table.lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("[")) {
                int end = line.indexOf(']');
                if (end < 0 || line.substring(end + 1).isBlank()) {
                    throw new IllegalArgumentException("line " + number + ": [FAMILY] and whose words these are, is wanted");
                }
                family = line.substring(1, end);
                continue;
            }
            int space = line.indexOf(' ');
            if (space < 0 || family.isEmpty()) {
                throw new IllegalArgumentException("line " + number + ": a meaning and words, below a [FAMILY], are wanted");
            }
            all.add(Wording.of(meaning(line.substring(0, space), number), family, line.substring(space).strip()));
        }
        return new Wordings(all);
    }

    private static Meaning meaning(String word, int line) {
        try {
            return Meaning.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + line + ": there is no meaning " + word, e);
        }
    }

    private static String shipped() {
        try (var in = Objects.requireNonNull(Wordings.class.getResourceAsStream("wordings.txt"), "wordings.txt belongs to the program")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
