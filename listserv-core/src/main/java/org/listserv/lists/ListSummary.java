package org.listserv.lists;

import org.listserv.mail.EmailAddress;

/// A line in the list of lists.
///
/// @param members subscribers of the main list, whatever their mode
/// @param posts in the archive
public record ListSummary(long id, EmailAddress address, String description, ListSettings.State state, long members, long posts) {}
