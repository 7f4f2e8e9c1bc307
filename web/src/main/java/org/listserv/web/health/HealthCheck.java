package org.listserv.web.health;

import java.util.Optional;

/// One thing that must be well for a node to get work.
public record HealthCheck(String name, Probe probe) {
    /// May block for a moment; an answer is not waited for longer than two seconds.
    @FunctionalInterface
    public interface Probe {
        /// @return what is wrong, in a few words, or empty
        Optional<String> problem();
    }
}
