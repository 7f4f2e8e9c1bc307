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
            RCPT    | 550 5.4.1 Recipient address rejected: Access denied [AM0.example]         | HARD   | Microsoft's for an address that is not there
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
            RCPT    | 550 5.1.1 <jane@example.org>: Recipient address rejected: example.org             | HARD   | a frame says nothing, the status does
            RCPT    | 550 5.5.0 <jane@example.org>: Recipient address rejected: example.org             | POLICY | neither says anything
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

    /// As they are said today and were said for twenty years.
    @ParameterizedTest(name = "{1} at {0} is {2}")
    @CsvSource(delimiter = '|', textBlock = """
            RCPT    | 550-5.1.1 The email account that you tried to reach does not exist.                                | HARD
            RCPT    | 550-5.2.1 The email account that you tried to reach is disabled.                                   | SOFT
            RCPT    | 552-5.2.2 The recipient's inbox is out of storage space and inactive.                              | SOFT
            RCPT    | 452-4.2.2 The email account that you tried to reach is over quota.                                 | SOFT
            DATA    | 550-5.7.26 This mail has been blocked because the sender is unauthenticated.                       | POLICY
            DATA    | 421-4.7.28 Our system has detected an unusual rate of unsolicited mail from your IP address.       | POLICY
            RCPT    | 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).                           | HARD
            DATA    | 550 5.7.1 Unfortunately, messages from [192.0.2.5] weren't sent. Please contact your provider (S3140) | POLICY
            RCPT    | 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)                                 | HARD
            UNKNOWN | 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup              | HARD
            UNKNOWN | 550 5.4.310 DNS domain example.org does not exist [Message=InfoDomainNonexistent]                  | HARD
            UNKNOWN | 550 5.4.300 Message expired -> 451 4.4.0 connection timed out                                      | SOFT
            UNKNOWN | 554 5.4.14 Hop count exceeded - possible mail loop                                                 | SOFT
            UNKNOWN | 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain                                  | POLICY
            DATA    | 554 delivery error: dd This user doesn't have a yahoo.com account (jane@yahoo.com) [0]             | HARD
            RCPT    | 554 30 Sorry, your message to jane@yahoo.com cannot be delivered. This mailbox is disabled (554.30). | SOFT
            RCPT    | 552 1 Requested mail action aborted, mailbox not found                                             | HARD
            RCPT    | 552 Requested mail action aborted: exceeded storage allocation                                     | SOFT
            RCPT    | 550 Mailbox not found. http://service.mail.qq.com                                                  | HARD
            RCPT    | 550 User not found: jane@163.com                                                                   | HARD
            RCPT    | 550 5.1.1 <jane@icloud.com>: user does not exist                                                   | HARD
            DATA    | 554 5.7.1 [CS01] Message rejected due to local policy.                                             | POLICY
            RCPT    | 550 Requested action not taken: mailbox unavailable invalid DNS MX or A/AAAA resource record       | POLICY
            RCPT    | 550 Requested action not taken: mailbox unavailable Reject due to policy restrictions.             | POLICY
            RCPT    | 550 #5.1.0 Address rejected.                                                                       | HARD
            RCPT    | 550 sorry, no mailbox here by that name (#5.1.1 - chkusr)                                          | HARD
            RCPT    | 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)                              | POLICY
            RCPT    | 550 5.1.1 <jane@example.org>: Recipient address rejected: undeliverable address: host mx said: 550 User unknown | HARD
            RCPT    | 450 4.2.0 <jane@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example  | SOFT
            RCPT    | 451 4.7.1 Greylisting in action, please come back later                                            | SOFT
            RCPT    | 550 5.7.23 <jane@example.org>: Recipient address rejected: Message rejected due to: SPF fail       | POLICY
            RCPT    | 550 relay not permitted                                                                            | POLICY
            RCPT    | 550 Administrative prohibition                                                                     | POLICY
            RCPT    | 550 Sender verify failed                                                                           | POLICY
            RCPT    | 550 rejected because 192.0.2.5 is in a black list at zen.spamhaus.org                              | POLICY
            RCPT    | 550 Account suspended                                                                              | SOFT
            RCPT    | 550 5.1.1 Mailbox disabled, not accepting messages                                                 | SOFT
            RCPT    | 550 jane@example.org does not exist                                                                | HARD
            RCPT    | 550 Mailbox for jane@example.org does not exist                                                    | HARD
            RCPT    | 550 Benutzer unbekannt                                                                             | HARD
            RCPT    | 552 Postfach ist voll                                                                              | SOFT
            UNKNOWN | Domain example.org does not accept mail (nullMX)                                                   | HARD
            UNKNOWN | all relevant MX records point to non-existent hosts                                                | HARD
            UNKNOWN | unknown user: "jane"                                                                               | HARD
            UNKNOWN | connect to mx.example.org[192.0.2.5]:25: Connection timed out                                      | SOFT
            UNKNOWN | mail for example.org loops back to myself                                                          | SOFT
            UNKNOWN | retry timeout exceeded                                                                             | SOFT
            """)
    void well_known_replies_are_understood(Phase phase, String reply, Kind kind) {
        words_and_command_and_status_say_why(phase, reply, kind, reply);
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
