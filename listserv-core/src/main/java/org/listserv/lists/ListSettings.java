package org.listserv.lists;

import java.util.List;
import java.util.Locale;

import org.listserv.mail.EmailAddress;

/// Everything that can be set for one list, as it stands in one row. [Setting] has keys, meanings and defaults.
///
/// @param maxSize octets of a whole message; 0: what the server takes
/// @param minSize octets of body
/// @param removeHeaders names of header fields that copies do not carry
/// @param addHeaders whole header fields, `Name: value`, that copies carry in addition
/// @param rejectTypes media types that make a message refused
/// @param removeTypes media types whose parts are cut out of copies
/// @param digestSize octets of body that make a digest due
/// @param holdHours how long a message waits for a moderator
public record ListSettings(State state, String description, String language, String prefix, String footer, ReplyTo replyTo,
        Posting posting, Refused refused, Subscribing subscribing, Unsubscribing unsubscribing, Archive archive, long maxSize, long minSize,
        List<String> removeHeaders, List<String> addHeaders, List<String> rejectTypes, List<String> removeTypes, int digestCount,
        long digestSize, int digestHours, int holdHours, Verp verp, Personal personal) {

    public ListSettings {
        removeHeaders = List.copyOf(removeHeaders);
        addHeaders = List.copyOf(addHeaders);
        rejectTypes = List.copyOf(rejectTypes);
        removeTypes = List.copyOf(removeTypes);
    }

    /// A choice by its word, as people type it and as the column holds it: `members-or-hold` for MEMBERS_OR_HOLD.
    sealed interface Word {
        String name();

        default String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public enum State implements Word {
        ACTIVE,
        /// Takes no posts and no subscribers; the archive stays readable.
        CLOSED
    }

    /// Who may post.
    public enum Posting implements Word {
        ANYONE,
        /// Others are refused.
        MEMBERS,
        /// Others wait for a moderator.
        MEMBERS_OR_HOLD,
        /// All wait for a moderator.
        MODERATED,
        /// Others are refused, and a moderator confirms his own.
        MODERATORS_ONLY
    }

    /// What becomes of a message the list refuses after our client has already taken responsibility for it.
    public enum Refused implements Word {
        HOLD,
        DISCARD
    }

    public enum Subscribing implements Word {
        OPEN,
        CONFIRM,
        CONFIRM_AND_APPROVE,
        CLOSED
    }

    public enum Unsubscribing implements Word {
        CONFIRM,
        OPEN
    }

    /// Who may read the archive.
    public enum Archive implements Word {
        PUBLIC,
        MEMBERS,
        OFF
    }

    public enum Verp implements Word {
        ON
    }

    /// What makes each copy its own.
    public enum Personal implements Word {
        OFF,
        /// As UNSUBSCRIBE, and a last line that says who the subscriber is and how to leave.
        FOOTER,
        /// List-Unsubscribe names the subscriber.
        UNSUBSCRIBE
    }

    /// Where answers go.
    public sealed interface ReplyTo {
        /// The list adds nothing.
        record Author() implements ReplyTo {
            @Override
            public String toString() {
                return "author";
            }
        }

        record List() implements ReplyTo {
            @Override
            public String toString() {
                return "list";
            }
        }

        record Address(EmailAddress address) implements ReplyTo {
            @Override
            public String toString() {
                return address.toString();
            }
        }
    }
}
