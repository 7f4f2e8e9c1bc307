package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Short commands of the system.
final class Shell {

    private Shell() {}

    /// @return what it said
    /// @throws IllegalStateException it failed
    static String run(String... words) {
        return run(new byte[0], words);
    }

    static String run(byte[] input, String... words) {
        try {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            try (var out = process.getOutputStream()) {
                out.write(input);
            }
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", words) + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static boolean has(String program) {
        return Arrays.stream((System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")).map(Path::of)
                .anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
    }
}
