package org.listserv.archive;

import org.listserv.mail.EmailAddress;

/// What a list has accepted, in one hash; published so that others hold it too.
///
/// @param seq      of the last post, 0 when there is none
/// @param number   of the last post
/// @param chain    hexadecimal (`docs/formats.md` says what it is made of)
/// @param revision raised when an old post changes
public record ChainHead(EmailAddress list, long seq, long number, String chain, long revision) {}
