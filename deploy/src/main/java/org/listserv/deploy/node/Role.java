package org.listserv.deploy.node;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a node does. All nodes are equal otherwise.
public enum Role {
    /// Takes mail by SMTP and LMTP.
    SMTP,
    /// Sends copies to relays.
    DELIVERY,
    /// Keeps a search index of its own.
    ARCHIVE,
    /// Serves pages; needs the index.
    WEB,
    /// Takes its share of what is done once in a cluster: time-outs, tidying up.
    JOBS;

    /// The roles asked for, and those they imply.
    public static Set<Role> implied(Set<Role> asked) {
        var roles = EnumSet.copyOf(asked);
        if (roles.contains(WEB)) {
            roles.add(ARCHIVE);
        }
        return roles;
    }

    static List<String> words(Set<Role> roles) {
        return roles.stream().map(role -> role.name().toLowerCase(Locale.ROOT)).toList();
    }
}
