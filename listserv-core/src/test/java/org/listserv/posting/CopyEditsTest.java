package org.listserv.posting;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        var known = new HashMap<>(settings);
        known.remove("");
        var list = new MailingList(1, EmailAddress.parse("dev@lists.example.org"), Setting.settings(known));
        var header = HeaderSection.parse(octets);
        var messageId = org.listserv.mail.MessageIds.of(header).orElse("derived@lists.example.org");
        var copies = new CopyEdits(URI.create("https://lists.example.org")).of(list, octets, header, messageId, "Received: trace\r\n");
        return of(Edits.render(octets, copies.edits(), 17), EmailAddress.parse(settings.getOrDefault("", "jane@example.org")));
    }

    private static byte[] of(Rendering rendering, EmailAddress subscriber) {
        var whole = new ByteArrayOutputStream();
        for (var i = 0; i < rendering.personal().size(); i++) {
            whole.writeBytes(rendering.shared().get(i));
            whole.writeBytes(rendering.personal().get(i).of(subscriber));
        }
        whole.writeBytes(rendering.shared().getLast());
        return whole.toByteArray();
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

    private static final String OWN = "Sent to jane@example.org. To leave the list, write to "
            + "<mailto:dev-unsubscribe-jane=example.org@lists.example.org>.\n";

    @Test
    void a_personal_copy_names_the_subscriber_in_list_unsubscribe_and_changes_nothing_else() {
        var message = "Subject: Hello\nMessage-ID: <1@example.org>\n\nx \0a\0 \0udev\0 \0n\0\n";
        assertThat(copy(message, "personal", "unsubscribe")).isEqualTo(copy(message).replace("<mailto:dev-unsubscribe@lists.example.org>",
                "<mailto:dev-unsubscribe-jane=example.org@lists.example.org>"));
    }

    @Test
    void a_personal_footer_stands_behind_the_footer_in_the_texts_own_encoding() {
        assertThat(copy("Message-ID: <1@example.org>\n\nlast line", "personal", "footer"))
                .contains("-jane=example.org@lists.example.org>\n")
                .endsWith("\n\nlast line\n" + OWN);
        assertThat(copy("Message-ID: <1@example.org>\n\nlast line\n", "personal", "footer", "footer", "-- \nbye"))
                .endsWith("\n\nlast line\n-- \nbye\n" + OWN);
        assertThat(copy("Message-ID: <1@example.org>\n\nlast line\n", "personal", "footer", "footer", "Grüße"))
                .endsWith("\n\nlast line\n" + OWN);
        assertThat(copy("Message-ID: <1@example.org>\nContent-Transfer-Encoding: quoted-printable\n\na=3Db\n", "personal", "footer"))
                .endsWith("\na=3Db\n" + """
                        Sent to jane@example.org. To leave the list, write to <mailto:dev-unsubscri=
                        be-jane=3Dexample.org@lists.example.org>.
                        """);
        assertThat(copy("Message-ID: <1@example.org>\nContent-Type: text/plain; charset=utf-16\n\nlast line\n", "personal", "footer"))
                .endsWith("\n\nlast line\n");
    }

    @Test
    void a_personal_footer_in_base64_is_encoded_behind_groups_that_are_full() {
        for (var text : List.of("", "a\r\n", "ab\r\n", "abc\r\n", "abcd", "a".repeat(200) + "\r\n")) {
            for (var footer : List.of("", "1", "12", "123")) {
                var body = Base64.getMimeEncoder().encodeToString(text.getBytes(UTF_8));
                var copy = copy("Message-ID: <1@example.org>\nContent-Type: text/plain; charset=utf-8\n"
                        + "Content-Transfer-Encoding: base64\n\n" + body.replace("\r\n", "\n") + "\n",
                        "personal", "footer", "footer", footer, "", "jane.longer@example.org");
                var encoded = copy.substring(copy.indexOf("\n\n") + 2);
                var decoded = new String(Base64.getMimeDecoder().decode(encoded), UTF_8).replace("\r\n", "\n");
                var before = (text + (text.isEmpty() || text.endsWith("\n") ? "" : "\r\n")).replace("\r\n", "\n")
                        + (footer.isEmpty() ? "" : footer + "\n");
                assertThat(decoded).startsWith(before).endsWith(OWN.replace("jane", "jane.longer"));
                assertThat(decoded.substring(before.length())).matches("\n{0,2}Sent to [^\n]*\n");
                assertThat(encoded.lines()).allMatch(line -> line.length() <= 76);
            }
        }
    }

    @Test
    void a_personal_footer_is_in_the_further_part_of_a_multipart_mixed() {
        var mixed = "Message-ID: <1@example.org>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b--\n";
        assertThat(copy(mixed, "personal", "footer")).endsWith("hello\n--b\nContent-Type: text/plain; charset=us-ascii\n"
                + "Content-Transfer-Encoding: 7bit\nContent-Disposition: inline\n\n" + OWN + "--b--\n");
        assertThat(copy(mixed, "personal", "footer", "footer", "Grüße")).endsWith("Content-Transfer-Encoding: quoted-printable\n"
                + "Content-Disposition: inline\n\nGr=C3=BC=C3=9Fe\nSent to jane@example.org. To leave the list, write to <mailto:dev-unsubscri=\n"
                + "be-jane=3Dexample.org@lists.example.org>.\n--b--\n");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            jane@example.org         | jane@example.org                | dev-unsubscribe-jane=example.org
            j.r+lists@example.org    | j.r+lists@example.org           | dev-unsubscribe-j.r%2Blists=example.org
            a/b?c&d%e@example.org    | a/b?c&d%e@example.org           | dev-unsubscribe-a%2Fb%3Fc%26d%25e=example.org
            "a b"@example.org        | "a b"@example.org               | %22dev-unsubscribe-a%20b=example.org%22
            "a\\"b"@example.org    | "a\\"b"@example.org           | %22dev-unsubscribe-a%5C%22b=example.org%22
            jane@[192.0.2.1]         | jane@[192.0.2.1]                | %22dev-unsubscribe-jane=%5B192.0.2.1%5D%22
            jürgen@example.org       | j%C3%BCrgen@example.org         | dev-unsubscribe-j%C3%BCrgen=example.org
            jane@bücher.example      | jane@xn--bcher-kva.example      | dev-unsubscribe-jane=xn--bcher-kva.example
            """)
    void an_address_is_written_so_that_it_survives_as_text_and_as_mailto(String subscriber, String text, String local) {
        var copy = copy("Message-ID: <1@example.org>\n\nx\n", "personal", "footer", "", subscriber);
        assertThat(copy).contains("\nList-Unsubscribe: <mailto:" + local + "@lists.example.org>\n")
                .endsWith("\nSent to " + text + ". To leave the list, write to <mailto:" + local + "@lists.example.org>.\n");
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
