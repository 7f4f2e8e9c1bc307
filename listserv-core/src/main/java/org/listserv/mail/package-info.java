/// Mail as values: addresses, paths, replies, the header section and what can be read out of a message's octets.
/// Everything here is a pure function of its arguments: no network, no database, no clock, and no octet of a message is ever changed.
/// What a message *means* for a list (post, command, bounce) is decided elsewhere, from these values.
///
/// Octets are plain `byte[]`. Whoever passes an array to this package, or gets one from it, does not write to it afterwards.
@NullMarked
package org.listserv.mail;

import org.jspecify.annotations.NullMarked;
