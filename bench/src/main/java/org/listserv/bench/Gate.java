package org.listserv.bench;

/// Closed, it holds back whoever wants to pass.
final class Gate {

    private boolean closed;

    synchronized void close() {
        closed = true;
    }

    synchronized void open() {
        closed = false;
        notifyAll();
    }

    synchronized void pass() throws InterruptedException {
        while (closed) {
            wait();
        }
    }
}
