package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.archive.Body.Attachment;
import org.listserv.mail.Corpora;
import org.listserv.mail.EmailAddress;

class BodyReaderTest {
    private static final Reader MEMBER = Reader.of(EmailAddress.parse("member@example.net"));

    private static byte[] message(String text) {
        return text.replace("\n", "\r\n").getBytes(UTF_8);
    }

    private static String read(String message) {
        return BodyText.of(BodyReader.read(message(message)).blocks());
    }

    @Test
    void plain_text_is_read_and_flowed_lines_are_joined() {
        assertThat(read("Content-Type: text/plain; charset=utf-8\n\nGrüße\n")).isEqualTo("P[Grüße]");
        assertThat(read("Content-Type: text/plain; format=flowed\n\nOne \nline.\n> quoted \n> too\n"))
                .isEqualTo("P[One line.] Q1/1[P[quoted too]]");
    }

    private static final String ALTERNATIVE = """
            Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: multipart/alternative; boundary=a

            --a
            Content-Type: text/plain

            Text.
            --a
            Content-Type: text/html

            <p>HTML of ann@example.org
            --a--
            --m
            Content-Type: application/pdf; name="../../etc/report.pdf"
            Content-Transfer-Encoding: base64

            AAEC
            --m
            Content-Type: text/plain
            Content-Disposition: attachment; filename=notes.txt

            notes
            --m--
            """;

    @Test
    void of_alternatives_the_text_is_read_and_the_rest_can_be_had() {
        var body = BodyReader.read(message(ALTERNATIVE));
        assertThat(BodyText.of(body.blocks())).isEqualTo("P[Text.]");
        assertThat(body.attachments()).extracting(Attachment::path, Attachment::mediaType, Attachment::fileName).containsExactly(
                org.assertj.core.groups.Tuple.tuple("1.1.2", "text/html", "part-1.1.2.html"),
                org.assertj.core.groups.Tuple.tuple("1.2", "application/pdf", "report.pdf"),
                org.assertj.core.groups.Tuple.tuple("1.3", "text/plain", "notes.txt"));
        assertThat(body.html()).isEqualTo("1.1.2");
    }

