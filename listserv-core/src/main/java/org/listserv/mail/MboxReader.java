package org.listserv.mail;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

import org.jspecify.annotations.Nullable;

/// Reads the messages of an mbox one by one (RFC 4155 and its older relatives), packed with gzip or not, of any length. Line ends stay as they are in
/// the file.
///
/// - A message starts behind a line `From ...` that has a time of day or is nothing but an address, if a header field follows. The first line of
///   the file may be any `From ` line. [MboxWriter]'s mark for messages without header section is believed without a field.
/// - The one empty line at the end of a message belongs to the mbox, not to the message.
/// - A message ends with a line end; the last one gets it where the file was cut off without.
///
/// A file that starts with 73 equals signs is read as a LISTSERV notebook: messages between such lines, nothing quoted, nothing added.
public final class MboxReader implements AutoCloseable {
    /// How lines of a message that begin with `From ` were kept apart from those that separate messages.
    public enum Quoting {
        /// Any number of `>` before `From ` got one more.
        MBOXRD,
        /// `From ` became `>From `; what had been `>From ` before cannot be told apart.
        MBOXO,
        /// Not at all.
        NONE
    }

    /// What stands at one place of the file.
    public sealed interface Entry {
        /// Where it starts in the unpacked file, its `From ` line included.
        long offset();
    }

    /// @param fromLine the line before it, without line end; empty in a LISTSERV notebook
    public record Message(long offset, String fromLine, byte[] octets) implements Entry {
        /// When the `From ` line says it was delivered; UTC where it has no zone.
        public Optional<Instant> date() {
            var weekday = WEEKDAY.matcher(fromLine);
            int from = 0;
            while (weekday.find()) {
                from = weekday.start();
            }
            return MailDates.parse(fromLine.substring(from));
        }
    }

    /// @param octets how many it has, about
    public record TooLarge(long offset, String fromLine, long octets) implements Entry {}

    /// Text before the first message; a file that is no mbox is nothing else.
    public record Stray(long offset, long octets) implements Entry {}

    static final String NO_HEADER = "no-header@listserv.invalid";
    private static final byte[] FROM = "From ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] QUOTED_FROM = ">From ".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern SEPARATOR = Pattern.compile("From (?:.*\\d:\\d\\d.*|\\S+@\\S+\\s*)");
    private static final Pattern WEEKDAY = Pattern.compile("\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\\b");
    private static final int MAX_FROM_LINE = 1_000;
    private static final int NOTEBOOK_SIGNS = 73;
    private static final int BUFFER = 65_536;

    private final InputStream in;
    private final Quoting quoting;
    private final int maxOctets;

    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int filled;
    private long offset;

    private boolean first = true;
    private boolean notebook;
    /// A line that separates if a field follows.
    private @Nullable Line held;
    private @Nullable Line separator;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private long messageOctets;
    private long messageOffset;

    /// @param octets as many of them as are kept; length says how many there are
    private record Line(long offset, byte[] octets, long length) {
        boolean startsWith(byte[] beginning) {
            return octets.length >= beginning.length && Arrays.equals(octets, 0, beginning.length, beginning, 0, beginning.length);
        }

        String text() {
            return new String(octets, 0, Math.min(octets.length, MAX_FROM_LINE), StandardCharsets.UTF_8).stripTrailing();
        }

        boolean isWhole() {
            return length == octets.length;
        }
    }

    /// @param maxOctets the largest message to be returned; larger ones are named, and never in memory
    /// @throws IOException when the file cannot be read, or begins like gzip and is none
    public MboxReader(InputStream file, Quoting quoting, int maxOctets) throws IOException {
        var buffered = new BufferedInputStream(file, BUFFER);
        buffered.mark(2);
        boolean packed = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        this.in = packed ? new GZIPInputStream(buffered, BUFFER) : buffered;
        this.quoting = quoting;
        this.maxOctets = maxOctets;
    }

