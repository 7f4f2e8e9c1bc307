package org.listserv.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.bounce.Recipient.Action;

class DeliveryStatusTest {
    /// RFC 3464 appendix E.2.
    private static final String RFC3464_E2 = """
            Reporting-MTA: dns; cs.utk.edu

            Original-Recipient: rfc822;arathib@vnet.ibm.com
            Final-Recipient: rfc822;arathib@vnet.ibm.com
            Action: failed
            Status: 5.0.0 (permanent failure)
            Diagnostic-Code: smtp;
             550 'arathib@vnet.IBM.COM' is not a registered gateway user
            Remote-MTA: dns; vnet.ibm.com

            Original-Recipient: rfc822;johnh@hpnjld.njd.hp.com
            Final-Recipient: rfc822;johnh@hpnjld.njd.hp.com
            Action: delayed
            Status: 4.0.0 (hpnjld.njd.jp.com: host name lookup failure)

            Original-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
            Final-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
            Action: failed
            Status: 5.0.0
            Diagnostic-Code: smtp; 550 user unknown
            Remote-MTA: dns; sdcc13.ucsd.edu
            """;

    @Test
    void each_recipient_is_told_apart() {
        var groups = DeliveryStatus.read(RFC3464_E2);
        assertThat(groups).hasSize(3).allMatch(DeliveryStatus::isRecipient);
        assertThat(groups).extracting(group -> group.address().orElseThrow().toString())
                .containsExactly("arathib@vnet.ibm.com", "johnh@hpnjld.njd.hp.com", "wsnell@sdcc13.ucsd.edu");
        assertThat(groups).extracting(group -> group.action().orElseThrow())
                .containsExactly(Action.FAILED, Action.DELAYED, Action.FAILED);
        assertThat(groups).extracting(DeliveryStatus::status).containsExactly("5.0.0", "4.0.0", "5.0.0");
        assertThat(groups.getFirst().diagnostic()).isEqualTo("550 'arathib@vnet.IBM.COM' is not a registered gateway user");
    }

    @Test
    void a_field_for_the_second_time_begins_the_next_recipient() {
        var groups = DeliveryStatus.read(RFC3464_E2.replace("\n\n", "\n"));
        assertThat(groups).hasSize(3);
        assertThat(groups).extracting(group -> group.address().orElseThrow().domain())
                .containsExactly("vnet.ibm.com", "hpnjld.njd.hp.com", "sdcc13.ucsd.edu");
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '~', textBlock = """
            rfc822; jane@example.org  ~ jane@example.org
            RFC822;<Jane@example.org>  ~ Jane@example.org
            jane@example.org  ~ jane@example.org
            rfc822; "a b"@example.org  ~ "a b"@example.org
            rfc822; jane@example.org (forwarded)  ~ jane@example.org
            utf-8; m\\x{FC}ller@example.org  ~ müller@example.org
            utf-8; müller@bücher.example  ~ müller@bücher.example
            rfc822;/var/mail/jane  ~ ''
            rfc822;|/usr/bin/vacation jane  ~ ''
            rfc822;@mx.example.org  ~ ''
            x400; /C=de/O=example/  ~ ''
            ''  ~ ''
            """)
    void recipients_are_read_as_they_are_written(String value, String address) {
        assertThat(Addresses.ofField(value).map(Object::toString).orElse("")).isEqualTo(address);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"failed, FAILED", "Failed, FAILED", "delayed, DELAYED", "delivered (to mailbox), DELIVERED", "deliverable, DELIVERED",
            "relayed, RELAYED", "expanded, EXPANDED", "expired, FAILED"})
    void actions_are_those_of_the_standard_and_what_is_said_for_them(String value, Action action) {
        assertThat(DeliveryStatus.read("Final-Recipient: rfc822; a@b.example\nAction: " + value).getFirst().action()).contains(action);
    }

    @Test
    void lines_that_are_no_fields_are_passed_over() {
        assertThat(DeliveryStatus.read("Dear user,\nSubject: hello\n folded\nall is lost: really\n")).isEmpty();
        assertThat(DeliveryStatus.read("")).isEmpty();
    }
}
