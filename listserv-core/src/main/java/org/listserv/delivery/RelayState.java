package org.listserv.delivery;

import java.time.Duration;

/// How a relay is, for `status` and metrics. Counts are recipients since this node started.
///
/// @param restsFor how long nothing is sent there; zero when it is not resting
/// @param why what was last wrong with it; empty when it is well
/// @param connections that stand now, used or not
/// @param inUse connections that somebody has leased
/// @param unsent handed over and given back without an answer that counts
public record RelayState(HostPort relay, Duration restsFor, String why, int connections, int inUse, long delivered, long deferred,
        long failed,
        long unsent) {
    /// Is it used as much as it may be? After a rest a relay gets one connection until it has taken something.
    public boolean isWell() {
        return why.isEmpty();
    }
}
