package org.listserv.archive;

import java.time.YearMonth;
import java.util.List;

/// The entry page of a list.
///
/// @param months       with posts, oldest first; for the year x month grid
/// @param newTopics    started last, newest first
/// @param activeTopics written to last, newest first
/// @param head         of the hash chain
public record ListOverview(ListSummary list, List<MonthCount> months, List<Topic> newTopics, List<Topic> activeTopics,
        ChainHead head) {

    /// Posts filed in a month (UTC).
    public record MonthCount(YearMonth month, int posts) {}

    public ListOverview {
        months = List.copyOf(months);
        newTopics = List.copyOf(newTopics);
        activeTopics = List.copyOf(activeTopics);
    }

    public String tag() {
        return EntityTag.of(list, head, months);
    }
}
