package org.listserv.delivery;

import java.time.Duration;
import java.util.List;

/// How a relay is, for `status` and metrics. Counts are recipients since this node started.
///
/// @param restsFor how long nothing is sent there; zero when it is not resting
/// @param why what was last wrong with it; empty when it is well
/// @param connections that stand now, used or not
/// @param inUse connections that somebody has leased
/// @param deferrals the deferred by the subject of the relay's enhanced status code (RFC 3463 §3: 1 address, 2 mailbox, 3 mail system, 4 network,
///        5 protocol, 6 content, 7 policy; 0 other, or none given)
/// @param unsent handed over and given back without an answer that counts
public record RelayState(HostPort relay, Duration restsFor, String why, int connections, int inUse, long delivered, long deferred,
        List<Long> deferrals, long failed, long unsent) {
    /// Is it used as much as it may be? After a rest a relay gets one connection until it has taken something.
    public boolean isWell() {
        return why.isEmpty();
    }
}
