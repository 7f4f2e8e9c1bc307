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
/// @param byMail what can be done by mail, and by whom
public record ListSettings(State state, String description, String language, String prefix, String footer, ReplyTo replyTo,
        Posting posting, Refused refused, Subscribing subscribing, Unsubscribing unsubscribing, Archive archive, long maxSize, long minSize,
        List<String> removeHeaders, List<String> addHeaders, List<String> rejectTypes, List<String> removeTypes, int digestCount,
        long digestSize, int digestHours, int holdHours, Verp verp, Personal personal, ByMail byMail) {

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
        /// A moderator approves; the subscriber confirms nothing.
        APPROVE,
        CONFIRM_AND_APPROVE,
        /// Only moderators subscribe others.
        CLOSED;

        public boolean isConfirmed() {
            return this == CONFIRM || this == CONFIRM_AND_APPROVE;
        }

        public boolean isApproved() {
            return this == APPROVE || this == CONFIRM_AND_APPROVE;
        }
    }

    public enum Unsubscribing implements Word {
        CONFIRM,
        /// A moderator approves as well.
        CONFIRM_AND_APPROVE,
        OPEN
    }

    public enum Switch implements Word {
        ON,
        OFF;

        public boolean isOn() {
            return this == ON;
        }
    }

    /// Who gets posts by mail, beside what [Archive] allows.
    public enum Retrieval implements Word {
        /// Whoever may read the archive.
        READERS,
        /// Subscribers, and who may post.
        MEMBERS,
        MODERATORS
    }

    /// What becomes of a post no moderator decided about.
    public enum TimedOut implements Word {
        DISCARD,
        /// Its author is told.
        RETURN
    }

    /// What ezmlm's flags r, l, n, g and b, y, noreturnposts and the flood brake say.
    ///
    /// @param remoteAdmin  moderators act for others by mail
    /// @param memberList   moderators get the list of members by mail
    /// @param textEditing  moderators edit texts by mail
    /// @param confirmPosts authors confirm their posts
    /// @param floodLimit   posts an hour above which the list becomes moderated; 0: no limit
    public record ByMail(Switch remoteAdmin, Switch memberList, Switch textEditing, Retrieval retrieval, Switch confirmPosts,
            TimedOut timedOut, int floodLimit) {}

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
