package org.listserv.web.archive;

import org.listserv.web.page.Moment;

/// A post in a listing.
public record PostLine(String href, long number, String subject, String author, Moment at) {}
