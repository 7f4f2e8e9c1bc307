package org.listserv.smtp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.reception.Receiver;
import org.listserv.reception.Submission;
import org.listserv.store.DatabaseUnavailable;

/// The lists, as far as the server can tell: takes every message and keeps it. The local part of a recipient says what else may happen.
final class Letterbox implements Receiver {

    /// A mailbox of this name has that answer at the end of data.
    private static final Map<String, Reply> AFTER_DATA = Map.of(
            "full", new Reply(452, "4.2.2", "mailbox full"),
            "closed", new Reply(550, "5.7.1", "closed"),
            "toolong", new Reply(552, "5.3.4", "too long for this list"));

    final List<Submission> taken = Collections.synchronizedList(new ArrayList<>());
    final List<EmailAddress> asked = Collections.synchronizedList(new ArrayList<>());
    volatile Supplier<Optional<String>> refusing = Optional::empty;

    @Override
    public Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient) {
        asked.add(recipient);
        return switch (recipient.localPart()) {
            case "nobody" -> Reply.refused("5.1.1", "no such list");
            case "nodatabase" -> throw new DatabaseUnavailable("no primary", null);
            default -> Reply.ok("2.1.5", "ok");
        };
    }

    @Override
    public List<Reply> receive(Submission submission) {
        var replies = new ArrayList<Reply>();
        for (var recipient : submission.recipients()) {
            switch (recipient.localPart()) {
                case "losesdatabase" -> throw new DatabaseUnavailable("connection lost", null);
                case "breaks" -> throw new IllegalStateException("a mistake of ours");
                default -> replies.add(AFTER_DATA.getOrDefault(recipient.localPart(), Reply.ok("taken")));
            }
        }
        taken.add(submission);
        return replies;
    }

    @Override
    public Optional<String> refusing() {
        return refusing.get();
    }

    /// The only message so far.
    Submission only() {
        if (taken.size() != 1) {
            throw new AssertionError(taken.size() + " messages instead of one: " + new HashMap<>(Map.of("taken", taken)));
        }
        return taken.getFirst();
    }
}
