package org.listserv.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a list may change in a copy, and that everything else is noticed.
class CopyCheckTest {

    private static final String TOP = """
            Received: from client.example ([127.0.0.1])
             by node1 with ESMTP; Mon, 5 Jan 2026 10:00:00 +0000
            Mailing-List: contact dev-help@lists.example.org; run by listserv
            Delivered-To: mailing list dev@lists.example.org
            Precedence: bulk
            List-Id: <dev.lists.example.org>
            List-Post: <mailto:dev@lists.example.org>
            List-Help: <mailto:dev-help@lists.example.org>
            List-Subscribe: <mailto:dev-subscribe@lists.example.org>
            List-Unsubscribe: <mailto:dev-unsubscribe@lists.example.org>
            List-Owner: <mailto:dev-owner@lists.example.org>
            List-Archive: <http://127.0.0.1:8080/dev@lists.example.org/>
            Archived-At: <http://127.0.0.1:8080/dev@lists.example.org/1@m/>
            """;

    private static final String SENT = """
            From: a@x.example
            Subject: hello
            Message-ID: <1@m>

            Text.
            .
            More.
            """;

    private final CopyCheck plain = new CopyCheck("dev@lists.example.org", "", "");
    private final CopyCheck decorated = new CopyCheck("dev@lists.example.org", "[dev]", "--\r\nThe footer\r\n");

    @Test
    void a_copy_has_the_lists_fields_on_top_and_all_that_was_sent() {
        assertThat(plain.difference(octets(SENT), octets(TOP + SENT))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"List-Id: <other>", "Precedence: list", "Mailing-List: x", "Disposition-Notification-To: a@x.example",
            "List-Unsubscribe:\n <mailto:x@y.example>"})
    void fields_about_lists_may_go(String field) {
        assertThat(plain.difference(octets(field + "\n" + SENT), octets(TOP + SENT))).isEmpty();
        assertThat(plain.difference(octets(SENT.replace("\n\n", "\n" + field + "\n\n")), octets(TOP + SENT))).isEmpty();
    }

    @Test
    void a_second_reply_to_goes_and_the_first_stays() {
        var twice = "Reply-To: b@x.example\nReply-To: c@x.example\n" + SENT;
        assertThat(plain.difference(octets(twice), octets(TOP + "Reply-To: b@x.example\n" + SENT))).isEmpty();
        assertThat(plain.difference(octets(twice), octets(TOP + SENT))).isPresent();
    }

    @Test
    void an_mbox_line_before_the_first_field_may_go() {
        assertThat(plain.difference(octets("From a@x.example Mon Jan  5\n" + SENT), octets(TOP + SENT))).isEmpty();
    }

    @Test
    void a_missing_message_id_is_added() {
        var without = SENT.replace("Message-ID: <1@m>\n", "");
        assertThat(plain.difference(octets(without), octets(TOP + "Message-ID: <2@m>\n" + without))).isEmpty();
        assertThat(plain.difference(octets(without), octets(TOP + without))).isPresent();
        assertThat(plain.difference(octets(SENT), octets(TOP + "Message-ID: <2@m>\n" + SENT))).isPresent();
    }

    @Test
    void text_without_a_header_section_gets_an_empty_line_before_it() {
        assertThat(plain.difference(octets("only text\n"), octets(TOP + "Message-ID: <2@m>\n\nonly text\n"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            a@x.example , b@x.example
            Subject: , subject:
            Text. , Text
            More. , Mor.
            """)
    void any_other_octet_is_noticed(String octets, String others) {
        assertThat(plain.difference(octets(SENT), octets(TOP + SENT.replace(octets, others)))).isPresent();
    }

    @Test
    void what_is_missing_doubled_or_appended_is_noticed() {
        assertThat(plain.difference(octets(SENT), octets(TOP))).isPresent();
        assertThat(plain.difference(octets(SENT), octets(TOP + SENT + SENT))).isPresent();
        assertThat(plain.difference(octets(SENT), octets(SENT))).isPresent();
        assertThat(plain.difference(octets(SENT), octets(TOP + SENT.replace("Subject: hello\n", "")))).isPresent();
        assertThat(plain.difference(octets(SENT), octets(TOP + "X-New: field\n" + SENT))).isPresent();
        assertThat(plain.difference(octets(SENT), octets(TOP.replace("Precedence: bulk\n", "") + SENT))).isPresent();
    }

    @Test
    void another_lists_fields_are_noticed() {
        assertThat(plain.difference(octets(SENT), octets(TOP.replace("dev.lists", "other.lists") + SENT))).isPresent();
    }

    @Test
    void prefix_and_footer_are_allowed_where_the_list_has_them_and_only_there() {
        var shown = octets(TOP + SENT.replace("Subject: ", "Subject: [dev] ") + "--\nThe footer\n");
        assertThat(decorated.difference(octets(SENT), shown)).isEmpty();
        assertThat(plain.difference(octets(SENT), shown)).isPresent();
        assertThat(decorated.difference(octets(SENT), octets(TOP + SENT + "--\nSomething else\n"))).isPresent();
        assertThat(decorated.difference(octets(SENT), octets(TOP + SENT.replace("Text.", "Test.") + "--\nThe footer\n"))).isPresent();
    }

    @Test
    void a_footer_may_be_a_part_of_its_own() {
        var sent = "MIME-Version: 1.0\nMessage-ID: <1@m>\nSubject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText.\n--b--\n";
        var part = "--b\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n--\nThe footer\n";
        assertThat(decorated.difference(octets(sent), octets(TOP + sent.replace("--b--", part + "--b--")))).isEmpty();
    }

    @Test
    void a_footer_may_be_inside_base64() {
        var head = "Content-Transfer-Encoding: base64\nMessage-ID: <1@m>\nSubject: [dev]\n\n";
        var sent = head + base64("Text.\r\n") + "\n";
        assertThat(decorated.difference(octets(sent), octets(TOP + head + base64("Text.\r\n--\r\nThe footer\r\n") + "\n"))).isEmpty();
        assertThat(decorated.difference(octets(sent), octets(TOP + head + base64("Test.\r\n--\r\nThe footer\r\n") + "\n"))).isPresent();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] octets(String text) {
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
