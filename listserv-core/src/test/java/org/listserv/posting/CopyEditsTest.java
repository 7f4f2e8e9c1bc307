package org.listserv.posting;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.listserv.lists.ListSettings;
import org.listserv.lists.MailingList;
import org.listserv.lists.Setting;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;

/// What subscribers get, against what was received.
class CopyEditsTest {
    private static final String LIST_FIELDS = """
            Mailing-List: contact dev-help@lists.example.org; run by listserv
            Delivered-To: mailing list dev@lists.example.org
            Precedence: bulk
            List-Id: <dev.lists.example.org>
            List-Post: <mailto:dev@lists.example.org>
            List-Help: <mailto:dev-help@lists.example.org>
            List-Subscribe: <mailto:dev-subscribe@lists.example.org>
            List-Unsubscribe: <mailto:dev-unsubscribe@lists.example.org>
            List-Owner: <mailto:dev-owner@lists.example.org>
            List-Archive: <https://lists.example.org/dev@lists.example.org/>
            Archived-At: <https://lists.example.org/dev@lists.example.org/1@example.org/>
            """;

    private static String copy(String message, String... settings) {
        var given = new HashMap<String, String>();
        for (var i = 0; i < settings.length; i += 2) {
            given.put(settings[i], settings[i + 1]);
        }
        return copy(message, given);
    }

    private static String copy(String message, Map<String, String> settings) {
        return new String(copy(crlf(message).getBytes(ISO_8859_1), settings), ISO_8859_1).replace("\r\n", "\n");
    }

    private static byte[] copy(byte[] octets, Map<String, String> settings) {
        var list = new MailingList(1, EmailAddress.parse("dev@lists.example.org"), Setting.settings(settings));
        var header = HeaderSection.parse(octets);
        var messageId = org.listserv.mail.MessageIds.of(header).orElse("derived@lists.example.org");
        var copies = new CopyEdits(URI.create("https://lists.example.org")).of(list, octets, header, messageId, "Received: trace\r\n");
        return Edits.apply(octets, copies.edits(), 17);
    }

    private static String crlf(String text) {
        return text.replace("\n", "\r\n");
    }

    @Test
    void the_list_fields_stand_on_top_and_everything_else_is_as_received() {
        var message = """
                Received: from elsewhere
                From:  "Jane"  <jane@example.org>
                Subject:\tHello
                   again
                Message-ID: <1@example.org>
                X-Odd : kept

                body  \s
                .
                """;
        assertThat(copy(message)).isEqualTo("Received: trace\n" + LIST_FIELDS + message);
    }

    @Test
    void fields_that_only_this_list_may_say_are_cut_with_their_folded_lines() {
        assertThat(copy("""
                List-Id: Another
                 list <other.example.net>
                From: jane@example.org
                Precedence: junk
                Return-Receipt-To: jane@example.org
                Message-ID: <1@example.org>
                list-unsubscribe: <mailto:x@y>

                x
                """)).isEqualTo("Received: trace\n" + LIST_FIELDS + """
                From: jane@example.org
                Message-ID: <1@example.org>

                x
                """);
    }

    @Test
    void a_prefix_goes_in_front_of_the_subject_unless_it_is_there() {
        assertThat(copy("Subject: Hello\nMessage-ID: <1@example.org>\n\nx\n", "prefix", "[dev]")).contains("\nSubject: [dev] Hello\n");
        assertThat(copy("Subject: Re: [dev] Hello\nMessage-ID: <1@example.org>\n\nx\n", "prefix", "[dev]"))
                .contains("\nSubject: Re: [dev] Hello\n");
        assertThat(copy("Subject: =?utf-8?B?W2Rldl0gSGVsbG8=?=\nMessage-ID: <1@example.org>\n\nx\n", "prefix", "[dev]"))
                .contains("\nSubject: =?utf-8?B?W2Rldl0gSGVsbG8=?=\n");
        assertThat(copy("Subject:Hello\nMessage-ID: <1@example.org>\n\nx\n", "prefix", "[dev]")).contains("\nSubject: [dev] Hello\n");
        assertThat(copy("Subject: Hello\nMessage-ID: <1@example.org>\n\nx\n", "prefix", "dev #")).contains("\nSubject: dev 17 Hello\n");
        assertThat(copy("Message-ID: <1@example.org>\n\nx\n", "prefix", "[dev]")).contains("\nSubject: [dev]\n");
    }

