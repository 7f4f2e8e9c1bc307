package org.listserv.deploy.demo;

/// The demo cannot start; the message says why and what to do.
public final class DemoTrouble extends RuntimeException {

    private static final long serialVersionUID = 1;

    DemoTrouble(String message) {
        super(message);
    }
}
