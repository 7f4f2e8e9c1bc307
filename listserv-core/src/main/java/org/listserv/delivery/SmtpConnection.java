package org.listserv.delivery;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;

/// An SMTP session with a relay, used for many transactions, by one thread at a time (RFC 5321, RFC 2920).
///
/// Copies are handed over one ahead: [#send(Copy)] returns what became of the copy *before*. With PIPELINING the end of a message and the
/// MAIL, RCPT and DATA of the next leave in one write, which RFC 2920 §3.1 allows and which nearly doubles what a connection carries. So
/// each copy costs one wait: for the replies to its envelope, which come with the reply to the message before it.
///
/// Every copy that was handed over comes back, in order, with an outcome for each recipient, whatever happens:
/// - A refused MAIL or DATA is the answer to all recipients it concerns, a refused RCPT to its own.
/// - If no recipient is left but the relay says 354 all the same, it gets a dot alone (RFC 2920 §3.1).
/// - When the connection breaks, recipients without an answer are [Outcome.Unsent], and so are later copies.
///
/// Content is sent as it is to a relay without 8BITMIME, as qmail and Exim do: re-coding would break the author's signature, and
/// refusing would lose posts that such relays pass on in fact (differs from RFC 6152 §3). SMTPUTF8 is asked for where an address of the
/// envelope needs it, not for UTF-8 in the header section: relays return such mail from hosts without SMTPUTF8, which take it raw.
final class SmtpConnection {
    private static final Logger log = LoggerFactory.getLogger(SmtpConnection.class);

    private static final byte[] DOT = {'.', '\r', '\n'};
    private static final int SERVICE_READY = 220;
    private static final int START_MAIL_INPUT = 354;
    private static final int CLOSING = 421;

    private final HostPort relay;
    private final Wire wire;
    private final Watch watch;
    private final RelaySettings.Timeouts timeouts;
    private final Judge judge;
    private Capabilities offered = Capabilities.NONE;
    private boolean encrypted;

    private @Nullable Transaction current;
    private @Nullable String broken;
    private long transactions;
    private boolean brokeInside;

    private SmtpConnection(HostPort relay, Wire wire, Watch watch, RelaySettings.Timeouts timeouts, Judge judge) {
        this.relay = relay;
        this.wire = wire;
        this.watch = watch;
        this.timeouts = timeouts;
        this.judge = judge;
    }

    /// Connects and introduces us, encrypted as the settings want.
    ///
    /// @throws IOException saying why the relay cannot be used now
    static SmtpConnection open(HostPort relay, RelaySettings settings, Starttls starttls, Watch watch, Judge judge) throws IOException {
        try {
            return open(relay, settings, settings.tls(), starttls, watch, judge);
        } catch (SSLException e) {
            if (settings.tls() != RelaySettings.Tls.OPPORTUNISTIC) {
                throw e;
            }
            log.warn("{}: no TLS, sending in clear: {}", relay, e.getMessage());
            return open(relay, settings, RelaySettings.Tls.OFF, starttls, watch, judge);
        }
    }

    private static SmtpConnection open(HostPort relay, RelaySettings settings, RelaySettings.Tls tls, Starttls starttls, Watch watch,
            Judge judge) throws IOException {
        var timeouts = settings.timeouts();
        var connection = new SmtpConnection(relay, Wire.connect(relay, timeouts.connect(), timeouts.block()), watch, timeouts, judge);
        watch.add(connection.wire);
        try {
            connection.introduce(settings, tls, starttls);
            return connection;
        } catch (IOException e) {
            connection.cut("not opened");
            throw e;
        }
    }

    private void introduce(RelaySettings settings, RelaySettings.Tls tls, Starttls starttls) throws IOException {
        if (wire.readCode(timeouts.greeting()) != SERVICE_READY) {
            throw new IOException("greeted with " + wire.reply());
        }
        hello(settings);
        if (tls != RelaySettings.Tls.OFF && startTls(starttls)) {
            // What was said in clear may have been changed on the way (RFC 3207 §4.2).
            hello(settings);
        }
        if (tls == RelaySettings.Tls.REQUIRED && !encrypted) {
            throw new IOException("offers no TLS, which is required");
        }
    }

