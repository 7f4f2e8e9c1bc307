package org.listserv.smtp;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.UnknownCommandHandler;

/// Whatever is no command of ours: AUTH, BDAT and ETRN among them, and clients that speak another protocol altogether.
final class UnknownCommand extends UnknownCommandHandler<Session> {

    private final int maxUnknownCommands;

    UnknownCommand(int maxUnknownCommands) {
        this.maxUnknownCommands = maxUnknownCommands;
    }

    @Override
    public Response onCommand(Session session, Request request) {
        return session.countUnknownCommand() > maxUnknownCommands
                ? Replies.last(421, "4.7.0", "too many commands that are none")
                : Replies.of(500, "5.5.1", "no such command");
    }
}
