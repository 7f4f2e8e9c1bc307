package org.listserv.members;

/// What a list knows of those who may have written a message.
///
/// @param subscriber a subscriber of the list or its digest
/// @param allowed    in the allow set, by address or domain
/// @param denied     in the deny set, by address or domain
/// @param moderator  may decide about posts
/// @param owner      owns the list
public record Standing(boolean subscriber, boolean allowed, boolean denied, boolean moderator, boolean owner) {
    /// Nobody the list knows.
    public static final Standing STRANGER = new Standing(false, false, false, false, false);
}
