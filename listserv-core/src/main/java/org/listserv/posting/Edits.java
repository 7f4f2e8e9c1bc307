package org.listserv.posting;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What subscribers get: the received octets with a list's edits. Made once per outgoing, never per copy.
public final class Edits {
    private final long number;
    private final List<byte[]> shared = new ArrayList<>();
    private final List<PersonalLine> personal = new ArrayList<>();
    private ByteArrayOutputStream part;

    private Edits(int size, long number) {
        this.number = number;
        this.part = new ByteArrayOutputStream(size);
    }

    /// @param octets as received; not modified
    /// @param edits  in any order; they must not overlap
    /// @param number of the post; 0 where there is none
    public static Rendering render(byte[] octets, List<Edit> edits, long number) {
        if (edits.isEmpty()) {
            return new Rendering(List.of(octets), List.of());
        }
        var ordered = edits.stream().sorted(Comparator.comparingInt(Edit::at).thenComparingInt(Edit::cut)).toList();
        var size = octets.length + ordered.stream().mapToInt(edit -> edit.put().length + 20).sum();
        var copy = new Edits(size, number);
        var from = 0;
        for (var edit : ordered) {
            if (edit.at() < from || edit.at() + edit.cut() > octets.length) {
                throw new IllegalArgumentException(
                        "edit at %d cuts %d of %d octets, %d are used".formatted(edit.at(), edit.cut(), octets.length, from));
            }
            copy.part.write(octets, from, edit.at() - from);
            copy.put(edit.put());
            from = edit.at() + edit.cut();
        }
        copy.part.write(octets, from, octets.length - from);
        copy.shared.add(copy.part.toByteArray());
        return new Rendering(copy.shared, copy.personal);
    }

    /// Marks are looked for in what is put only: the received octets may hold anything.
    private void put(byte[] put) {
        if (!hasMark(put)) {
            part.writeBytes(put);
            return;
        }
        var text = new String(put, StandardCharsets.ISO_8859_1).replace(Edit.NUMBER_MARK, Long.toString(number));
        for (var from = 0; from < text.length();) {
            var end = text.indexOf('\n', from) + 1;
            end = end == 0 ? text.length() : end;
            var line = text.substring(from, end);
            PersonalLine.of(line).ifPresentOrElse(this::personal, () -> part.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1)));
            from = end;
        }
    }

    private void personal(PersonalLine line) {
        shared.add(part.toByteArray());
        personal.add(line);
        part = new ByteArrayOutputStream();
    }

    private static boolean hasMark(byte[] put) {
        for (var octet : put) {
            if (octet == 0) {
                return true;
            }
        }
        return false;
    }
}
