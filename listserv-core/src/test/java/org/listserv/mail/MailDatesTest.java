package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailDatesTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', textBlock = """
            Fri, 21 Nov 1997 09:55:06 -0600                        | 1997-11-21T15:55:06Z
            Tue, 1 Jul 2003 10:52:37 +0200                         | 2003-07-01T08:52:37Z
            Thu, 13 Feb 1969 23:32:54 -0330                        | 1969-02-14T03:02:54Z
            Mon, 24 Nov 1997 14:22:01 -0800                        | 1997-11-24T22:22:01Z
            21 Nov 97 09:55:06 GMT                                 | 1997-11-21T09:55:06Z
            Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)       | 1969-02-14T03:02:00Z
            Fri, 21 Nov 1997 09(comment):   55  :  06 -0600        | 1997-11-21T15:55:06Z
            """)
    void rfc5322_appendix_a_examples(String text, String instant) {
        assertThat(MailDates.parse(text)).contains(Instant.parse(instant));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', textBlock = """
            Tue, 20 Aug 2002 12:00:00 EST        | 2002-08-20T17:00:00Z
            Tue, 20 Aug 2002 12:00:00 PDT        | 2002-08-20T19:00:00Z
            Tue, 20 Aug 2002 12:00:00 Z          | 2002-08-20T12:00:00Z
            Tue, 20 Aug 2002 12:00:00 QQQ        | 2002-08-20T12:00:00Z
            Tue, 20 Aug 2002 12:00:00 GMT+0200   | 2002-08-20T10:00:00Z
            Tue, 20 Aug 2002 12:00:00 +02:00     | 2002-08-20T10:00:00Z
            Tue, 20 Aug 2002 12:00:00 +9999      | 2002-08-20T12:00:00Z
            Tue, 20 Aug 2002 12:00:00            | 2002-08-20T12:00:00Z
            Tue,20 Aug 2002 12:00:00 +0000       | 2002-08-20T12:00:00Z
            20 august 2002 12:00                 | 2002-08-20T12:00:00Z
            20 Sept 2002 12:00                   | 2002-09-20T12:00:00Z
            Tue Aug 20 12:00:00 2002             | 2002-08-20T12:00:00Z
            Tue Aug 20 12:00:00 EDT 2002         | 2002-08-20T16:00:00Z
            Tue Aug 20 12:00:00 2002 +0100       | 2002-08-20T11:00:00Z
            20-Aug-2002 12:00:00 +0000           | 2002-08-20T12:00:00Z
            2002-08-20 12:00:00 +0200            | 2002-08-20T10:00:00Z
            2002/08/20 Tue 12:00:00 CDT          | 2002-08-20T17:00:00Z
            2002-08-20T12:00:00.123Z             | 2002-08-20T12:00:00Z
            2002-08-20T12:00:00+02:00            | 2002-08-20T10:00:00Z
            Aug 20, 2002 1:30 PM                 | 2002-08-20T13:30:00Z
            Tue, 20 Aug 102 12:00:00 +0000       | 2002-08-20T12:00:00Z
            Tue, 20 Aug 02 12:00:00 +0000        | 2002-08-20T12:00:00Z
            Tue, 20 Aug 2002                     | 2002-08-20T00:00:00Z
            Sat, 31 Dec 2016 23:59:60 +0000      | 2016-12-31T23:59:59Z
            Fri, 1 Jan 1904 00:00:00 +0000       | 1904-01-01T00:00:00Z
            Thu, 31 Dec 2099 23:59:59 -0100      | 2100-01-01T00:59:59Z
            """)
    void what_programs_wrote_instead_is_understood(String text, String instant) {
        assertThat(MailDates.parse(text)).contains(Instant.parse(instant));
    }

    @ParameterizedTest(name = "{0} is no date")
    @ValueSource(strings = {"", "yesterday", "Tue, 31 Feb 2002 12:00:00 +0000", "Tue, 20 Aug 2002 25:00:00", "20 Aug 99999 12:00",
            "0 Aug 2002", "#99",
            "20 Aug", "Aug 2002", "1029844800", "(Tue, 20 Aug 2002 12:00)", "2002-13-01 00:00", "99999999999999999999 Aug 2002", "# # #"})
    void what_cannot_be_is_absent(String text) {
        assertThat(MailDates.parse(text)).isEmpty();
    }

    @Test
    void the_topmost_received_field_says_when_the_last_host_took_it() {
        var header = header("""
                Received: from a (a [192.0.2.1]; helo) by b
                 (Postfix; x) with SMTP id 1;
                 Tue, 20 Aug 2002 12:00:00 +0200 (CEST; summer)
                Received: from c by a; Mon, 19 Aug 2002 12:00:00 +0000
                Date: Sun, 18 Aug 2002 12:00:00 +0000
                """);
        assertThat(MailDates.topmostReceived(header)).contains(Instant.parse("2002-08-20T10:00:00Z"));
        assertThat(MailDates.sent(header)).contains(Instant.parse("2002-08-18T12:00:00Z"));
    }

    @Test
    void a_comment_left_open_does_not_hide_the_date() {
        assertThat(MailDates.topmostReceived(header("Received: with X (v1; list y; Tue, 06 Dec 2011 01:49:42 +0100 (CET)\n")))
                .contains(Instant.parse("2011-12-06T00:49:42Z"));
    }

    @Test
    void fields_that_are_missing_or_say_nothing_give_no_date() {
        assertThat(MailDates.topmostReceived(header("Received: by b\nDate: \n"))).isEmpty();
        assertThat(MailDates.sent(header("Received: by b\nDate: \n"))).isEmpty();
        assertThat(MailDates.sent(header("Subject: x\n"))).isEmpty();
    }

    @Test
    void any_text_is_a_date_or_none() {
        for (var seed : new String[]{"Tue, 20 Aug 2002 12:00:00 +0200 (CEST)", "2002-08-20T12:00:00.5+02:00", "Aug 20, 2002 1:30 PM EDT"}) {
            new Mutations(3).forEach(seed.getBytes(StandardCharsets.UTF_8), 10_000,
                    octets -> assertThat(MailDates.parse(new String(octets, StandardCharsets.ISO_8859_1))).isNotNull());
        }
    }

    private static HeaderSection header(String text) {
        return HeaderSection.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
