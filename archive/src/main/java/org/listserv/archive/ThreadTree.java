package org.listserv.archive;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.listserv.archive.Conversation.Line;
import org.listserv.archive.Conversation.Node;

/// Who answers whom: the REFERENCES algorithm of RFC 5256 §3, without its steps for subjects, over the posts of one
/// thread. No recursion, since a thread may be as deep as it is long.
record ThreadTree(List<Node> roots, List<Line> outline) {
    /// @param refs Message-IDs, oldest first; the last is the parent
    record Entry(Post post, List<String> refs) {}

    /// @param entries by date; so are siblings in the tree
    static ThreadTree of(List<Entry> entries) {
        var roots = places(entries).nodes();
        return new ThreadTree(roots, outline(roots));
    }

    /// Which message each one answers, messages that are not here included, also those no outline shows. What answers nothing is no key.
    /// A second post with the same Message-ID is not asked: nothing hangs on it.
    static Map<String, String> parents(List<Entry> entries) {
        var parents = new HashMap<String, String>();
        places(entries).byMessageId.forEach((messageId, place) -> {
            if (place.parent != null) {
                parents.put(messageId, place.parent.messageId);
            }
        });
        return parents;
    }

    private static Places places(List<Entry> entries) {
        var places = new Places();
        for (int i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            var place = places.forPost(entry.post(), i);
            Place above = null;
            for (var reference : entry.refs()) {
                var referred = places.named(reference);
                if (above != null && referred.parent == null && !above.isBelow(referred)) {
                    referred.moveUnder(above);
                }
                above = referred;
            }
            // What a message says about itself counts more than what others said about it, even where it would make a circle.
            if (above != null) {
                place.moveAway();
                if (!above.isBelow(place)) {
                    place.moveUnder(above);
                }
            }
        }
        return places;
    }

    private static List<Line> outline(List<Node> roots) {
        var lines = new ArrayList<Line>();
        var waiting = new ArrayDeque<Line>();
        roots.reversed().forEach(root -> waiting.push(new Line(root, 0)));
        while (!waiting.isEmpty()) {
            var line = waiting.pop();
            lines.add(line);
            line.node().replies().reversed().forEach(reply -> waiting.push(new Line(reply, line.depth() + 1)));
        }
        return lines;
    }

    /// A Message-ID in the tree, with its post once that is known.
    private static final class Place {
        final String messageId;
        @Nullable
        Post post;
        /// Of the post among the entries; of a ghost that of its first reply.
        int order = Integer.MAX_VALUE;
        @Nullable
        Place parent;
        final List<Place> replies = new ArrayList<>();
        @Nullable
        Node node;

        Place(String messageId) {
            this.messageId = messageId;
        }

        boolean isBelow(Place other) {
            for (Place above = this; above != null; above = above.parent) {
                if (above == other) {
                    return true;
                }
            }
            return false;
        }

        void moveAway() {
            if (parent != null) {
                parent.replies.remove(this);
                parent = null;
            }
        }

        void moveUnder(Place newParent) {
            moveAway();
            parent = newParent;
            newParent.replies.add(this);
        }

        /// Made after the nodes of all replies. A ghost without replies is nothing, and of ghosts in a row the last is enough.
        void makeNode() {
            var below = replies.stream().filter(reply -> reply.node != null).sorted(Comparator.comparingInt(reply -> reply.order)).toList();
            var nodes = new ArrayList<Node>();
            for (var reply : below) {
                if (reply.node != null) {
                    nodes.add(reply.node);
                }
            }
            if (post != null) {
                node = new Node.Present(post, nodes);
            } else if (!nodes.isEmpty()) {
                order = below.getFirst().order;
                node = nodes.size() == 1 && nodes.getFirst() instanceof Node.Ghost only ? only : new Node.Ghost(messageId, nodes);
            }
        }
    }

    private static final class Places {
        private final Map<String, Place> byMessageId = new HashMap<>();
        private final List<Place> all = new ArrayList<>();

        Place named(String messageId) {
            return byMessageId.computeIfAbsent(messageId, this::add);
        }

        /// A second post with the same Message-ID has a place of its own.
        Place forPost(Post post, int order) {
            var place = named(post.messageId());
            if (place.post != null) {
                place = add(post.messageId());
            }
            place.post = post;
            place.order = order;
            return place;
        }

        private Place add(String messageId) {
            var place = new Place(messageId);
            all.add(place);
            return place;
        }

        List<Node> nodes() {
            var roots = all.stream().filter(place -> place.parent == null).toList();
            var topDown = new ArrayList<Place>(roots);
            for (int i = 0; i < topDown.size(); i++) {
                topDown.addAll(topDown.get(i).replies);
            }
            topDown.reversed().forEach(Place::makeNode);
            var nodes = new ArrayList<Node>();
            for (var root : roots.stream().sorted(Comparator.comparingInt(place -> place.order)).toList()) {
                if (root.node != null) {
                    nodes.add(root.node);
                }
            }
            return nodes;
        }
    }
}
