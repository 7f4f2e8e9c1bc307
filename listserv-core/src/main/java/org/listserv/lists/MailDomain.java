package org.listserv.lists;

import java.time.Instant;

/// A domain whose mail comes to us.
///
/// @param name in A-labels
/// @param lists how many there are
public record MailDomain(String name, long lists, Instant createdAt) {}