    @Test
    void a_download_has_the_decoded_octets_and_a_name_and_type_that_do_no_harm() {
        var report = BodyReader.download(message(ALTERNATIVE), "1.2").orElseThrow();
        assertThat(report.content()).containsExactly(0, 1, 2);
        assertThat(report.fileName()).isEqualTo("report.pdf");
        assertThat(report.mediaType()).isEqualTo("application/pdf");
        assertThat(BodyReader.download(message(ALTERNATIVE), "1.1.2").orElseThrow().mediaType()).isEqualTo("application/octet-stream");
        assertThat(BodyReader.download(message(ALTERNATIVE), "1.9")).isEmpty();
        assertThat(BodyReader.download(message(ALTERNATIVE), "1")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            .bashrc                       | bashrc
            a\u202egpj.exe                | agpj.exe
            a?b*c.txt                     | a_b_c.txt
            ...                           | part-1.txt
            """)
    void file_names_are_made_safe(String declared, String safe) {
        var message = message("Content-Type: text/plain; name=\"" + declared + "\"\nContent-Disposition: attachment\n\nx");
        assertThat(BodyReader.download(message, "1").orElseThrow().fileName()).isEqualTo(safe);
    }

    @Test
    void html_alone_is_read_as_text() {
        assertThat(read(
                "Content-Type: text/html\n\n<html><head><title>no</title></head><body><p>One\ntwo<script>alert(1)</script></p><ul><li>a<li>b</ul>"
                        + "<blockquote>He said<blockquote>deep</blockquote></blockquote><pre>x\n  y</pre><a href='https://example.org/x'>here</a></body></html>"))
                .isEqualTo("P[One two\\n\\n* a\\n* b] Q1/4[P[He said] Q2/2[P[deep]]] P[x\\n  y\\n\\nhere <{https://example.org/x}>]");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            <script>alert(1)</script>x                              | x
            <img src="https://example.org/spy.gif">x                | x
            <p onclick="alert(1)">x</p>                             | <p>x</p>
            <a href="javascript:alert(1)">x</a>                     | x
            <a href="https://example.org/">x</a>                    | <a href="https://example.org/" rel="nofollow noopener noreferrer">x</a>
            <form action="https://example.org"><input name="a"></form>x | x
            <p style="background:url(https://example.org/spy)">x</p>| <p>x</p>
            <iframe src="https://example.org"></iframe>x            | x
            <meta http-equiv="refresh" content="0;url=x">x          | x
            <link rel="stylesheet" href="https://example.org/s">x   | x
            <svg onload="alert(1)">x</svg>                          | x
            <b>bold</b>                                             | <b>bold</b>
            """)
    void html_on_request_holds_nothing_that_runs_loads_or_submits(String html, String safe) {
        assertThat(BodyReader.html(message("Content-Type: text/html\n\n" + html), "1", MEMBER).orElseThrow().strip()).isEqualTo(safe);
    }

    @Test
    void html_hides_addresses_from_anonymous_readers() {
        var message = message("Content-Type: text/html\n\n<p>Ask <a href=\"mailto:ann@example.org\">ann@example.org</a> &lt;b&gt;</p>");
        assertThat(BodyReader.html(message, "1", Reader.ANONYMOUS)).hasValue("<p>Ask a...@example.org &lt;b&gt;</p>");
        assertThat(BodyReader.html(message, "1", MEMBER).orElseThrow()).contains("mailto:ann");
        assertThat(BodyReader.html(message("\n\nplain"), "1", MEMBER)).isEmpty();
    }

    @Test
    void a_message_inside_a_message_has_its_own_heading() {
        assertThat(read("""
                Content-Type: multipart/mixed; boundary=m

                --m

                See below, ann@example.org.
                --m
                Content-Type: message/rfc822

                From: Ann <ann@example.org>
                Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=

                Hello
                --m
                Content-Type: text/plain

                End
                --m--
                """)).isEqualTo("P[See below, <ann@example.org>.] E(Ann <ann@example.org>|Grüße)[P[Hello]] P[End]");
    }

    @Test
    void hiding_covers_text_and_spares_patches() {
        var body = AddressHiding.hide(BodyReader.read(message("""
                From: x

                Ask ann@example.org
                > or bob@example.org
                --- a
                +++ b
                @@ -1 +1 @@
                -ann@example.org
                +bob@example.org
                """)));
        assertThat(BodyText.of(body.blocks())).isEqualTo("P[Ask <a...@example.org>] Q1/1[P[or <b...@example.org>]] "
                + "D[F:--- a|F:+++ b|H:@@ -1 +1 @@|R:-ann@example.org|A:+bob@example.org]");
    }

    @Test
    void long_texts_are_cut_and_say_so() {
        var body = BodyReader.read(message("Content-Type: text/plain\n\n" + "All work and no play.\n".repeat(100_000)));
        assertThat(body.truncated()).isTrue();
        assertThat(BodyText.of(body.blocks()).length()).isBetween(900_000, 1_100_000);
        assertThat(BodyReader.read(message("\n\nshort")).truncated()).isFalse();
    }

    @ParameterizedTest(name = "corpora/{0}")
    @ValueSource(strings = {"mime", "lists", "spam", "eai", "auth", "bounces", "dmarc", "replies"})
    void all_mail_there_is_can_be_read_shown_searched_and_downloaded(String folder) {
        var slow = new ArrayList<String>();
        for (var file : Corpora.files(folder)) {
            var octets = Corpora.octets(file);
            for (var message : messages(octets)) {
                long start = System.nanoTime();
                try {
                    show(message);
                } catch (RuntimeException | StackOverflowError e) {
                    throw new AssertionError(Corpora.name(file), e);
                }
                if (System.nanoTime() - start > Duration.ofSeconds(5).toNanos()) {
                    slow.add(Corpora.name(file));
                }
            }
        }
        assertThat(slow).isEmpty();
    }

    private static void show(byte[] message) {
        var body = BodyReader.read(message);
        assertThat(BodyText.of(AddressHiding.hide(body).blocks()).length()).isLessThan(3 * BodyReader.MAX_TEXT);
        assertThat(Traits.of(message, "", "").whole().length()).isLessThanOrEqualTo(BodyReader.MAX_TEXT);
        for (var attachment : body.attachments()) {
            assertThat(attachment.fileName()).isNotBlank().doesNotContain("/", "\\", "\n", "\r", "\0").doesNotStartWith(".");
            var download = BodyReader.download(message, attachment.path()).orElseThrow();
            assertThat(download.mediaType()).isNotIn("text/html", "image/svg+xml", "text/xml", "application/xhtml+xml");
        }
        if (body.html() != null) {
            assertThat(BodyReader.html(message, body.html(), Reader.ANONYMOUS).orElseThrow().toLowerCase(Locale.ROOT))
                    .doesNotContain("<script", "<img", "<form", "<iframe", "<object", "<style", "<link", "<meta", "<base",
                            "href=\"javascript", "href=\"mailto:");
        }
    }

    /// A file may be an mbox.
    private static List<byte[]> messages(byte[] octets) {
        return new String(octets, 0, Math.min(5, octets.length), StandardCharsets.ISO_8859_1).equals("From ")
                ? split(octets)
                : List.of(octets);
    }

    private static List<byte[]> split(byte[] mbox) {
        var text = new String(mbox, StandardCharsets.ISO_8859_1);
        var messages = new ArrayList<byte[]>();
        for (var message : text.split("(?m)^(?=From )")) {
            messages.add(message.getBytes(StandardCharsets.ISO_8859_1));
        }
        return messages;
    }
}
