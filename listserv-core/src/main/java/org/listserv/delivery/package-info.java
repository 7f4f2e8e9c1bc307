/// Batches, who owns them, the SMTP client, outcomes and the retry schedule.
/// A node claims, sends at most a window ahead of its last confirmed mark, and stops when marks stop.
/// What a refusal means for the subscriber belongs to `bounce`.
@NullMarked
package org.listserv.delivery;

import org.jspecify.annotations.NullMarked;
