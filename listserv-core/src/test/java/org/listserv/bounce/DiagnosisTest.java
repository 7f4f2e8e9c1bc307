package org.listserv.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.bounce.Recipient.Action;
import org.listserv.bounce.Recipient.Kind;

class DiagnosisTest {
    @ParameterizedTest(name = "{1} at {0} is {2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            RCPT    | 550 5.1.1 <jane@example.org>: Recipient address rejected: User unknown    | HARD   | words and status agree
            UNKNOWN | 550 5.1.1 <jane@example.org>... User Unknown                              | HARD   | the status says so too
            RCPT    | 550 5.2.1 <jane@example.org>... User Unknown                              | HARD   | said to RCPT
            UNKNOWN | 550 5.2.1 <jane@example.org>... User Unknown                              | SOFT   | a filter may have said it
            DATA    | 550 Unknown user jane@example.org                                         | SOFT   | a filter said it
            UNKNOWN | 550 user unknown                                                          | SOFT   | neither status nor command
            RCPT    | 450 4.1.1 <jane@example.org>: Recipient address rejected: User unknown    | SOFT   | transient
            MAIL    | 553 5.1.8 <list@example.org>... Domain of sender address does not exist   | POLICY | about the sender
            MAIL    | 553 5.1.0 example.org does not exist                                      | POLICY | about the sender
            RCPT    | 550 5.1.1 <jane@example.org> Mailbox full                                 | SOFT   | words go before the status
            RCPT    | 552 5.2.2 <jane@example.org>: Recipient address rejected: Mailbox full    | SOFT   | full
            RCPT    | 452 4.2.2 Over quota                                                      | SOFT   | full for now
            RCPT    | 450 4.7.1 <jane@example.org>: Recipient address rejected: Greylisted      | SOFT   | greylisted
            RCPT    | 554 5.7.1 <jane@example.org>: Recipient address rejected: Access denied   | POLICY | somebody's rule
            RCPT    | 550 5.4.1 Recipient address rejected: Access denied [AM0.example]         | POLICY | no address, so not Microsoft's words
            RCPT    | 550 5.4.1 <jane@example.org>: Recipient address rejected: Access denied   | HARD   | Microsoft's for an address that is not there
            RCPT    | 554 5.7.1 <jane@example.org>: Relay access denied                         | POLICY | relaying
            DATA    | 550 5.7.1 Message rejected per DMARC policy                               | POLICY | DMARC
            DATA    | 554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org | POLICY | blocked
            CONNECT | 550 Service unavailable, try again later                                  | POLICY | the door is closed
            CONNECT | 421 too many connections, try again later                                 | SOFT   | the door is closed for a moment
            UNKNOWN | 552 5.3.4 Message size exceeds fixed maximum message size                 | POLICY | too big
            UNKNOWN | 550 5.1.2 <jane@example.org>... Host unknown                              | HARD   | no such domain
            UNKNOWN | Host or domain name not found. Name service error: Host not found         | HARD   | no such domain
            UNKNOWN | Name service error: Host not found, try again                             | SOFT   | DNS did not answer
            UNKNOWN | 521 5.3.0 goodbye                                                         | SOFT   | 521 counts alone (RFC 7504)
            UNKNOWN | 521 goodbye                                                               | HARD   | RFC 7504
            UNKNOWN | 556 5.1.10 example.org has a null MX                                      | HARD   | RFC 7505
            UNKNOWN | 550 5.1.1                                                                 | HARD   | the status alone
            UNKNOWN | 550 5.7.26                                                                | POLICY | the status alone
            UNKNOWN | 525 5.7.13                                                                | SOFT   | an account disabled
            UNKNOWN | 550 5.0.0                                                                 | SOFT   | nothing is said
            UNKNOWN | 554 sorry                                                                 | SOFT   | nothing is said
            UNKNOWN | ''                                                                        | SOFT   | nothing at all
            RCPT    | 525 5.7.13 <jane@example.org>: User account disabled                      | SOFT   | an account disabled
            RCPT    | 550 5.1.1 user is blocked due to its preferences, user unknown            | POLICY | the longer words, the more cautious kind
            """)
    void words_and_command_and_status_say_why(Phase phase, String reply, Kind kind, String why) {
        var plain = Diagnosis.plain(reply);
        var diagnosis = new Diagnosis(Diagnosis.status(reply), Diagnosis.code(reply), phase, plain);
        assertThat(diagnosis.kind(Action.FAILED, Wordings.shippedOnes())).as(why).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"DELAYED, SOFT", "DELIVERED, NONE", "RELAYED, NONE", "EXPANDED, NONE", "FAILED, HARD"})
    void only_what_was_given_up_is_hard(Action action, Kind kind) {
        assertThat(new Diagnosis("5.1.1", 550, Phase.RCPT, "user unknown").kind(action, Wordings.shippedOnes())).isEqualTo(kind);
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @CsvSource(delimiter = '|', textBlock = """
            550 5.1.1 unknown                                        | 5.1.1   | 550
            550-5.1.1 The email account 550 5.1.1 does not exist     | 5.1.1   | 550
            5.1.0 - Unknown address error 550-'5.2.2 Mailbox Full'   | 5.2.2   | 550
            550 #5.1.0 Address rejected                              | 5.1.0   | 550
            554 4.4.7 Message expired <421 4.4.2 timed out>          | 4.4.2   | 554
            Sorry, no mailbox here by that name. (#5.1.1)            | 5.1.1   | 0
            250 2.1.5 Ok 354 go on 451 4.3.0 queue file write error  | 4.3.0   | 250
            550 5.7.606 Access denied, banned sending IP             | 5.7.606 | 550
            host mx.example.org[192.0.2.5] said: 450 busy            | ''      | 450
            (Exim 4.69) v5.5.2657.72 at 4.16.55.1                    | ''      | 0
            5.4.4.4, 192.0.2.5 and 45.1.1                            | ''      | 0
            """)
    void status_and_code_are_found_in_the_text(String text, String status, int code) {
        assertThat(Diagnosis.status(text)).isEqualTo(status);
        assertThat(Diagnosis.code(text)).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            550-5.7.1 Not\u00a0accepted 550 5.7.1 here        | not accepted 550 5.7.1 here
            <spam-blocked@example.org>: "full-up"@example.org | @: @
            User\u2019s   MAILBOX                             | user's mailbox
            """)
    void addresses_and_repeated_codes_are_no_words(String text, String plain) {
        assertThat(Diagnosis.plain(text).strip()).isEqualTo(plain);
    }
}
