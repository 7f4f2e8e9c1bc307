package org.listserv.smtp;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/// Reads one message after 354: dots taken off, the end found (RFC 5321 §4.5.2), nothing else changed.
///
/// Only CRLF ends a line, and only CRLF `.` CRLF ends the message (RFC 5321 §2.3.8). Servers that are more lenient disagree with their
/// neighbours about where a message ends, and somebody's text becomes a second message (CVE-2023-51764 and kin). So a CR or LF alone
/// ends the session, as does a line of one dot among NULs. Other NULs are passed on: they are ugly, and harmless.
final class DataReader {

    /// How reading ended.
    sealed interface Result {
        /// The buffer holds the message.
        record Complete() implements Result {}

        /// Read to its end, but not kept. The session may go on.
        record TooLarge() implements Result {}

        /// Read to its end, but not kept, since it could not be written.
        record NotWritten(IOException cause) implements Result {}

        /// Where the message ends cannot be said. The session must not go on.
        record Ambiguous(String why) implements Result {}
    }

    /// What the line has shown so far. Dots at the start are not passed on before it is clear what they are.
    private enum State {
        START,
        TEXT,
        CR,
        DOT,
        DOT_CR,
        NULS,
        NULS_AND_DOT
    }

    private static final Result BARE_LF = new Result.Ambiguous("LF without CR");
    private static final Result BARE_CR = new Result.Ambiguous("CR without LF");
    private static final Result HIDDEN_DOT = new Result.Ambiguous("NUL beside a single dot");

    private final ClientInput input;
    private final MessageBuffer message;
    private final long maxOctets;

    private State state = State.START;
    private Result result = new Result.Complete();

    DataReader(ClientInput input, MessageBuffer message, long maxOctets) {
        this.input = input;
        this.message = message;
        this.maxOctets = maxOctets;
    }

    Result read() throws IOException {
        while (true) {
            var ended = scan(input.buffer(), input.position(), input.limit());
            if (ended != null) {
                return ended;
            }
            input.fill();
        }
    }

    private @Nullable Result scan(byte[] octets, int from, int limit) throws IOException {
        // What lies between `kept` and `at` belongs to the message and is appended in one piece.
        int kept = from;
        for (int at = from; at < limit; at++) {
            if (state == State.TEXT) {
                at = endOfText(octets, at, limit);
                if (at == limit) {
                    break;
                }
            }
            byte octet = octets[at];
            if (octet == '\n') {
                switch (state) {
                    case CR -> state = State.START;
                    case DOT_CR -> {
                        input.consumeTo(at + 1);
                        return result;
                    }
                    case START, TEXT, DOT, NULS, NULS_AND_DOT -> {
                        return BARE_LF;
                    }
                }
            } else {
                switch (state) {
                    case START -> {
                        state = octet == 0 ? State.NULS : octet == '.' ? State.DOT : text(octet);
                        if (state == State.DOT) {
                            keep(octets, kept, at);
                            kept = at + 1;
                        }
                    }
                    case TEXT -> state = text(octet);
                    case DOT -> {
                        state = octet == 0 ? State.NULS_AND_DOT : octet == '\r' ? State.DOT_CR : State.TEXT;
                        if (state == State.DOT_CR) {
                            kept = at + 1;
                        }
                    }
                    case NULS -> state = octet == 0 ? State.NULS : octet == '.' ? State.NULS_AND_DOT : text(octet);
                    case NULS_AND_DOT -> {
                        if (octet == '\r') {
                            return HIDDEN_DOT;
                        }
                        state = octet == 0 ? State.NULS_AND_DOT : State.TEXT;
                    }
                    case CR, DOT_CR -> {
                        return BARE_CR;
                    }
                }
            }
        }
        keep(octets, kept, limit);
        input.consumeTo(limit);
        return null;
    }

    private static State text(byte octet) {
        return octet == '\r' ? State.CR : State.TEXT;
    }

    /// Nearly every octet of a message passes here and nowhere else.
    private static int endOfText(byte[] octets, int from, int limit) {
        int at = from;
        while (at < limit && octets[at] != '\r' && octets[at] != '\n') {
            at++;
        }
        return at;
    }

    private void keep(byte[] octets, int from, int to) throws IOException {
        if (from == to || !(result instanceof Result.Complete)) {
            return;
        }
        if (message.size() + (to - from) > maxOctets) {
            result = new Result.TooLarge();
            message.discard();
            return;
        }
        try {
            message.append(octets, from, to);
        } catch (IOException e) {
            result = new Result.NotWritten(e);
            message.discard();
        }
    }
}
