package org.listserv.archive;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// @param found    how many there are
/// @param atLeast  counting stopped at `found`
/// @param partial  time ran out, or the index is still being made: there may be more
/// @param next     where to go on; null at the end
public record SearchResult(Interpretation interpretation, List<Hit> hits, long found, boolean atLeast, boolean partial,
        @Nullable Cursor next) {
    public SearchResult {
        hits = List.copyOf(hits);
    }

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
