package org.listserv.members;

/// How many there are of each.
public record Counts(long main, long digest, long allow, long deny, long owners, long moderators) {}
