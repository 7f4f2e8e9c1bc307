package org.listserv.deploy.demo;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;

/// The world outside: takes all mail as our relay, and shows it by IMAP. Every address is a mailbox, in memory, with the address
/// itself as user and password.
final class DemoMailboxes implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";

    private final GreenMail greenMail;

    private DemoMailboxes(GreenMail greenMail) {
        this.greenMail = greenMail;
    }

    static DemoMailboxes start(int imapPort) {
        var relay = new ServerSetup(0, LOOPBACK, ServerSetup.PROTOCOL_SMTP);
        var imap = new ServerSetup(imapPort, LOOPBACK, ServerSetup.PROTOCOL_IMAP);
        var greenMail = new GreenMail(new ServerSetup[]{relay, imap})
                .withConfiguration(GreenMailConfiguration.aConfig().withDisabledAuthentication());
        greenMail.start();
        return new DemoMailboxes(greenMail);
    }

    int relayPort() {
        return greenMail.getSmtp().getPort();
    }

    @Override
    public void close() {
        greenMail.stop();
    }
}
