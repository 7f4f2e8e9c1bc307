package org.listserv.archive;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.LockObtainFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.archive.SearchResult.Interpretation;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;

/// This node's search index: files in a folder of its own, kept up with the database by one thread and searched by any.
///
/// The folder is a cache. Deleted, damaged or of another format, it is made anew, and searches say that they are partial until that is
/// done. A crash loses what was added since the last Lucene commit; the places kept in that commit say what to read again.
public final class LuceneIndex implements SearchIndex, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LuceneIndex.class);

    /// The guarantee; a wake-up comes sooner.
    private static final Duration POLL = Duration.ofSeconds(1);
    /// Wake-ups of many posts are one look at the database, and one small segment to be merged away later.
    private static final Duration REST = Duration.ofMillis(250);
    private static final Duration COMMIT = Duration.ofSeconds(15);
    private static final int COMMIT_POSTS = 50_000;
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(3);
    private static final int WAITING_SEARCHES = 100;
    /// Posts not yet indexed of which a reader should know.
    private static final int MUCH = 1000;
    /// Asks the node that has the index open to make it anew.
    private static final String REQUEST = "reindex";

    private final Path indexDir;
    private final Path folder;
    private final Analyzer analyzer = new MailAnalyzer();
    private final ExecutorService workers;
    private final ExecutorService ahead;
    private final ThreadPoolExecutor searches;
    private final Follower follower;
    private final Search search;
    private final Semaphore wanted = new Semaphore(0);
    private final Thread thread;

    private volatile @Nullable OpenIndex open;
    private volatile boolean closing;
    private volatile boolean damaged;
    private volatile boolean rebuilding = true;
    private volatile long lag;
    private volatile long complete = System.nanoTime();
    private volatile long committed;
    private int uncommitted;

    /// Needs neither a database nor a healthy folder: both are waited for, and searches say so meanwhile.
    public LuceneIndex(Database database, ArchiveSettings settings) {
        indexDir = settings.indexDir();
        folder = folder(indexDir);
        int processors = Runtime.getRuntime().availableProcessors();
        workers = Executors.newFixedThreadPool(processors, Thread.ofPlatform().name("index-worker-", 0).daemon().factory());
        ahead = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("index-ahead").daemon().factory());
        // Searching is work for a processor, not waiting: on threads of its own it holds up no page.
        searches = new ThreadPoolExecutor(Math.max(2, processors), Math.max(2, processors), 0, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_SEARCHES), Thread.ofPlatform().name("search-", 0).daemon().factory());
        follower = new Follower(database, workers, ahead);
        search = new Search(database, analyzer);
        thread = Thread.ofPlatform().name("index").daemon().unstarted(this::run);
    }

    private static Path folder(Path indexDir) {
        return indexDir.resolve("posts-" + Indexed.FORMAT);
    }

    public LuceneIndex start() {
        thread.start();
        return this;
    }

    /// There is something new in the database. Only signals; may come often.
    public void awake() {
        if (wanted.availablePermits() == 0) {
            wanted.release();
        }
    }

    @Override
    public IndexStatus status() {
        var index = open;
        return new IndexStatus(index == null ? 0 : index.posts(), lag, Duration.ofNanos(System.nanoTime() - complete), rebuilding);
    }

    @Override
    public SearchResult search(Reader reader, SearchRequest request) {
        try {
            return searches.submit(() -> searchNow(reader, request)).get();
        } catch (RejectedExecutionException | CancellationException e) {
            throw new Busy();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException ours) {
                throw ours;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Busy();
        }
    }

    private SearchResult searchNow(Reader reader, SearchRequest request) {
        var index = open;
        if (index == null) {
            return unavailable(request);
        }
        try {
            var searcher = index.searchers().acquire();
            try {
                var result = search.run(searcher, reader, request);
                return rebuilding || lag > MUCH ? partial(result) : result;
            } finally {
                index.searchers().release(searcher);
            }
        } catch (AlreadyClosedException e) {
            return unavailable(request);
        } catch (IOException e) {
            damaged |= isDamage(e);
            awake();
            throw new UncheckedIOException(e);
        }
    }

    private static SearchResult unavailable(SearchRequest request) {
        var typed = SearchQuery.parse(request.query());
        var notes = new ArrayList<>(typed.notes());
        notes.add("The search index is just being opened; try again in a moment.");
        return new SearchResult(new Interpretation(typed.toString(), notes), List.of(), 0, true, true, request.order(), null, null);
    }

    private static SearchResult partial(SearchResult result) {
        var notes = new ArrayList<>(result.interpretation().notes());
        notes.add("The search index is not complete yet; there may be more.");
        return new SearchResult(new Interpretation(result.interpretation().query(), notes), result.hits(), result.found(), true, true,
                result.order(), result.next(), result.counts());
    }

    private void run() {
        @Nullable
        String said = null;
        while (!closing) {
            try {
                boolean more = follow();
                said = null;
                if (!more) {
                    pause(POLL);
                }
            } catch (DatabaseUnavailable e) {
                said = say(said, "the database is away, the index waits: " + e.getMessage(), e);
                pause(POLL);
            } catch (LockObtainFailedException e) {
                said = say(said, "another process has " + folder + " open; every node needs an index-dir of its own", e);
                pause(AFTER_TROUBLE);
            } catch (IOException | RuntimeException e) {
                said = say(said, "trouble with the index in " + folder, e);
                abandon(isDamage(e));
                pause(AFTER_TROUBLE);
            }
        }
    }

    private static @Nullable String say(@Nullable String said, String now, Exception e) {
        if (!now.equals(said)) {
            log.warn("{}", now, e);
        }
        return now;
    }

    /// @return whether there is more to do at once
    private boolean follow() throws IOException {
        var index = healthy();
        var round = follower.round(index, this::added);
        index.refresh();
        lag = round.behind();
        boolean complete = lag == 0;
        if (complete) {
            this.complete = System.nanoTime();
        }
        boolean finished = complete && rebuilding;
        if (index.isChanged() && (finished || uncommitted >= COMMIT_POSTS || System.nanoTime() - committed > COMMIT.toNanos())) {
            index.commit();
            committed = System.nanoTime();
            uncommitted = 0;
        }
        if (finished) {
            rebuilding = false;
            log.info("the search index is complete: {} posts", index.posts());
        }
        return !complete && round.moved();
    }

    private void added(long posts) {
        uncommitted += (int) posts;
        lag = Math.max(0, lag - posts);
    }

    private OpenIndex healthy() throws IOException {
        var request = indexDir.resolve(REQUEST);
        boolean asked = Files.exists(request);
        var index = open;
        if (index != null && (asked || damaged || index.isGone())) {
            log.warn("the search index in {} {}; it is made anew", folder,
                    asked ? "shall be made anew" : damaged ? "is damaged" : "was deleted");
            abandon(true);
            index = null;
        }
        if (index == null) {
            index = open(asked);
            Files.deleteIfExists(request);
            damaged = false;
            committed = System.nanoTime();
            uncommitted = 0;
            rebuilding = true;
            open = index;
        }
        return index;
    }

    private OpenIndex open(boolean anew) throws IOException {
        try {
            var index = OpenIndex.open(folder, analyzer);
            if (!anew) {
                return index;
            }
            index.abandon();
        } catch (IOException e) {
            if (!isDamage(e)) {
                throw e;
            }
            log.warn("the search index in {} cannot be read; it is made anew", folder, e);
        }
        wipe(folder);
        return OpenIndex.open(folder, analyzer);
    }

    private void abandon(boolean wipe) {
        var index = open;
        open = null;
        try {
            if (index != null) {
                index.abandon();
            }
        } catch (IOException | RuntimeException e) {
            log.info("closing the index: {}", e.toString());
        }
        if (wipe) {
            try {
                wipe(folder);
            } catch (IOException e) {
                log.warn("{} cannot be emptied", folder, e);
            }
        }
    }

    private static void wipe(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// What making it anew mends; a full disk is not among it.
    private static boolean isDamage(@Nullable Throwable e) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CorruptIndexException || cause instanceof IndexFormatTooNewException
                    || cause instanceof IndexFormatTooOldException
                    || cause instanceof IndexNotFoundException || cause instanceof NoSuchFileException
                    || cause instanceof FileNotFoundException
                    || cause instanceof EOFException) {
                return true;
            }
        }
        return false;
    }

    private void pause(Duration time) {
        try {
            if (wanted.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS) && !closing) {
                TimeUnit.NANOSECONDS.sleep(REST.toNanos());
                wanted.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing = true;
        }
    }

    @Override
    public void close() {
        closing = true;
        wanted.release();
        try {
            if (thread.isAlive()) {
                thread.join(Duration.ofSeconds(30));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        searches.shutdownNow();
        ahead.shutdownNow();
        workers.shutdownNow();
        var index = open;
        open = null;
        if (index != null) {
            try {
                index.close();
            } catch (IOException e) {
                log.warn("closing the index in {}: it is read again from its last commit", folder, e);
            }
        }
    }

    /// How far [#reindex] is.
    public record Progress(long indexed, long all) {}

    public interface Watcher {
        void see(Progress progress);
    }

    /// Makes the index of this node anew: here and now, or, where a running node has it open, by asking that node to.
    ///
    /// @return whether it was done here; false: the running node does it
    public static boolean reindex(Database database, ArchiveSettings settings, Watcher watcher) throws IOException {
        Files.createDirectories(settings.indexDir());
        var request = settings.indexDir().resolve(REQUEST);
        Files.write(request, new byte[0]);
        try (var index = new LuceneIndex(database, settings)) {
            boolean more;
            do {
                more = index.follow();
                var status = index.status();
                watcher.see(new Progress(status.posts(), status.posts() + status.lag()));
            } while (more);
            return true;
        } catch (LockObtainFailedException e) {
            return false;  // the request stays, and the node looks for it every second
        }
    }
}
