package org.listserv.reception;

import java.util.List;
import java.util.function.Supplier;

import org.listserv.mail.Reply;
import org.listserv.posting.Intake.Effect;

/// What one list means to do with a message, before it is known what the others do.
sealed interface Plan {
    /// @param effects more than one where a mail decides about several things
    record Take(List<Effect> effects) implements Plan {
        Take(Effect effect) {
            this(List.of(effect));
        }

        public Take {
            effects = List.copyOf(effects);
        }
    }

    /// Policy says no.
    ///
    /// @param reply   told in the session where that is possible
    /// @param instead done where it is not
    record Refuse(Reply reply, Supplier<Effect> instead) implements Plan {}
}
