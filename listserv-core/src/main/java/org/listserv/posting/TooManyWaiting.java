package org.listserv.posting;

/// Too many posts of one list wait in this node; nothing happened to this one. The sender comes back (451 4.3.2).
public final class TooManyWaiting extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyWaiting() {
        super("too many posts of this list are waiting");
    }
}
