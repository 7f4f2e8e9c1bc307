package org.listserv.archive;

import java.util.List;
import java.util.Optional;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;

/// Whole threads.
public final class Threads {
    /// Posts read of one thread.
    public static final int LONGEST = 5000;

    private static final String POSTS = "select " + Rows.postColumns("p") + """
            , p.refs, r.root, r.apart
              from (select coalesce(t.merged_into, t.id) as root, coalesce(t.apart, false) as apart
                      from post s
                      join thread t on t.id = s.thread_id
                     where s.message_id_hash = ? and s.list_id = $LIST and s.message_id = ?
                     order by s.seq
                     limit 1) r
              cross join lateral (select r.root as id union all select t.id from thread t where t.merged_into = r.root) u
              cross join lateral (select * from post q where q.thread_id = u.id order by q.filed_at, q.seq limit ?) p
             order by p.filed_at, p.seq
             limit ?
            """.replace("$LIST", Access.LIST_ID);
    private static final String SPLIT_FROM = "select " + Rows.postColumns("p")
            + " from thread t join post p on p.list_id = t.list_id and p.seq = t.split_from where t.id = ?";
    private static final String SPLIT_OFF = "select " + Rows.postColumns("p") + """
              from thread t
              cross join lateral (select * from post q where q.thread_id = t.id order by q.filed_at, q.seq limit 1) p
             where t.list_id = $LIST and t.split_from = any (?) and t.merged_into is null
             order by p.filed_at, p.seq
             limit 50
            """.replace("$LIST", Access.LIST_ID);

    private final Source database;

    public Threads(Database database) {
        this(database::readPage);
    }

    Threads(Source database) {
        this.database = database;
    }

    /// The thread of the post with this Message-ID.
    public Optional<Conversation> find(Reader reader, EmailAddress list, String messageId) {
        record Found(ThreadTree.Entry entry, long thread, boolean apart) {}
        return database.read(connection -> {
            var summary = Overviews.summary(connection, reader, list);
            if (summary.isEmpty()) {
                return Optional.empty();
            }
            var address = summary.get().address();
            var found = Rows.all(connection, POSTS,
                    row -> new Found(new ThreadTree.Entry(Rows.post(row, 1, address), Rows.texts(row, 1 + Rows.POST_COLUMNS)),
                            row.getLong(2 + Rows.POST_COLUMNS), row.getBoolean(3 + Rows.POST_COLUMNS)),
                    MessageIds.hash(messageId), Access.list(reader, list), messageId, LONGEST + 1, LONGEST + 1);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            boolean truncated = found.size() > LONGEST;
            var shown = found.stream().limit(LONGEST).map(Found::entry).toList();
            var posts = shown.stream().map(ThreadTree.Entry::post).toList();
            var tree = ThreadTree.of(shown);
            Post splitFrom = null;
            var splitOff = List.<Post>of();
            if (found.getFirst().apart()) {
                long thread = found.getFirst().thread();
                splitFrom = Rows.one(connection, SPLIT_FROM, row -> Rows.post(row, 1, address), thread).orElse(null);
                splitOff = Rows.all(connection, SPLIT_OFF, row -> Rows.post(row, 1, address), Access.list(reader, list),
                        posts.stream().map(Post::seq).toArray(Long[]::new));
            }
            return Optional.of(new Conversation(summary.get(), posts, tree.outline(), tree.roots(), truncated, splitFrom, splitOff));
        });
    }
}
