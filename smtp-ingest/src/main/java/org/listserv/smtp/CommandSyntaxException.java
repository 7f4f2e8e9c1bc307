package org.listserv.smtp;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.Reply;

/// A command that cannot be understood, or not be granted. Carries the reply that says so.
final class CommandSyntaxException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Reply reply;

    CommandSyntaxException(int code, String enhanced, String text) {
        super(text, null, false, false);
        reply = new Reply(code, enhanced, text);
    }

    /// @param enhanced 5.1.7 for a sender, 5.1.3 for a recipient
    static CommandSyntaxException address(String enhanced, AddressSyntaxException wrong) {
        return new CommandSyntaxException(501, enhanced, String.valueOf(wrong.getMessage()));
    }

    Reply reply() {
        return reply;
    }
}
