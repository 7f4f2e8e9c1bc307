package org.listserv.delivery;

import org.listserv.mail.Reply;

/// What a relay's reply about one recipient means. A connection reads replies; whether they speak of the recipient or show that the relay
/// itself is in trouble only the one who sees all its connections can tell.
interface Judge {
    /// @param origin which message it was, see [WireMessage#origin()]
    /// @param afterContent the relay had the whole message before it answered, so the reply may be about what is in it
    Outcome judge(Reply reply, long origin, boolean afterContent);
}
