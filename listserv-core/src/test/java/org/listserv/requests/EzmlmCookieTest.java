package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EzmlmCookieTest {
    /// Cookies that ezmlm-idx 7.2.2 made.
    @ParameterizedTest(name = "{4}")
    @CsvSource(delimiter = '|', textBlock = """
            16 | 1700000000      | user@example.com | s  | nifkbbfaggmijkfgaaaf
            15 | 1700000000      | user@example.com | s  | eonomkkdnfeckkilacbf
            14 | 1700000000      | user@example.com | t  | phofkmmoglbpejdadgef
            16 | 1700000000      | user@example.com | u  | pgfdghcinhlppeigpind
            16 | 1700000000.4242 | ''               | a  | ekjomjdpjccdfmnbhacc
            16 | 1700000000      | user@example.com | W  | ccigfdjhlkjjjpgblbhb
            16 | 1700000000      | user@example.com | P  | opnilcfokfhkhbclpohb
            0  | ''              | user@example.com | '' | aaiapijcjmbadoebacci
            """)
    void row_2_3_01_row_2_3_02_a_cookie_is_that_of_ezmlm(int keyLength, String date, String address, String action, String cookie) {
        var key = Arrays.copyOf("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), keyLength);
        assertThat(EzmlmCookie.of(key, date, address, action)).isEqualTo(cookie);
    }
}
