/// Subscriptions, roles and access: who gets posts, in which mode, and who may decide.
/// A subscription id is never used twice, so a batch written today cannot reach a newcomer.
/// Sending belongs to `delivery`, the mail that confirms a subscription to `notices`.
@NullMarked
package org.listserv.members;

import org.jspecify.annotations.NullMarked;
