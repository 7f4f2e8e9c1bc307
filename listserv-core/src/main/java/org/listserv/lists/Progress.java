package org.listserv.lists;

/// Told how far long work has come, every now and then.
@FunctionalInterface
public interface Progress {
    Progress NONE = done -> {};

    void at(long done);
}
