package org.listserv.bounce;

/// Which SMTP command was answered with a refusal. An unknown user is most certainly one when RCPT says so; the same words after DATA come from
/// filters that do not want to be found out.
enum Phase {
    /// The greeting, EHLO or STARTTLS: they do not talk to the client at all.
    CONNECT,
    MAIL,
    RCPT,
    DATA,
    UNKNOWN
}
