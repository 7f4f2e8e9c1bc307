package org.listserv.smtp;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;

/// How this node receives mail.
///
/// @param hostName what the node calls itself in the greeting and after EHLO; also the domain of a bare `<Postmaster>`
/// @param listeners where to listen; none is allowed and means that this node receives nothing
/// @param trusted `listserv.smtp.trusted-networks`: who may hand us mail and use XCLIENT; others read 554 and are gone
/// @param proxyFrom `listserv.proxy-from`: who may connect to listeners that require the PROXY protocol, and is believed there
/// @param tls `listserv.smtp.tls.*`: what STARTTLS shows
/// @param spillDirectory where messages above `limits.spillAboveOctets` wait for their end; nothing there outlives the process
public record SmtpSettings(String hostName, List<Listener> listeners, Networks trusted, Networks proxyFrom, Tls tls, Limits limits,
        TimeOuts timeOuts, Path spillDirectory) {

    public SmtpSettings {
        listeners = List.copyOf(listeners);
        postmaster(hostName);
    }

    /// Who a bare `<Postmaster>` is.
    EmailAddress postmaster() {
        return postmaster(hostName);
    }

    private static EmailAddress postmaster(String hostName) {
        try {
            return new EmailAddress("postmaster", hostName);
        } catch (AddressSyntaxException e) {
            throw new IllegalArgumentException(hostName + " cannot be a mail host's name: " + e.getMessage(), e);
        }
    }

    /// Which of the two protocols a listener speaks: LMTP (RFC 2033) greets with LHLO and answers DATA once a recipient.
    public enum Dialect {
        SMTP,
        LMTP
    }

    /// @param proxied whether every connection must begin with a PROXY protocol header
    public record Listener(InetSocketAddress address, Dialect dialect, boolean proxied) {

        /// The configuration key that asks for such a listener; named when it cannot be had.
        String key() {
            return "listserv." + (dialect == Dialect.SMTP ? "smtp" : "lmtp") + (proxied ? ".proxy-listen" : ".listen");
        }
    }

    public sealed interface Tls {
        /// STARTTLS is neither announced nor understood.
        record Off() implements Tls {}

        /// Two PEM files, looked at again whenever a client says STARTTLS, so that a renewed certificate needs no restart.
        ///
        /// @param certificate the certificate, then those that signed it
        /// @param key its private key, unencrypted: PKCS#8, or the older RSA and EC forms
        record Pem(Path certificate, Path key) implements Tls {}
    }

    /// @param maxMessageOctets `listserv.smtp.max-message-size`: largest message, announced as SIZE
    /// @param maxRecipients recipients of one transaction; further ones are told to come in the next (RFC 5321 §4.5.3.1.8)
    /// @param maxReceivedFields a message with more Received fields than this is going round in circles (RFC 5321 §6.3)
    /// @param maxUnknownCommands unrecognised commands in one session before it ends
    /// @param maxCommandOctets longest command line with its CRLF; RFC 5321 §4.5.3.1.4 asks for 512, extensions for some more
    /// @param maxConnections open at once on this node, of trusted clients; others are sent away and do not count
    /// @param maxConnectionsPerClient open at once from one address
    /// @param spillAboveOctets larger messages are kept in a file until they are complete
    /// @param memoryOctets heap for messages that are being received, all sessions together
    public record Limits(long maxMessageOctets, int maxRecipients, int maxReceivedFields, int maxUnknownCommands, int maxCommandOctets,
            int maxConnections, int maxConnectionsPerClient, int spillAboveOctets, long memoryOctets) {

        public static final Limits DEFAULT = new Limits(25L * 1024 * 1024, 100, 50, 10, 2048, 2000, 1500, 256 * 1024,
                Runtime.getRuntime().maxMemory() / 4);

        public Limits {
            require(maxMessageOctets >= 64 * 1024 && maxMessageOctets <= 1024 * 1024 * 1024, "maxMessageOctets must be 64 kB to 1 GB");
            require(maxRecipients >= 1, "maxRecipients must be 1 or more");
            require(maxCommandOctets >= 512 && maxCommandOctets <= 4096, "maxCommandOctets must be 512 to 4096");
            require(maxConnections >= 1 && maxConnectionsPerClient >= 1, "maxConnections and maxConnectionsPerClient must be 1 or more");
            require(spillAboveOctets >= 1024 && memoryOctets >= spillAboveOctets, "memoryOctets must hold spillAboveOctets, 1 kB or more");
        }

        private static void require(boolean condition, String otherwise) {
            if (!condition) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }

    /// How long a client may take, in steps of a second. RFC 5321 §4.5.3.2 asks a server for 5 minutes between commands.
    ///
    /// @param opening until a PROXY header is complete, and for a TLS handshake
    /// @param command until the next command has arrived, and for reading our replies
    /// @param data for each further piece of a message
    /// @param finish what running transactions get when the server closes
    public record TimeOuts(Duration opening, Duration command, Duration data, Duration finish) {

        public static final TimeOuts DEFAULT = new TimeOuts(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(3),
                Duration.ofSeconds(10));
    }
}
