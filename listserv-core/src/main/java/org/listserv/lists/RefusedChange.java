package org.listserv.lists;

/// A change to a domain, a list or its members that is not made. The text says why and what to do instead.
public final class RefusedChange extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RefusedChange(String message) {
        super(message);
    }
}
