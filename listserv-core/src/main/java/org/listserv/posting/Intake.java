package org.listserv.posting;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.listserv.bounce.Failure;
import org.listserv.mail.EmailAddress;

/// Everything that follows from one message, to be durable in one transaction or not at all (P1).
///
/// @param message the message itself
/// @param effects one for each list and function it means; no two share list and function
public record Intake(Message message, List<Effect> effects) {
    public Intake {
        effects = List.copyOf(effects);
    }

    /// Where the octets are.
    public sealed interface Message {
        byte[] sha256();

        int size();

        /// Not stored yet.
        ///
        /// @param octets      as received, without any field of ours; never modified
        /// @param source      `smtp`, `lmtp` or `import`
        /// @param reversePath empty is the null reverse-path; null: none known
        /// @param client      who handed it to us, for people
        /// @param trace       our Received field with its line end; empty for imports
        record Fresh(byte[] octets, byte[] sha256, String source, @Nullable String reversePath, String client,
                String trace) implements Message {
            @Override
            public int size() {
                return octets.length;
            }
        }

        /// A row that stands, as that of a held post.
        record Stored(long id, byte[] sha256, int size) implements Message {}
    }

    /// What one list (or the mail domain, list 0) does with the message.
    ///
    /// @param function `post`, `owner`, `bounce`, ... : part of the arrival key (P2)
    /// @param outcome  one word for people: `posted`, `held`, `discarded`, ...
    /// @param gate     what must hold for anything to happen
    /// @param act      what happens to the message
    /// @param owed     mail we owe because of it
    public record Effect(long list, String function, String outcome, Gate gate, Act act, List<Outgoing> owed) {
        public Effect {
            owed = List.copyOf(owed);
        }
    }

    /// What decides, in the database, whether an effect takes place; exactly one wins over all nodes (P2).
    public sealed interface Gate {
        /// None of these arrival keys stands for the list and function.
        record Arrival(List<byte[]> keys) implements Gate {}

        /// The held message is still undecided.
        ///
        /// @param state `accepted`, `rejected`, `discarded` or `expired`
        record Decision(long held, String state, String by, @Nullable String comment) implements Gate {}

        /// A decision that came by mail: none of the keys of that mail stands, and the held message is in one of these states.
        ///
        /// @param about what was decided on; the keys are those of the intake's own message
        /// @param from  `held`, or `unconfirmed` while the author has not said that it is his
        /// @param why   the reasons it is held for, where it comes to be `held`
        record DecisionByMail(List<byte[]> keys, Message.Stored about, Decision decision, List<String> from,
                List<String> why) implements Gate {
            public DecisionByMail {
                keys = List.copyOf(keys);
                from = List.copyOf(from);
                why = List.copyOf(why);
            }
        }

        /// The message is still set aside; this is its one further try.
        record Retry(long aside, String by) implements Gate {}

        /// The list has no post with these octets.
        record OnceByOctets() implements Gate {}
    }

    public sealed interface Act {
        /// It becomes a post.
        ///
        /// @param copies what subscribers get, or null: nobody gets copies (imports)
        record Publish(PostFacts facts, @Nullable Copies copies) implements Act {}

        /// It waits for a moderator, or for its author to confirm it.
        ///
        /// @param id    from [Posting#nextHeldId]
        /// @param state `held` or `unconfirmed`
        record Hold(long id, String author, String subject, List<String> reasons, int hours, String state) implements Act {}

        /// Somebody joins, leaves or changes what he gets; only the transaction knows whether that changes anything.
        ///
        /// @param set     `main`, `digest`, `allow` or `deny`
        /// @param mode    only for [Change#MODE]
        /// @param until   when that ends by itself; null: it does not
        /// @param event   what stands in the list's log: `+`, `-mod`, ...; empty for none
        /// @param proven  the address has shown that it reads its mail
        record Membership(Change change, String set, EmailAddress address, String name, @Nullable String mode, @Nullable Instant until,
                String event,
                String actor,
                String client,
                boolean proven) implements Act {}

