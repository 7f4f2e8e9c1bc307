package org.listserv.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

import org.apache.lucene.document.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.archive.OpenIndex.Place;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Database;

/// Brings an index up to what the database says, list by list, by `seq`.
///
/// Before each step the chain of the last indexed post is compared with that of the post with its `seq`. Where they differ (a post
/// that vanished in a fail-over, a restored backup) the tail is taken back to the last post both have and indexed again.
final class Follower {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    /// Posts and octets read at once.
    private static final int BATCH_POSTS = 400;
    private static final long BATCH_OCTETS = 8_000_000;
    /// Batches of one list before the others have their turn.
    private static final int BATCHES_A_STEP = 10;
    /// Of posts as they come, which one thread adds: each further thread makes a segment of its own, and those have to be merged.
    private static final int FEW_POSTS = 300;

    private static final String HEADS = "select list_id, last_seq, encode(chain, 'hex'), revision from list_head";
    private static final String AHEAD = "select seq, size, encode(chain, 'hex') from post where list_id = ? and seq >= ? order by seq limit ?";
    private static final String CHAIN = "select encode(chain, 'hex') from post where list_id = ? and seq = ?";
    private static final String CHANGED = "select seq, size, '' from post where list_id = ? and revision > ? and revision <= ? and seq <= ? order by revision, seq";
    private static final String POSTS = "select d.name, l.local_part, " + Rows.postColumns("p") + """
            , m.octets, p.thread_id
              from post p
              join list l on l.id = p.list_id
              join domain d on d.id = l.domain_id
              left join message m on m.id = p.message
             where p.list_id = ? and p.seq = any (?)
             order by p.seq
            """;

    private final Database database;
    private final ExecutorService workers;
    private final ExecutorService ahead;

    /// @param workers make documents of posts, which is most of the work
    /// @param ahead   one thread, which reads the next posts meanwhile
    Follower(Database database, ExecutorService workers, ExecutorService ahead) {
        this.database = database;
        this.workers = workers;
        this.ahead = ahead;
    }

    private record Head(long list, long seq, String chain, long revision) {}

    private record Ahead(long seq, int size, String chain) {}

    /// @param behind posts that are still to come
    /// @param moved  something was done, so that another round at once makes sense
    record Round(long behind, boolean moved) {}

    /// One look at all lists, and one step for each that is ahead. A step is bounded, so that the lists take turns.
    ///
    /// @param indexed told how many posts were added after each step
    Round round(OpenIndex index, LongConsumer indexed) throws IOException {
        // Small and every second, so it does not wait for imports and exports on the long pool.
        var heads = database.read(connection -> Rows.all(connection, HEADS,
                row -> new Head(row.getLong(1), row.getLong(2), row.getString(3), row.getLong(4))));
        forgetDeleted(index, heads);
        long behind = 0;
        long before = index.changes();
        for (var head : heads) {
            var place = index.place(head.list());
            if (place.revision() > head.revision()) {
                log.warn("list {}: its revision fell from {} to {}; it is indexed again", head.list(), place.revision(), head.revision());
                index.takeBack(head.list(), Place.NOTHING);
            } else if (place.revision() < head.revision()) {
                followChanges(index, head, place);
            }
            place = index.place(head.list());
            if (place.seq() != head.seq() || place.seq() > 0 && !place.chain().equals(head.chain())) {
                indexed.accept(step(index, head));
            }
            behind += Math.max(0, head.seq() - index.place(head.list()).seq());
        }
        return new Round(behind, index.changes() != before);
    }

    private void forgetDeleted(OpenIndex index, List<Head> heads) throws IOException {
        var there = new HashMap<Long, Head>();
        heads.forEach(head -> there.put(head.list(), head));
        for (long list : index.lists()) {
            if (!there.containsKey(list)) {
                index.forget(list);
            }
        }
    }

    /// The next batch is read while one is added: the database and this node work at the same time.
    private long step(OpenIndex index, Head head) throws IOException {
        long added = 0;
        var coming = read(head, index.place(head.list()));
        for (int batches = 1; coming != null; batches++) {
            var place = index.place(head.list());
            if (!coming.follows(place)) {
                takeBack(index, head.list(), place);
                return added;
            }
            var batch = coming.batch();
            if (batch.isEmpty()) {
                return added;
            }
            var last = batch.getLast();
            // A new list is read as it is now, with all its changes so far.
            var reached = new Place(last.seq(), last.chain(), place.seq() == 0 ? head.revision() : place.revision());
            var next = batches < BATCHES_A_STEP && last.seq() < head.seq() ? ahead.submit(() -> read(head, reached)) : null;
            add(index, coming.posts());
            index.setPlace(head.list(), reached);
            added += batch.size();
            coming = next == null ? null : result(next);
        }
        return added;
    }

    /// What comes behind a place of a list.
    ///
    /// @param at the post with the place's `seq`, which must be the one that was indexed
    private record Coming(@Nullable Ahead at, List<Ahead> batch, List<Read> posts) {
        boolean follows(Place place) {
            return place.seq() == 0 || at != null && at.seq() == place.seq() && at.chain().equals(place.chain());
        }
    }

