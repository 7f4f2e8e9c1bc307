package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Growth;

class MailTokenizerTest {
    /// `a|b` stand at the same place.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = ';', quoteCharacter = '§', textBlock = """
            The quick, brown Fox.      ; the quick brown fox
            Grüße, Ærø!                ; grusse aero
            cafe\u0301                 ; cafe
            LUCENE-1234                ; lucene 1234
            a@b.org                    ; a b org
            org.apache.Foo_bar         ; org apache foo bar
            don't                      ; don t
            +1                         ; =+1|1
            -1, +0.                    ; =-1|1 =+0|0
            **+1**                     ; =+1|1
            C++ and (C#).              ; =c++|c and =c#|c
            .NET                       ; =.net|net
            @Override                  ; =@override|override
            ...and                     ; and
            *bold* _under_ ~x~         ; bold under x
            --verbose                  ; =--verbose|verbose
            #123                       ; =#123|123
            ---- a ----                ; a
            日本語                      ; 日 本 語
            カタカナ                    ; カタカナ
            👍 ok                       ; 👍 ok
            <b>x</b>                   ; b x b
            """)
    void words_of_prose_and_code(String text, String tokens) throws IOException {
        assertThat(tokens(text)).isEqualTo(tokens);
    }

    @Test
    void long_runs_are_cut_alike_in_texts_and_queries() throws IOException {
        assertThat(tokens("x".repeat(500))).isEqualTo("x".repeat(64));
        assertThat(tokens("+" + "x".repeat(500))).isEqualTo("x".repeat(64));
    }

    @Test
    void time_grows_with_the_text_and_not_with_its_square() {
        for (var piece : new String[]{"a", ".", "+a", "a ", "\u0301", "日", "-", "*", "👍"}) {
            Growth.assertLinear(1000, size -> piece.repeat(size), text -> {
                try {
                    tokens(text);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    private static String tokens(String text) throws IOException {
        var tokens = new StringBuilder();
        try (Analyzer analyzer = new MailAnalyzer(); var stream = analyzer.tokenStream("f", text)) {
            var term = stream.addAttribute(CharTermAttribute.class);
            var increment = stream.addAttribute(PositionIncrementAttribute.class);
            var offset = stream.addAttribute(OffsetAttribute.class);
            stream.reset();
            int last = 0;
            while (stream.incrementToken()) {
                assertThat(offset.startOffset()).isBetween(last, text.length());
                assertThat(offset.endOffset()).isBetween(offset.startOffset(), text.length());
                last = offset.startOffset();
                tokens.append(tokens.isEmpty() ? "" : increment.getPositionIncrement() == 0 ? "|" : " ").append(term);
            }
            stream.end();
        }
        return tokens.toString();
    }
}
