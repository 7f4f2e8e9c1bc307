package org.listserv.posting;

/// What the database decided about one effect.
public sealed interface Taken {
    /// It took place, and is durable.
    ///
    /// @param number of the post, or 0 where none was made
    /// @param said   how it went, where that was open: the `when` of the answers that are owed
    /// @param silent answers that are not owed because nothing was left of the budget (P11)
    record Done(long message, long number, long seq, String said, int silent) implements Taken {}

    /// The list has taken this message for this function before.
    ///
    /// @param by  `octets` or `fingerprint`
    /// @param was the outcome then
    record Duplicate(String by, String was) implements Taken {}

    /// Somebody decided before; what stands.
    record Decided(String state, String by, long number) implements Taken {}

    /// There is no such held message.
    record Unknown() implements Taken {}
}
