package org.listserv.members;

import java.util.Locale;

/// Whether a subscriber is sent anything: someone on holiday stays a member.
public enum Mode {
    EACH,
    NONE;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
