package org.listserv.lists;

/// What came of asking for something that may be so already: every command can be repeated.
public enum Change {
    CREATED,
    CHANGED,
    DELETED,
    UNCHANGED
}
