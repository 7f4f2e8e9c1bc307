package org.listserv.deploy.config;

import java.util.Comparator;
import java.util.stream.Stream;

/// What somebody may have meant.
final class Nearest {

    private Nearest() {}

    /// @return `; did you mean X?`, or nothing when no word is near
    static String to(String written, Stream<String> known) {
        record Candidate(String word, int distance) {}
        return known.map(word -> new Candidate(word, Math.min(distance(written, word), distance("listserv." + written, word))))
                .min(Comparator.comparingInt(Candidate::distance))
                .filter(best -> best.distance() <= Math.max(2, written.length() / 3))
                .map(best -> "; did you mean " + best.word() + "?")
                .orElse("");
    }

    /// Levenshtein's: insertions, deletions and replacements from one word to the other.
    private static int distance(String from, String to) {
        var above = new int[to.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            var row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[to.length()];
    }
}
