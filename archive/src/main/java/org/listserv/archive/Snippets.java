package org.listserv.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.uhighlight.LengthGoalBreakIterator;
import org.apache.lucene.search.uhighlight.Passage;
import org.apache.lucene.search.uhighlight.PassageFormatter;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.search.uhighlight.WholeBreakIterator;

import org.listserv.archive.SearchResult.Piece;

/// Shows where in a text something was found.
final class Snippets {
    private static final int PASSAGE = 120;
    private static final int PASSAGES = 2;
    /// Shown of a text in which nothing was found: the hit is in another field.
    private static final int BEGINNING = 200;
    /// What is kept of a text is kept in one piece.
    private static final Set<String> IN_TEXT = Set.of(Indexed.OWN, Indexed.QUOTED, Indexed.FILES, Indexed.PATCH_FILES, Indexed.PATCH_ADDED,
            Indexed.PATCH_REMOVED, Indexed.PATCH_HUNKS);
    private static final Pattern SPACES = Pattern.compile("[\\s\\p{Z}]+");

    private final Analyzer analyzer;

    Snippets(Analyzer analyzer) {
        this.analyzer = analyzer;
    }

    /// The whole text.
    List<Piece> whole(String field, Query query, String text) {
        var found = highlight(field, query, text, new WholeBreakIterator(), 1);
        return found.isEmpty() ? List.of(new Piece(text, false)) : found;
    }

    /// Some lines.
    List<Piece> around(String field, Query query, String text) {
        var found = highlight(field, query, text,
                LengthGoalBreakIterator.createClosestToLength(BreakIterator.getWordInstance(Locale.ROOT), PASSAGE, 0.5f), PASSAGES);
        if (!found.isEmpty()) {
            return found;
        }
        var beginning = SPACES.matcher(text.substring(0, Math.min(text.length(), 2 * BEGINNING))).replaceAll(" ").strip();
        return List.of(new Piece(beginning.length() > BEGINNING ? beginning.substring(0, BEGINNING) + "…" : beginning, false));
    }

    private List<Piece> highlight(String field, Query query, String text, BreakIterator breaks, int passages) {
        if (text.isBlank()) {
            return List.of();
        }
        var highlighter = UnifiedHighlighter.builderWithoutSearcher(analyzer)
                .withBreakIterator(() -> breaks)
                .withFormatter(new Pieces())
                .withFieldMatcher(in -> in.equals(field) || field.equals(Indexed.BODY) && IN_TEXT.contains(in))
                .withMaxLength(Integer.MAX_VALUE - 1)
                .withWeightMatches(false) // it would ask whether the text alone satisfies the whole query
                .withMaxNoHighlightPassages(0)
                .build();
        try {
            return highlighter.highlightWithoutSearcher(field, query, text, passages) instanceof Found(var pieces) ? pieces : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);  // from a String in memory
        }
    }

    private record Found(List<Piece> pieces) {}

    private static final class Pieces extends PassageFormatter {
        @Override
        public Found format(Passage[] passages, String text) {
            var pieces = new ArrayList<Piece>();
            int end = 0;
            for (var passage : passages) {
                if (passage.getStartOffset() > end && !(pieces.isEmpty() && passage.getStartOffset() == 0)) {
                    add(pieces, "… ", false);
                }
                int at = passage.getStartOffset();
                for (int i = 0; i < passage.getNumMatches(); i++) {
                    int from = Math.max(at, passage.getMatchStarts()[i]);
                    int to = Math.min(passage.getMatchEnds()[i], passage.getEndOffset());
                    if (to > from) {
                        add(pieces, text.substring(at, from), false);
                        add(pieces, text.substring(from, to), true);
                        at = to;
                    }
                }
                add(pieces, text.substring(at, passage.getEndOffset()), false);
                end = passage.getEndOffset();
            }
            if (end < text.length() && passages.length > 0) {
                add(pieces, " …", false);
            }
            return new Found(pieces);
        }

        private static void add(List<Piece> pieces, String text, boolean found) {
            if (!text.isEmpty()) {
                pieces.add(new Piece(SPACES.matcher(text).replaceAll(" "), found));
            }
        }
    }
}
