package org.listserv.requests;

import java.util.List;

import org.listserv.mail.HeaderSection;
import org.listserv.mail.ReversePath;

/// A mail that asks for something, with what is read from it once.
///
/// @param octets as received, never modified
/// @param keys   its arrival keys
/// @param client who handed it to us, for the log
public record Asked(ReversePath reversePath, HeaderSection header, byte[] octets, List<byte[]> keys, String client) {
    public Asked {
        keys = List.copyOf(keys);
    }
}
