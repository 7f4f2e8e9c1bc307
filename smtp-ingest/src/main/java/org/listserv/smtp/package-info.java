/// The SMTP and LMTP server, on James protocols, corrected where those fall short.
/// It speaks the protocol, bounds memory and time, and hands each message to `reception`, whose answer it repeats to the client.
/// It decides nothing about lists, and no other package imports James.
@NullMarked
package org.listserv.smtp;

import org.jspecify.annotations.NullMarked;
