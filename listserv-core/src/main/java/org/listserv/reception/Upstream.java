package org.listserv.reception;

/// Who hands us mail (`listserv.smtp.upstream`), and so what a policy refusal after DATA becomes.
public enum Upstream {
    /// An MX that has already taken responsibility: a 5xx would make it bounce to an address that may be forged, so the list holds or
    /// discards instead.
    QUEUED,
    /// Still in session with the sender: 5xx.
    INLINE
}
