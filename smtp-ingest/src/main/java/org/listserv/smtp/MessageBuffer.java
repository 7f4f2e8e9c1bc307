package org.listserv.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/// The octets of one message while they arrive: in memory as long as it is small and there is room, else in a file.
/// For one thread. Closing gives memory and file back.
final class MessageBuffer implements AutoCloseable {

    private static final int FIRST = 8 * 1024;
    private static final byte[] NOTHING = {};

    private final MemoryBudget budget;
    private final int spillAbove;
    private final Path directory;

    private byte[] memory = NOTHING;
    private @Nullable FileChannel file;
    private long size;
    private long wholeOctets;

    MessageBuffer(MemoryBudget budget, int spillAbove, Path directory) {
        this.budget = budget;
        this.spillAbove = spillAbove;
        this.directory = directory;
    }

    long size() {
        return size;
    }

    void append(byte[] source, int from, int to) throws IOException {
        int length = to - from;
        if (file == null && !fits(size + length)) {
            spill();
        }
        if (file == null) {
            System.arraycopy(source, from, memory, (int) size, length);
        } else {
            write(file, source, from, length);
        }
        size += length;
    }

    /// The whole message. Where it was spilled, waits until there is memory for it, without holding any.
    ///
    /// @return not to be modified, and not to be kept after [#close], which gives its place to the next
    byte[] octets() throws IOException {
        if (file == null) {
            return memory.length == size ? memory : Arrays.copyOf(memory, (int) size);
        }
        budget.awaitWhole(size);
        wholeOctets = size;
        var octets = new byte[(int) size];
        var target = ByteBuffer.wrap(octets);
        while (target.hasRemaining()) {
            if (file.read(target, target.position()) < 0) {
                throw new EOFException("spilled message is shorter than it was");
            }
        }
        return octets;
    }

    /// Forgets everything, for a message that will be refused anyway.
    void discard() throws IOException {
        close();
        size = 0;
    }

    @Override
    public void close() throws IOException {
        budget.releaseArriving(memory.length);
        memory = NOTHING;
        budget.releaseWhole(wholeOctets);
        wholeOctets = 0;
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private boolean fits(long needed) {
        if (needed <= memory.length) {
            return true;
        }
        if (needed > spillAbove) {
            return false;
        }
        int larger = (int) Math.min(spillAbove, Math.max(needed, Math.max(FIRST, 2L * memory.length)));
        if (!budget.tryArriving(larger)) {
            return false;
        }
        budget.releaseArriving(memory.length);
        memory = Arrays.copyOf(memory, larger);
        return true;
    }

    /// The file loses its name at once: whatever happens to this process, nothing is left behind.
    private void spill() throws IOException {
        var path = Files.createTempFile(directory, "listserv-", ".message");
        var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        file = channel;
        Files.delete(path);
        write(channel, memory, 0, (int) size);
        budget.releaseArriving(memory.length);
        memory = NOTHING;
    }

    private static void write(FileChannel file, byte[] source, int from, int length) throws IOException {
        var octets = ByteBuffer.wrap(source, from, length);
        while (octets.hasRemaining()) {
            file.write(octets);
        }
    }
}
