package org.listserv.web;

import java.net.InetAddress;
import java.util.List;
import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;

/// Who asks: the peer, or whom a trusted proxy names in `X-Forwarded-For`. Proxies append, so the list is read from its end
/// and the first address that is no proxy of ours is the client; what a client wrote in front of it is never believed.
final class ClientAddress {
    private record Network(byte[] address, int bits) {
        static Network parse(String written) {
            int slash = written.indexOf('/');
            var address = InetAddress.ofLiteral(slash < 0 ? written : written.substring(0, slash)).getAddress();
            int bits = slash < 0 ? address.length * 8 : Integer.parseInt(written.substring(slash + 1));
            if (bits < 0 || bits > address.length * 8) {
                throw new IllegalArgumentException(written + ": no such prefix length");
            }
            return new Network(address, bits);
        }

        boolean holds(InetAddress other) {
            var octets = other.getAddress();
            if (octets.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                if (((octets[bit / 8] ^ address[bit / 8]) & (0x80 >> bit % 8)) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Network> proxies;

    /// @throws IllegalArgumentException naming the network that is none
    ClientAddress(List<String> trustedProxies) {
        this.proxies = trustedProxies.stream().map(Network::parse).toList();
    }

    String of(HttpServletRequest request) {
        return of(request.getRemoteAddr(), request.getHeader("X-Forwarded-For"));
    }

    String of(String peer, @Nullable String forwardedFor) {
        var client = peer;
        if (forwardedFor == null) {
            return client;
        }
        var named = List.of(forwardedFor.split(",")).reversed();
        for (var next : named) {
            if (!trusted(client)) {
                return client;
            }
            try {
                client = InetAddress.ofLiteral(next.strip()).getHostAddress();
            } catch (IllegalArgumentException e) {
                return client;
            }
        }
        return client;
    }

    private boolean trusted(String address) {
        var literal = InetAddress.ofLiteral(address);
        return proxies.stream().anyMatch(proxy -> proxy.holds(literal));
    }
}
