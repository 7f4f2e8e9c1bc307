package org.listserv.mail;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;

/// UTF-7 (RFC 2152), which mail programs of the nineties wrote and Java does not know. For reading only.
final class Utf7 extends Charset {
    Utf7() {
        super("UTF-7", new String[]{"unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7"});
    }

    @Override
    public boolean contains(Charset other) {
        return false;
    }

    @Override
    public boolean canEncode() {
        return false;
    }

    @Override
    public CharsetEncoder newEncoder() {
        throw new UnsupportedOperationException("UTF-7 is only read");
    }

    @Override
    public CharsetDecoder newDecoder() {
        return new Decoder(this);
    }

    private static final class Decoder extends CharsetDecoder {
        private static final int UNIT = 16;
        /// What one octet can add: a surrogate pair.
        private static final int MOST = 2;

        /// Behind a `+`, in base64 of UTF-16.
        private boolean shifted;
        private boolean empty;
        private int bits;
        private int count;
        /// A high surrogate that waits for its other half, or 0.
        private char high;

        Decoder(Charset charset) {
            super(charset, 1, MOST);
        }

        @Override
        protected void implReset() {
            shifted = false;
            bits = 0;
            count = 0;
            high = 0;
        }

        @Override
        protected CoderResult decodeLoop(ByteBuffer in, CharBuffer out) {
            while (in.hasRemaining()) {
                if (out.remaining() < MOST) {
                    return CoderResult.OVERFLOW;
                }
                byte octet = in.get(in.position());
                if (shifted) {
                    inBase64(octet, in, out);
                } else if (octet < 0) {
                    return CoderResult.malformedForLength(1);
                } else {
                    in.get();
                    direct(octet, out);
                }
            }
            return CoderResult.UNDERFLOW;
        }

        @Override
        protected CoderResult implFlush(CharBuffer out) {
            if (!out.hasRemaining() && (high != 0 || shifted && empty)) {
                return CoderResult.OVERFLOW;
            }
            unshift(out);
            return CoderResult.UNDERFLOW;
        }

        private void direct(byte octet, CharBuffer out) {
            if (octet == '+') {
                shifted = true;
                empty = true;
            } else {
                out.put((char) octet);
            }
        }

        private void inBase64(byte octet, ByteBuffer in, CharBuffer out) {
            int value = base64(octet);
            if (value >= 0) {
                in.get();
                empty = false;
                bits = bits << 6 | value;
                count += 6;
                if (count >= UNIT) {
                    count -= UNIT;
                    unit((char) (bits >> count), out);
                    bits &= (1 << count) - 1;
                }
                return;
            }
            if (octet == '-') {     // belongs to the base64 before it
                in.get();
            }
            unshift(out);
        }

        /// `+-` is a plus, and so is one that no base64 follows (ill-formed by RFC 2152).
        private void unshift(CharBuffer out) {
            if (shifted && empty) {
                out.put('+');
            }
            alone(out);
            implReset();
        }

        private void unit(char unit, CharBuffer out) {
            if (high != 0 && Character.isLowSurrogate(unit)) {
                out.put(high).put(unit);
                high = 0;
                return;
            }
            alone(out);
            if (Character.isHighSurrogate(unit)) {
                high = unit;
            } else {
                out.put(Character.isLowSurrogate(unit) ? Text.REPLACEMENT : unit);
            }
        }

        /// A high surrogate without its other half.
        private void alone(CharBuffer out) {
            if (high != 0) {
                out.put(Text.REPLACEMENT);
                high = 0;
            }
        }

        private static int base64(byte octet) {
            if (octet >= 'A' && octet <= 'Z') {
                return octet - 'A';
            } else if (octet >= 'a' && octet <= 'z') {
                return octet - 'a' + 26;
            } else if (octet >= '0' && octet <= '9') {
                return octet - '0' + 52;
            }
            return octet == '+' ? 62 : octet == '/' ? 63 : -1;
        }
    }
}
