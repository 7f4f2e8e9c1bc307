package org.listserv.archive;

import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// All posts of a thread, those of threads that were united with it included.
///
/// @param posts     by date
/// @param outline   the tree in reading order, each line with its depth; safe to walk however deep the thread is
/// @param roots     the same tree as nested nodes
/// @param truncated there are more than [Threads#LONGEST] posts; the rest is in the mbox file
/// @param splitFrom what its first post answered before an owner made it a thread of its own
/// @param splitOff  first posts of threads that were part of this one; at most 50
public record Conversation(ListSummary list, List<Post> posts, List<Line> outline, List<Node> roots, boolean truncated,
        @Nullable Post splitFrom, List<Post> splitOff) {
    /// A place in the tree.
    public sealed interface Node {
        List<Node> replies();

        record Present(Post post, List<Node> replies) implements Node {
            public Present {
                replies = List.copyOf(replies);
            }
        }

        /// A message others refer to, and which is not in this archive.
        record Ghost(String messageId, List<Node> replies) implements Node {
            public Ghost {
                replies = List.copyOf(replies);
            }
        }
    }

    /// @param depth 0 for what answers nothing
    public record Line(Node node, int depth) {}

    public Conversation {
        posts = List.copyOf(posts);
        outline = List.copyOf(outline);
        roots = List.copyOf(roots);
        splitOff = List.copyOf(splitOff);
    }

    /// The first post, whose subject is the thread's.
    public Post start() {
        return posts.getFirst();
    }

    public Optional<Post> find(String messageId) {
        return posts.stream().filter(post -> post.messageId().equals(messageId)).findFirst();
    }

    /// At most `limit` posts by date, after the one with this `seq` (0: from the first on).
    public List<Post> after(long seq, int limit) {
        int from = 0;
        for (int i = 0; seq != 0 && i < posts.size(); i++) {
            if (posts.get(i).seq() == seq) {
                from = i + 1;
            }
        }
        return posts.subList(from, Math.min(posts.size(), from + limit));
    }

    public String tag() {
        return EntityTag.of(list.address(), list.description(), posts, truncated, splitFrom, splitOff);
    }
}
