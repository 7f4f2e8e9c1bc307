package org.listserv.archive;

import java.util.Optional;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;

/// Whole threads.
public final class Threads {
    /// Posts read of one thread.
    public static final int LONGEST = 5000;

    private static final String POSTS = "select " + Rows.postColumns("p") + """
            , p.refs
              from (select coalesce(t.merged_into, t.id) as root
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

    private final Source database;

    public Threads(Database database) {
        this(database::readPage);
    }

    Threads(Source database) {
        this.database = database;
    }

    /// The thread of the post with this Message-ID.
    public Optional<Conversation> find(Reader reader, EmailAddress list, String messageId) {
        return database.read(connection -> {
            var summary = Overviews.summary(connection, reader, list);
            if (summary.isEmpty()) {
                return Optional.empty();
            }
            var entries = Rows.all(connection, POSTS,
                    row -> new ThreadTree.Entry(Rows.post(row, 1, summary.get().address()), Rows.texts(row, 1 + Rows.POST_COLUMNS)),
                    MessageIds.hash(messageId), Access.list(reader, list), messageId, LONGEST + 1, LONGEST + 1);
            if (entries.isEmpty()) {
                return Optional.empty();
            }
            boolean truncated = entries.size() > LONGEST;
            var shown = truncated ? entries.subList(0, LONGEST) : entries;
            var tree = ThreadTree.of(shown);
            return Optional.of(new Conversation(summary.get(), shown.stream().map(ThreadTree.Entry::post).toList(), tree.outline(),
                    tree.roots(), truncated));
        });
    }
}
