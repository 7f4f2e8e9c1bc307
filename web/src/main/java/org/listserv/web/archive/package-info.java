/// The pages that show what was posted: lists, months, messages, threads, and the files to take away.
/// Everything shown comes from `org.listserv.archive`, which decides what this reader may see.
@NullMarked
package org.listserv.web.archive;

import org.jspecify.annotations.NullMarked;
