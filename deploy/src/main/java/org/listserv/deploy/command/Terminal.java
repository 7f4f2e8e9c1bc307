package org.listserv.deploy.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// What a command sees of the world around it. Tests bring their own.
///
/// @param watched whether somebody looks at `err` while we work, so that a line may be rewritten in place
public record Terminal(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment, boolean watched) {

    /// The process's own. Output is UTF-8 and leaves in large pieces: 100,000 lines are no 100,000 writes.
    public static Terminal ofThisProcess() {
        return new Terminal(System.in, buffered(FileDescriptor.out), System.err, System.getenv(), isTerminal("/proc/self/fd/2"));
    }

    private static PrintStream buffered(FileDescriptor descriptor) {
        return new PrintStream(new java.io.BufferedOutputStream(new FileOutputStream(descriptor), 1 << 16), false, StandardCharsets.UTF_8);
    }

    /// Java only knows whether standard input and output together are a terminal.
    private static boolean isTerminal(String descriptor) {
        try {
            var target = Files.readSymbolicLink(Path.of(descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return System.console() != null && System.console().isTerminal();
        }
    }
}
