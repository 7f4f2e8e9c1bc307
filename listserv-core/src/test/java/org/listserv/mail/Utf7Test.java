package org.listserv.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf7Test {
    private static final Charset UTF_7 = Charsets.find("UTF-7").orElseThrow();

    /// The first three are the examples of RFC 2152.
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            A+ImIDkQ.            | A≢Α.
            Hi Mom +Jjo--+ACE-   | Hi Mom ☺-!
            +ZeVnLIqe-           | 日本語
            Fr+APY-sche          | Frösche
            1 +- 1               | 1 + 1
            1 + 1                | 1 + 1
            a+                   | a+
            C++                  | C
            +2D3eAA-             | 😀
            +2D0-x               | \uFFFDx
            +2D3YPd4A-           | \uFFFD😀
            +3gA-x               | \uFFFDx
            +AG                  | ``
            +AGE                 | a
            caf\u00e9            | caf\uFFFD
            +AG\u00e9            | \uFFFD
            ``                   | ``
            """)
    void text_is_read(String written, String text) {
        assertThat(new String(written.getBytes(ISO_8859_1), UTF_7)).isEqualTo(text);
    }

    @Test
    void what_is_read_in_pieces_is_what_is_read_at_once() {
        new Mutations(12).forEach("Hi +Jjo-, +2D3eAA-+- 1 + x".getBytes(US_ASCII), 5_000, octets -> {
            assertThat(inPieces(octets)).isEqualTo(new String(octets, UTF_7));
            assertThat(new String(octets, UTF_7).chars().filter(c -> c >= 0xd800 && c < 0xe000).count()).isEven();
        });
    }

    @Test
    void what_cannot_be_read_is_told_where_that_matters() {
        assertThat(catching("caf\u00e9")).isInstanceOf(CharacterCodingException.class);
        assertThat(catching("caf+AOk-")).isNull();
    }

    private static CharacterCodingException catching(String written) {
        try {
            UTF_7.newDecoder().decode(ByteBuffer.wrap(written.getBytes(ISO_8859_1)));
            return null;
        } catch (CharacterCodingException e) {
            return e;
        }
    }

    private static String inPieces(byte[] octets) {
        var decoder = UTF_7.newDecoder().onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
        var text = new StringBuilder();
        var out = CharBuffer.allocate(3);
        for (int i = 0; i < octets.length; i++) {
            var in = ByteBuffer.wrap(octets, i, 1);
            while (decoder.decode(in, out, i == octets.length - 1).isOverflow()) {
                text.append(out.flip());
                out.clear();
            }
        }
        if (octets.length > 0) {
            while (decoder.flush(out).isOverflow()) {
                text.append(out.flip());
                out.clear();
            }
        }
        return text.append(out.flip()).toString();
    }
}
