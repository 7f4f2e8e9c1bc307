package org.listserv.posting;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// What subscribers get: the received octets with a list's edits. Made once per outgoing, never per copy.
public final class Edits {
    private static final byte[] MARK = Edit.NUMBER_MARK.getBytes(StandardCharsets.US_ASCII);

    private Edits() {}

    /// @param octets as received; not modified
    /// @param edits  in any order; they must not overlap
    /// @param number of the post; 0 where there is none
    public static byte[] apply(byte[] octets, List<Edit> edits, long number) {
        if (edits.isEmpty()) {
            return octets;
        }
        var ordered = edits.stream().sorted(Comparator.comparingInt(Edit::at).thenComparingInt(Edit::cut)).toList();
        var size = octets.length + ordered.stream().mapToInt(edit -> edit.put().length + 20).sum();
        var copy = new ByteArrayOutputStream(size);
        var from = 0;
        for (var edit : ordered) {
            if (edit.at() < from || edit.at() + edit.cut() > octets.length) {
                throw new IllegalArgumentException(
                        "edit at %d cuts %d of %d octets, %d are used".formatted(edit.at(), edit.cut(), octets.length, from));
            }
            copy.write(octets, from, edit.at() - from);
            put(copy, edit.put(), number);
            from = edit.at() + edit.cut();
        }
        copy.write(octets, from, octets.length - from);
        return copy.toByteArray();
    }

    private static void put(ByteArrayOutputStream copy, byte[] put, long number) {
        var from = 0;
        for (var at = 0; at + MARK.length <= put.length; at++) {
            if (Arrays.equals(put, at, at + MARK.length, MARK, 0, MARK.length)) {
                copy.write(put, from, at - from);
                copy.writeBytes(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
                at += MARK.length - 1;
                from = at + 1;
            }
        }
        copy.write(put, from, put.length - from);
    }
}
