package org.listserv.archive;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.listserv.archive.ThreadTree.Entry;
import org.listserv.lists.MailingList;
import org.listserv.lists.RefusedChange;
import org.listserv.mail.MessageIds;
import org.listserv.store.Audit;
import org.listserv.store.Database;

/// Splits and joins threads, as owners see fit, and leaves marks that keep later mail from undoing it: `take()` (V028) does not look past them.
///
/// `post.thread_id` and `post.refs` change, octets, numbers and chain do not. Indexes follow by `revision`.
public final class ThreadRepair {
    private static final String LOCK = "select 1 from list_head where list_id = ? for no key update";
    private static final String PLACE = """
            select coalesce(t.merged_into, t.id), coalesce(t.apart, false), p.message_id
              from post p
              join thread t on t.id = p.thread_id
             where p.list_id = ? and p.number = ?
            """;
    private static final String UNITED = """
            (select u.id
               from (select ?::bigint as root) r
               cross join lateral (select r.root as id union all select t.id from thread t where t.merged_into = r.root) u)
            """;
    private static final String POSTS = "select " + Rows.postColumns("p") + ", p.refs from post p where p.thread_id in " + UNITED
            + "order by p.filed_at, p.seq";
    private static final String RAISE = "update list_head set revision = revision + 1 where list_id = ? returning revision";

    private static final String BEGIN = "insert into thread (list_id, apart, split_from) values (?, true, ?) returning id";
    private static final String MOVE = "update post set thread_id = ?, revision = ? where list_id = ? and seq = any (?)";
    private static final String REFER = "update post set refs = ?, revision = ? where list_id = ? and seq = ?";
    private static final String MOVE_IDS = "update thread_message_id set thread_id = ? where list_id = ? and message_id_hash = any (?) and thread_id in "
            + UNITED;
    private static final String PLACED = "update thread_message_id set placed = true where list_id = ? and message_id_hash = any (?) and thread_id in "
            + UNITED;
    private static final String APART = "update thread set apart = true where id in " + UNITED;
    private static final String UNITE = "update thread set merged_into = ?, apart = nullif(?, false) where id in " + UNITED;
    private static final String NO_LONGER_SPLIT = "update thread set split_from = null where id = ? and split_from = any (?)";

    private final Database database;

    public ThreadRepair(Database database) {
        this.database = database;
    }

    /// @param posts that are a thread of their own now
    /// @param from  number of the nearest post above it that is here; where none is, of the first one left
    public record Split(int posts, long from) {}

    private record Place(long thread, boolean apart, String messageId) {}

    /// Makes a post, others with its Message-ID, and everything below them a thread of its own.
    ///
    /// @param reason for `audit`; may be empty
    /// @return empty where the thread has no other post
    /// @throws RefusedChange where the list has no post of this number
    public Optional<Split> split(MailingList list, long number, String reason, String actor) {
        return database.write(connection -> {
            lock(connection, list);
            var place = place(connection, list, number);
            var whole = Whole.read(connection, list, place.thread());
            var moved = whole.below(place.messageId());
            var left = whole.entries().stream().filter(entry -> !moved.contains(entry.post().messageId())).toList();
            if (left.isEmpty()) {
                return Optional.empty();
            }
            var from = whole.nearestAbove(place.messageId()).orElse(left.getFirst().post());
            long revision = number(connection, RAISE, list.id());
            long thread = number(connection, BEGIN, list.id(), from.seq());
            run(connection, APART, place.thread());
            var posts = whole.entries().stream().map(Entry::post).filter(post -> moved.contains(post.messageId())).map(Post::seq).toList();
            run(connection, MOVE, thread, revision, list.id(), numbers(connection, posts));
            run(connection, MOVE_IDS, thread, list.id(), hashes(connection, moved), place.thread());
            run(connection, PLACED, list.id(), hashes(connection, Set.of(place.messageId())), thread);
            refer(connection, list, revision, whole, whole.part(moved::contains, place.messageId()));
            refer(connection, list, revision, whole, whole.part(id -> !moved.contains(id), ""));
            audit(connection, actor, "archive.split", list, number, Map.of("from", Long.toString(from.number())), reason);
            return Optional.of(new Split(posts.size(), from.number()));
        });
    }

