package org.listserv.smtp;

import java.net.InetAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.apache.james.protocols.api.ProtocolTransport;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.smtp.SMTPConfiguration;
import org.apache.james.protocols.smtp.SMTPSessionImpl;
import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;
import org.listserv.reception.Client;
import org.listserv.smtp.SmtpSettings.Dialect;

/// What is known of one client: who it is, how it has greeted, and the mail transaction under way. For the thread of its connection.
final class Session extends SMTPSessionImpl {

    private static final Response FATAL = Replies.of(451, "4.3.0", "we have failed, not you; try again later");

    private final Dialect dialect;
    private final InetAddress peer;
    private final boolean trusted;

    private String address;
    private String helo = "";
    private boolean greeted;
    private boolean extended;
    private boolean secured;
    /// What an XCLIENT command has said in place of what we see; it stays until the next.
    private @Nullable String claimedHelo;
    private @Nullable String claimedProtocol;
    private int unknownCommands;

    private @Nullable ReversePath reversePath;
    private boolean smtpUtf8;
    private List<EmailAddress> recipients = new ArrayList<>();
    private @Nullable Client client;
    private boolean dataExpected;

    /// @param peer who is connected, through whichever proxy
    Session(ProtocolTransport transport, SMTPConfiguration configuration, Dialect dialect, InetAddress peer, boolean trusted) {
        super(transport, configuration);
        this.dialect = dialect;
        this.peer = peer;
        this.trusted = trusted;
        address = literal(peer);
    }

    InetAddress peer() {
        return peer;
    }

    boolean isTrusted() {
        return trusted;
    }

    Dialect dialect() {
        return dialect;
    }

    /// HELO, EHLO or LHLO.
    void greet(String argument, boolean withExtensions) {
        helo = argument;
        greeted = true;
        extended = withExtensions;
        resetState();
    }

    boolean isGreeted() {
        return greeted;
    }

    /// RFC 3207 §4.2: nothing the client has said before STARTTLS counts after it.
    void secure() {
        secured = true;
        greeted = false;
        helo = "";
        claimedHelo = null;
        claimedProtocol = null;
        address = literal(peer);
        resetState();
    }

    boolean isSecured() {
        return secured;
    }

    /// XCLIENT: the session begins anew, on behalf of somebody else. Null leaves what was known.
    void claim(@Nullable String claimedAddress, @Nullable String helo, @Nullable String protocol) {
        address = claimedAddress == null ? address : claimedAddress;
        claimedHelo = helo == null ? claimedHelo : helo;
        claimedProtocol = protocol == null ? claimedProtocol : protocol;
        greeted = false;
        resetState();
    }

    void begin(ReversePath from, boolean withUtf8) {
        reversePath = from;
        smtpUtf8 = withUtf8;
        client = null;
    }

    boolean isInTransaction() {
        return reversePath != null;
    }

    ReversePath reversePath() {
        if (reversePath == null) {
            throw new IllegalStateException("no transaction");
        }
        return reversePath;
    }

    boolean isSmtpUtf8() {
        return smtpUtf8;
    }

    void add(EmailAddress recipient) {
        recipients.add(recipient);
    }

    /// Accepted ones in the order of their RCPT commands; one that came twice is here twice.
    List<EmailAddress> recipients() {
        return recipients;
    }

    void expectData() {
        dataExpected = true;
    }

    boolean isDataExpected() {
        return dataExpected;
    }

    /// @return how many there have been
    int countUnknownCommand() {
        return ++unknownCommands;
    }

    Client client() {
        if (client == null) {
            client = new Client(address, claimedHelo == null ? helo : claimedHelo, claimedProtocol == null ? protocol() : claimedProtocol);
        }
        return client;
    }

    /// The keyword of RFC 3848 or RFC 6531 §4.3.
    private String protocol() {
        if (dialect == Dialect.SMTP && !extended) {
            return "SMTP";
        }
        var plain = dialect == Dialect.LMTP ? "LMTP" : smtpUtf8 ? "SMTP" : "ESMTP";
        return (smtpUtf8 ? "UTF8" : "") + plain + (secured ? "S" : "");
    }

    static String literal(InetAddress address) {
        var literal = address.getHostAddress();
        int scope = literal.indexOf('%');
        return scope < 0 ? literal : literal.substring(0, scope);
    }

    /// Ends the transaction, if there is one; the greeting stays (RFC 5321 §4.1.1.5).
    @Override
    public void resetState() {
        reversePath = null;
        smtpUtf8 = false;
        if (!recipients.isEmpty()) {
            recipients = new ArrayList<>();
        }
        client = null;
        dataExpected = false;
    }

    @Override
    public Charset getCharset() {
        return StandardCharsets.UTF_8;
    }

    @Override
    public Response newFatalErrorResponse() {
        return FATAL;
    }
}
