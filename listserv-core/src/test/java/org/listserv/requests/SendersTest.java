package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.ReversePath;

class SendersTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            jane@example.org                                        | jane@example.org
            SRS0=HHH=TT=example.org=jane@forwarder.example          | jane@example.org
            SRS0+HHH=TT=example.org=jane@forwarder.example          | jane@example.org
            SRS0-HHH=TT=example.org=jane=doe@forwarder.example      | jane=doe@example.org
            srs1=GGG=first.example==HHH=TT=example.org=jane@second.example | jane@example.org
            SRS0=HHH=TT=example.org=prvs=0123456789=jane@fwd.example | jane@example.org
            prvs=0123456789=jane@example.org                        | jane@example.org
            prvs=jane=012345678a@example.org                        | jane@example.org
            prvs=jane/012345678a@example.org                        | jane@example.org
            prvs=123=jane@example.org                               | prvs=123=jane@example.org
            btv1==0123456789a==jane@example.org                     | jane@example.org
            """)
    void the_person_behind_a_rewritten_reverse_path(String reversePath, String person) {
        assertThat(Senders.of(ReversePath.parse(reversePath))).map(Object::toString).contains(person);
    }

    @ParameterizedTest
    @CsvSource({"''", "'#@[]'"})
    void nobody_is_behind_the_null_reverse_path(String reversePath) {
        assertThat(Senders.of(ReversePath.parse(reversePath))).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            jane@example.org        | jane=example.org
            a=b@example.org         | a=b=example.org
            müller@example.org      | u8--nxb3y3dmmvza=example.org
            jane@bücher.example     | jane=xn--bcher-kva.example
            u8--x@example.org       | u8--ou4c2llypb2a=example.org
            """)
    void an_address_can_be_spoken_in_ascii_and_read_again(String address, String spoken) {
        var parsed = org.listserv.mail.EmailAddress.parse(address);
        assertThat(SpokenAddress.of(parsed)).matches("[!-~]+");
        assertThat(SpokenAddress.read(SpokenAddress.of(parsed))).map(org.listserv.mail.EmailAddress::normal).contains(parsed.normal());
    }

    @ParameterizedTest
    @CsvSource({"jane", "=example.org", "u8--1=example.org", "jane=exa mple", "''", "jane="})
    void what_is_no_address_is_none(String spoken) {
        assertThat(SpokenAddress.read(spoken)).isEmpty();
    }
}
