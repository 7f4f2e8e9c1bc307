package org.listserv.members;

import java.time.Instant;
import java.util.List;

/// Everything we know of an address.
///
/// @param mailbox as it was first written
public record About(String mailbox, List<Subscribed> subscriptions, List<HasRole> roles, List<HasAccess> access) {
    public About {
        subscriptions = List.copyOf(subscriptions);
        roles = List.copyOf(roles);
        access = List.copyOf(access);
    }

    /// @param list its address
    /// @param id what batches and VERP name this subscription by
    public record Subscribed(String list, long id, MemberSet set, Mode mode, boolean suspended, String name, Instant since) {}

    public record HasRole(String list, Role role, Instant since) {}

    /// @param pattern the address, or its `@domain`
    public record HasAccess(String list, MemberSet set, String pattern, Instant since) {}
}
