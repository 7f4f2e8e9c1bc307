/// The search page and its JSON.
/// What a query means is the index's business (`org.listserv.archive`).
@NullMarked
package org.listserv.web.search;

import org.jspecify.annotations.NullMarked;
