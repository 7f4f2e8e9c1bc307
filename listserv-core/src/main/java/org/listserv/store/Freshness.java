package org.listserv.store;

/// Whether what the current thread has read for a page since [#begin] may lack what was committed a moment ago: it came from a standby,
/// because the primary did not answer. What is decided, and not merely shown, is never read that way (DESIGN P6).
public final class Freshness {
    private static final ThreadLocal<Boolean> BEHIND = new ThreadLocal<>();

    private Freshness() {}

    /// A request begins.
    public static void begin() {
        BEHIND.remove();
    }

    static void readFromStandby() {
        BEHIND.set(true);
    }

    public static boolean mayBeBehind() {
        return Boolean.TRUE.equals(BEHIND.get());
    }
}
