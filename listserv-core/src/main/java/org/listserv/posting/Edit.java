package org.listserv.posting;

/// One change a copy shows against the received octets: at offset `at`, `cut` octets go and `put` comes.
/// All other octets of a copy are the received ones.
///
/// @param at  offset into the received octets, 0 or more
/// @param cut octets removed there, 0 or more
/// @param put octets put there instead; [#NUMBER_MARK] in it stands for the post's number, and lines with the marks of [PersonalLine] are each
///            subscriber's own; never modified
public record Edit(int at, int cut, byte[] put) {
    /// Stands for the post's number, which is known only under the list head's lock, after edits were made. The octet NUL occurs in no
    /// line of ours.
    static final String NUMBER_MARK = "\0n\0";

    public Edit {
        if (at < 0 || cut < 0) {
            throw new IllegalArgumentException("an edit at %d that cuts %d octets".formatted(at, cut));
        }
    }
}
