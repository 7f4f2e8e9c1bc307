package org.listserv.members;

import java.time.Instant;

/// One entry of a set.
///
/// @param address a mailbox, or `@domain` in the allow and deny sets
/// @param name as the subscriber wrote it; may be empty
/// @param mode always `EACH` in the allow and deny sets
/// @param suspended nothing is sent because too much came back
public record Member(String address, String name, Mode mode, boolean suspended, Instant since) {}
