package org.listserv.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import org.apache.james.protocols.api.BaseRequest;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandDispatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From a line to the command it names. Stock James reads US-ASCII and trims; here a line is UTF-8 (RFC 6531 §3.7.2) without controls.
final class CommandLines extends CommandDispatcher<Session> {

    private static final Logger log = LoggerFactory.getLogger(CommandLines.class);

    @Override
    public Response onLine(Session session, byte[] line) {
        try {
            return dispatchCommandHandlers(session, parseRequest(session, line));
        } catch (CommandSyntaxException e) {
            return Replies.of(e.reply());
        } catch (RuntimeException e) {
            log.error("{}: command failed", session.getSessionID(), e);
            return session.newFatalErrorResponse();
        }
    }

    @Override
    protected Request parseRequest(Session session, byte[] line) {
        var text = text(line, line.length - 2).stripTrailing();
        int space = text.indexOf(' ');
        return space < 0
                ? new BaseRequest(text.toUpperCase(Locale.ROOT), "")
                : new BaseRequest(text.substring(0, space).toUpperCase(Locale.ROOT), text.substring(space + 1).stripLeading());
    }

    private static String text(byte[] line, int length) {
        boolean ascii = true;
        for (int i = 0; i < length; i++) {
            ascii &= line[i] >= 0;
            if (line[i] >= 0 && line[i] < ' ' && line[i] != '\t' || line[i] == 0x7f) {
                throw new CommandSyntaxException(500, "5.5.2", "control character in a command");
            }
        }
        if (ascii) {
            return new String(line, 0, length, StandardCharsets.US_ASCII);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw new CommandSyntaxException(500, "5.5.2", "a command is ASCII or UTF-8");
        }
    }
}
