package org.listserv.archive;

import java.io.IOException;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.Arrays;

import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;

/// Words of prose and code in any language, and beside them what has signs at its edge, as it was written.
///
/// A word is a run of letters and digits; each ideograph is one, and so is each pictograph. `LUCENE-1234`, `a@b.org` and `foo_bar` are
/// words in a row, which a query for them finds as a phrase. That would lose the signs of `+1`, `C++`, `.NET` or `@Override`: for a chunk
/// with a sign before its first or behind its last word there is one more token, `=` and the chunk, at the place of the first word. No
/// word starts with `=`, so the two never meet.
///
/// One pass; every token is bounded.
final class MailTokenizer extends Tokenizer {
    static final char EXACT = '=';
    /// Longer runs are encoded data; they are cut, in texts and in queries alike.
    private static final int LONGEST_WORD = 64;
    private static final int LONGEST_CHUNK = 100;

    private record Token(String term, int start, int end, int increment) {}

    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final OffsetAttribute offset = addAttribute(OffsetAttribute.class);
    private final PositionIncrementAttribute increment = addAttribute(PositionIncrementAttribute.class);
    private char[] text = new char[8192];
    private int length;
    private final ArrayDeque<Token> ready = new ArrayDeque<>();
    private int at;

    @Override
    public void reset() throws IOException {
        super.reset();
        length = 0;
        ready.clear();
        at = 0;
        for (int read = input.read(text, 0, text.length); read >= 0; read = input.read(text, length, text.length - length)) {
            length += read;
            if (length == text.length) {
                text = Arrays.copyOf(text, 2 * length);
            }
        }
    }

    @Override
    public boolean incrementToken() {
        while (ready.isEmpty() && at < length) {
            chunk();
        }
        clearAttributes();
        var token = ready.poll();
        if (token == null) {
            return false;
        }
        term.setEmpty().append(token.term());
        offset.setOffset(correctOffset(token.start()), correctOffset(token.end()));
        increment.setPositionIncrement(token.increment());
        return true;
    }

    @Override
    public void end() throws IOException {
        super.end();
        offset.setOffset(correctOffset(length), correctOffset(length));
    }

    /// Up to the next white space, bracket, quote or the like.
    private void chunk() {
        int start = at;
        while (at < length) {
            int c = point(at);
            if (!isWord(c) && !isSign(c)) {
                break;
            }
            at += Character.charCount(c);
        }
        int end = at;
        if (at < length) {
            at += Character.charCount(point(at));
        }
        words(start, end);
    }

    private void words(int start, int end) {
        boolean first = true;
        for (int i = start; i < end;) {
            int c = point(i);
            int next = i + Character.charCount(c);
            if (isWord(c)) {
                while (!isAlone(c) && next < end && isWord(point(next)) && !isAlone(point(next))) {
                    next += Character.charCount(point(next));
                }
                int increment = first && exact(start, end) ? 0 : 1;
                ready.add(new Token(normal(i, Math.min(next, i + LONGEST_WORD)), i, next, increment));
                first = false;
            }
            i = next;
        }
    }

    /// @return whether the chunk has a token of its own, which takes the place of its first word
    private boolean exact(int chunkStart, int chunkEnd) {
        int start = chunkStart;
        int end = chunkEnd;
        // *emphasis*, _underline_, the end of a sentence and ... belong to the text around.
        while (start < end && "*_~^!?%&".indexOf(text[start]) >= 0) {
            start++;
        }
        int dots = start;
        while (dots < end && text[dots] == '.') {
            dots++;
        }
        start = dots - start > 1 ? dots : start;
        while (end > start && "*_~^!?.".indexOf(text[end - 1]) >= 0) {
            end--;
        }
        boolean signs = end > start && !(isWord(point(start)) && isWord(Character.codePointBefore(text, end)));
        if (!signs || end - start > LONGEST_CHUNK) {
            return false;
        }
        ready.add(new Token(EXACT + normal(start, end), start, end, 1));
        return true;
    }

    /// Composed, so that e and a combining accent are the letter that others type in one.
    private String normal(int start, int end) {
        var word = new String(text, start, end - start);
        return isPlain(start, end) || Normalizer.isNormalized(word, Normalizer.Form.NFKC)
                ? word
                : Normalizer.normalize(word, Normalizer.Form.NFKC);
    }

    private boolean isPlain(int start, int end) {
        for (int i = start; i < end; i++) {
            if (text[i] >= 128) {
                return false;
            }
        }
        return true;
    }

    private int point(int index) {
        char c = text[index];
        return Character.isHighSurrogate(c) ? Character.codePointAt(text, index, length) : c;
    }

    private static boolean isWord(int c) {
        if (c < 128) {
            return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
        }
        return Character.isLetterOrDigit(c) || switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.OTHER_SYMBOL -> true;
            default -> false;
        };
    }

    private static boolean isAlone(int c) {
        return c >= 0x80 && (Character.isIdeographic(c) || Character.getType(c) == Character.OTHER_SYMBOL
                || Character.UnicodeScript.of(c) == Character.UnicodeScript.HIRAGANA);
    }

    private static boolean isSign(int c) {
        return c < 128 && "+-#.@_$%&~*^!?".indexOf(c) >= 0;
    }
}
