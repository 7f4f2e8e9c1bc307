/// Commands by mail: which words mean what, who may say them, and what answers they get; the address grammar is ezmlm's.
/// Whether a command changes anything is decided in the database, in the transaction that takes the mail: what is prepared here is one
/// answer for each way it can go. Texts belong to `notices`, judging posts to `moderation`.
@NullMarked
package org.listserv.requests;

import org.jspecify.annotations.NullMarked;
