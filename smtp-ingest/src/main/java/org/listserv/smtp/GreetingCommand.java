package org.listserv.smtp;

import java.util.Collection;
import java.util.List;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;

import org.listserv.smtp.SmtpSettings.Dialect;

/// EHLO and HELO, in LMTP LHLO. Any argument will do: it goes into the trace field and is believed by nobody. CHUNKING, AUTH, DSN and
/// VRFY are not offered.
final class GreetingCommand implements CommandHandler<Session> {

    private final Dialect dialect;
    private final String hostName;
    private final long maxMessageOctets;
    private final boolean startTls;

    GreetingCommand(Dialect dialect, String hostName, long maxMessageOctets, boolean startTls) {
        this.dialect = dialect;
        this.hostName = hostName;
        this.maxMessageOctets = maxMessageOctets;
        this.startTls = startTls;
    }

    @Override
    public Collection<String> getImplCommands() {
        return dialect == Dialect.LMTP ? List.of("LHLO") : List.of("EHLO", "HELO");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        if (request.getArgument().isEmpty()) {
            return Replies.of(501, "5.5.4", "say " + request.getCommand() + " and your name");
        }
        boolean extended = !request.getCommand().equals("HELO");
        session.greet(request.getArgument(), extended);
        var response = Replies.plain(250, hostName);
        if (extended) {
            response.appendLine("PIPELINING");
            response.appendLine("SIZE " + maxMessageOctets);
            response.appendLine("8BITMIME");
            response.appendLine("SMTPUTF8");
            if (startTls && !session.isSecured()) {
                response.appendLine("STARTTLS");
            }
            response.appendLine("XCLIENT " + XclientCommand.ATTRIBUTES);
            response.appendLine("ENHANCEDSTATUSCODES");
        }
        return response;
    }
}
