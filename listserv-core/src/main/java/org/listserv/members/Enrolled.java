package org.listserv.members;

import java.util.List;

/// What came of adding or removing many.
///
/// @param changed are different now
/// @param unchanged were so already
/// @param problems could not be understood; the others went in all the same
public record Enrolled(long changed, long unchanged, List<Problem> problems) {
    public Enrolled {
        problems = List.copyOf(problems);
    }

    /// @param line from 1
    /// @param reason names what is wrong
    public record Problem(long line, String text, String reason) {
        @Override
        public String toString() {
            return "line " + line + ": " + reason + ": " + text;
        }
    }
}
