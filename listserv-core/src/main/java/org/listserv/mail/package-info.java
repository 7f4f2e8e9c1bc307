/// Mail as values: addresses, paths, replies and status codes, the header section, views of MIME parts.
/// Everything here is immutable, parses once at the edge, and names the part that is wrong when it cannot.
/// Nothing here knows a list, a database or a connection.
@NullMarked
package org.listserv.mail;

import org.jspecify.annotations.NullMarked;
