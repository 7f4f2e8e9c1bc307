package org.listserv.reception;

import java.util.List;
import java.util.Optional;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;

/// Where a mail server hands over. The boundary between the protocol, which knows sessions and octets, and the lists behind it.
///
/// Called on virtual threads, from many sessions at once; every method may block. `DatabaseUnavailable` from any of them
/// becomes 451 4.3.0: the client keeps the message and comes again.
public interface Receiver {

    /// At RCPT.
    ///
    /// @return 250 2.1.5, or the reply that refuses; a refusal is looked up afresh, never taken from a cache
    Reply recipient(Client client, ReversePath reversePath, EmailAddress recipient);

    /// At the end of data. A positive reply is the promise that everything that follows from the message is durable.
    ///
    /// @return one reply a recipient, in the order of the submission's recipients
    List<Reply> receive(Submission submission);

    /// Asked when a client connects.
    ///
    /// @return empty when new sessions may come, else the reason, which the client reads after 421 4.3.2
    Optional<String> refusing();
}