    private void hello(RelaySettings settings) throws IOException {
        int code = command("EHLO " + settings.heloName() + "\r\n", timeouts.command());
        if (isPermanent(code)) {
            // RFC 5321 §3.2: a server that does not know EHLO.
            offered = Capabilities.NONE;
            code = command("HELO " + settings.heloName() + "\r\n", timeouts.command());
        } else {
            offered = Capabilities.of(wire.furtherTexts());
        }
        if (!isPositive(code)) {
            throw new IOException("answered EHLO with " + wire.reply());
        }
        if (settings.xverp() == RelaySettings.Xverp.OFF) {
            offered = offered.withoutXverp();
        }
    }

    private boolean startTls(Starttls starttls) throws IOException {
        if (!offered.startTls() || command("STARTTLS\r\n", timeouts.command()) != SERVICE_READY) {
            return false;
        }
        wire.encrypt(starttls, relay, timeouts.connect());
        encrypted = true;
        return true;
    }

    private int command(String line, Duration within) throws IOException {
        wire.put(line);
        wire.flush();
        int code = wire.readCode(within);
        if (code == CLOSING) {
            throw new IOException("says " + wire.reply());
        }
        return code;
    }

    boolean isEncrypted() {
        return encrypted;
    }

    /// May copies ask the relay to expand the reverse-path?
    boolean xverp() {
        return offered.xverp();
    }

    /// False as soon as copies handed over would only come back unsent.
    boolean isOpen() {
        return broken == null;
    }

    /// Why it is not open; empty while it is.
    String whyBroken() {
        return broken == null ? "" : broken;
    }

    /// Did it break as those of a healthy relay do not? One that has had enough of a connection after some good transactions, or restarts,
    /// may say 421 or close before it takes the next message; whether it is well the next connection tells.
    boolean brokeInside() {
        return brokeInside;
    }

    /// Hands over a copy.
    ///
    /// @return what became of the copy before this one; empty when there was none
    Optional<Sent> send(Copy copy) {
        return advance(new Transaction(copy));
    }

    /// Completes the copy handed over last.
    Optional<Sent> finish() {
        return advance(null);
    }

    /// Gives the copy handed over last back unsent, if there is one; its message has not left yet.
    Optional<Sent> abandon(String why) {
        var last = current;
        current = null;
        if (last == null) {
            return Optional.empty();
        }
        if (last.asked && broken == null) {
            // The relay waits for its content after DATA, and no command can take that back.
            cut(why);
        }
        last.decideOpen(new Outcome.Unsent(why));
        return Optional.of(last.sent());
    }

    private Optional<Sent> advance(@Nullable Transaction next) {
        var last = current;
        current = next;
        if (broken == null) {
            try {
                if (last != null && last.hasOpen()) {
                    complete(last, next);
                } else {
                    ask(next);
                    wire.flush();
                }
            } catch (IOException e) {
                cut(e.getMessage() == null ? e.toString() : e.getMessage());
                brokeInside = last != null && last.dotSent || transactions == 0 || e instanceof SocketTimeoutException;
            }
        }
        if (last == null) {
            return Optional.empty();
        }
        if (last.hasOpen()) {
            last.decideOpen(new Outcome.Unsent(relay + ": " + whyBroken()
                    + (last.dotSent ? "; the whole message was sent, so the relay may have it" : "")));
        }
        return Optional.of(last.sent());
    }

    /// Brings a transaction to its end, and asks for the next in the same write.
    private void complete(Transaction last, @Nullable Transaction next) throws IOException {
        switch (envelope(last)) {
            case SEND -> {
                for (var piece : last.copy.message().lines()) {
                    wire.put(piece);
                }
                last.dotSent = true;
                wire.put(DOT);
                ask(next);
                wire.flush();
                int code = wire.readCode(timeouts.taken());
                last.dotSent = isIntermediate(code);
                if (isIntermediate(code)) {
                    throw outOfStep();
                }
                transactions += isPositive(code) ? 1 : 0;
                last.decideOpen(judge, wire.reply(), true);
                endIfClosing(code);
            }
            case DOT -> {
                wire.put(DOT);
                ask(next);
                wire.flush();
                // Whatever it says, nobody was to get this.
                endIfClosing(wire.readCode(timeouts.taken()));
            }
            case RESET -> {
                wire.put("RSET\r\n");
                ask(next);
                wire.flush();
                if (!isPositive(wire.readCode(timeouts.command()))) {
                    throw outOfStep();
                }
            }
            case NOTHING -> {
                ask(next);
                wire.flush();
            }
        }
    }

    /// What the relay wants now.
    private enum Then {
        /// The message.
        SEND,
        /// The end of a message that nobody gets.
        DOT,
        /// To be told that the transaction is off.
        RESET,
        NOTHING
    }

