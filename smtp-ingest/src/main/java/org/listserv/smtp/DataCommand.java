package org.listserv.smtp;

import java.util.Collection;
import java.util.List;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;

import org.listserv.smtp.SmtpSettings.Dialect;

/// DATA up to 354. What follows is read by [DataReader] and judged in [DataHook].
final class DataCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("DATA");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        if (!session.isInTransaction()) {
            return Replies.of(503, "5.5.1", "MAIL first");
        }
        if (!request.getArgument().isEmpty()) {
            return Replies.of(501, "5.5.4", "DATA has no argument");
        }
        if (session.recipients().isEmpty()) {
            // RFC 2033 §4.2 asks for 503, RFC 5321 §3.3 prefers 554.
            return Replies.of(session.dialect() == Dialect.LMTP ? 503 : 554, "5.5.1", "no valid recipients");
        }
        session.expectData();
        return Replies.plain(354, "end with CRLF . CRLF");
    }
}
