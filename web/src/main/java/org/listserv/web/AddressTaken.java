package org.listserv.web;

import java.net.InetSocketAddress;

/// Another program listens where we were told to.
public final class AddressTaken extends RuntimeException {
    private static final long serialVersionUID = 1;

    AddressTaken(InetSocketAddress address, Throwable cause) {
        super("listserv.web.listen: %s:%d is taken by another program".formatted(address.getHostString(), address.getPort()), cause);
    }
}