    /// Makes the whole thread of a post part of another: what it began with becomes an answer to `to`.
    ///
    /// @param reason for `audit`; may be empty
    /// @return posts of the thread that was joined; empty where both are in one thread already
    /// @throws RefusedChange where the list has no post of one of these numbers
    public Optional<Integer> join(MailingList list, long number, long to, String reason, String actor) {
        return database.write(connection -> {
            lock(connection, list);
            var place = place(connection, list, number);
            var above = place(connection, list, to);
            if (place.thread() == above.thread()) {
                return Optional.empty();
            }
            var whole = Whole.read(connection, list, place.thread());
            long revision = number(connection, RAISE, list.id());
            run(connection, PLACED, list.id(), hashes(connection, whole.roots()), place.thread());
            refer(connection, list, revision, whole, whole.under(above.messageId()));
            run(connection, NO_LONGER_SPLIT, above.thread(),
                    numbers(connection, whole.entries().stream().map(entry -> entry.post().seq()).toList()));
            boolean apart = place.apart() || above.apart();
            run(connection, UNITE, above.thread(), apart, place.thread());
            if (apart) {
                run(connection, APART, above.thread());
            }
            audit(connection, actor, "archive.join", list, number, Map.of("to", Long.toString(to)), reason);
            return Optional.of(whole.entries().size());
        });
    }

    private static void lock(Connection connection, MailingList list) throws SQLException {
        Rows.one(connection, LOCK, row -> row.getInt(1), list.id());
    }

    private static Place place(Connection connection, MailingList list, long number) throws SQLException {
        return Rows.one(connection, PLACE, row -> new Place(row.getLong(1), row.getBoolean(2), row.getString(3)), list.id(), number)
                .orElseThrow(() -> new RefusedChange(list.address() + " has no post " + number + "; its page shows its number"));
    }

    private static void refer(Connection connection, MailingList list, long revision, Whole whole, List<Entry> wanted) throws SQLException {
        var before = Set.copyOf(whole.entries());
        for (var entry : wanted) {
            if (!before.contains(entry)) {
                run(connection, REFER, connection.createArrayOf("text", entry.refs().toArray()), revision, list.id(), entry.post().seq());
            }
        }
    }

    private static void audit(Connection connection, String actor, String action, MailingList list, long number, Map<String, String> facts,
            String reason) throws SQLException {
        var after = new HashMap<>(facts);
        if (!reason.isEmpty()) {
            after.put("reason", reason);
        }
        Audit.record(connection, actor, action, list.id(), "number " + number, null, after);
    }

    private static Array hashes(Connection connection, Collection<String> messageIds) throws SQLException {
        return numbers(connection, messageIds.stream().map(MessageIds::hash).toList());
    }

    private static Array numbers(Connection connection, List<Long> numbers) throws SQLException {
        return connection.createArrayOf("bigint", numbers.toArray());
    }

    private static long number(Connection connection, String sql, Object... parameters) throws SQLException {
        return Rows.one(connection, sql, row -> row.getLong(1), parameters).orElseThrow();
    }

