package org.listserv.smtp;

import java.util.Collection;
import java.util.List;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.reception.Receiver;
import org.listserv.store.DatabaseUnavailable;

/// RCPT TO. Whether there is such a mailbox the receiver knows.
final class RcptCommand implements CommandHandler<Session> {

    private static final Logger log = LoggerFactory.getLogger(RcptCommand.class);

    private final EmailAddress postmaster;
    private final int maxRecipients;
    private final Receiver receiver;

    RcptCommand(EmailAddress postmaster, int maxRecipients, Receiver receiver) {
        this.postmaster = postmaster;
        this.maxRecipients = maxRecipients;
        this.receiver = receiver;
    }

    @Override
    public Collection<String> getImplCommands() {
        return List.of("RCPT");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        if (!session.isInTransaction()) {
            return Replies.of(503, "5.5.1", "MAIL first");
        }
        var argument = PathArgument.parse("TO", request.getArgument());
        if (!argument.parameters().isEmpty()) {
            return Replies.of(555, "5.5.4", "RCPT parameter " + argument.parameters().getFirst().keyword() + " is not known here");
        }
        if (session.recipients().size() >= maxRecipients) {
            return Replies.of(452, "4.5.3", "send the remaining recipients in another transaction");
        }
        var recipient = recipient(argument.path(), session.isSmtpUtf8());
        try {
            var reply = receiver.recipient(session.client(), session.reversePath(), recipient);
            if (reply.isPositive()) {
                session.add(recipient);
            }
            return Replies.of(reply);
        } catch (DatabaseUnavailable e) {
            log.warn("{}: cannot look up {}: {}", session.getSessionID(), recipient, e.getMessage());
            return Replies.of(451, "4.3.0", "cannot look this up now, try again later");
        }
    }

    private EmailAddress recipient(String path, boolean smtpUtf8) {
        if (path.equalsIgnoreCase("postmaster")) {
            // RFC 5321 §4.5.1: without a domain, and always to be understood.
            return postmaster;
        }
        try {
            // Our own VERP and token addresses exceed the 64 of RFC 5321 §4.5.3.1.1, which allows a server to take more.
            var recipient = EmailAddress.parse(path, EmailAddress.LONGEST_LOCAL_OCTETS);
            if (!smtpUtf8 && !recipient.isAscii()) {
                throw new CommandSyntaxException(553, "5.6.7", "this address needs SMTPUTF8");
            }
            return recipient;
        } catch (AddressSyntaxException e) {
            throw CommandSyntaxException.address("5.1.3", e);
        }
    }
}
