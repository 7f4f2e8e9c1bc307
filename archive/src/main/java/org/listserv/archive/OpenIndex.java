package org.listserv.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.LongField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortedNumericSelector;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.NRTCachingDirectory;

/// The files of the index while they are open, and how far each list is in them. Used by one writing thread; searchers by any.
final class OpenIndex implements AutoCloseable {
    /// How far the index has a list: every post up to `seq`, with every change up to `revision`.
    ///
    /// @param chain of the post with this `seq`, hexadecimal; empty for `seq` 0
    record Place(long seq, String chain, long revision) {
        static final Place NOTHING = new Place(0, "", 0);
    }

    private static final double BUFFER_MEGABYTES = 48;
    /// Under a steady stream of posts each look for new ones makes a small segment that is soon merged away: those stay in memory until a commit.
    private static final double SMALL_MEGABYTES = 4;
    private static final double CACHED_MEGABYTES = 16;

    private final Path folder;
    private final Directory directory;
    private final IndexWriter writer;
    private final SearcherManager searchers;
    private final Map<Long, Place> places;
    private long changes;
    private long committed;

    private OpenIndex(Path folder, Directory directory, IndexWriter writer) throws IOException {
        this.folder = folder;
        this.directory = directory;
        this.writer = writer;
        this.searchers = new SearcherManager(writer, null);
        this.places = places(writer);
    }

    /// Opens what is there, or makes a new one. What was written after the last commit is gone, and so is the memory of it.
    ///
    /// @throws org.apache.lucene.store.LockObtainFailedException when another process has it open
    static OpenIndex open(Path folder, Analyzer analyzer) throws IOException {
        Files.createDirectories(folder);
        var directory = new NRTCachingDirectory(FSDirectory.open(folder), SMALL_MEGABYTES, CACHED_MEGABYTES);
        try {
            var writer = new IndexWriter(directory,
                    new IndexWriterConfig(analyzer).setRAMBufferSizeMB(BUFFER_MEGABYTES).setCommitOnClose(false));
            try {
                return new OpenIndex(folder, directory, writer);
            } catch (IOException | RuntimeException e) {
                writer.rollback();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /// Places are kept in the data of each Lucene commit, so they always tell exactly what is in it.
    private static Map<Long, Place> places(IndexWriter writer) throws CorruptIndexException {
        var places = new HashMap<Long, Place>();
        var data = writer.getLiveCommitData();
        if (data == null) {
            return places;
        }
        for (var entry : data) {
            try {
                var parts = entry.getValue().split(" ", -1);
                places.put(Long.parseLong(entry.getKey()), new Place(Long.parseLong(parts[0]), parts[1], Long.parseLong(parts[2])));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new CorruptIndexException("no place of a list: " + entry, "commit data", e);
            }
        }
        return places;
    }

    Place place(long list) {
        return places.getOrDefault(list, Place.NOTHING);
    }

    Collection<Long> lists() {
        return List.copyOf(places.keySet());
    }

    void setPlace(long list, Place place) {
        places.put(list, place);
        changes++;
    }

    /// May be called by several threads at once.
    void add(Document document) throws IOException {
        writer.addDocument(document);
    }

    void replace(long list, long seq, Document document) throws IOException {
        writer.updateDocument(Indexed.term(list, seq), document);
        changes++;
    }

    void remove(long list, long seq) throws IOException {
        writer.deleteDocuments(Indexed.term(list, seq));
        changes++;
    }

    /// Takes back all posts of a list behind a place.
    void takeBack(long list, Place to) throws IOException {
        writer.deleteDocuments(Indexed.posts(list, to.seq(), Long.MAX_VALUE - 1));
        setPlace(list, to);
    }

    void forget(long list) throws IOException {
        writer.deleteDocuments(LongField.newExactQuery(Indexed.LIST, list));
        places.remove(list);
        changes++;
    }

    /// The last post of a list with `above < seq <= upTo`, as place.
    Optional<Place> last(long list, long above, long upTo) throws IOException {
        refresh();
        var searcher = searchers.acquire();
        try {
            return last(searcher, Indexed.posts(list, above, upTo));
        } finally {
            searchers.release(searcher);
        }
    }

    private static Optional<Place> last(IndexSearcher searcher, Query posts) throws IOException {
        var bySeq = new Sort(LongField.newSortField(Indexed.SEQ, true, SortedNumericSelector.Type.MIN));
        var hits = searcher.search(posts, 1, bySeq).scoreDocs;
        if (hits.length == 0) {
            return Optional.empty();
        }
        var document = searcher.storedFields().document(hits[0].doc);
        var chain = document.getBinaryValue(Indexed.CHAIN);
        return Optional.of(new Place(document.getField(Indexed.SEQ).numericValue().longValue(),
                HexFormat.of().formatHex(chain.bytes, chain.offset, chain.offset + chain.length), 0));
    }

    /// What was added can be found from now on.
    void refresh() throws IOException {
        searchers.maybeRefreshBlocking();
    }

    /// Rises with every change.
    long changes() {
        return changes;
    }

    boolean isChanged() {
        return changes != committed;
    }

    /// After this a crash loses nothing of what was added.
    void commit() throws IOException {
        var data = new HashMap<String, String>();
        places.forEach((list, place) -> data.put(Long.toString(list), place.seq() + " " + place.chain() + " " + place.revision()));
        writer.setLiveCommitData(data.entrySet());
        writer.commit();
        committed = changes;
    }

    /// Somebody deleted the folder; Lucene would go on for a while with files that have no name.
    boolean isGone() {
        return !Files.exists(folder.resolve(IndexWriter.WRITE_LOCK_NAME));
    }

    SearcherManager searchers() {
        return searchers;
    }

    /// That can be found.
    long posts() {
        try {
            var searcher = searchers.acquire();
            try {
                return searcher.getIndexReader().numDocs();
            } finally {
                searchers.release(searcher);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AlreadyClosedException e) {
            return 0;
        }
    }

    /// Gives up what was not committed.
    void abandon() throws IOException {
        try {
            searchers.close();
        } finally {
            try {
                writer.rollback();
            } finally {
                directory.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (writer.isOpen() && isChanged()) {
                commit();
            }
        } finally {
            abandon();
        }
    }
}
