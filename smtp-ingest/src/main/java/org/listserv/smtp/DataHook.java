package org.listserv.smtp;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.mail.Reply;
import org.listserv.reception.Receiver;
import org.listserv.reception.Submission;
import org.listserv.store.DatabaseUnavailable;

/// End of DATA: the only place where this server takes responsibility for mail (RFC 5321 §6.1).
final class DataHook {

    private static final Logger log = LoggerFactory.getLogger(DataHook.class);

    static final Reply FULL = new Reply(452, "4.3.1", "no room for this now, try again later");
    private static final Reply NOT_STORED = new Reply(451, "4.3.0", "cannot store this now, try again later");
    private static final Reply FAILED = new Reply(451, "4.3.0", "we have failed, not you; try again later");
    private static final Reply LOOP = new Reply(554, "5.4.6", "too many Received fields, this message is in a loop");

    private final Receiver receiver;
    private final int maxReceivedFields;

    DataHook(Receiver receiver, int maxReceivedFields) {
        this.receiver = receiver;
        this.maxReceivedFields = maxReceivedFields;
    }

    /// @return one reply for each of the session's recipients, in their order
    List<Reply> onMessage(Session session, MessageBuffer message) {
        try {
            var octets = message.octets();
            return TraceFields.count(octets) > maxReceivedFields
                    ? toAll(session, LOOP)
                    : receive(session, octets);
        } catch (DatabaseUnavailable e) {
            // Without a stack trace: while there is no primary, this happens to every message.
            log.warn("{}: not stored, the sender keeps it: {}", session.getSessionID(), e.getMessage());
            return toAll(session, NOT_STORED);
        } catch (IOException | OutOfMemoryError e) {
            log.error("{}: no room for a message of {} octets, the sender keeps it", session.getSessionID(), message.size(), e);
            return toAll(session, FULL);
        } catch (RuntimeException e) {
            log.error("{}: reception failed, the sender keeps the message", session.getSessionID(), e);
            return toAll(session, FAILED);
        }
    }

    /// A recipient that came twice is handed over once, and has two replies all the same (RFC 2033 §4.2).
    private List<Reply> receive(Session session, byte[] octets) {
        var recipients = List.copyOf(new LinkedHashSet<>(session.recipients()));
        var answers = receiver
                .receive(new Submission(session.client(), session.reversePath(), recipients, session.isSmtpUtf8(), octets));
        if (answers.size() != recipients.size()) {
            throw new IllegalStateException(answers.size() + " replies for " + recipients.size() + " recipients");
        }
        return session.recipients().stream().map(recipient -> answers.get(recipients.indexOf(recipient))).toList();
    }

    static List<Reply> toAll(Session session, Reply reply) {
        return Collections.nCopies(session.recipients().size(), reply);
    }
}
