/// Reading posts: pages of months and threads, message parts, search, mbox and feeds.
/// The database is the truth and the Lucene index a cache that follows it by seq and chain.
/// Nothing here changes what a post says; which thread it is part of, [ThreadRepair] alone does. No other package imports Lucene.
@NullMarked
package org.listserv.archive;

import org.jspecify.annotations.NullMarked;
