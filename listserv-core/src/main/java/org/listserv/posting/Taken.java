package org.listserv.posting;

/// What the database decided about one effect.
public sealed interface Taken {
    /// It took place, and is durable.
    ///
    /// @param number of the post, or 0 where none was made
    record Done(long message, long number, long seq) implements Taken {}

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
