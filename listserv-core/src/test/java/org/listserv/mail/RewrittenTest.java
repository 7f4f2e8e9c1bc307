package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewrittenTest {
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
            msprvs1=18012aBcDeFgH=jane@example.org                  | jane@example.org
            prvs=0123456789=dev-return-17-jane=example.org@lists.example | dev-return-17-jane=example.org@lists.example
            SRS0=HHH=TT=lists.example=dev-return-17-u=d.example@relay.example | dev-return-17-u=d.example@lists.example
            SRS0=HHH=TT=example.org=@forwarder.example              | SRS0=HHH=TT=example.org=@forwarder.example
            SRS0=HHH=TT=exa_mple=jane@forwarder.example             | SRS0=HHH=TT=exa_mple=jane@forwarder.example
            """)
    void the_person_behind_a_rewritten_reverse_path(String reversePath, String person) {
        assertThat(Rewritten.sender(ReversePath.parse(reversePath))).map(Object::toString).contains(person);
    }

    @ParameterizedTest
    @CsvSource({"''", "'#@[]'"})
    void nobody_is_behind_the_null_reverse_path(String reversePath) {
        assertThat(Rewritten.sender(ReversePath.parse(reversePath))).isEmpty();
    }
}
