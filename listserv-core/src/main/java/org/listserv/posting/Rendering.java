package org.listserv.posting;

import java.util.List;

/// What subscribers get, made once: octets all of them share, and between those the lines that are each subscriber's own.
///
/// @param shared   whole lines each, one more than there are personal lines; never modified
/// @param personal in the order they stand
public record Rendering(List<byte[]> shared, List<PersonalLine> personal) {
    public Rendering {
        shared = List.copyOf(shared);
        personal = List.copyOf(personal);
        if (shared.size() != personal.size() + 1) {
            throw new IllegalArgumentException("%d shared parts around %d lines".formatted(shared.size(), personal.size()));
        }
    }
}