    /// With PIPELINING the whole envelope at once, otherwise nothing yet.
    private void ask(@Nullable Transaction next) throws IOException {
        if (next != null && next.plan(offered, relay) && offered.pipelining()) {
            next.asked = true;
            putMail(next);
            for (int i = 0; i < next.outcomes.length; i++) {
                if (next.outcomes[i] == null) {
                    putRecipient(next, i);
                }
            }
            wire.put("DATA\r\n");
        }
    }

    /// Reads what the relay says to MAIL, to each RCPT and to DATA; without PIPELINING asks each first.
    private Then envelope(Transaction last) throws IOException {
        boolean stepwise = !last.asked;
        last.asked = true;
        if (stepwise) {
            putMail(last);
            wire.flush();
        }
        int mail = wire.readCode(timeouts.command());
        endIfClosing(mail);
        if (isIntermediate(mail)) {
            throw outOfStep();
        }
        var refusal = isPositive(mail) ? null : wire.reply();
        if (refusal != null && stepwise) {
            last.decideOpen(judge, refusal, false);
            return Then.NOTHING;
        }
        for (int i = 0; i < last.outcomes.length; i++) {
            if (last.outcomes[i] == null) {
                if (stepwise) {
                    putRecipient(last, i);
                    wire.flush();
                }
                int code = wire.readCode(timeouts.command());
                // After a refused MAIL the answers to RCPT and DATA only repeat that there is no transaction.
                if (refusal == null && !isPositive(code)) {
                    var reply = wire.reply();
                    last.outcomes[i] = last.isTooMany(reply)
                            ? new Outcome.Unsent(relay + ": too many recipients for one transaction: " + reply)
                            : judge.judge(reply, last.copy.message().origin(), false);
                }
                endIfClosing(code);
                if (isIntermediate(code)) {
                    throw outOfStep();
                }
            }
        }
        if (refusal != null) {
            last.decideOpen(judge, refusal, false);
        }
        if (stepwise) {
            if (!last.hasOpen()) {
                return Then.RESET;
            }
            wire.put("DATA\r\n");
            wire.flush();
        }
        int data = wire.readCode(timeouts.data());
        if (data == START_MAIL_INPUT) {
            return last.hasOpen() ? Then.SEND : Then.DOT;
        }
        endIfClosing(data);
        if (isPositive(data) || isIntermediate(data)) {
            throw outOfStep();
        }
        last.decideOpen(judge, wire.reply(), false);
        return Then.RESET;
    }

    private void putMail(Transaction transaction) throws IOException {
        var copy = transaction.copy;
        wire.put("MAIL FROM:<");
        wire.put(path(copy.reversePath()));
        wire.put(">");
        if (offered.size()) {
            wire.put(" SIZE=");
            wire.put(Long.toString(copy.message().size()));
        }
        if (offered.eightBitMime() && copy.message().eightBit()) {
            wire.put(" BODY=8BITMIME");
        }
        if (offered.smtpUtf8() && transaction.needsUtf8) {
            wire.put(" SMTPUTF8");
        }
        if (copy.xverp()) {
            // L-return-N@H and u@d become L-return-N-u=d@H.
            wire.put(" XVERP=-=");
        }
        wire.put("\r\n");
    }

    private void putRecipient(Transaction transaction, int index) throws IOException {
        wire.put("RCPT TO:<");
        wire.put(path(transaction.copy.forwardPaths().get(index)));
        wire.put(">\r\n");
    }

    private String path(ReversePath reversePath) {
        return switch (reversePath) {
            case ReversePath.Null none -> "";
            case ReversePath.Mailbox(var address) -> path(address);
        };
    }

    private String path(EmailAddress address) {
        return offered.smtpUtf8() ? address.toString() : Transaction.asciiPath(address).orElseThrow();
    }

    private void endIfClosing(int code) throws IOException {
        if (code == CLOSING) {
            throw new IOException("says " + wire.reply());
        }
    }

    private IOException outOfStep() {
        return new IOException("out of step, says " + wire.reply());
    }

    private static boolean isPositive(int code) {
        return code < 300;
    }

    private static boolean isIntermediate(int code) {
        return code >= 300 && code < 400;
    }

    private static boolean isPermanent(int code) {
        return code >= 500;
    }

    /// Is the relay still there? Also clears whatever state it may hold. A relay may well have closed a connection that nobody used.
    boolean answers(Duration within) {
        if (broken != null) {
            return false;
        }
        try {
            if (isPositive(command("RSET\r\n", within))) {
                return true;
            }
            cut("refused RSET");
        } catch (IOException e) {
            cut("closed while unused");
        }
        return false;
    }

