package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPortTest {
    @ParameterizedTest(name = "{0} is {1} port {2}")
    @CsvSource(delimiter = '|', textBlock = """
            relay.example.org:2525 | relay.example.org | 2525
            relay.example.org      | relay.example.org | 25
            192.0.2.1:25           | 192.0.2.1         | 25
            [2001:db8::1]:587      | 2001:db8::1       | 587
            [2001:db8::1]          | 2001:db8::1       | 25
            """)
    void a_relay_is_named_by_host_and_port(String text, String host, int port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
        assertThat(HostPort.parse(HostPort.parse(text).toString())).isEqualTo(new HostPort(host, port));
    }

    @ParameterizedTest(name = "\"{0}\": {1}")
    @CsvSource(delimiter = '|', textBlock = """
            ''              | is no host name or address
            :25             | is no host name or address
            a b:25          | is no host name or address
            relay:          | is no port
            relay:smtp      | is no port
            relay:0         | is not between 1 and 65535
            relay:65536     | is not between 1 and 65535
            2001:db8::1     | is written in brackets
            [2001:db8::1    | is not of the form [address]:port
            [2001:db8::1]25 | is not of the form [address]:port
            """)
    void anything_else_is_refused(String text, String why) {
        assertThatThrownBy(() -> HostPort.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }
}
