package org.listserv.smtp;

import java.io.IOException;

/// An address that was asked for cannot be listened on. The message names the address, the configuration key and the reason.
public final class ListenException extends IOException {

    private static final long serialVersionUID = 1;

    ListenException(SmtpSettings.Listener listener, IOException cause) {
        super(listener.key() + ": cannot listen on " + listener.address().getHostString() + ":" + listener.address().getPort() + " ("
                + cause.getMessage() + ")", cause);
    }
}
