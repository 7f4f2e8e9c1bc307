package org.listserv.smtp;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// A set of IP networks, as administrators write them: `127.0.0.0/8, ::1, 2001:db8::/32`.
public record Networks(List<Network> networks) {

    public static final Networks NONE = new Networks(List.of());
    public static final Networks LOOPBACK = parse("127.0.0.0/8,::1/128");

    public Networks {
        networks = List.copyOf(networks);
    }

    /// @param text networks or single addresses between commas; names are not looked up
    /// @throws IllegalArgumentException naming the entry that is no network
    public static Networks parse(String text) {
        var networks = new ArrayList<Network>();
        for (var entry : text.split(",")) {
            if (!entry.isBlank()) {
                networks.add(Network.parse(entry.strip()));
            }
        }
        return new Networks(networks);
    }

    public boolean contains(InetAddress address) {
        for (var network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /// @param prefix number of leading bits that an address must share
    public record Network(InetAddress address, int prefix) {

        static Network parse(String text) {
            int slash = text.indexOf('/');
            try {
                var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
                int bits = 8 * address.getAddress().length;
                int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
                if (prefix >= 0 && prefix <= bits) {
                    return new Network(address, prefix);
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(text + " is no network; write 192.0.2.0/24 or 2001:db8::/32", e);
            }
            throw new IllegalArgumentException(text + " has more bits than its kind of address");
        }

        boolean contains(InetAddress other) {
            byte[] ours = address.getAddress();
            byte[] theirs = other.getAddress();
            if (ours.length != theirs.length) {
                return false;
            }
            int whole = prefix / 8;
            for (int i = 0; i < whole; i++) {
                if (ours[i] != theirs[i]) {
                    return false;
                }
            }
            int rest = 8 - prefix % 8;
            return rest == 8 || (ours[whole] & 0xff) >> rest == (theirs[whole] & 0xff) >> rest;
        }
    }
}
