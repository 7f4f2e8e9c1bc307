package org.listserv.smtp;

import java.util.Collection;
import java.util.List;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;

/// The commands with nothing behind them. VRFY and EXPN tell nobody who is on a list (RFC 5321 §7.3).
final class PlainCommands implements CommandHandler<Session> {

    private final String hostName;

    PlainCommands(String hostName) {
        this.hostName = hostName;
    }

    @Override
    public Collection<String> getImplCommands() {
        return List.of("NOOP", "RSET", "QUIT", "HELP", "VRFY", "EXPN");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        return switch (request.getCommand()) {
            case "NOOP" -> Replies.of(250, "2.0.0", "ok");
            case "RSET" -> {
                session.resetState();
                yield Replies.of(250, "2.0.0", "ok");
            }
            case "QUIT" -> Replies.last(221, "2.0.0", hostName + " says goodbye");
            case "HELP" -> Replies.of(214, "2.0.0", "RFC 5321 has it all");
            case "VRFY" -> Replies.of(252, "2.0.0", "addresses are not verified; send mail and see");
            default -> Replies.of(502, "5.5.1", "lists are not expanded");
        };
    }
}
