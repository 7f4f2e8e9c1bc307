/// Rules, verdicts, and what waits for a moderator.
/// Judging is pure: the same candidate and policy give the same verdict, without I/O.
/// Approving a held message calls the same publish as any other post and belongs to `posting`.
@NullMarked
package org.listserv.moderation;

import org.jspecify.annotations.NullMarked;
