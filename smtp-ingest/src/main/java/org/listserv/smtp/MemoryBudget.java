package org.listserv.smtp;

import java.util.concurrent.Semaphore;

/// How much of the heap received messages may fill. Sessions are not limited by it: who gets no memory writes to a file or waits.
///
/// A quarter is for messages that arrive; they never wait for it, they go to a file instead. The rest is for whole messages read back
/// from their file and handed over; they wait in turn, and hold nothing while they wait. Apart, the slow client who fills the first
/// cannot keep a complete message from the second.
final class MemoryBudget {

    /// Permits are counted in kilobytes, since a semaphore counts to 2^31 only.
    private static final int UNIT = 1024;

    private final Semaphore arriving;
    private final Semaphore whole;

    /// @param octets of heap in all
    /// @param largest message, which must fit whatever `octets` says
    MemoryBudget(long octets, long largest) {
        arriving = new Semaphore(units(octets / 4));
        whole = new Semaphore(units(Math.max(octets - octets / 4, largest)), true);
    }

    boolean tryArriving(int octets) {
        return arriving.tryAcquire(units(octets));
    }

    void releaseArriving(int octets) {
        arriving.release(units(octets));
    }

    void awaitWhole(long octets) {
        whole.acquireUninterruptibly(units(octets));
    }

    void releaseWhole(long octets) {
        whole.release(units(octets));
    }

    private static int units(long octets) {
        return (int) ((octets + UNIT - 1) / UNIT);
    }
}