    /// The next entry in the order of the file; empty at its end.
    public Optional<Entry> next() throws IOException {
        for (var line = readLine(); line != null; line = readLine()) {
            var entry = take(line);
            if (entry != null) {
                return Optional.of(entry);
            }
        }
        if (held != null) {
            append(held);
            held = null;
        }
        return Optional.ofNullable(finish());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /// @return the entry that this line shows to be complete
    private @Nullable Entry take(Line line) {
        if (first) {
            notebook = isNotebookLine(line);
        }
        Entry complete = null;
        if (held != null && startsMessage(held, line)) {
            complete = finish();
            separator = held;
            messageOffset = held.offset;
            held = null;
        } else if (held != null) {
            append(held);
            held = null;
        }
        if (separates(line)) {
            held = line;
        } else {
            append(line);
        }
        first = false;
        return complete;
    }

    private boolean separates(Line line) {
        if (notebook) {
            return isNotebookLine(line);
        }
        return line.startsWith(FROM) && line.length <= MAX_FROM_LINE && (first || SEPARATOR.matcher(line.text()).matches());
    }

    private boolean startsMessage(Line separator, Line next) {
        return isField(next) || !notebook && (separator.text().startsWith("From " + NO_HEADER + " ") || next.startsWith(QUOTED_FROM));
    }

    /// Does it begin like a header field (RFC 5322 §2.2, §4.5)?
    static boolean isField(byte[] octets) {
        int i = 0;
        while (i < octets.length && octets[i] > ' ' && octets[i] < 0x7f && octets[i] != ':') {
            i++;
        }
        int nameEnd = i;
        while (i < octets.length && (octets[i] == ' ' || octets[i] == '\t')) {
            i++;
        }
        return nameEnd > 0 && i < octets.length && octets[i] == ':';
    }

    private static boolean isField(Line line) {
        return isField(line.octets);
    }

    private static boolean isNotebookLine(Line line) {
        return line.length <= NOTEBOOK_SIGNS + 2 && line.text().equals("=".repeat(NOTEBOOK_SIGNS));
    }

    private void append(Line line) {
        if (messageOctets == 0 && separator == null) {
            messageOffset = line.offset;
        }
        int quote = isQuoted(line.octets) ? 1 : 0;
        messageOctets += line.length - quote;
        if (messageOctets <= maxOctets + 2L && line.isWhole()) {
            message.write(line.octets, quote, line.octets.length - quote);
        } else {
            message.reset();
        }
    }

    private boolean isQuoted(byte[] octets) {
        int marks = 0;
        while (marks < octets.length && octets[marks] == '>') {
            marks++;
        }
        boolean from = octets.length >= marks + FROM.length && Arrays.equals(octets, marks, marks + FROM.length, FROM, 0, FROM.length);
        return from && !notebook && separator != null && switch (quoting) {
            case MBOXRD -> marks > 0;
            case MBOXO -> marks == 1;
            case NONE -> false;
        };
    }

    /// Ends what has been collected.
    private @Nullable Entry finish() {
        var octets = message.toByteArray();
        long length = messageOctets;
        message.reset();
        messageOctets = 0;
        if (separator == null) {
            return length == 0 || length == octets.length && new String(octets, StandardCharsets.ISO_8859_1).isBlank()
                    ? null
                    : new Stray(messageOffset, length);
        }
        var fromLine = notebook ? "" : separator.text();
        long start = separator.offset;
        separator = null;
        if (length > octets.length) {
            return new TooLarge(start, fromLine, length);
        }
        var tidy = notebook ? octets : withoutLastEmptyLine(withLineEnd(octets));
        return tidy.length > maxOctets ? new TooLarge(start, fromLine, tidy.length) : new Message(start, fromLine, tidy);
    }

    private static byte[] withLineEnd(byte[] octets) {
        if (octets.length == 0 || octets[octets.length - 1] == '\n') {
            return octets;
        }
        int previous = octets.length - 1;
        while (previous > 0 && octets[previous] != '\n') {
            previous--;
        }
        boolean crBefore = previous > 0 && octets[previous - 1] == '\r';
        var ended = Arrays.copyOf(octets, octets.length + (crBefore ? 2 : 1));
        ended[octets.length] = (byte) (crBefore ? '\r' : '\n');
        ended[ended.length - 1] = '\n';
        return ended;
    }

    private static byte[] withoutLastEmptyLine(byte[] octets) {
        int end = octets.length - 1;
        if (end > 0 && octets[end - 1] == '\r') {
            end--;
        }
        boolean emptyLine = end >= 0 && octets.length > 0 && (end == 0 || octets[end - 1] == '\n');
        return emptyLine ? Arrays.copyOf(octets, end) : octets;
    }

    private @Nullable Line readLine() throws IOException {
        long start = offset;
        var kept = new ByteArrayOutputStream(0);
        boolean ended = false;
        while (!ended && fill()) {
            int end = at;
            while (end < filled && buffer[end] != '\n') {
                end++;
            }
            ended = end < filled;
            int count = end - at + (ended ? 1 : 0);
            kept.write(buffer, at, Math.clamp(maxOctets + 2L - kept.size(), 0, count));
            at += count;
            offset += count;
        }
        return offset == start ? null : new Line(start, kept.toByteArray(), offset - start);
    }

    private boolean fill() throws IOException {
        if (at == filled) {
            at = 0;
            filled = Math.max(0, in.read(buffer, 0, buffer.length));
        }
        return filled > 0;
    }
}
