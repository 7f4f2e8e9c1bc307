package org.listserv.smtp;

import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.ConnectHandler;

import org.listserv.reception.Receiver;
import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.store.DatabaseUnavailable;

/// The first reply: may this client come in, and now?
final class Welcome implements ConnectHandler<Session> {

    private final SmtpSettings settings;
    private final Receiver receiver;
    private final Connections connections;

    Welcome(SmtpSettings settings, Receiver receiver, Connections connections) {
        this.settings = settings;
        this.receiver = receiver;
        this.connections = connections;
    }

    @Override
    public Response onConnect(Session session) {
        var peer = Session.literal(session.peer());
        if (!session.isTrusted()) {
            return Replies.last(554, "5.7.1", peer + " may not send mail here");
        }
        if (connections.guests() > settings.limits().maxConnections()) {
            return Replies.last(421, "4.3.2", "too many connections, come back later");
        }
        if (connections.from(session.peer()) > settings.limits().maxConnectionsPerClient()) {
            return Replies.last(421, "4.7.0", "too many connections from " + peer);
        }
        try {
            var refusing = receiver.refusing();
            if (refusing.isPresent()) {
                return Replies.last(421, "4.3.2", refusing.get());
            }
        } catch (DatabaseUnavailable e) {
            return Replies.last(421, "4.3.0", "cannot store mail now, come back later");
        }
        return greeting(session.dialect(), settings.hostName());
    }

    static Response greeting(Dialect dialect, String hostName) {
        return Replies.plain(220, hostName + (dialect == Dialect.LMTP ? " LMTP" : " ESMTP") + " listserv");
    }
}
