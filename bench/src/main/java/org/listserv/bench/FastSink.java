package org.listserv.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// The counting receiver of `src/main/c/sink.c`: quick enough not to be what is measured. Compiled with `cc` for each run.
final class FastSink implements AutoCloseable {

    /// What it has taken since the last reset.
    ///
    /// @param first    when the first copy was answered with 250, in microseconds since 1970; 0: none was
    /// @param bare     messages refused for a bare LF
    /// @param contents different messages
    record Stat(long copies, long transactions, long connections, long first, long last, long bare, int contents) {}

    /// One copy.
    ///
    /// @param micros  since 1970, when it was answered
    /// @param content number of what it carried; -1 where that was not compared
    record Taken(long micros, int content, String from, String to) {}

    private final Process process;
    private final BufferedReader answers;
    private final OutputStream commands;
    private final Path log;
    private final int port;

    private FastSink(Process process, Path log) throws IOException {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.commands = process.getOutputStream();
        this.log = log;
        this.port = Integer.parseInt(answer().replace("port ", ""));
    }

    static FastSink start(Workplace place) {
        try {
            var program = place.path("sink");
            var source = Program.checkout().resolve("bench/src/main/c/sink.c");
            Shell.run("cc", "-O2", "-o", program.toString(), source.toString());
            var log = place.path("copies");
            var process = new ProcessBuilder(program.toString(), log.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            return place.add(new FastSink(process, log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /// Forgets everything.
    ///
    /// @param personal header fields that do not count when contents are compared
    void reset(String... personal) {
        expect("reset " + String.join(" ", personal));
    }

    /// Forgets everything, and does not compare contents from now on.
    void resetToCount() {
        expect("reset count");
    }

    /// Whether the receiver acknowledges each segment at once, or as TCP does by default.
    void acknowledgeAtOnce(boolean quick) {
        expect("quick " + (quick ? 1 : 0));
    }

    Stat stat() {
        var words = Arrays.stream(ask("stat").split(" ")).mapToLong(Long::parseLong).toArray();
        return new Stat(words[0], words[1], words[2], words[3], words[4], words[5], (int) words[6]);
    }

    /// @return what it has when it has so many copies, or when the time is over
    Stat await(long copies, Duration longest) {
        var until = System.nanoTime() + longest.toNanos();
        while (true) {
            var stat = stat();
            if (stat.copies() >= copies || System.nanoTime() > until) {
                return stat;
            }
            Workplace.pause(Duration.ofMillis(2));
        }
    }

    /// All copies since the last reset, in the order taken.
    List<Taken> taken() {
        expect("write");
        try (var lines = Files.lines(log, StandardCharsets.UTF_8)) {
            return lines.map(line -> line.split(" ", 4))
                    .map(words -> new Taken(Long.parseLong(words[0]), Integer.parseInt(words[1]), words[2], words[3])).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SHA-256 of each content by number, in hexadecimal; of what [#taken()] told last.
    List<String> sums() {
        try {
            return Files.readAllLines(log.resolveSibling(log.getFileName() + ".sums"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The octets of a content without its personal fields; only the first few are kept.
    byte[] content(int number) {
        try {
            return Files.readAllBytes(log.resolveSibling(log.getFileName() + "." + number));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void expect(String command) {
        var answer = ask(command);
        if (!answer.equals("ok")) {
            throw new IllegalStateException("sink: " + command + ": " + answer);
        }
    }

    private synchronized String ask(String command) {
        try {
            commands.write((command + "\n").getBytes(StandardCharsets.US_ASCII));
            commands.flush();
            return answer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String answer() throws IOException {
        var line = answers.readLine();
        if (line == null) {
            throw new IOException("the sink has ended");
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        commands.close();       // it ends with its standard input
        if (!Workplace.await(Duration.ofSeconds(5), () -> !process.isAlive())) {
            process.destroyForcibly();
        }
    }
}
