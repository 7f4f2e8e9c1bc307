package org.listserv.deploy.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Says how far long work has come: on a terminal one line rewritten in place, elsewhere a plain line now and then.
final class Progress {

    private static final Duration IN_PLACE = Duration.ofMillis(200);
    private static final Duration PLAIN = Duration.ofSeconds(10);

    private final PrintStream err;
    private final boolean watched;
    private final String what;
    private final LongSupplier nanoTime;
    private final long begun;
    private long saidAt;
    private int lineLength;

    /// @param what of which there are many: "messages"
    Progress(Terminal terminal, String what) {
        this(terminal, what, System::nanoTime);
    }

    Progress(Terminal terminal, String what, LongSupplier nanoTime) {
        this.err = terminal.err();
        this.watched = terminal.watched();
        this.what = what;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
        this.saidAt = begun;
    }

    /// @param done so far
    /// @param part of the whole, 0 to 1; 0 as long as nobody knows
    void at(long done, double part) {
        long now = nanoTime.getAsLong();
        if (now - saidAt < (watched ? IN_PLACE : PLAIN).toNanos()) {
            return;
        }
        saidAt = now;
        double seconds = (now - begun) / 1e9;
        var line = String.format(Locale.ROOT, "%,d %s, %,.0f/s", done, what, done / seconds);
        if (part > 0) {
            line += String.format(Locale.ROOT, ", %.0f %%, %s left", 100 * part,
                    inWords(Duration.ofMillis((long) (1000 * seconds * (1 - part) / part))));
        }
        say(line);
    }

    /// Clears the line, so that what is said next stands alone.
    void end() {
        if (lineLength > 0) {
            err.print("\r" + " ".repeat(lineLength) + "\r");
            err.flush();
            lineLength = 0;
        }
    }

    private void say(String line) {
        if (watched) {
            err.print("\r" + line + " ".repeat(Math.max(0, lineLength - line.length())));
            lineLength = line.length();
        } else {
            err.println(line);
        }
        err.flush();
    }

    /// `40 s`, `3 min`, `2 h 10 min`: as exact as anybody wants to know it.
    static String inWords(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 100) {
            return seconds + " s";
        }
        if (seconds < 100 * 60) {
            return seconds / 60 + " min";
        }
        return seconds < 48 * 3600
                ? String.format(Locale.ROOT, "%d h %d min", seconds / 3600, seconds % 3600 / 60)
                : seconds / 86400 + " days";
    }
}
