package org.listserv.archive;

/// A thread in one line.
///
/// @param start  its first post
/// @param last   its last post: of the month on a month page, else of all
/// @param posts  how many there are, the first included; counted up to [#COUNTED]
/// @param people how many wrote them, by address
public record Topic(Post start, Post last, int posts, int people) {
    /// Beyond this many posts "or more" is meant: a line of a listing must not cost as much as its thread.
    public static final int COUNTED = 1000;

    public int replies() {
        return posts - 1;
    }
}
