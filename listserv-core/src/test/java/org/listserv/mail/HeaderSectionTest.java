package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderSectionTest {
    /// In these tables CR and LF are written `\r` and `\n`, NUL `\0`.
    @ParameterizedTest(name = "{0}: fields {1}, body {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            A: 1\\r\\nB: 2\\r\\n\\r\\nbody\\r\\n  | A=1,B=2       | body\\r\\n
            A: 1\\nB: 2\\n\\nbody\\n              | A=1,B=2       | body\\n
            A: 1\\rB: 2\\r\\rbody\\r              | A=1,B=2       | body\\r
            A: 1\\r\\r\\nB: 2\\r\\r\\n\\r\\r\\nbody | A=1,B=2     | body
            A: 1\\nB: 2\\r\\n\\nbody\\n           | A=1,B=2       | body\\n
            A: 1\\r\\n  2\\r\\n\\t3\\r\\n\\r\\n    | A=1  2\\t3    | ``
            A:\\r\\n 1\\r\\n\\r\\n                 | A=1           | ``
            A: 1\\r\\n \\r\\n 2\\r\\n\\r\\nbody    | A=1  2        | body
            A:1\\nb :2\\nC:\\n\\n                  | A=1,b=2,C=    | ``
            A: 1\\rx\\nB: 2\\n\\n                  | A=1\\rx,B=2   | ``
            A: 1\\0x\\nB\\0: 2\\nC: 3\\n\\n        | A=1\\0x,C=3   | ``
            From j Tue Aug 20 12:00:00 2002\\nA: 1\\n\\nbody   | A=1 | body
            >From j Tue Aug 20 12:00:00 2002\\nA: 1\\n\\nbody  | A=1 | body
            From j Tue Aug 20 12:00:00 2002\\n\\nbody  | ``       | body
            From j Tue Aug 20 12:00:00 2002\\nbody     | ``       | body
            garbage\\n more\\nA: 1\\n\\nbody       | A=1           | body
            A: 1\\ngarbage\\n more\\nB: 2\\n\\nbody | A=1,B=2      | body
            A: 1\\nno empty line\\n\\nbody         | A=1           | no empty line\\n\\nbody
            A: 1\\nno empty line                   | A=1           | no empty line
            A: 1                                   | A=1           | ``
            A: 1\\n                                | A=1           | ``
            A: 1\\n\\n                             | A=1           | ``
            \\nA: 1\\n                             | ``            | A: 1\\n
            \\r\\nA: 1\\n                          | ``            | A: 1\\n
            just text\\nand more\\n\\nA: 1\\n      | ``            | just text\\nand more\\n\\nA: 1\\n
            : 1\\nA: 2\\n\\n                       | A=2           | ``
            ``                                     | ``            | ``
            """)
    void any_octets_have_a_header_section_and_a_body(String text, String fields, String body) {
        var octets = octets(text);
        var header = HeaderSection.parse(octets);
        assertThat(header.fields().stream().map(f -> f.name() + "=" + f.value()).collect(Collectors.joining(",")))
                .isEqualTo(unescaped(fields));
        assertThat(new String(octets, header.bodyOffset(), octets.length - header.bodyOffset(), StandardCharsets.UTF_8))
                .isEqualTo(unescaped(body));
    }

    @ParameterizedTest(name = "{0} ends lines with {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            A: 1\\r\\nB: 2\\n\\n | \\r\\n
            A: 1\\nB: 2\\r\\n    | \\n
            A: 1\\rB: 2\\r       | \\r
            A: 1                 | \\r\\n
            ``                   | \\r\\n
            """)
    void lines_we_add_end_like_the_first_one(String text, String lineEnd) {
        assertThat(HeaderSection.parse(octets(text)).lineEnd()).isEqualTo(unescaped(lineEnd));
    }

    @Test
    void a_field_can_be_cut_out_and_another_put_in_and_all_else_stays() {
        var text = "From j Tue\r\nA: 1\r\nbad line\r\nList-Id: x\r\n\ty\r\nB: 2\r\n\r\nbody";
        var header = HeaderSection.parse(octets(text));
        var field = header.first("list-id").orElseThrow();
        assertThat(text.substring(field.start(), field.end())).isEqualTo("List-Id: x\r\n\ty\r\n");
        var copy = text.substring(0, field.start()) + text.substring(field.end(), header.end()) + "C: 3\r\n" + text.substring(header.end());
        assertThat(copy).isEqualTo("From j Tue\r\nA: 1\r\nbad line\r\nB: 2\r\nC: 3\r\n\r\nbody");
    }

    @Test
    void fields_are_found_by_name_in_any_case_and_in_order() {
        var header = HeaderSection.parse(octets("Received: 1\nreceived : 2\nReceived-SPF: x\nRECEIVED: 3\n\n"));
        assertThat(header.all("Received")).extracting(HeaderField::value).containsExactly("1", "2", "3");
        assertThat(header.first("Received-SPF")).map(HeaderField::value).contains("x");
        assertThat(header.first("Receive")).isEmpty();
        assertThat(header.fields()).hasSize(4).allSatisfy(field -> assertThat(field.is(field.name().toLowerCase(Locale.ROOT))).isTrue());
    }

    @Test
    void values_are_utf8_where_they_can_be_and_latin1_otherwise() {
        var utf8 = HeaderSection.parse("Subject: Grüße\n\n".getBytes(StandardCharsets.UTF_8));
        var latin1 = HeaderSection.parse("Subject: Grüße\n\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(List.of(utf8, latin1))
                .allSatisfy(header -> assertThat(header.first("Subject").orElseThrow().value()).isEqualTo("Grüße"));
    }

    @Test
    void ten_thousand_recipients_are_one_value() {
        var to = IntStream.range(0, 10_000).mapToObj("jane%d@example.org"::formatted).collect(Collectors.joining(",\r\n "));
        var header = HeaderSection.parse(octets("To: " + to + "\r\nSubject: x\r\n\r\nbody"));
        assertThat(header.first("To").orElseThrow().value().split(",")).hasSize(10_000);
        assertThat(header.first("Subject")).isPresent();
    }

    @Test
    void time_grows_with_the_header_section_however_it_is_made() {
        var pieces = new String[]{"a:\n", "a: b\r\n", "x", "x\n", " \n", " ", "\r", "\n", "a: b\n c\n", "garbage\n c\n", "a ", "\0",
                "\r\r\r\nx", ":", "From x\n"};
        for (var piece : pieces) {
            Growth.assertLinear(10_000, n -> ("A: 1\n" + piece.repeat(n)).getBytes(StandardCharsets.ISO_8859_1), octets -> {
                var header = HeaderSection.parse(octets);
                header.fields().forEach(HeaderField::name);
                header.first("no such field");
                header.all("a");
            });
        }
    }

    @Test
    void fields_tile_the_section_whatever_the_octets() {
        var seed = "From x\nReceived: a\r\n b\r\nSubject: =?utf-8?q?x?=\nbad line\n \nTo: a@b,\n c@d\n\nbody\n--a\n"
                .getBytes(StandardCharsets.UTF_8);
        new Mutations(5).forEach(seed, 20_000, HeaderSectionTest::check);
        new Mutations(6).noise(300, 20_000, HeaderSectionTest::check);
    }

    static void check(byte[] octets) {
        var header = HeaderSection.parse(octets);
        int last = 0;
        for (var field : header.fields()) {
            assertThat(field.start()).isGreaterThanOrEqualTo(last);
            assertThat(field.end()).isGreaterThan(field.start());
            assertThat(new String(octets, field.start(), field.name().length(), StandardCharsets.ISO_8859_1)).isEqualTo(field.name());
            assertThat(header.first(field.name())).isPresent();
            last = field.end();
        }
        assertThat(header.end()).isGreaterThanOrEqualTo(last).isLessThanOrEqualTo(header.bodyOffset());
        assertThat(header.bodyOffset()).isLessThanOrEqualTo(octets.length);
    }

    private static byte[] octets(String text) {
        return unescaped(text).getBytes(StandardCharsets.UTF_8);
    }

    private static String unescaped(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0");
    }
}
