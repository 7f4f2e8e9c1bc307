package org.listserv.smtp;

import java.util.Collection;
import java.util.List;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.apache.james.protocols.smtp.SMTPStartTlsResponse;

/// STARTTLS (RFC 3207) up to the go-ahead. That nothing came behind it in the clear is checked where lines are read, in [Connection].
final class StartTlsCommand implements CommandHandler<Session> {

    @Override
    public Collection<String> getImplCommands() {
        return List.of("STARTTLS");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        if (session.isSecured()) {
            return Replies.of(503, "5.5.1", "this is TLS already");
        }
        if (!session.isStartTLSSupported()) {
            return Replies.of(502, "5.5.1", "no TLS here");
        }
        if (!request.getArgument().isEmpty()) {
            return Replies.of(501, "5.5.4", "STARTTLS has no argument");
        }
        return new SMTPStartTlsResponse("220", "2.0.0 go ahead");
    }
}
