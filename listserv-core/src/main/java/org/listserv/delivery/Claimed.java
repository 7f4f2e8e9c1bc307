package org.listserv.delivery;

import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;
import org.listserv.posting.PersonalLine;
import org.listserv.posting.Rendering;

/// A batch this node sends now, with everything needed for it.
///
/// @param small     below 100 recipients, or a notice: has its own connections
/// @param outgoing  the message all its copies share
/// @param copies    still to be sent, by position
/// @param departed  positions of those who have left since
/// @param later     positions deferred to a time that has not come
/// @param unsettled how many positions had no final outcome when it was claimed
record Claimed(long id, long list, boolean small, int recipients, int attempts, OutgoingMessage outgoing, List<CopyTo> copies,
        BitSet departed,
        Map<Integer, Instant> later, int unsettled) {

    /// One copy to send.
    ///
    /// @param subscription 0 where the batch names an address
    /// @param tries        made so far that were deferred
    record CopyTo(int position, long subscription, EmailAddress address, int tries) {}

    /// What is sent, made once and shared by all copies on this node.
    ///
    /// @param octets of the message before its edits
    record OutgoingMessage(long id, @Nullable Long number, String reversePath, Content content, long octets, Instant acceptedAt) {
        /// Messages of more octets are heavy: how many of them are in memory at a time is bounded. So many others as a node has in hand fit always.
        static final long LIGHT = 64 * 1024;

        /// What it takes of the room for heavy messages.
        long weight() {
            return octets > LIGHT ? octets : 0;
        }
    }

    /// A message for many.
    sealed interface Content {
        WireMessage copyFor(EmailAddress subscriber);

        static Content of(Rendering rendering) {
            return rendering.personal().isEmpty()
                    ? new Same(WireMessage.of(rendering.shared().getFirst()))
                    : new Personal(WireMessage.template(rendering.shared()), rendering.personal());
        }

        /// Every copy is this one.
        record Same(WireMessage wire) implements Content {
            @Override
            public WireMessage copyFor(EmailAddress subscriber) {
                return wire;
            }
        }

        /// Some lines are each subscriber's own; only those are made per copy.
        record Personal(WireMessage.Template template, List<PersonalLine> lines) implements Content {
            @Override
            public WireMessage copyFor(EmailAddress subscriber) {
                var own = new byte[lines.size()][];
                for (var i = 0; i < own.length; i++) {
                    own[i] = lines.get(i).of(subscriber);
                }
                return template.with(own);
            }
        }
    }
}
