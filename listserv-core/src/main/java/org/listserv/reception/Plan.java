package org.listserv.reception;

import java.util.function.Supplier;

import org.listserv.mail.Reply;
import org.listserv.posting.Intake.Effect;

/// What one list means to do with a message, before it is known what the others do.
sealed interface Plan {
    record Take(Effect effect) implements Plan {}

    /// Policy says no.
    ///
    /// @param reply   told in the session where that is possible
    /// @param instead done where it is not
    record Refuse(Reply reply, Supplier<Effect> instead) implements Plan {}
}
