package org.listserv.requests;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The cookies of ezmlm: 20 letters from `a` to `p` over a list's key, a date, an address and the first octet of an action. Nothing is signed
/// with them any more; those in people's mailboxes are honoured on lists that carry an imported key.
///
/// The hash is SURF by D. J. Bernstein (public domain), fed block by block.
final class EzmlmCookie {
    private static final int LETTERS = 20;
    private static final int BLOCK = 32;
    private static final int[] ROTATIONS = {5, 7, 9, 13};

    private EzmlmCookie() {}

    /// @param key as the list has it; shorter by 1, 2 or 3 octets for the digest, allow and deny sets
    /// @param address as it stood in the command: case matters
    /// @param action only its first octet counts; where there is none it is a NUL, the end of a C string
    static String of(byte[] key, String date, String address, String action) {
        var seed = new int[BLOCK];
        for (var round = 0; round < 4; round++) {
            var hash = hash(key, seed);
            for (var i = 0; i < seed.length; i++) {
                seed[i] = (seed[i] << 8) + (hash[i] & 0xff);
            }
        }
        var said = date + "\0" + address + "\0" + (action.isEmpty() ? '\0' : action.charAt(0));
        var hash = hash(said.getBytes(StandardCharsets.UTF_8), seed);
        var letters = new StringBuilder();
        for (var i = 0; i < LETTERS; i++) {
            letters.append((char) ('a' + (hash[i] & 15)));
        }
        return letters.toString();
    }

    private static byte[] hash(byte[] input, int[] seed) {
        var padded = Arrays.copyOf(input, (input.length / BLOCK + 1) * BLOCK);
        padded[input.length] = '.';
        var words = ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN);
        var sum = new int[8];
        var in = new int[12];
        while (words.hasRemaining()) {
            for (var i = 0; i < 8; i++) {
                in[i] = words.getInt();
            }
            for (var i = 8; i < 12 && ++in[i] == 0; i++) {
                // the block counter carries on
            }
            var out = surf(in, seed);
            for (var i = 0; i < 8; i++) {
                sum[i] += out[i];
            }
        }
        var hash = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        for (var word : surf(Arrays.copyOf(sum, 12), seed)) {
            hash.putInt(word);
        }
        return hash.array();
    }

    private static int[] surf(int[] in, int[] seed) {
        var t = new int[12];
        for (var i = 0; i < 12; i++) {
            t[i] = in[i] ^ seed[12 + i];
        }
        var out = Arrays.copyOfRange(seed, 24, 32);
        var x = t[11];
        var sum = 0;
        for (var half = 0; half < 2; half++) {
            for (var round = 0; round < 16; round++) {
                sum += 0x9e3779b9;
                for (var i = 0; i < 12; i++) {
                    t[i] += ((x ^ seed[i]) + sum) ^ Integer.rotateLeft(x, ROTATIONS[i % 4]);
                    x = t[i];
                }
            }
            for (var i = 0; i < 8; i++) {
                out[i] ^= t[i + 4];
            }
        }
        return out;
    }
}
