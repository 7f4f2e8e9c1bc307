package org.listserv.smtp;

import java.net.InetAddress;
import java.util.List;

import org.apache.james.protocols.api.ProtocolTransport;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.ProtocolHandler;
import org.apache.james.protocols.api.handler.ProtocolHandlerChainImpl;
import org.apache.james.protocols.api.handler.WiringException;
import org.apache.james.protocols.smtp.SMTPConfigurationImpl;

import org.listserv.reception.Receiver;
import org.listserv.smtp.SmtpSettings.Dialect;

/// One of the two protocols put together: a James chain of handlers, all of them ours. What a command does stands in the class of its name.
final class MailProtocol {

    private final Dialect dialect;
    private final SMTPConfigurationImpl configuration = new SMTPConfigurationImpl();
    private final Welcome welcome;
    private final CommandLines commands = new CommandLines();

    MailProtocol(Dialect dialect, SmtpSettings settings, Receiver receiver, Certificates certificates, Connections connections) {
        this.dialect = dialect;
        welcome = new Welcome(settings, receiver, connections);
        var limits = settings.limits();
        var chain = new ProtocolHandlerChainImpl();
        chain.addAll(List.<ProtocolHandler>of(welcome, commands,
                new GreetingCommand(dialect, settings.hostName(), limits.maxMessageOctets(), certificates.isConfigured()),
                new MailCommand(limits.maxMessageOctets()),
                new RcptCommand(settings.postmaster(), limits.maxRecipients(), receiver),
                new DataCommand(),
                new StartTlsCommand(),
                new XclientCommand(settings.hostName()),
                new PlainCommands(settings.hostName()),
                new UnknownCommand(limits.maxUnknownCommands())));
        try {
            chain.wireExtensibleHandlers();
        } catch (WiringException e) {
            throw new IllegalStateException(e);
        }
    }

    Session newSession(ProtocolTransport transport, InetAddress peer, boolean trusted) {
        return new Session(transport, configuration, dialect, peer, trusted);
    }

    Response welcome(Session session) {
        return welcome.onConnect(session);
    }

    Response command(Session session, byte[] line) {
        return commands.onLine(session, line);
    }
}
