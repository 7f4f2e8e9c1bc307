package org.listserv.web.archive;

import org.listserv.web.page.Moment;

/// A topic in a listing.
///
/// @param posts how many, in words where they are too many to be counted
/// @param at of its last post, or of its first where topics are listed by that
/// @param since when it began, where that is not to be guessed from the page; else empty
public record TopicLine(String href, String subject, String author, String posts, int people, Moment at, String since) {
    public boolean single() {
        return posts.equals("1");
    }
}
