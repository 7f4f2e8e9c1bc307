package org.listserv.reception;

import java.util.List;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

/// What arrived: the envelope, and the octets between DATA and the end of data.
///
/// @param recipients as accepted by [Receiver#recipient], in the order of the RCPT commands, each once
/// @param smtpUtf8 whether the client asked for SMTPUTF8 (RFC 6531 §3.4)
/// @param octets dot-unstuffed, every line ended by CRLF, no field of ours in front; never modified by anyone
public record Submission(Client client, ReversePath reversePath, List<EmailAddress> recipients, boolean smtpUtf8, byte[] octets) {

    public Submission {
        recipients = List.copyOf(recipients);
    }
}
