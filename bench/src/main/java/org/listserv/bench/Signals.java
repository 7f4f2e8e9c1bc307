package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Signals to processes we started, by number.
enum Signals {
    KILL,
    STOP,
    CONT,
    TERM,
    INT,
    QUIT;

    /// A process that has ended meanwhile gets none.
    void to(long pid) {
        try {
            var kill = new ProcessBuilder("kill", "-" + name(), Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
