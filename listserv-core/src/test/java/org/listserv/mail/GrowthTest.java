package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

/// The measure itself: it must notice what it is there for.
class GrowthTest {
    @Test
    void work_that_grows_with_the_square_is_noticed() {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> Growth.assertLinear(2_000, byte[]::new, octets -> {
            int sum = 1;
            for (int i = 1; i <= octets.length; i++) {
                for (int j = 0; j < i; j++) {
                    sum = sum * 31 + octets[j];    // each step needs the one before it, so no processor takes many at once
                }
            }
            assertThat(sum).isNotZero();
        }));
    }
}
