package org.listserv.delivery;

/// Which connections a copy may use (P7).
public enum Lane {
    /// Outgoings with fewer than 100 recipients, and notices: any connection.
    SMALL,
    /// All others: three quarters of a relay's connections.
    BULK
}
