package org.listserv.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
    private final ClientAddress addresses = new ClientAddress(List.of("10.0.0.0/8", "2001:db8::/32", "127.0.0.1"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "192.0.2.7 | | 192.0.2.7",
            "192.0.2.7 | 198.51.100.1 | 192.0.2.7",
            "10.1.2.3 | 198.51.100.1 | 198.51.100.1",
            "127.0.0.1 | 203.0.113.9, 198.51.100.1, 10.0.0.4 | 198.51.100.1",
            "2001:db8::1 | 2001:db9::5 | 2001:db9:0:0:0:0:0:5",
            "10.1.2.3 | nonsense | 10.1.2.3",
            "10.1.2.3 | example.org | 10.1.2.3",
            "10.1.2.3 | 10.9.9.9 | 10.9.9.9"})
    void only_what_trusted_proxies_say_is_believed(String peer, String forwardedFor, String client) {
        assertThat(addresses.of(peer, forwardedFor)).isEqualTo(client);
    }

    @Test
    void a_network_that_is_none_is_named() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ClientAddress(List.of("10.0.0.0/33")))
                .withMessageContaining("10.0.0.0/33");
        assertThatIllegalArgumentException().isThrownBy(() -> new ClientAddress(List.of("proxy.example.org")));
    }
}