        /// A text of the list's mail is replaced, if it still is the one that was sent out.
        ///
        /// @param was     SHA-256 in hexadecimal of the text that was sent out
        /// @param shipped likewise of the text that holds where the list has none of its own
        record Text(String language, String name, String text, String was, String shipped, String by) implements Act {}

        /// A delivery report came back. It counts for those who got the post, once a day; only the transaction knows who they are.
        ///
        /// @param number      of the post
        /// @param set         `main` or `digest`: whose copies
        /// @param forwardPath where the report came, from `L-return-` on
        /// @param failures    at least one
        record Failures(long number, String set, String forwardPath, List<Failure> failures) implements Act {
            public Failures {
                failures = List.copyOf(failures);
            }
        }

        /// We could not process it; a human looks.
        record SetAside(String forwardPath, String reason) implements Act {}

        /// What a [Membership] does, and how it can go ([Outgoing.Answer#when]).
        enum Change {
            /// `there` or `absent`
            LOOK,
            /// `changed` or `unchanged`
            ADD,
            /// `changed` or `unchanged`
            REMOVE,
            /// `changed`, `unchanged` or `absent`
            MODE,
            /// No automatic mail to this address, whoever asks for it: `changed` or `unchanged`
            NEVER,
            /// Takes that back: `changed` or `unchanged`
            AGAIN
        }

        /// Only what is owed, or nothing but the record that it came.
        record Nothing() implements Act {}
    }

    /// What the archive knows of a post beside its octets; taken from the header section once.
    ///
    /// @param messageId without angle brackets; derived where the message has none
    /// @param refs      Message-IDs it refers to, oldest first, at most 20; where it names none, the one its subject points to ([SubjectThreads])
    /// @param sentAt    the Date field, null when absent or unreadable
    /// @param filedAt   null: now (new posts); set by imports
    /// @param number    null: the next one; set by imports that bring theirs
    public record PostFacts(String messageId, List<String> refs, String authorName, String authorAddress, String subject,
            @Nullable Instant sentAt,
            @Nullable Instant filedAt, @Nullable Long number) {
        public PostFacts {
            refs = List.copyOf(refs);
        }

        /// The same post, as one that refers to this Message-ID only.
        PostFacts answering(String parent) {
            return new PostFacts(messageId, List.of(parent), authorName, authorAddress, subject, sentAt, filedAt, number);
        }
    }

    /// The copy all subscribers get.
    ///
    /// @param reversePath with `{n}` for the number and `{u}` for the subscriber
    public record Copies(List<Edit> edits, String reversePath) {
        public Copies {
            edits = List.copyOf(edits);
        }
    }

    /// Mail we owe to named addresses.
    public sealed interface Outgoing {
        List<String> forwardPaths();

        String reversePath();

        /// Written by us.
        record Notice(byte[] octets, List<String> forwardPaths, String reversePath) implements Outgoing {}

        /// Written by us for one way it can go.
        ///
        /// @param when   how it must have gone; empty: it took place
        /// @param budget null for an address that proved itself
        record Answer(byte[] octets, String forwardPath, String reversePath, String when, @Nullable Budget budget) implements Outgoing {
            @Override
            public List<String> forwardPaths() {
                return List.of(forwardPath);
            }
        }

        /// The message itself, with edits.
        record Forward(List<Edit> edits, List<String> forwardPaths, String reversePath) implements Outgoing {}
    }

    /// What automatic mail to an address that did not prove itself is counted as (P11).
    ///
    /// @param kind a row of `automatic_mail_limit`
    public record Budget(String kind, EmailAddress address) {
        public static final String CONFIRMATION = "confirmation";
        public static final String ANSWER = "answer";
        /// To an address the list knows: of a moderator, or of a subscriber who has to say whether a post is his.
        public static final String STORED = "stored";
    }
}
