package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.EmailAddress;

class SpokenAddressTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            jane@example.org        | jane=example.org
            a=b@example.org         | a=b=example.org
            müller@example.org      | u8--nxb3y3dmmvza=example.org
            jane@bücher.example     | jane=xn--bcher-kva.example
            u8--x@example.org       | u8--ou4c2llypb2a=example.org
            """)
    void an_address_can_be_spoken_in_ascii_and_read_again(String address, String spoken) {
        var parsed = EmailAddress.parse(address);
        assertThat(SpokenAddress.of(parsed)).matches("[!-~]+");
        assertThat(SpokenAddress.read(SpokenAddress.of(parsed))).map(EmailAddress::normal).contains(parsed.normal());
    }

    @ParameterizedTest
    @CsvSource({"jane", "=example.org", "u8--1=example.org", "jane=exa mple", "''", "jane="})
    void what_is_no_address_is_none(String spoken) {
        assertThat(SpokenAddress.read(spoken)).isEmpty();
    }
}
