package org.listserv.lists;

/// What an address at one of our domains means.
public sealed interface Target {
    /// `L`
    record Post(MailingList list) implements Target {}

    /// `L-owner`, `L-digest-owner`
    record Owner(MailingList list) implements Target {}

    /// `L-return-*`, `L-digest-return-*`: something we sent came back.
    ///
    /// @param digest it was sent to the digest's subscribers
    /// @param args what follows `return-`, as written
    record Bounce(MailingList list, boolean digest, String args) implements Target {}

    /// `L-<anything else>`
    ///
    /// @param command up to the first `-`, in lower case, since commands are matched without case; only the verbs of cookies (`sc.` and the like)
    ///     keep the case they were written in, and so does whatever follows the first `.`
    /// @param rest behind that `-`, as written; empty when there is none
    record Request(MailingList list, String command, String rest) implements Target {}

    /// `listserv@`: commands for all lists of the domain
    ///
    /// @param domain in A-labels
    record Site(String domain) implements Target {}

    /// `postmaster@`, `abuse@`
    ///
    /// @param domain in A-labels
    record Postmaster(String domain) implements Target {}

    /// @param reason for 550 5.1.1
    record Unknown(String reason) implements Target {}
}
