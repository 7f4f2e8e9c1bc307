package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// The built program, started as whole processes with one configuration file.
final class Program {

    private static final Duration COMMAND = Duration.ofMinutes(10);
    private static final Set<String> LONG_WORK = Set.of("import", "export", "archive");

    private Program() {}

    /// What a command did.
    record Result(int exit, String out, String err) {
        Result orFail() {
            if (exit != 0) {
                throw new IllegalStateException("exit %d: %s%s".formatted(exit, out, err));
            }
            return this;
        }
    }

    /// @param words after `listserv`
    static List<String> commandLine(Path configuration, List<String> options, List<String> words) {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        var trained = libraries().resolveSibling("serve.aot");
        if (words.contains("serve") && Files.exists(trained)) {
            line.addAll(List.of("-XX:AOTCache=" + trained, "-Xlog:aot=off", "-Xlog:cds=off"));
        }
        line.addAll(options);
        line.addAll(List.of("-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-Dfile.encoding=UTF-8", "-cp", classpath(), "org.listserv.deploy.Main", "--config", configuration.toString()));
        line.addAll(words);
        return line;
    }

    /// As the launcher chooses them.
    private static List<String> flags(List<String> words) {
        return LONG_WORK.contains(words.getFirst()) ? List.of("-XX:+UseSerialGC") : List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    }

    /// Runs a short command to its end.
    static Result run(Path configuration, String... words) {
        return run(configuration, new byte[0], List.of(words));
    }

    /// Standard output goes to a file, octet by octet.
    static Result runInto(Path out, Path configuration, String... words) {
        try {
            var err = Files.createTempFile("listserv-bench", ".err");
            try {
                var process = new ProcessBuilder(
                        commandLine(configuration, flags(List.of(words)), List.of(words)))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("does not end: " + List.of(words));
                }
                return new Result(process.exitValue(), "", Files.readString(err, StandardCharsets.UTF_8));
            } finally {
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static Result run(Path configuration, byte[] input, List<String> words) {
        try {
            var err = Files.createTempFile("listserv-bench", ".err");
            try {
                var process = new ProcessBuilder(commandLine(configuration, flags(words), words))
                        .redirectError(err.toFile())
                        .start();
                Thread.ofVirtual().start(() -> {
                    try (var in = process.getOutputStream()) {
                        in.write(input);
                    } catch (IOException e) {
                        // it ended without reading; its exit code says why
                    }
                });
                var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("does not end: " + words);
                }
                return new Result(process.exitValue(), out, Files.readString(err, StandardCharsets.UTF_8));
            } finally {
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Starts a command and does not wait.
    static Process start(Path configuration, Path log, List<String> options, List<String> words) {
        try {
            return new ProcessBuilder(commandLine(configuration, options, words))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path checkout() {
        var home = System.getProperty("listserv.home");
        return Path.of(home == null ? "." : home).toAbsolutePath().normalize();
    }

    /// In the order of names, as the launcher has it: what a JVM kept about a class path holds for this order only.
    private static String classpath() {
        try (var jars = Files.list(libraries())) {
            return jars.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().collect(Collectors.joining(":"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path libraries() {
        var libraries = checkout().resolve("deploy/target/listserv/lib");
        if (!Files.isDirectory(libraries)) {
            throw new IllegalStateException(
                    libraries + " is missing: build first (./listserv --version does), and start this by its script in bench/");
        }
        return libraries;
    }
}
