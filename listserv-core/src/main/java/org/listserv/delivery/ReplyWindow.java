package org.listserv.delivery;

import java.util.Arrays;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.Reply;

/// The last 50 recipients of a relay. When more than a fifth of them got the same refusal, it is the relay that is in trouble (its disk is
/// full, it does not know us any more), and nothing is to be held against the recipients.
///
/// Refusals that are no sign of it:
/// - Those that speak of the recipient's address or mailbox (RFC 3463 §3.2, §3.3: x.1.0 to x.1.6, x.1.10, x.2.y). A list may well have that
///   many dead subscribers, and a relay that knows them must not be kept from the others.
/// - Those that came after the content, as long as they hit one message only: a post that the relay's virus scanner refuses is refused for
///   every subscriber, and resting the relay would let it hold up everything else.
///
/// Once a refusal was trouble it stays suspect: it counts against no recipient until the relay takes one. Ten of it in a row are trouble
/// again; fewer are not, or one recipient who is refused so for good would hold up those behind.
final class ReplyWindow {
    static final int RECIPIENTS = 50;
    static final int REFUSALS = RECIPIENTS / 5;

    private static final Pattern OF_THE_RECIPIENT = Pattern.compile("[45]\\.(1\\.([0-6]|10)|2\\.\\d+)");
    /// What differs between the same refusals of different recipients: addresses, queue names, times.
    private static final Pattern PARTICULARS = Pattern.compile("<[^<>]*>|\\S*@\\S*|\\b(?=\\w*\\d)\\w+\\b");

    private final @Nullable Refusal[] last = new @Nullable Refusal[RECIPIENTS];
    private int next;
    private @Nullable String suspect;
    private int suspectInARow;

    /// @param about what was said, without particulars
    /// @param origin the message, or 0 when the relay refused before it had one
    private record Refusal(String about, long origin) {}

    /// What a refusal says.
    enum Sign {
        /// Something about the recipient.
        RECIPIENT,
        /// Perhaps nothing about the recipient; the next ones tell.
        SUSPECT,
        /// The relay is in trouble.
        TROUBLE
    }

    /// The relay took a message for a recipient.
    void taken() {
        if (suspect != null) {
            suspect = null;
            Arrays.fill(last, null);
        }
        put(null);
    }

    /// The relay refused a recipient, for now or for good.
    Sign refused(Reply reply, long origin, boolean afterContent) {
        if (OF_THE_RECIPIENT.matcher(reply.enhanced()).matches()) {
            put(null);
            return Sign.RECIPIENT;
        }
        var about = reply.code() + " " + reply.enhanced() + " " + PARTICULARS.matcher(reply.text()).replaceAll("*");
        if (about.equals(suspect)) {
            suspectInARow++;
            return suspectInARow % REFUSALS == 0 ? Sign.TROUBLE : Sign.SUSPECT;
        }
        var refusal = new Refusal(about, afterContent ? origin : 0);
        put(refusal);
        if (!isTrouble(refusal)) {
            return Sign.RECIPIENT;
        }
        suspect = about;
        suspectInARow = 0;
        return Sign.TROUBLE;
    }

    private boolean isTrouble(Refusal refusal) {
        int same = 0;
        boolean severalMessages = refusal.origin == 0;
        for (var other : last) {
            if (other != null && other.about.equals(refusal.about)) {
                same++;
                severalMessages |= other.origin != refusal.origin;
            }
        }
        return same > REFUSALS && severalMessages;
    }

    private void put(@Nullable Refusal refusal) {
        last[next] = refusal;
        next = (next + 1) % RECIPIENTS;
    }
}
