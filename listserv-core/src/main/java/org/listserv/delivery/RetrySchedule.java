package org.listserv.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// When to try a deferred copy again: the wait doubles from `first` up to `longest`, and ends `giveUp` after the post was accepted.
///
/// RFC 5321 §4.5.4.1 asks for at least 30 minutes between tries and 4 to 5 days before giving up.
public record RetrySchedule(Duration first, Duration longest, Duration giveUp) {
    public static final RetrySchedule STANDARD = new RetrySchedule(Duration.ofMinutes(30), Duration.ofHours(4), Duration.ofDays(5));

    /// @param attempts tries made so far, 1 or more
    /// @return the next try, or empty when it is time to give up
    public Optional<Instant> next(Instant accepted, Instant now, int attempts) {
        var doublings = Math.min(attempts - 1, 20);
        var wait = first.multipliedBy(1L << doublings);
        var next = now.plus(wait.compareTo(longest) < 0 ? wait : longest);
        return next.isAfter(accepted.plus(giveUp)) ? Optional.empty() : Optional.of(next);
    }

    /// Whether it is time to give up.
    public boolean isOver(Instant accepted, Instant now) {
        return now.isAfter(accepted.plus(giveUp));
    }
}
