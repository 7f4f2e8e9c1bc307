/// The search page and its JSON, and the way from an old address or a Message-ID to a page.
/// What a query means is the index's business (`org.listserv.archive`).
@NullMarked
package org.listserv.web.search;

import org.jspecify.annotations.NullMarked;
