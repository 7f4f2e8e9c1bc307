package org.listserv.bench;

import java.util.Locale;

/// Counts what held and what did not; its summary is the last line a command prints.
final class Tally {

    private final Workplace place;
    private int passed;
    private int failed;

    Tally(Workplace place) {
        this.place = place;
    }

    synchronized boolean check(boolean holds, String what, Object... arguments) {
        if (holds) {
            passed++;
        } else {
            failed++;
            place.keep();
        }
        place.say("%s  %s", holds ? "ok    " : "FAILED", String.format(Locale.ROOT, what, arguments));
        return holds;
    }

    /// Like [#check], silent when it holds.
    synchronized boolean quietly(boolean holds, String what, Object... arguments) {
        if (holds) {
            passed++;
            return true;
        }
        return check(false, what, arguments);
    }

    /// @return the exit code
    int summary() {
        System.out.println("%d passed, %d failed".formatted(passed, failed));
        return failed == 0 ? 0 : 1;
    }
}
