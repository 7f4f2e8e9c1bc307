package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The framing alone, compared with the simplest reader there can be, over octets that mean something to it.
class DataReaderTest {

    private static final byte[] MEANINGFUL = {'\r', '\n', '.', 0, 'a', (byte) 0xe9};

    private final MemoryBudget budget = new MemoryBudget(1024 * 1024, 1024 * 1024);

    /// Gives its octets in pieces of any size.
    private static final class Pieces extends InputStream {

        private final byte[] octets;
        private final Random random;
        private int position;

        Pieces(byte[] octets, Random random) {
            this.octets = octets;
            this.random = random;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] target, int from, int length) {
            if (position == octets.length) {
                return -1;
            }
            int count = Math.min(Math.min(length, octets.length - position), 1 + random.nextInt(5));
            System.arraycopy(octets, position, target, from, count);
            position += count;
            return count;
        }
    }

    private static final ClientInput.Waiting NOBODY_WAITS = new ClientInput.Waiting() {
        @Override
        public void before() {}

        @Override
        public void after() {}
    };

    /// @return the message and `|`, or what became of it
    private String read(byte[] octets, Random random, long max) throws IOException {
        var input = new ClientInput(new Pieces(octets, random), NOBODY_WAITS);
        try (var message = new MessageBuffer(budget, 64, Path.of(System.getProperty("java.io.tmpdir")))) {
            return switch (new DataReader(input, message, max).read()) {
                case DataReader.Result.Complete() -> latin(message.octets()) + "|";
                case DataReader.Result.TooLarge() -> "too large|";
                case DataReader.Result.Ambiguous(var why) -> "refused";
                case DataReader.Result.NotWritten(var cause) -> throw cause;
            };
        } catch (EOFException e) {
            return "cut off";
        }
    }

    private static String latin(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /// Line by line, as RFC 5321 §4.5.2 says it.
    private static String expected(byte[] octets) {
        var message = new StringBuilder();
        var text = latin(octets);
        for (int at = 0; at < text.length();) {
            int cr = text.indexOf('\r', at);
            int lf = text.indexOf('\n', at);
            int end = cr < 0 ? lf : lf < 0 ? cr : Math.min(cr, lf);
            var line = end < 0 ? text.substring(at) : text.substring(at, end);
            boolean hidden = end >= 0 && !line.equals(".") && line.replace("\0", "").equals(".");
            if (end < 0 || !hidden && end + 1 == text.length() && text.charAt(end) == '\r') {
                return "cut off";
            }
            if (hidden || lf != end + 1 || cr != end) {
                return "refused";
            }
            if (line.equals(".")) {
                return message + "|";
            }
            message.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
            at = lf + 1;
        }
        return "cut off";
    }

    @RepeatedTest(200)
    @Timeout(20)
    void any_octets_in_any_pieces_are_read_as_the_standard_says(RepetitionInfo repetition) throws IOException {
        var random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 200; i++) {
            var octets = new byte[random.nextInt(40)];
            for (int at = 0; at < octets.length; at++) {
                octets[at] = MEANINGFUL[random.nextInt(MEANINGFUL.length)];
                // Mostly proper line ends, or nothing but refusals is tried.
                if (octets[at] == '\r' && at + 1 < octets.length && random.nextInt(10) > 0) {
                    octets[++at] = '\n';
                } else if (octets[at] == '\n' && random.nextInt(10) > 0) {
                    octets[at] = 'b';
                }
            }
            assertThat(read(octets, random, 1000)).as(Arrays.toString(octets)).isEqualTo(expected(octets));
        }
    }

    @Test
    void octets_are_counted_after_the_dots_are_off() throws IOException {
        var random = new Random(1);
        var octets = "..45\r\n.6789\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(read(octets, random, 11)).isEqualTo(".45\r\n6789\r\n|");
        assertThat(read(octets, random, 10)).isEqualTo("too large|");
    }

    @Test
    void what_follows_the_end_is_left_for_the_next_command() throws IOException {
        var octets = "text\r\n.\r\nRSET\r\n".getBytes(StandardCharsets.US_ASCII);
        var input = new ClientInput(new ByteArrayInputStream(octets), NOBODY_WAITS);
        try (var message = new MessageBuffer(budget, 64, Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(new DataReader(input, message, 100).read()).isInstanceOf(DataReader.Result.Complete.class);
            assertThat(((ClientInput.Line.Command) input.readLine(512)).octets()).asString().isEqualTo("RSET\r\n");
        }
    }
}
