package org.listserv.archive;

import java.nio.file.Path;

/// Keys `listserv.archive.*`.
///
/// @param indexDir `index-dir`, where this node keeps its search index, default `/var/lib/listserv/index`. May be deleted at any
///                 time; no two processes share one.
public record ArchiveSettings(Path indexDir) {
    public static final Path DEFAULT_INDEX_DIR = Path.of("/var/lib/listserv/index");
}
