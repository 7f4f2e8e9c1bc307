package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodedWordsTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            (=?ISO-8859-1?Q?a?=)                                  | (a)
            (=?ISO-8859-1?Q?a?= b)                                | (a b)
            (=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)               | (ab)
            (=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)              | (ab)
            (=?ISO-8859-1?Q?a_b?=)                                | (a b)
            (=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)              | (a b)
            =?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>         | Keith Moore <moore@cs.utk.edu>
            =?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk> | Keld Jørn Simonsen <keld@dkuug.dk>
            =?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=     | If you can read this yo
            """)
    void rfc2047_section_8_examples(String encoded, String decoded) {
        assertThat(EncodedWords.decode(encoded)).isEqualTo(decoded);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            =?utf-8*en?q?a?=                                   | a
            =?utf-8?q?=C3?= =?utf-8?q?=A9?=                    | é
            =?utf-8?b?w6k?= =?UTF-8?B?w6k=?=                   | éé
            =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=                 | 日本
            =?gb2312?b?xPrKxw==?=                              | 您是
            =?koi8-r?q?=D0=D2=C9?=                             | при
            =?windows-1252?q?=93a=94?=                         | “a”
            =?iso-8859-1?q?=93a=94?=                           | “a”
            =?no-such?q?a=E9b?=                                | a\uFFFDb
            =?utf-8?q?a=E9b?=                                  | a\uFFFDb
            =?iso-8859-1?q?not_encöded?=                       | not encöded
            =?utf-8?q?not_enc😀ded?=                           | not enc😀ded
            "=?utf-8?q?in_quotes?="                            | "in quotes"
            in=?utf-8?q?_a_?=word                              | in a word
            =?utf-8?q?with a space?=                           | with a space
            =?utf-8?q?100=%=ZZ?=                               | 100=%=ZZ
            =?utf-8?b?aGV sbG8*?=                              | hello
            =?utf-8?b?YQ==Yg==?=                               | ab
            =?utf-8?b?a?=                                      | ``
            =?utf-8?q??=                                       | ``
            =?utf-8?x?a?=                                      | =?utf-8?x?a?=
            =?utf-8?q?a                                        | =?utf-8?q?a
            =?utf-8?q?a =?utf-8?q?b?=                          | =?utf-8?q?a b
            =?utf-8?q?a=?= b                                   | a= b
            =?                                                 | =?
            =?=?=?=                                            | =?=?=?=
            a =?b?= c                                          | a =?b?= c
            """)
    void what_mail_programs_get_wrong_is_still_read(String encoded, String decoded) {
        assertThat(EncodedWords.decode(encoded)).isEqualTo(decoded.replace("\\uFFFD", "\uFFFD"));
    }

    @Test
    void what_is_shown_holds_no_control_characters_and_is_short() {
        var field = new HeaderField("Subject", 0, 0, "=?utf-8?q?a=00b=0D=0Ac?= \0" + "d".repeat(100_000));
        assertThat(field.decoded()).startsWith("a\uFFFDb\uFFFD\uFFFDc \uFFFDd").hasSize(4_000);
    }

    @Test
    void a_character_is_never_cut_in_half() {
        assertThat(new HeaderField("Subject", 0, 0, "x" + "\ud83d\ude00".repeat(3_000)).decoded()).hasSize(3_999).endsWith("\ud83d\ude00");
    }

    @Test
    void time_grows_with_the_text_however_it_is_made() {
        for (var piece : new String[]{"=?", "=?utf-8?q?", "=?utf-8?q?a?=", "=?utf-8?q?a?= ", "=?a?b?=?", "?=", " =?utf-8?q?a ?="}) {
            Growth.assertLinear(2_000, piece::repeat, EncodedWords::decode);
        }
        Growth.assertLinear(2_000, n -> "=?utf-8?q?".repeat(n) + "?=", EncodedWords::decode);
    }

    @Test
    void any_text_can_be_decoded() {
        var seed = "x =?utf-8?q?a=C3?= =?utf-8?b?qQ==?= =?iso-2022-jp?b?GyRCRnxLXBsoQg==?= =?utf-16?b?2AA=?= y";
        new Mutations(2).forEach(seed.getBytes(StandardCharsets.UTF_8), 20_000,
                octets -> assertThat(new HeaderField("X", 0, 0, new String(octets, StandardCharsets.ISO_8859_1)).decoded())
                        .doesNotContainPattern("\\p{Cntrl}"));
    }
}