    @Test
    void reply_to_the_list_replaces_the_authors_and_two_are_never_sent() {
        var message = "Reply-To: a@example.org\nReply-To: b@example.org\nMessage-ID: <1@example.org>\n\nx\n";
        assertThat(copy(message, "reply-to", "list").lines().filter(line -> line.startsWith("Reply-To")))
                .containsExactly("Reply-To: <dev@lists.example.org>");
        assertThat(copy(message, "reply-to", "x@example.net").lines().filter(line -> line.startsWith("Reply-To")))
                .containsExactly("Reply-To: <x@example.net>");
        assertThat(copy(message).lines().filter(line -> line.startsWith("Reply-To"))).containsExactly("Reply-To: a@example.org");
    }

    @Test
    void a_message_without_message_id_gets_one_in_its_copies() {
        assertThat(copy("From: a@example.org\n\nx\n")).contains("\nMessage-ID: <derived@lists.example.org>\nFrom: a@example.org\n\nx\n");
    }

    @Test
    void a_message_that_is_all_body_stays_body() {
        assertThat(copy("\nno header section\n")).endsWith("Message-ID: <derived@lists.example.org>\n\nno header section\n");
    }

    @Test
    void a_footer_is_appended_to_plain_text_in_its_own_transfer_encoding() {
        var footer = Map.of("footer", "-- \nleave: dev-unsubscribe@lists.example.org");
        assertThat(copy("Message-ID: <1@example.org>\n\nlast line\n", footer))
                .endsWith("last line\n-- \nleave: dev-unsubscribe@lists.example.org\n");
        assertThat(copy("Message-ID: <1@example.org>\n\nno line end", footer))
                .endsWith("no line end\n-- \nleave: dev-unsubscribe@lists.example.org\n");
        assertThat(copy("Message-ID: <1@example.org>\nContent-Transfer-Encoding: quoted-printable\n\na=3Db\n", Map.of("footer", "x=y")))
                .endsWith("a=3Db\nx=3Dy\n");
    }

    @Test
    void a_base64_text_is_opened_at_its_end_only() {
        for (var text : List.of("a\r\n", "ab\r\n", "abc\r\n", "abcd", "a".repeat(200) + "\r\n")) {
            var body = Base64.getMimeEncoder().encodeToString(text.getBytes(UTF_8));
            var copy = copy("Message-ID: <1@example.org>\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
                    + body.replace("\r\n", "\n")
                    + "\n", Map.of("footer", "bye"));
            var decoded = new String(Base64.getMimeDecoder().decode(copy.substring(copy.indexOf("\n\n") + 2)), UTF_8);
            assertThat(decoded).isEqualTo(text + (text.endsWith("\n") ? "" : "\r\n") + "bye\r\n");
        }
    }

    @Test
    void a_multipart_mixed_gets_a_further_part_and_an_alternative_gets_none() {
        var mixed = """
                Message-ID: <1@example.org>
                Content-Type: multipart/mixed; boundary="b"

                --b
                Content-Type: text/plain

                hello
                --b--
                """;
        assertThat(copy(mixed, Map.of("footer", "bye"))).endsWith("""
                hello
                --b
                Content-Type: text/plain; charset=us-ascii
                Content-Transfer-Encoding: 7bit
                Content-Disposition: inline

                bye
                --b--
                """);
        var alternative = mixed.replace("multipart/mixed", "multipart/alternative");
        assertThat(copy(alternative, Map.of("footer", "bye"))).endsWith(alternative);
    }

    @Test
    void what_the_messages_charset_cannot_say_is_not_added() {
        assertThat(copy("Message-ID: <1@example.org>\n\nhello\n", Map.of("footer", "Grüße"))).endsWith("\n\nhello\n");
    }

    @Test
    void a_description_with_any_character_makes_a_valid_list_id() {
        assertThat(copy("Message-ID: <1@example.org>\n\nx\n", "description", "Über \"alles\""))
                .contains("List-Id: =?utf-8?B?w5xiZXIgImFsbGVzIg==?= <dev.lists.example.org>\n");
        assertThat(copy("Message-ID: <1@example.org>\n\nx\n", "description", "All \"of\" it"))
                .contains("List-Id: \"All \\\"of\\\" it\" <dev.lists.example.org>");
    }

    @Test
    void no_archive_no_links_to_it() {
        assertThat(copy("Message-ID: <1@example.org>\n\nx\n", "archive", "off")).doesNotContain("Archive");
        assertThat(ListSettings.Archive.values()).hasSize(3);
    }
}
