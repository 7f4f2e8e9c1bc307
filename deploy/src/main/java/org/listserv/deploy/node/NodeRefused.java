package org.listserv.deploy.node;

/// The node cannot run as it was asked to. The message says why and what to do.
public final class NodeRefused extends RuntimeException {

    private static final long serialVersionUID = 1;

    NodeRefused(String message, Throwable cause) {
        super(message, cause);
    }

    NodeRefused(String message) {
        super(message);
    }
}
