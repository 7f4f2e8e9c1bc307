package org.listserv.mail;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Writes messages as mboxrd: octets as they are, but for one `>` more before `From ` at the start of a line. [MboxReader] gives the same octets
/// back; only a message without line end at its end gets one.
///
/// A reader knows a message by its `From ` line *and* a header field behind it. Where a message does not begin with a field, the line names
/// `no-header@listserv.invalid` as sender, which [MboxReader] takes as proof enough; quoting keeps anybody from putting it into a body.
public final class MboxWriter {
    private static final DateTimeFormatter ASCTIME = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final byte[] FROM = "From ".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;

    /// @param out should be buffered; closing it is up to the caller
    public MboxWriter(OutputStream out) {
        this.out = out;
    }

    /// @param reversePath who sent it; MAILER-DAEMON stands for the null one, as in every mbox
    /// @param delivered when it was accepted, written in UTC to the second
    public void write(ReversePath reversePath, Instant delivered, byte[] octets) throws IOException {
        var path = reversePath.toString();
        var sender = !MboxReader.isField(octets) ? MboxReader.NO_HEADER : path.isEmpty() ? "MAILER-DAEMON" : path.replaceAll("\\s", "_");
        out.write("From %s %s\n".formatted(sender, ASCTIME.format(delivered)).getBytes(StandardCharsets.UTF_8));
        int line = 0;
        while (line < octets.length) {
            int end = line;
            while (end < octets.length && octets[end] != '\n') {
                end++;
            }
            int next = Math.min(end + 1, octets.length);
            if (isFrom(octets, line)) {
                out.write('>');
            }
            out.write(octets, line, next - line);
            line = next;
        }
        if (octets.length > 0 && octets[octets.length - 1] != '\n') {
            out.write('\n');
        }
        out.write('\n');
    }

    private static boolean isFrom(byte[] octets, int line) {
        int at = line;
        while (at < octets.length && octets[at] == '>') {
            at++;
        }
        for (int i = 0; i < FROM.length; i++) {
            if (at + i >= octets.length || octets[at + i] != FROM[i]) {
                return false;
            }
        }
        return true;
    }
}
