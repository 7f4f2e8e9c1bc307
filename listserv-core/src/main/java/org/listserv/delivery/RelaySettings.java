package org.listserv.delivery;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// The smart hosts all mail goes to, and how we speak with them.
///
/// @param hosts one or more; all that are well share the work
/// @param connections most connections to one relay from this node at a time; a quarter of them is kept for small outgoings
/// @param xverp may a relay that offers XVERP expand one transaction for many subscribers?
/// @param tls when to encrypt
/// @param heloName how we name ourselves in EHLO (RFC 5321 §4.1.4): a domain name or an address literal
/// @param timeouts how long a relay may take for what
/// @param idle how long an unused connection is kept
public record RelaySettings(List<HostPort> hosts, int connections, Xverp xverp, Tls tls, String heloName, Timeouts timeouts,
        Duration idle) {
    /// Relays close idle sessions after minutes, Postfix under stress after 10 s. What a relay has closed is noticed before it is used again.
    public static final Duration DEFAULT_IDLE = Duration.ofSeconds(30);

    private static final Pattern HELO_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[A-Za-z0-9:.]+]");

    public RelaySettings {
        hosts = List.copyOf(hosts);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("no relay is named");
        }
        if (connections < 1) {
            throw new IllegalArgumentException(connections + " connections to a relay are less than 1");
        }
        if (!HELO_NAME.matcher(heloName).matches()) {
            throw new IllegalArgumentException("\"" + heloName + "\" is no name for EHLO");
        }
    }

    /// The defaults but for where to and who we are.
    public static RelaySettings to(List<HostPort> hosts, String heloName) {
        return new RelaySettings(hosts, 20, Xverp.AUTO, Tls.OPPORTUNISTIC, heloName, Timeouts.RFC_5321, DEFAULT_IDLE);
    }

    public enum Xverp {
        /// Used where a relay offers it.
        AUTO,
        OFF
    }

    public enum Tls {
        /// Encrypted where the relay offers STARTTLS, whatever its certificate: protects against listening, not against impostors (RFC 7435).
        OPPORTUNISTIC,
        /// Only to a relay whose certificate the JVM's trust store vouches for and that names the host. To any other nothing is sent.
        REQUIRED,
        OFF
    }

    /// How long to wait for what. A relay that exceeds one of these loses the connection, however slowly it still talks.
    ///
    /// @param connect for TCP and, once it stands, the TLS handshake
    /// @param greeting for the 220
    /// @param command for the answers to EHLO, STARTTLS, MAIL, RCPT and RSET
    /// @param data for the 354
    /// @param block for the relay to take 128 kB of the message
    /// @param taken for the reply to the final dot
    public record Timeouts(Duration connect, Duration greeting, Duration command, Duration data, Duration block, Duration taken) {
        /// RFC 5321 §4.5.3.2, except for the greeting: a relay is a neighbour that we know, and while one hangs the others should have its work.
        /// The last is the one that must not be short: a relay that has taken a message but not yet said so would get it twice.
        public static final Timeouts RFC_5321 = new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(5),
                Duration.ofMinutes(2), Duration.ofMinutes(3), Duration.ofMinutes(10));
    }
}
