/// One received message to its one transaction: which list and function is meant, seen before or not, taken or refused.
/// When it returns, everything that follows from the message is durable, or nothing happened.
/// Judging belongs to `moderation`, publishing to `posting`; what our own code cannot process is set aside here.
@NullMarked
package org.listserv.reception;

import org.jspecify.annotations.NullMarked;
