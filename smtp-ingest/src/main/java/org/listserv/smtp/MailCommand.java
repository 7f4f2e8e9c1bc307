package org.listserv.smtp;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.ReversePath;
import org.listserv.smtp.PathArgument.Parameter;
import org.listserv.smtp.SmtpSettings.Dialect;

/// MAIL FROM, with the parameters of SIZE (RFC 1870), 8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531).
final class MailCommand implements CommandHandler<Session> {

    private static final Response OK = Replies.of(250, "2.1.0", "ok");

    private final long maxMessageOctets;

    MailCommand(long maxMessageOctets) {
        this.maxMessageOctets = maxMessageOctets;
    }

    @Override
    public Collection<String> getImplCommands() {
        return List.of("MAIL");
    }

    @Override
    public Response onCommand(Session session, Request request) {
        if (!session.isGreeted()) {
            return Replies.of(503, "5.5.1", session.dialect() == Dialect.LMTP ? "LHLO first" : "EHLO first");
        }
        if (session.isInTransaction()) {
            return Replies.of(503, "5.5.1", "one sender at a time; RSET begins anew");
        }
        var argument = PathArgument.parse("FROM", request.getArgument());
        boolean smtpUtf8 = false;
        for (var parameter : argument.parameters()) {
            switch (parameter.keyword()) {
                case "SIZE" -> checkSize(parameter);
                case "BODY" -> checkBody(parameter);
                case "SMTPUTF8" -> {
                    checkNoValue(parameter);
                    smtpUtf8 = true;
                }
                default -> throw new CommandSyntaxException(555, "5.5.4", "MAIL parameter " + parameter.keyword() + " is not known here");
            }
        }
        session.begin(reversePath(argument.path(), smtpUtf8), smtpUtf8);
        return OK;
    }

    private static ReversePath reversePath(String path, boolean smtpUtf8) {
        try {
            var reversePath = ReversePath.parse(path);
            if (!smtpUtf8 && reversePath instanceof ReversePath.Mailbox(var address) && !address.isAscii()) {
                throw new CommandSyntaxException(553, "5.6.7", "this address needs SMTPUTF8");
            }
            return reversePath;
        } catch (AddressSyntaxException e) {
            throw CommandSyntaxException.address("5.1.7", e);
        }
    }

    private void checkSize(Parameter parameter) {
        // RFC 1870 §4: 1 to 20 digits.
        if (!parameter.value().matches("[0-9]{1,20}")) {
            throw new CommandSyntaxException(501, "5.5.4", "SIZE is a number of octets");
        }
        if (parameter.value().length() > 18 || Long.parseLong(parameter.value()) > maxMessageOctets) {
            throw new CommandSyntaxException(552, "5.3.4", "a message may have " + maxMessageOctets + " octets here");
        }
    }

    private static void checkBody(Parameter parameter) {
        switch (parameter.value().toUpperCase(Locale.ROOT)) {
            case "7BIT", "8BITMIME" -> {
                // Both are the same to us: octets stay as they come.
            }
            default -> throw new CommandSyntaxException(501, "5.5.4", "BODY is 7BIT or 8BITMIME");
        }
    }

    private static void checkNoValue(Parameter parameter) {
        if (!parameter.value().isEmpty()) {
            throw new CommandSyntaxException(501, "5.5.4", parameter.keyword() + " has no value");
        }
    }
}
