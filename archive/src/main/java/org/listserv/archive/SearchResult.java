package org.listserv.archive;

import java.time.YearMonth;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// @param found    how many there are
/// @param atLeast  counting stopped at `found`
/// @param partial  time ran out, or the index is still being made: there may be more
/// @param order    in which they stand: the query's own, else the request's
/// @param next     where to go on; null at the end
/// @param counts   null where they were not asked for
public record SearchResult(Interpretation interpretation, List<Hit> hits, long found, boolean atLeast, boolean partial,
        SearchRequest.Order order, @Nullable Cursor next, @Nullable Counts counts) {
    public SearchResult {
        hits = List.copyOf(hits);
    }

    /// How what was found is spread.
    ///
    /// @param complete false: there are more than were looked at, and all counts are lower bounds
    /// @param months   with hits, oldest first
    public record Counts(boolean complete, List<InMonth> months, List<Facet> lists, List<Facet> authors, List<Facet> years,
            List<Facet> kinds) {
        public Counts {
            months = List.copyOf(months);
            lists = List.copyOf(lists);
            authors = List.copyOf(authors);
            years = List.copyOf(years);
            kinds = List.copyOf(kinds);
        }
    }

    public record InMonth(YearMonth month, long posts) {}

    /// @param value as people read it
    /// @param term  what narrows the query to it
    public record Facet(String value, String term, long posts) {}

    /// How the query was understood.
    ///
    /// @param query in the full grammar, as it was asked; empty when nothing could be asked
    /// @param notes what was changed, left out or not understood, each a sentence
    public record Interpretation(String query, List<String> notes) {
        public Interpretation {
            notes = List.copyOf(notes);
        }
    }

    /// A post that was found. The pieces are ready to show: for anonymous readers addresses are hidden in them.
    ///
    /// @param subject the whole subject
    /// @param snippet some of the text around what was found
    public record Hit(Post post, List<Piece> subject, List<Piece> snippet) {
        public Hit {
            subject = List.copyOf(subject);
            snippet = List.copyOf(snippet);
        }
    }

    /// @param found this is what was searched for
    public record Piece(String text, boolean found) {}
}
