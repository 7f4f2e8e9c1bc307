package org.listserv.smtp;

import java.util.SortedMap;

/// What a server has done since it started.
///
/// @param sessions connections accepted, refused ones included
/// @param open connections open now
/// @param messages ends of data that were answered 250 for at least one recipient
/// @param refused negative replies by code, 421 to 555
public record Counts(long sessions, long open, long messages, SortedMap<Integer, Long> refused) {}
