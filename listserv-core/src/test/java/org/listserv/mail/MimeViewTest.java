package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MimeViewTest {
    /// The example of RFC 2046 §5.1.1, with a nested multipart and an embedded message added.
    private static final String MIXED = """
            From: Jane <jane@example.org>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="simple boundary"

            This is the preamble.
            --simple boundary

            implicitly typed plain US-ASCII text
            that does NOT end with a line end.
            --simple boundary
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/plain; charset=utf-8

            plain

            --inner
            Content-Type: text/html; charset=utf-8

            <p>html</p>
            --inner--
            --simple boundary
            Content-Type: message/rfc822

            Subject: within
            Content-Type: text/plain

            embedded
            --simple boundary
            Content-Type: application/pdf; name="a.pdf"
            Content-Disposition: attachment; filename="../b.pdf"
            Content-Transfer-Encoding: base64
            Content-ID: <id@example.org>

            JVBERg==
            --simple boundary--

            This is the epilogue.
            """;

    @Test
    void a_message_is_a_tree_of_parts() {
        assertThat(tree(view(MIXED).root())).isEqualTo(
                "1 multipart/mixed (1.1 text/plain) (1.2 multipart/alternative (1.2.1 text/plain) (1.2.2 text/html)) (1.3 message/rfc822 (1.3.1 text/plain)) (1.4 application/pdf)");
    }

    @ParameterizedTest(name = "lines end with {0}")
    @ValueSource(strings = {"\\n", "\\r\\n", "\\r", "\\r\\r\\n"})
    void line_ends_do_not_matter(String lineEnd) {
        var view = view(MIXED.replace("\n", lineEnd.replace("\\r", "\r").replace("\\n", "\n")));
        assertThat(view.parts()).extracting(Part::path).containsExactly("1", "1.1", "1.2", "1.2.1", "1.2.2", "1.3", "1.3.1", "1.4");
        assertThat(view.part("1.1").map(view::text)).get().asString().contains("text\n").contains("that does NOT end with a line end.");
        assertThat(view.part("1.4").map(view::content)).contains("%PDF".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void an_attachment_has_a_name_to_save_it_under_and_no_place() {
        var pdf = view(MIXED).part("1.4").orElseThrow();
        assertThat(pdf).extracting(Part::fileName, Part::disposition, Part::encoding, Part::contentId, Part::isAttachment)
                .containsExactly("b.pdf", "attachment", "base64", "id@example.org", true);
        assertThat(pdf.sizeOctets()).isEqualTo("JVBERg==".length());
    }

    @Test
    void offsets_cut_parts_out_of_the_octets() {
        var view = view(MIXED);
        assertThat(cut(view, "1.2.1")).isEqualTo("Content-Type: text/plain; charset=utf-8\n\nplain\n");
        assertThat(cut(view, "1.3.1")).isEqualTo("Subject: within\nContent-Type: text/plain\n\nembedded");
        assertThat(cut(view, "1")).isEqualTo(MIXED);
        assertThat(new String(view.content(view.part("1.3").orElseThrow()), StandardCharsets.UTF_8)).isEqualTo(
                "Subject: within\nContent-Type: text/plain\n\nembedded");
    }

    private static String cut(MimeView view, String path) {
        var part = view.part(path).orElseThrow();
        return MIXED.substring(part.start(), part.end());
    }

    @Test
    void the_body_text_is_what_is_to_be_read() {
        assertThat(view(MIXED).bodyText()).isEqualTo(
                "implicitly typed plain US-ASCII text\nthat does NOT end with a line end.\n\nplain\n\nembedded");
    }

    @Test
    void a_message_in_html_only_has_no_body_text_but_a_readable_part() {
        var view = view("Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>\n--b--\n");
        assertThat(view.bodyText()).isEmpty();
        assertThat(view.readable()).extracting(Part::path).containsExactly("1.2");
    }

    @Test
    void of_a_delivery_report_only_the_first_part_is_for_people() {
        var view = view("""
                Content-Type: multipart/report; boundary=b; report-type=delivery-status

                --b

                It did not arrive.
                --b
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mx.example.org
                --b
                Content-Type: message/rfc822

                Subject: the original

                the original text
                --b--
                """);
        assertThat(view.bodyText()).isEqualTo("It did not arrive.");
        assertThat(view.mediaTypes()).containsExactlyInAnyOrder("multipart/report", "text/plain", "message/delivery-status",
                "message/rfc822");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Content-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\na                                | (1.1 text/plain) | a
            Content-Type: multipart/mixed; boundary=b\\n\\n--b\\nContent-Type: text/html\\n--b\\n\\na\\n--b--  | (1.1 text/html) (1.2 text/plain) | a
            Content-Type: multipart/mixed; boundary=b\\n\\n--b  \\n\\na\\n--b--\\t\\n                 | (1.1 text/plain) | a
            Content-Type: multipart/mixed; boundary=b\\n\\n--b behind it\\n\\na\\n--b-- behind it\\n--b | (1.1 text/plain) | a
            Content-Type: multipart/mixed boundary=b\\n\\n--b\\n\\na\\n--b--                      | (1.1 text/plain) | a
            Content-Type: multipart/mixed; boundary=b\\n\\n--bc\\n--b\\n\\na\\n--bc\\n--b--           | (1.1 text/plain) | a\\n--bc
            Content-Type: multipart/mixed; boundary=b\\n\\n--b--\\n--b\\n\\na\\n--b--                 | (1.1 text/plain) | a
            Content-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\na\\n--b--\\n--b\\n\\nepilogue      | (1.1 text/plain) | a
            Content-Type: multipart/mixed; boundary=b\\n\\n--b\\nno empty line\\n--b--                 | (1.1 text/plain) | no empty line
            Content-Type: multipart/mixed; boundary=b\\n\\n--b\\n--b\\n--b--                          | (1.1 text/plain) (1.2 text/plain) | ``
            Content-Type: multipart/mixed\\n\\n--b\\n\\na\\n                                        | ``               | --b\\n\\na\\n
            Content-Type: multipart/mixed; boundary=""\\n\\n--\\n\\na\\n                             | ``               | --\\n\\na\\n
            Content-Type: multipart/mixed; boundary=b\\n\\nnothing to find\\n                        | ``               | nothing to find\\n
            Content-Type: MULTIPART/Mixed; BOUNDARY="b" ; x=(y\\n\\n--b\\n\\na\\n--b--                | (1.1 text/plain) | a
            Content-Type: multipart/digest; boundary=b\\n\\n--b\\n\\nSubject: x\\n\\na\\n--b--        | (1.1 message/rfc822 (1.1.1 text/plain)) | a
            Content-Type: multipart/mixed; boundary=a\\n\\n--a\\nContent-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\nx\\n--a\\n\\ny\\n--a-- | (1.1 multipart/mixed (1.1.1 text/plain)) (1.2 text/plain) | x\\n\\ny
            Content-Type: multipart/mixed; boundary=a\\n\\n--a\\nContent-Type: multipart/mixed; boundary=a\\n\\n--a\\n\\nx\\n--a--\\n--a\\n\\ny\\n--a-- | (1.1 multipart/mixed (1.1.1 text/plain)) (1.2 text/plain) | x\\n\\ny
            Content-Type: multipart/mixed; boundary=b\\nContent-Transfer-Encoding: base64\\n\\nYQ==\\n | ``               | a
            """)
    void broken_structure_is_read_as_far_as_it_goes(String text, String children, String body) {
        var view = view(text.replace("\\n", "\n").replace("\\t", "\t"));
        assertThat(view.root().children().stream().map(child -> "(" + tree(child) + ")").collect(Collectors.joining(" ")))
                .isEqualTo(children);
        assertThat(view.bodyText()).isEqualTo(body.replace("\\n", "\n"));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Grüße    | UTF-8          | utf-8
            Grüße    | UTF-8          | "UTF-8"
            Grüße    | UTF-8          | ``
            Grüße    | UTF-8          | us-ascii
            Grüße    | ISO-8859-1     | iso-8859-1
            Grüße    | ISO-8859-1     | ``
            Grüße    | ISO-8859-1     | no-such-charset
            “a” – b  | windows-1252   | iso-8859-1
            Привет   | KOI8-R         | koi8-r
            日本語     | ISO-2022-JP    | iso-2022-jp
            日本語     | Shift_JIS      | shift_jis
            您好       | GB18030        | gb2312
            안녕       | EUC-KR         | ks_c_5601-1987
            Grüße    | UTF-16         | utf-16
            """)
    void text_is_decoded_from_any_charset(String text, Charset written, String declared) {
        var content = new String(text.getBytes(written), StandardCharsets.ISO_8859_1);
        var view = MimeView.of(("Content-Type: text/plain; charset=" + declared + "\n\n" + content).getBytes(StandardCharsets.ISO_8859_1));
        assertThat(view.bodyText()).isEqualTo(text);
        assertThat(view.root().isCharsetUnknown()).isEqualTo(declared.startsWith("no-such"));
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            quoted-printable | a=3Db=\\nc =\\n d=20   | a=bc  d\\u0020
            quoted-printable | a=ZZb=\\n             | a=ZZb
            Quoted-Printable | =C3=BC                | ü
            base64           | YWJj\\nZGVm            | abcdef
            base64           | YW Jj*ZGVm            | abcdef
            base64           | YWJjZA                | abc
            base64           | !!!                   | ``
            base64           | YWI=\\n--\\na footer   | ab
            8bit             | ü                     | ü
            x-unknown        | as it stands          | as it stands
            """)
    void transfer_encodings_are_undone_as_far_as_they_go(String encoding, String body, String text) {
        var view = view(
                "Content-Transfer-Encoding: " + encoding + "\nContent-Type: text/plain; charset=utf-8\n\n" + body.replace("\\n", "\n"));
        assertThat(view.bodyText()).isEqualTo(text.replace("\\n", "\n").replace("\\u0020", " "));
    }

    @Test
    void control_characters_are_shown_as_such() {
        assertThat(view("\n\0a\u001b[31m\tb\r\nc\fd\u0085").bodyText()).isEqualTo("\uFFFDa\uFFFD[31m\tb\nc d\uFFFD");
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            attachment; filename=a.txt                                                  | a.txt
            attachment; filename="a b.txt"                                              | a b.txt
            attachment; filename="Jane's and Bob's.txt"                                 | Jane's and Bob's.txt
            attachment; filename="=?utf-8?q?=C3=BC.txt?="                               | ü.txt
            attachment; filename*=utf-8'de'%C3%BC.txt                                   | ü.txt
            attachment; filename*=iso-8859-1''%FC.txt; filename=u.txt                   | ü.txt
            attachment; filename*0*=utf-8''%C3; filename*1*=%BC; filename*2=".txt"      | ü.txt
            attachment; filename*1=b; filename*0=a                                      | ab
            attachment; filename=ü.txt                                                  | ü.txt
            attachment; filename="C:\\\\Users\\\\jane\\\\a.txt"                         | a.txt
            attachment; filename="/etc/passwd"                                          | passwd
            attachment; filename=".."                                                   | ``
            attachment; filename="a\u202etxt.exe"                                       | atxt.exe
            attachment                                                                  | ``
            """)
    void file_names_are_read_in_every_spelling(String disposition, String name) {
        assertThat(view("Content-Disposition: " + disposition + "\n\n").root().fileName()).isEqualTo(name);
    }

    /// RFC 3676 §4.1, §4.2, §4.5.
    @ParameterizedTest(name = "{0} is {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            one \\ntwo\\nthree\\n                | no  | one two\\nthree\\n
            one \\ntwo\\n                       | yes | onetwo\\n
            one  \\ntwo\\n                      | yes | one two\\n
            > one \\n> two\\nthree\\n            | no  | > one two\\nthree\\n
            >> one \\n> two\\n                  | no  | >> one \\n> two\\n
            >one \\n>> two\\n                   | no  | > one \\n>> two\\n
             From here\\n  indented\\n ~\\n      | no  | From here\\n indented\\n~\\n
            text \\n-- \\nname\\n                | no  | text \\n-- \\nname\\n
            > text\\n> -- \\n> name\\n           | no  | > text\\n> -- \\n> name\\n
            one \\n\\ntwo\\n                    | no  | one \\ntwo\\n
            >\\n>\\n                            | no  | >\\n>\\n
            last \\n                            | no  | last \\n
            """)
    void flowed_lines_are_joined(String text, String delSp, String joined) {
        var view = view("Content-Type: text/plain; format=flowed; delsp=" + delSp + "\n\n" + unescaped(text));
        assertThat(view.bodyText()).isEqualTo(unescaped(joined));
    }

    @Test
    void fixed_lines_are_left_alone() {
        assertThat(view("\none \ntwo\n").bodyText()).isEqualTo("one \ntwo\n");
    }

    @Test
    void no_more_than_a_thousand_parts_and_fifty_levels_are_told_apart() {
        var flat = view("Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n".repeat(5_000) + "--b--\n");
        assertThat(flat.parts()).hasSize(1_000);
        var deep = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            deep.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\n\n--b").append(i).append('\n');
        }
        assertThat(view(deep.toString()).parts()).hasSize(51);
        assertThat(view("Content-Type: message/rfc822\n\n".repeat(1_000)).parts()).hasSize(51);
        assertThat(view("Content-Type: multipart/digest; boundary=b\n\n" + "--b\n\n\n\n".repeat(5_000)).parts().size()).isBetween(1_000,
                1_001);
    }

    @Test
    void a_long_text_is_cut() {
        assertThat(view("\n" + "x".repeat(3_000_000)).bodyText()).hasSize(1_000_000);
    }

    @Test
    void time_grows_with_the_message_however_it_is_made() {
        var nested = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            nested.append("Content-Type: multipart/alternative; boundary=b").append(i).append("\n\n--b").append(i).append('\n');
        }
        var pieces = List.of("--b\n", "--b\n\nx\n", "--x\n", "--", "-", "x\n", "\n", "--b--\n", "--b\nContent-Type: message/rfc822\n\n",
                "a: b\n",
                "--b\nContent-Type: multipart/mixed; boundary=b\n\n", "--b49\n", "--b0\n", "YWJj", "=\n", "=", "> ");
        for (var head : List.of("Content-Type: multipart/mixed; boundary=b\n\n", nested.toString(), "Content-Transfer-Encoding: base64\n\n",
                "Content-Transfer-Encoding: quoted-printable\n\n", "Content-Type: text/plain; format=flowed\n\n")) {
            for (var piece : pieces) {
                Growth.assertLinear(2_000, n -> (head + piece.repeat(n)).getBytes(StandardCharsets.US_ASCII),
                        octets -> MimeView.of(octets).bodyText());
            }
        }
    }

    @Test
    void any_octets_have_a_view() {
        new Mutations(7).forEach(MIXED.getBytes(StandardCharsets.UTF_8), 4_000, MimeViewTest::check);
        new Mutations(8).noise(500, 2_000,
                octets -> check(("Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=iso-2022-cn\n\n"
                        + new String(octets, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1)));
        new Mutations(9).noise(500, 2_000, octets -> check(("Content-Transfer-Encoding: quoted-printable\nContent-Type: "
                + new String(octets, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void every_charset_of_this_java_can_be_read() {
        var noise = Base64.getEncoder()
                .encodeToString("\u0000\u001b$B\u00ff\u0080\u00fe ~ \r\nabc\u000e\u000f".getBytes(StandardCharsets.ISO_8859_1));
        for (var charset : Charset.availableCharsets().keySet()) {
            check(("Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=" + charset + "\n\n" + noise)
                    .getBytes(StandardCharsets.US_ASCII));
        }
    }

    /// What holds for any octets: parts lie within their parents and one after the other.
    static void check(byte[] octets) {
        var view = MimeView.of(octets);
        assertThat(view.root().end()).isEqualTo(octets.length);
        for (var part : view.parts()) {
            assertThat(part.start()).isLessThanOrEqualTo(part.bodyOffset());
            assertThat(part.bodyOffset()).isLessThanOrEqualTo(part.end());
            int last = part.bodyOffset();
            for (var child : part.children()) {
                assertThat(child.start()).isGreaterThanOrEqualTo(last);
                last = child.end();
            }
            assertThat(last).isLessThanOrEqualTo(part.end());
            assertThat(view.text(part)).doesNotContain("\0");
            assertThat(view.content(part)).isNotNull();
            assertThat(part.fileName()).doesNotContain("/", "\0");
        }
        assertThat(view.bodyText()).doesNotContain("\0");
        var structure = Structure.of(octets);
        assertThat(structure.mediaType()).isEqualTo(view.root().mediaType());
        assertThat(structure.bodyOffset()).isEqualTo(view.root().bodyOffset());
        structure.closingDelimiterOffset()
                .ifPresent(at -> assertThat(new String(octets, at, octets.length - at, StandardCharsets.ISO_8859_1))
                        .startsWith("--" + structure.boundary().orElseThrow() + "--"));
    }

    static String tree(Part part) {
        var text = new ArrayList<>(List.of(part.path() + " " + part.mediaType()));
        part.children().forEach(child -> text.add("(" + tree(child) + ")"));
        return String.join(" ", text);
    }

    private static MimeView view(String message) {
        return MimeView.of(message.getBytes(StandardCharsets.UTF_8));
    }

    /// In tables, white space at the ends of a cell is lost: a text may begin with a space only behind its first line, and lines end in `\n`.
    private static String unescaped(String text) {
        return text.replace("\\n", "\n");
    }
}
