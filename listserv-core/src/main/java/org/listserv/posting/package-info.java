/// From an accepted message to a post: number, chain, thread, and the batches that say who is owed a copy.
/// There is one way to publish, and it is one statement whose commit travels with it.
/// Copies are rendered and sent by `delivery`.
@NullMarked
package org.listserv.posting;

import org.jspecify.annotations.NullMarked;
