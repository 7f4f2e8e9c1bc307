package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaidTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            1 ok                                      | 1 accepted
            1 OK.                                     | 1 accepted
            #1: yes, 2) no                            | 1 accepted, 2 rejected
            1 ok 2 reject text                        | 1 accepted, 2 rejected <text>
            1 reject the other list is at 4 Main St 2 ok | 1 rejected <the other list is at 4 Main St>, 2 accepted
            1 ok\\n1 reject                           | 1 accepted
            1 discard\\n2 spam\\n3 drop               | 1 discarded, 2 discarded, 3 discarded
            1 okay                                    | ''
            > 1 ok                                    | ''
            -- \\n1 ok                                | ''
            On 3 May 2024 Ann wrote:\\n1 ok           | ''
            version 2.1 ok                            | ''
            99999999999999999999 ok                   | ''
            reject                                    | ''
            """)
    void lines_are_read_as_decisions(String body, String decisions) {
        var read = Said.all(body.replace("\\n", "\n")).stream()
                .map(said -> said.id() + " " + said.state() + (said.comment() == null ? "" : " <" + said.comment() + ">"))
                .collect(Collectors.joining(", "));
        assertThat(read).isEqualTo(decisions);
    }
}
