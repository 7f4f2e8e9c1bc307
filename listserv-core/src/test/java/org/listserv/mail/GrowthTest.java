package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

/// The measure itself: it must notice what it is there for.
class GrowthTest {
    @Test
    void work_that_grows_with_the_square_is_noticed() {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> Growth.assertLinear(5_000, byte[]::new, octets -> {
            for (int i = 1; i <= octets.length; i++) {
                Arrays.fill(octets, 0, i, (byte) (octets[i - 1] + 1));
            }
            assertThat(octets).isNotEmpty();
        }));
    }
}