    private Coming read(Head head, Place place) {
        var ahead = ahead(head.list(), place.seq());
        Ahead at = null;
        if (place.seq() > 0 && !ahead.isEmpty()) {
            at = ahead.getFirst();
            ahead = ahead.subList(1, ahead.size());
        }
        var batch = ahead.isEmpty() ? ahead : batch(ahead);
        return new Coming(at, batch, batch.isEmpty() ? List.of() : posts(head.list(), batch));
    }

    private List<Ahead> ahead(long list, long from) {
        return database.readLong(connection -> Rows.all(connection, AHEAD, Follower::ahead, list, from, BATCH_POSTS + 1));
    }

    private static Ahead ahead(ResultSet row) throws SQLException {
        return new Ahead(row.getLong(1), row.getInt(2), row.getString(3));
    }

    /// As many as fit into memory, one at least.
    private static List<Ahead> batch(List<Ahead> ahead) {
        long octets = 0;
        int count = 0;
        for (; count < ahead.size() && count < BATCH_POSTS; count++) {
            octets += ahead.get(count).size();
            if (count > 0 && octets > BATCH_OCTETS) {
                break;
            }
        }
        return ahead.subList(0, count);
    }

    /// Finds the last post that index and database have in common. Chains agree up to there and nowhere behind, so halving finds it.
    private void takeBack(OpenIndex index, long list, Place place) throws IOException {
        var common = Place.NOTHING;
        long high = place.seq() - 1;
        while (common.seq() < high) {
            long middle = (common.seq() + high + 1) / 2;
            var indexed = index.last(list, common.seq(), middle);
            if (indexed.isEmpty()) {
                break;  // redacted posts only: what is behind them is read once more
            }
            if (indexed.get().chain().equals(chain(list, indexed.get().seq()).orElse(""))) {
                common = new Place(indexed.get().seq(), indexed.get().chain(), place.revision());
            } else {
                high = indexed.get().seq() - 1;
            }
        }
        log.warn("list {}: post {} is not the one that was indexed; indexed again from {} on", list, place.seq(), common.seq() + 1);
        index.takeBack(list, common);
    }

    private Optional<String> chain(long list, long seq) {
        return database.readLong(connection -> Rows.one(connection, CHAIN, row -> row.getString(1), list, seq));
    }

    private void followChanges(OpenIndex index, Head head, Place place) throws IOException {
        var changed = database.readLong(
                connection -> Rows.all(connection, CHANGED, Follower::ahead, head.list(), place.revision(), head.revision(), place.seq()));
        while (!changed.isEmpty()) {
            var batch = batch(changed);
            changed = changed.subList(batch.size(), changed.size());
            for (var post : posts(head.list(), batch)) {
                if (post.post().redacted()) {
                    index.remove(head.list(), post.post().seq());
                } else {
                    index.replace(head.list(), post.post().seq(), document(post));
                }
            }
        }
        index.setPlace(head.list(), new Place(place.seq(), place.chain(), head.revision()));
    }

    private record Read(long list, Post post, byte @Nullable [] octets, long thread) {}

    private List<Read> posts(long list, List<Ahead> batch) {
        var seqs = batch.stream().map(Ahead::seq).toArray(Long[]::new);
        return database.readLong(connection -> read(connection, list, seqs));
    }

    private static List<Read> read(Connection connection, long list, Long[] seqs) throws SQLException {
        return Rows.all(connection, POSTS, row -> new Read(list, Rows.post(row, 3, new EmailAddress(row.getString(2), row.getString(1))),
                row.getBytes(3 + Rows.POST_COLUMNS), row.getLong(4 + Rows.POST_COLUMNS)), list, seqs);
    }

    private void add(OpenIndex index, List<Read> posts) throws IOException {
        if (posts.size() <= FEW_POSTS) {
            for (var post : posts) {
                add(index, post);
            }
            return;
        }
        var adding = new ArrayList<Future<?>>();
        for (var post : posts) {
            adding.add(workers.submit(() -> {
                add(index, post);
                return null;
            }));
        }
        IOException failed = null;
        for (var one : adding) {  // all of them, so that nobody writes on when this returns
            try {
                result(one);
            } catch (IOException e) {
                failed = e;
            } catch (RuntimeException e) {
                failed = new IOException(e);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private static <T> T result(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException trouble) {
                throw trouble;
            }
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private static void add(OpenIndex index, Read post) throws IOException {
        if (!post.post().redacted()) {
            index.add(document(post));
        }
    }

    /// A message that our code cannot read is found by its subject and author.
    private static Document document(Read read) {
        var traits = Traits.NONE;
        try {
            if (read.octets() != null) {
                traits = Traits.of(read.octets(), read.post().subject(), read.post().author().address());
            }
        } catch (RuntimeException | StackOverflowError e) {
            log.error("{}: post {} could not be read for the index", read.post().list(), read.post().number(), e);
        }
        return new Indexed(read.list(), read.post(), read.thread(), traits).document();
    }
}
