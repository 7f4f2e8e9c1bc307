package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// Shows that work grows with its input and not with the input's square: 16 times the input may cost 64 times the processor time
/// (linear: 16, quadratic: 256). What is compared is the thread's own processor time, so a busy machine does not change the answer.
public final class Growth {
    private static final int FACTOR = 16;
    private static final int ALLOWED = 64;
    private static final int SMALL_ROUNDS = 5;
    private static final int LARGE_ROUNDS = 2;
    /// Below this a measurement says more about the clock than about the work.
    private static final long LEAST_NANOS = 200_000;

    private Growth() {}

    /// @param input makes an input of the given size
    /// @param size the smaller size
    public static <T> void assertLinear(int size, IntFunction<T> input, Consumer<T> work) {
        var small = input.apply(size);
        var large = input.apply(size * FACTOR);
        work.accept(small);
        long one = Math.max(LEAST_NANOS, least(SMALL_ROUNDS, small, work));
        long many = least(LARGE_ROUNDS, large, work);
        assertThat(many).as("nanoseconds for %d times the input that took %d", FACTOR, one).isLessThan(one * ALLOWED);
    }

    private static <T> long least(int rounds, T input, Consumer<T> work) {
        var threads = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < rounds; i++) {
            long before = threads.getCurrentThreadCpuTime();
            work.accept(input);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - before);
        }
        return least;
    }
}
