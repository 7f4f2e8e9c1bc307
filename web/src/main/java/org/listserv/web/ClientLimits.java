package org.listserv.web;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/// How much of what is dear one client may ask for: a minute's worth at once, and then as fast as it comes back. Each node counts for
/// itself. Of IPv6 a /64 is one client. Who asks from this machine, through no proxy, is not counted.
final class ClientLimits {
    /// What is counted apart.
    enum Kind {
        SEARCH,
        /// mbox files and messages as received
        DOWNLOAD
    }

    private static final int CLIENTS = 100_000;
    private static final double NANOS_PER_MINUTE = 60e9;

    private record Key(String client, Kind kind) {}

    private static final class Bucket {
        private double left;
        private long at;

        Bucket(double left, long at) {
            this.left = left;
            this.at = at;
        }
    }

    private final int searches;
    private final int downloads;
    private final LongSupplier nanos;
    private final Cache<Key, Bucket> buckets = Caffeine.newBuilder().maximumSize(CLIENTS).expireAfterAccess(Duration.ofMinutes(2)).build();

    /// @param searches  a minute; 0: no limit, as for `downloads`
    /// @param nanos     a clock that never goes back
    ClientLimits(int searches, int downloads, LongSupplier nanos) {
        this.searches = searches;
        this.downloads = downloads;
        this.nanos = nanos;
    }

    /// Counts one request.
    ///
    /// @return when to come again; empty: it may be answered now
    Optional<Duration> refused(String client, Kind kind) {
        int perMinute = kind == Kind.SEARCH ? searches : downloads;
        var who = network(client);
        if (perMinute == 0 || who.isEmpty()) {
            return Optional.empty();
        }
        long now = nanos.getAsLong();
        var bucket = buckets.get(new Key(who, kind), _ -> new Bucket(perMinute, now));
        synchronized (bucket) {
            bucket.left = Math.min(perMinute, bucket.left + (now - bucket.at) * perMinute / NANOS_PER_MINUTE);
            bucket.at = now;
            if (bucket.left >= 1) {
                bucket.left--;
                return Optional.empty();
            }
            return Optional.of(Duration.ofNanos((long) ((1 - bucket.left) * NANOS_PER_MINUTE / perMinute)));
        }
    }

    /// Empty for this machine itself.
    private static String network(String client) {
        var address = InetAddress.ofLiteral(client);
        if (address.isLoopbackAddress()) {
            return "";
        }
        var octets = address.getAddress();
        return HexFormat.of().formatHex(octets, 0, octets.length == 16 ? 8 : octets.length);
    }
}