    /// Takes leave; a relay that does not answer soon is left without.
    void quit() {
        if (broken == null) {
            broken = "closed";
            try {
                command("QUIT\r\n", Duration.ofSeconds(2));
                wire.close();
            } catch (IOException e) {
                wire.cut();
            }
            watch.remove(wire);
        }
    }

    /// Ends the session at once.
    void cut(String why) {
        if (broken == null) {
            broken = why;
        }
        wire.cut();
        watch.remove(wire);
    }

    /// One copy on its way.
    private static final class Transaction {
        final Copy copy;
        /// By position of the forward-path; null as long as it is open.
        final @Nullable Outcome[] outcomes;
        boolean needsUtf8;
        /// The relay has been told of it.
        boolean asked;
        /// The final dot may have reached the relay, and its answer has not been read.
        boolean dotSent;

        Transaction(Copy copy) {
            this.copy = copy;
            outcomes = new @Nullable Outcome[copy.forwardPaths().size()];
        }

        /// Decides what needs no asking.
        ///
        /// @return is anything left to ask?
        boolean plan(Capabilities offered, HostPort relay) {
            var message = copy.message();
            if (offered.maxSize() > 0 && message.size() > offered.maxSize()) {
                decideOpen(
                        new Outcome.Failed(new Reply(552, "5.3.4", "message of " + message.size() + " octets; " + relay + " takes at most "
                                + offered.maxSize())));
                return false;
            }
            boolean reverseUtf8 = copy.reversePath() instanceof ReversePath.Mailbox(var address) && !address.isAscii();
            needsUtf8 = reverseUtf8;
            for (int i = 0; i < outcomes.length; i++) {
                var forwardPath = copy.forwardPaths().get(i);
                needsUtf8 |= !forwardPath.isAscii();
                if (!offered.smtpUtf8() && !forwardPath.isAscii() && asciiPath(forwardPath).isEmpty()) {
                    outcomes[i] = needsSmtpUtf8("address", relay);
                }
            }
            if (!offered.smtpUtf8() && reverseUtf8 && copy.reversePath() instanceof ReversePath.Mailbox(var address)
                    && asciiPath(address).isEmpty()) {
                decideOpen(needsSmtpUtf8("list address", relay));
            }
            return hasOpen();
        }

        private static Outcome needsSmtpUtf8(String what, HostPort relay) {
            return new Outcome.Failed(new Reply(550, "5.6.7", "the " + what + " needs SMTPUTF8, which " + relay + " lacks"));
        }

        /// As a server without SMTPUTF8 understands it: a domain can be written in A-labels, a local part cannot (RFC 6531 §3.2).
        static Optional<String> asciiPath(EmailAddress address) {
            if (address.isAscii()) {
                return Optional.of(address.toString());
            }
            var normal = address.normal();
            var inALabels = new EmailAddress(address.localPart(), normal.substring(normal.lastIndexOf('@') + 1));
            return inALabels.isAscii() ? Optional.of(inALabels.toString()) : Optional.empty();
        }

        /// RFC 5321 §4.5.3.1.10: not this recipient is refused but one more; he is welcome in the next transaction.
        boolean isTooMany(Reply reply) {
            return outcomes.length > 1 && reply.code() == 452 && reply.enhanced().equals("4.5.3");
        }

        boolean hasOpen() {
            for (var outcome : outcomes) {
                if (outcome == null) {
                    return true;
                }
            }
            return false;
        }

        void decideOpen(Outcome outcome) {
            for (int i = 0; i < outcomes.length; i++) {
                if (outcomes[i] == null) {
                    outcomes[i] = outcome;
                }
            }
        }

        /// One reply, one outcome: what it means when it is counted for everybody it concerns.
        void decideOpen(Judge judge, Reply reply, boolean afterContent) {
            Outcome outcome = null;
            for (var known : outcomes) {
                if (known == null) {
                    outcome = judge.judge(reply, copy.message().origin(), afterContent);
                }
            }
            if (outcome != null) {
                decideOpen(outcome);
            }
        }

        Sent sent() {
            var decided = new ArrayList<Outcome>(outcomes.length);
            for (var outcome : outcomes) {
                decided.add(Objects.requireNonNull(outcome, "a recipient without an outcome"));
            }
            return new Sent(copy, decided);
        }
    }
}
