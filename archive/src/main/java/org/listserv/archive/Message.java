package org.listserv.archive;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// A post with what stands around it, all but its octets ([Messages#octets]).
///
/// @param previous         by date in the list
/// @param previousInThread by date in its thread
/// @param alsoOn           the same Message-ID on other lists this reader may read
/// @param twins            other posts of this list with the same Message-ID, in filing order
public record Message(ListSummary list, Post post, @Nullable Post previous, @Nullable Post next,
        @Nullable Post previousInThread, @Nullable Post nextInThread, List<Post> alsoOn, List<Post> twins) {

    public Message {
        alsoOn = List.copyOf(alsoOn);
        twins = List.copyOf(twins);
    }

    /// Changes when anything on the page changes.
    public String tag() {
        return EntityTag.of(list.address(), list.description(), post, previous, next, previousInThread, nextInThread,
                alsoOn, twins);
    }
}
