package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageBufferTest {

    private static final int SPILL_ABOVE = 64 * 1024;

    @TempDir
    private Path directory;

    private MessageBuffer filled(MemoryBudget budget, byte[] octets) throws IOException {
        var buffer = new MessageBuffer(budget, SPILL_ABOVE, directory);
        for (int at = 0; at < octets.length; at += 1000) {
            buffer.append(octets, at, Math.min(octets.length, at + 1000));
        }
        return buffer;
    }

    private static byte[] octets(int length) {
        var octets = new byte[length];
        new Random(length).nextBytes(octets);
        return octets;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 8 * 1024, 8 * 1024 + 1, SPILL_ABOVE, SPILL_ABOVE + 1, 1_000_000})
    void what_goes_in_comes_out(int length) throws IOException {
        try (var buffer = filled(new MemoryBudget(1024 * 1024, 1024 * 1024), octets(length))) {
            assertThat(buffer.size()).isEqualTo(length);
            assertThat(buffer.octets()).isEqualTo(octets(length));
            // Spilled or not, no name is left for a crash to leave behind.
            assertThat(directory).isEmptyDirectory();
        }
    }

    /// 100 messages of 60 kB do not fit into a quarter of 1 MB; that costs a file, never an answer.
    @Test
    void who_gets_no_memory_writes_to_a_file() throws IOException {
        var budget = new MemoryBudget(1024 * 1024, SPILL_ABOVE);
        var buffers = new ArrayList<MessageBuffer>();
        for (int i = 0; i < 100; i++) {
            buffers.add(filled(budget, octets(60_000 + i)));
        }
        for (int i = 0; i < 100; i++) {
            try (var buffer = buffers.get(i)) {
                assertThat(buffer.octets()).isEqualTo(octets(60_000 + i));
            }
        }
        // Everything has been given back.
        assertThat(budget.tryArriving(256 * 1024)).isTrue();
    }

    @Test
    void a_second_large_message_waits_until_the_first_has_gone() throws IOException {
        var budget = new MemoryBudget(1024 * 1024, 1024 * 1024);
        var first = filled(budget, octets(900_000));
        var second = filled(budget, octets(800_000));
        first.octets();
        var reading = new CompletableFuture<byte[]>();
        var reader = Thread.ofPlatform().start(() -> {
            try {
                reading.complete(second.octets());
            } catch (IOException e) {
                reading.completeExceptionally(e);
            }
        });
        await().until(() -> reader.getState() == Thread.State.WAITING);
        assertThat(reading).isNotDone();
        first.close();
        assertThat(reading.join()).isEqualTo(octets(800_000));
        second.close();
    }

    @Test
    void a_directory_that_cannot_be_written_is_an_error_of_ours_and_costs_no_memory() throws IOException {
        var budget = new MemoryBudget(1024 * 1024, 1024 * 1024);
        var buffer = new MessageBuffer(budget, SPILL_ABOVE, directory.resolve("missing"));
        buffer.append(octets(SPILL_ABOVE), 0, SPILL_ABOVE);
        assertThatIOException().isThrownBy(() -> buffer.append(octets(1), 0, 1));
        buffer.discard();
        assertThat(budget.tryArriving(256 * 1024)).isTrue();
    }
}
