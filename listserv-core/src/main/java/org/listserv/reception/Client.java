package org.listserv.reception;

/// The other side of one SMTP or LMTP session, as far as mail cares. For the trace field (RFC 5321 §4.4), the log and `find`.
///
/// @param address IP address as a literal, or `unknown`
/// @param helo the argument of HELO, EHLO or LHLO as the client gave it, never to be believed
/// @param protocol the keyword of RFC 3848 and RFC 6531 §4.3: `SMTP`, `ESMTP`, `ESMTPS`, `LMTP`, `UTF8SMTP`...
public record Client(String address, String helo, String protocol) {}
