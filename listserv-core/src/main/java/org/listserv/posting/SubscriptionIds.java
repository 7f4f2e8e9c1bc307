package org.listserv.posting;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Subscription ids as a batch keeps them: ascending, each as the difference to the one before, in groups of seven bits, lowest first, the
/// high bit saying that more follow (docs/formats.md). 500 neighbouring ids take 500 octets.
public final class SubscriptionIds {
    /// The most a batch names.
    public static final int LARGEST_BATCH = 500;

    private SubscriptionIds() {}

    /// One batch's ids, coded, and how many they are.
    record Coded(byte[] octets, int count) {}

    /// @param ids ascending, no two equal
    static List<Coded> inBatches(long[] ids) {
        var batches = new ArrayList<Coded>();
        for (var from = 0; from < ids.length; from += LARGEST_BATCH) {
            var to = Math.min(ids.length, from + LARGEST_BATCH);
            batches.add(new Coded(encode(Arrays.copyOfRange(ids, from, to)), to - from));
        }
        return batches;
    }

    public static byte[] encode(long[] ids) {
        var octets = new ByteArrayOutputStream(ids.length + 8);
        var before = 0L;
        for (var id : ids) {
            if (id <= before) {
                throw new IllegalArgumentException("subscription ids must rise: %d after %d".formatted(id, before));
            }
            var step = id - before;
            while (step > 0x7f) {
                octets.write((int) (step & 0x7f | 0x80));
                step >>>= 7;
            }
            octets.write((int) step);
            before = id;
        }
        return octets.toByteArray();
    }

    /// @throws IllegalArgumentException when the octets end inside a number
    public static long[] decode(byte[] octets) {
        var ids = new long[octets.length];
        var count = 0;
        var id = 0L;
        var at = 0;
        while (at < octets.length) {
            var step = 0L;
            var shift = 0;
            int octet;
            do {
                if (at == octets.length) {
                    throw new IllegalArgumentException("subscription ids end inside a number");
                }
                octet = octets[at++];
                step |= (long) (octet & 0x7f) << shift;
                shift += 7;
            } while (octet < 0);
            id += step;
            ids[count++] = id;
        }
        return Arrays.copyOf(ids, count);
    }
}