    private static void run(Connection connection, String sql, Object... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.executeUpdate();
        }
    }

    /// All of a thread, however long, and who answers whom in it.
    ///
    /// @param parents as [ThreadTree#parents] says
    private record Whole(List<Entry> entries, Map<String, String> parents) {
        static Whole read(Connection connection, MailingList list, long thread) throws SQLException {
            var entries = Rows.all(connection, POSTS,
                    row -> new Entry(Rows.post(row, 1, list.address()), Rows.texts(row, 1 + Rows.POST_COLUMNS)), thread);
            return new Whole(entries, ThreadTree.parents(entries));
        }

        /// It and what is below it, messages that are not here included.
        Set<String> below(String messageId) {
            var replies = new HashMap<String, List<String>>();
            parents.forEach((reply, parent) -> replies.computeIfAbsent(parent, _ -> new ArrayList<>()).add(reply));
            var found = new HashSet<String>(Set.of(messageId));
            var waiting = new ArrayDeque<>(found);
            while (!waiting.isEmpty()) {
                for (var reply : replies.getOrDefault(waiting.pop(), List.of())) {
                    if (found.add(reply)) {
                        waiting.push(reply);
                    }
                }
            }
            return found;
        }

        Optional<Post> nearestAbove(String messageId) {
            var posts = new HashMap<String, Post>();
            entries.reversed().forEach(entry -> posts.put(entry.post().messageId(), entry.post()));
            for (var above = parents.get(messageId); above != null; above = parents.get(above)) {
                if (posts.containsKey(above)) {
                    return Optional.of(posts.get(above));
                }
            }
            return Optional.empty();
        }

        /// Messages that answer none, be they here or not.
        Set<String> roots() {
            var roots = new HashSet<>(parents.values());
            entries.forEach(entry -> roots.add(entry.post().messageId()));
            roots.removeAll(parents.keySet());
            return roots;
        }

        /// The posts of one side of a split, referring to nothing on the other: what stands behind the last reference to that is kept.
        ///
        /// @param root answers nothing from now on
        List<Entry> part(Predicate<String> side, String root) {
            var wanted = new HashMap<String, String>();
            parents.forEach((messageId, parent) -> {
                if (side.test(messageId) && side.test(parent) && !messageId.equals(root)) {
                    wanted.put(messageId, parent);
                }
            });
            var part = new ArrayList<Entry>();
            for (var entry : entries) {
                var refs = entry.post().messageId().equals(root) ? List.<String>of() : entry.refs();
                int from = refs.size();
                while (from > 0 && side.test(refs.get(from - 1))) {
                    from--;
                }
                if (side.test(entry.post().messageId())) {
                    part.add(new Entry(entry.post(), refs.subList(from, refs.size())));
                }
            }
            return answering(part, wanted);
        }

        /// The posts with everything that answered nothing now answering this message of another thread.
        List<Entry> under(String above) {
            var roots = roots();
            var missing = new HashSet<>(roots);
            missing.removeAll(here(entries));
            var wanted = new HashMap<>(parents);
            roots.forEach(root -> wanted.put(root, above));
            var under = new ArrayList<Entry>();
            for (var entry : entries) {
                var refs = new ArrayList<String>();
                if (entry.refs().isEmpty() || missing.contains(entry.refs().getFirst())) {
                    refs.add(above);
                }
                refs.addAll(entry.refs());
                under.add(new Entry(entry.post(), refs));
            }
            return answering(under, wanted);
        }

        /// Refers to each post's ancestors one by one, up to one that is here, where what posts say makes another tree than is wanted: who said
        /// where a message belongs that is not here may be on the other side now, and some refer in circles.
        private static List<Entry> answering(List<Entry> entries, Map<String, String> wanted) {
            var here = here(entries);
            var wrong = wrong(entries, wanted, here);
            if (wrong.isEmpty()) {
                return entries;
            }
            var better = explicit(entries, wanted, here, wrong);
            return wrong(better, wanted, here).isEmpty() ? better : explicit(entries, wanted, here, here);
        }

        private static Set<String> here(List<Entry> entries) {
            return entries.stream().map(entry -> entry.post().messageId()).collect(Collectors.toSet());
        }

        private static Set<String> wrong(List<Entry> entries, Map<String, String> wanted, Set<String> here) {
            var parents = ThreadTree.parents(entries);
            return here.stream().filter(messageId -> !lineage(messageId, parents, here).equals(lineage(messageId, wanted, here)))
                    .collect(Collectors.toSet());
        }

        private static List<Entry> explicit(List<Entry> entries, Map<String, String> wanted, Set<String> here, Set<String> which) {
            var seen = new HashSet<String>();
            return entries.stream().map(entry -> {
                var messageId = entry.post().messageId();
                boolean first = seen.add(messageId);
                if (!which.contains(messageId)) {
                    return entry;
                }
                var refs = entry.refs();
                return new Entry(entry.post(), first
                        ? lineage(messageId, wanted, here)
                        : refs.subList(Math.max(0, refs.size() - 1), refs.size())); // a second one with this Message-ID has no say about others
            }).toList();
        }

        /// What is above a message, the nearest last, from the nearest that is here.
        private static List<String> lineage(String messageId, Map<String, String> parents, Set<String> here) {
            var lineage = new ArrayDeque<String>();
            for (var above = parents.get(messageId); above != null; above = parents.get(above)) {
                lineage.push(above);
                if (here.contains(above)) {
                    break;
                }
            }
            return List.copyOf(lineage);
        }
    }
}
