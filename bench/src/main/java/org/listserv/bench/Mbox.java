package org.listserv.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Splits a mailbox file into messages, independently of the program's own reader: at `From ` lines that are followed by a header field,
/// which is how `mbox-counts.tsv` of the corpora was counted.
final class Mbox {

    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+:.*", Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile(">+From .*", Pattern.DOTALL);
    private static final byte[] FROM = "From ".getBytes(StandardCharsets.US_ASCII);

    private Mbox() {}

    /// @param unquote whether one `>` is taken off lines that begin with `>From ` (mboxrd)
    /// @return the messages; none where no line separates any
    static List<byte[]> split(byte[] file, boolean unquote) {
        var lines = lines(file);
        var messages = new ArrayList<byte[]>();
        ByteArrayOutputStream message = null;
        for (var i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            var fresh = starts(line, FROM) && i + 1 < lines.size() && isField(lines.get(i + 1));
            if (fresh) {
                end(messages, message);
                message = new ByteArrayOutputStream();
            } else if (message != null) {
                var from = unquote && QUOTED.matcher(latin1(line)).matches() ? 1 : 0;
                message.write(line, from, line.length - from);
            }
        }
        end(messages, message);
        return List.copyOf(messages);
    }

    /// Every line that begins with `From ` separates: for files in which all others are quoted (mboxrd).
    static List<byte[]> splitQuoted(byte[] file) {
        var messages = new ArrayList<byte[]>();
        ByteArrayOutputStream message = null;
        for (var line : lines(file)) {
            if (starts(line, FROM)) {
                end(messages, message);
                message = new ByteArrayOutputStream();
            } else if (message != null) {
                var from = QUOTED.matcher(latin1(line)).matches() ? 1 : 0;
                message.write(line, from, line.length - from);
            }
        }
        end(messages, message);
        return List.copyOf(messages);
    }

    /// The empty line before the next `From ` belongs to the file.
    private static void end(List<byte[]> messages, @Nullable ByteArrayOutputStream message) {
        if (message == null) {
            return;
        }
        var octets = message.toByteArray();
        var length = octets.length;
        if (length >= 2 && octets[length - 1] == '\n' && octets[length - 2] == '\n') {
            length--;
        } else if (length >= 4 && octets[length - 1] == '\n' && octets[length - 2] == '\r' && octets[length - 3] == '\n') {
            length -= 2;
        }
        messages.add(Arrays.copyOf(octets, length));
    }

    static List<byte[]> lines(byte[] octets) {
        var lines = new ArrayList<byte[]>();
        var from = 0;
        for (var i = 0; i < octets.length; i++) {
            if (octets[i] == '\n') {
                lines.add(Arrays.copyOfRange(octets, from, i + 1));
                from = i + 1;
            }
        }
        if (from < octets.length) {
            lines.add(Arrays.copyOfRange(octets, from, octets.length));
        }
        return lines;
    }

    private static boolean isField(byte[] line) {
        return FIELD.matcher(latin1(line)).matches();
    }

    private static boolean starts(byte[] line, byte[] with) {
        return line.length >= with.length && Arrays.equals(line, 0, with.length, with, 0, with.length);
    }

    private static String latin1(byte[] line) {
        return new String(line, StandardCharsets.ISO_8859_1);
    }
}
