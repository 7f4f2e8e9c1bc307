package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.HeaderSection;
import org.listserv.mail.ReversePath;

class WeedTest {
    @ParameterizedTest(name = "{0}: dropped {1}")
    @CsvSource(delimiter = '|', textBlock = """
            Subject: subscribe                                | false
            Auto-Submitted: no                                | false
            Auto-Submitted: No; owner-email="a@b.example"     | false
            Auto-Submitted: auto-replied                      | true
            Auto-Submitted: auto-generated                    | true
            Precedence: bulk                                  | true
            Precedence: junk                                  | true
            Precedence: list                                  | true
            Precedence: first-class                           | false
            Mailing-List: contact x-help@example.org          | true
            List-Id: <x.example.org>                          | true
            List-Unsubscribe: <mailto:x>                      | true
            X-ML-Name: x                                      | true
            X-Amazon-Auto-Reply: true                         | true
            X-Mailer: KANA Response 5                         | true
            X-Mailer: Mutt                                    | false
            Subject: Out of Office AutoReply: confirm         | true
            Subject: AutoResponse - gone                      | true
            Subject: Warning: could not send message for past 4 hours | true
            Subject: Re: confirm subscribe to dev@example.org | false
            """)
    void what_machines_write(String field, boolean dropped) {
        assertThat(weed("jane@example.org", field + "\r\n\r\nsubscribe\r\n")).isEqualTo(dropped);
    }

    @ParameterizedTest
    @CsvSource({"failed", "delayed", "relayed"})
    void a_delivery_report_is_no_command(String action) {
        assertThat(weed("jane@example.org", """
                Content-Type: multipart/report; report-type=delivery-status; boundary=b

                --b
                Content-Type: text/plain

                Sorry.
                --b
                Content-Type: message/delivery-status

                Reporting-MTA: dns; x

                Final-Recipient: rfc822; jane@example.org
                Action: %s
                --b--
                """.formatted(action).replace("\n", "\r\n"))).isTrue();
    }

    private static boolean weed(String from, String message) {
        var octets = message.getBytes(StandardCharsets.UTF_8);
        return Weed.reason(ReversePath.parse(from), HeaderSection.parse(octets), octets).isPresent();
    }
}
