package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {

    @ParameterizedTest(name = "{0} contains {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.0/8            | 127.255.0.1      | true
            127.0.0.0/8            | 128.0.0.1        | false
            192.0.2.128/25         | 192.0.2.129      | true
            192.0.2.128/25         | 192.0.2.127      | false
            192.0.2.1              | 192.0.2.1        | true
            192.0.2.1              | 192.0.2.2        | false
            0.0.0.0/0              | 203.0.113.9      | true
            0.0.0.0/0              | 2001:db8::1      | false
            2001:db8::/33          | 2001:db8:7fff::1 | true
            2001:db8::/33          | 2001:db8:8000::1 | false
            10.0.0.0/8, ::1/128    | ::1              | true
            10.0.0.0/8,, ::1       | 10.1.2.3         | true
            192.0.2.0/24           | ::ffff:192.0.2.9 | true
            """)
    void an_address_is_inside_or_not(String networks, String address, boolean inside) {
        assertThat(Networks.parse(networks).contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "::/129", "10/8/8", "192.0.2.0/x"})
    void what_is_no_network_is_named(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Networks.parse("127.0.0.1," + text)).withMessageContaining(text);
    }
}
