package org.listserv.archive;

import java.util.List;

/// What was posted last.
///
/// @param posts newest first
public record Recent(ListSummary list, List<Post> posts) {
    public Recent {
        posts = List.copyOf(posts);
    }

    public String tag() {
        return EntityTag.of(list.address(), list.description(), posts);
    }
}
