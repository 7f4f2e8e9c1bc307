/// Reading posts: pages of months and threads, message parts, search, mbox and feeds.
/// The database is the truth and the Lucene index a cache that follows it by seq and chain.
/// Nothing here changes a post, and no other package imports Lucene.
@NullMarked
package org.listserv.archive;

import org.jspecify.annotations.NullMarked;
