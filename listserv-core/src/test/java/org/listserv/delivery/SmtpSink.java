package org.listserv.delivery;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/// A relay for tests and benchmarks: an SMTP server on loopback that takes everything, remembers what it took, and misbehaves on request.
///
/// It is strict where a lenient server would hide a client's mistake: what breaks the protocol is answered with an error and
/// stands in [#violations()], among it a bare CR or LF in a message, parameters of extensions that were not offered, commands sent ahead to a
/// server without PIPELINING, and anything sent after DATA before the 354.
///
/// Own code on purpose: a fault that client and server share would be seen by nobody.
public final class SmtpSink implements AutoCloseable {
    /// What is offered in answer to EHLO unless told otherwise. STARTTLS comes by itself where there is a key.
    public static final Set<String> USUAL = Set.of("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 26214400");

    private static final Pattern PATH = Pattern.compile("(?i)(?:MAIL FROM|RCPT TO):<([^<>]*)>(?: (.*))?");
    private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID:\\s*<?([^>\\s]*)");

    private final ServerSocket server;
    private final Set<String> offered;
    private final Recording recording;
    private final @Nullable SSLContext tls;
    private final @Nullable OutputStream log;
    private final Thread acceptor;
    private volatile Script script;

    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger transactions = new AtomicInteger();
    private final ConcurrentLinkedQueue<Received> received = new ConcurrentLinkedQueue<>();
    private final ConcurrentHashMap<String, LongAdder> perRecipient = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final AtomicLong copies = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition enough = lock.newCondition();
    private volatile long awaited = Long.MAX_VALUE;

    /// One copy for one recipient, taken with 250.
    ///
    /// @param reversePath without angle brackets; where XVERP was asked for, as expanded for this recipient
    /// @param parameters of MAIL, such as `SIZE=17 BODY=8BITMIME`
    /// @param octets without doubled dots
    public record Received(String reversePath, String parameters, String forwardPath, byte[] octets, boolean encrypted) {
        public String text() {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }
    }

    public enum Recording {
        /// Envelope and octets of every copy.
        OCTETS,
        /// How many copies each recipient got.
        COUNTS
    }

    /// Where a script may step in.
    public enum Point {
        CONNECT,
        EHLO,
        STARTTLS,
        MAIL,
        RCPT,
        DATA,
        /// The first octets of the message have come; it does not count whether the dot is among them.
        CONTENT,
        /// The final dot was read.
        DOT,
        RSET,
        QUIT
    }

    /// @param argument the path of MAIL or RCPT
    /// @param connection counted from 1
    /// @param transaction of all connections, counted from 1 by MAIL
    /// @param transactionHere of this connection, counted from 1 by MAIL
    public record Event(Point point, String argument, int connection, int transaction, int transactionHere) {
        public boolean is(Point other) {
            return point == other;
        }
    }

    /// What to do instead of the usual.
    public sealed interface Action {
        /// What a good server does.
        record Usual() implements Action {}

        /// @param reply a whole reply such as `550 5.1.1 no such mailbox`; several lines with `\r\n` between them
        record Say(String reply) implements Action {}

        record SayAndClose(String reply) implements Action {}

        /// Then no word more, until the sink is closed.
        record SayAndHang(String reply) implements Action {}

        /// Close without a word; nothing is taken.
        record Drop() implements Action {}

        /// At [Point#DOT]: take the message, and close without a word.
        record TakeAndDrop() implements Action {}

        /// Then do the usual.
        record Wait(Duration time) implements Action {}

        /// No answer until the sink is closed.
        record Hang() implements Action {}
    }

    @FunctionalInterface
    public interface Script {
        Action at(Event event);

        /// Asks this first, and the other where this does the usual.
        default Script or(Script other) {
            return event -> at(event) instanceof Action action && !(action instanceof Action.Usual) ? action : other.at(event);
        }
    }

    public static Action usual() {
        return new Action.Usual();
    }

    public static Action say(String reply) {
        return new Action.Say(reply);
    }

    /// Recipients whose address the pattern finds are refused.
    public static Script refusing(String forwardPath, String reply) {
        var pattern = Pattern.compile(forwardPath);
        return event -> event.is(Point.RCPT) && pattern.matcher(event.argument).find() ? say(reply) : usual();
    }

    /// The same action whenever that point is reached.
    public static Script at(Point point, Action action) {
        return event -> event.is(point) ? action : usual();
    }

    /// @param port 0 for any that is free
    /// @param offered keywords for EHLO
    /// @param tls offers STARTTLS
    /// @param log gets a line for every copy before the 250 is sent
    public record Setup(int port, Set<String> offered, Recording recording, @Nullable SSLContext tls, @Nullable Path log, Script script) {
        public Setup port(int number) {
            return new Setup(number, offered, recording, tls, log, script);
        }

        public Setup offering(String... keywords) {
            return new Setup(port, Set.of(keywords), recording, tls, log, script);
        }

        /// Besides the usual.
        public Setup alsoOffering(String keyword) {
            var more = new LinkedHashSet<>(offered);
            more.add(keyword);
            return new Setup(port, more, recording, tls, log, script);
        }

        /// The usual without these.
        public Setup lacking(String... keywords) {
            var rest = new LinkedHashSet<>(offered);
            rest.removeIf(offer -> List.of(keywords).contains(offer.split(" ")[0]));
            return new Setup(port, rest, recording, tls, log, script);
        }

        public Setup recording(Recording what) {
            return new Setup(port, offered, what, tls, log, script);
        }

        public Setup tls(SSLContext key) {
            return new Setup(port, offered, recording, key, log, script);
        }

        public Setup log(Path file) {
            return new Setup(port, offered, recording, tls, file, script);
        }

        public Setup script(Script other) {
            return new Setup(port, offered, recording, tls, log, other);
        }

        public SmtpSink start() {
            try {
                return new SmtpSink(this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A sink that takes everything, recorded with octets.
    public static SmtpSink start() {
        return setup().start();
    }

    public static Setup setup() {
        return new Setup(0, USUAL, Recording.OCTETS, null, null, event -> usual());
    }

    private SmtpSink(Setup setup) throws IOException {
        offered = setup.offered;
        recording = setup.recording;
        tls = setup.tls;
        script = setup.script;
        log = setup.log == null ? null : new FileOutputStream(setup.log.toFile(), true);
        server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), setup.port), 1024);
        acceptor = Thread.ofVirtual().name("sink").start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public HostPort address() {
        return new HostPort("127.0.0.1", port());
    }

    /// From now on, also in sessions that stand.
    public void script(Script other) {
        script = other;
    }

    /// Every copy taken so far, in the order taken; empty when only counts are kept.
    public List<Received> received() {
        return List.copyOf(received);
    }

    /// All copies taken so far; one for each recipient.
    public long copies() {
        return copies.get();
    }

    /// Copies by forward-path.
    public Map<String, Long> counts() {
        var counts = new ConcurrentHashMap<String, Long>();
        perRecipient.forEach((recipient, count) -> counts.put(recipient, count.sum()));
        return Map.copyOf(counts);
    }

    /// Connections accepted so far.
    public int connections() {
        return connections.get();
    }

    /// Connections that stand.
    public int openConnections() {
        return sessions.size();
    }

    /// How the client broke the protocol.
    public List<String> violations() {
        return List.copyOf(violations);
    }

    /// Waits until that many copies were taken.
    public void await(long copiesInAll) {
        await(copiesInAll, Duration.ofSeconds(30));
    }

    public void await(long copiesInAll, Duration atMost) {
        lock.lock();
        try {
            long left = atMost.toNanos();
            awaited = copiesInAll;
            while (copies.get() < copiesInAll) {
                if (left <= 0) {
                    throw new AssertionError(copies.get() + " of " + copiesInAll + " copies after " + atMost.toSeconds() + " s");
                }
                left = enough.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted at " + copies.get() + " of " + copiesInAll + " copies", e);
        } finally {
            awaited = Long.MAX_VALUE;
            lock.unlock();
        }
    }

    /// Ends all sessions without a word; new ones are welcome.
    public void drop() {
        sessions.forEach(Session::drop);
    }

    @Override
    public void close() {
        try {
            closed.countDown();
            server.close();
            // The port is free only when a virtual thread that waits in accept has noticed.
            acceptor.join();
            drop();
            if (log != null) {
                log.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() {
        while (true) {
            try {
                var session = new Session(server.accept(), connections.incrementAndGet());
                sessions.add(session);
                Thread.ofVirtual().name("sink-" + session.number).start(session);
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
                throw new UncheckedIOException(e);
            }
        }
    }

    private void take(Session session, String messageId, String sha256, byte[] octets) throws IOException {
        for (var forwardPath : session.forwardPaths) {
            var reversePath = session.reversePathFor(forwardPath);
            if (log != null) {
                var line = (reversePath + "\t" + forwardPath + "\t" + messageId + "\t" + sha256 + "\n").getBytes(StandardCharsets.UTF_8);
                synchronized (log) {
                    log.write(line);
                }
            }
            perRecipient.computeIfAbsent(forwardPath, recipient -> new LongAdder()).increment();
            if (recording == Recording.OCTETS) {
                received.add(new Received(reversePath, session.parameters, forwardPath, octets, session.encrypted));
            }
        }
        if (copies.addAndGet(session.forwardPaths.size()) >= awaited) {
            lock.lock();
            try {
                enough.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /// One client, on one virtual thread.
    private final class Session implements Runnable {
        private final Socket socket;
        private final int number;
        private InputStream in;
        private OutputStream out;
        private final byte[] buffer = new byte[64 * 1024];
        private int at;
        private int end;
        private final ByteArrayOutputStream replies = new ByteArrayOutputStream();

        private boolean encrypted;
        private boolean greeted;
        private @Nullable String reversePath;
        private boolean xverp;
        private String parameters = "";
        private final List<String> forwardPaths = new ArrayList<>();
        private int transaction;
        private int transactionHere;

        Session(Socket socket, int number) throws IOException {
            this.socket = socket;
            this.number = number;
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        void drop() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void run() {
            try {
                if (perform(Point.CONNECT, "", () -> reply("220 sink.test ESMTP"))) {
                    while (command()) {
                        // the command did it
                    }
                }
                flush();
            } catch (IOException e) {
                // The client went away, or the sink was closed: tests look at what was taken.
            } finally {
                sessions.remove(this);
                drop();
            }
        }

        private interface Step {
            void run() throws IOException;
        }

        /// Asks the script, and does the usual unless it says otherwise.
        ///
        /// @return does the session go on?
        private boolean perform(Point point, String argument, Step usual) throws IOException {
            switch (script.at(new Event(point, argument, number, transaction, transactionHere))) {
                case Action.Usual() -> usual.run();
                case Action.Say(var reply) -> reply(reply);
                case Action.SayAndClose(var reply) -> {
                    reply(reply);
                    return false;
                }
                case Action.SayAndHang(var reply) -> {
                    reply(reply);
                    flush();
                    waited(Duration.ofDays(1));
                    return false;
                }
                case Action.Drop() -> {
                    // What was answered before still goes out, as if the server had died just now.
                    flush();
                    return false;
                }
                case Action.TakeAndDrop() -> {
                    usual.run();
                    replies.reset();
                    return false;
                }
                case Action.Wait(var time) -> {
                    flush();
                    if (waited(time)) {
                        return false;
                    }
                    usual.run();
                }
                case Action.Hang() -> {
                    flush();
                    waited(Duration.ofDays(1));
                    return false;
                }
            }
            return true;
        }

        /// @return was the sink closed meanwhile?
        private boolean waited(Duration time) {
            try {
                return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                return true;
            }
        }

        private boolean command() throws IOException {
            var line = line();
            if (line == null) {
                return false;
            }
            int space = line.indexOf(' ');
            var verb = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
            boolean goesOn = switch (verb) {
                case "EHLO" -> perform(Point.EHLO, line, this::ehlo);
                case "HELO" -> perform(Point.EHLO, line, () -> {
                    greeted = true;
                    reply("250 sink.test");
                });
                case "STARTTLS" -> perform(Point.STARTTLS, "", this::startTls);
                case "MAIL" -> {
                    transaction = transactions.incrementAndGet();
                    transactionHere++;
                    yield perform(Point.MAIL, argument(line), () -> mail(line));
                }
                case "RCPT" -> perform(Point.RCPT, argument(line), () -> rcpt(line));
                case "DATA" -> data();
                case "RSET" -> perform(Point.RSET, "", () -> {
                    reset();
                    reply("250 2.0.0 ok");
                });
                case "NOOP" -> {
                    reply("250 2.0.0 ok");
                    yield true;
                }
                case "QUIT" -> {
                    perform(Point.QUIT, "", () -> reply("221 2.0.0 bye"));
                    yield false;
                }
                default -> {
                    violation("500 5.5.2 unknown command", line);
                    yield true;
                }
            };
            boolean last = verb.equals("DATA") || verb.equals("EHLO") || verb.equals("HELO") || verb.equals("STARTTLS")
                    || verb.equals("QUIT");
            if (goesOn && at < end && !verb.equals("DATA") && (last || !offers("PIPELINING"))) {
                violations.add("something was sent ahead of the answer to " + verb);
            }
            return goesOn;
        }

        private boolean offers(String keyword) {
            return offered.stream().anyMatch(offer -> offer.equals(keyword) || offer.startsWith(keyword + " "));
        }

        private void ehlo() {
            greeted = true;
            reset();
            var lines = new ArrayList<String>();
            lines.add("sink.test");
            lines.addAll(offered);
            if (tls != null && !encrypted) {
                lines.add("STARTTLS");
            }
            for (int i = 0; i < lines.size(); i++) {
                reply("250" + (i < lines.size() - 1 ? "-" : " ") + lines.get(i));
            }
        }

        private void startTls() throws IOException {
            if (tls == null || encrypted) {
                violation("503 5.5.1 no TLS now", "STARTTLS");
                return;
            }
            reply("220 2.0.0 go ahead");
            flush();
            if (at < end) {
                violations.add("commands in clear behind STARTTLS");
            }
            at = end = 0;
            var encryptedSocket = (SSLSocket) tls.getSocketFactory().createSocket(socket, null, socket.getPort(), false);
            encryptedSocket.setUseClientMode(false);
            encryptedSocket.startHandshake();
            in = encryptedSocket.getInputStream();
            out = encryptedSocket.getOutputStream();
            encrypted = true;
            greeted = false;
        }

        private static String argument(String line) {
            var path = PATH.matcher(line);
            return path.matches() ? path.group(1) : "";
        }

        private void mail(String line) {
            var path = PATH.matcher(line);
            if (!greeted || reversePath != null) {
                violation("503 5.5.1 " + (greeted ? "nested MAIL" : "EHLO first"), line);
            } else if (!path.matches()) {
                violation("501 5.5.4 syntax", line);
            } else {
                boolean utf8 = false;
                boolean expand = false;
                parameters = path.group(2) == null ? "" : path.group(2);
                for (var parameter : parameters.isEmpty() ? new String[0] : parameters.split(" ", -1)) {
                    var keyword = parameter.split("=")[0];
                    if (!offers(keyword.equals("BODY") ? "8BITMIME" : keyword)) {
                        violation("555 5.5.4 " + keyword + " was not offered", line);
                        return;
                    }
                    if (keyword.equals("SIZE") && tooLarge(Long.parseLong(parameter.substring(5)))) {
                        violation("552 5.3.4 too large", line);
                        return;
                    }
                    utf8 |= keyword.equals("SMTPUTF8");
                    expand |= parameter.equals("XVERP=-=");
                }
                if (!utf8 && !line.chars().allMatch(c -> c < 0x80)) {
                    violation("553 5.6.7 SMTPUTF8 is needed", line);
                    return;
                }
                reversePath = path.group(1);
                xverp = expand;
                reply("250 2.1.0 ok");
            }
        }

        private boolean tooLarge(long octets) {
            return offered.stream().anyMatch(offer -> offer.startsWith("SIZE ") && octets > Long.parseLong(offer.substring(5)));
        }

        private void rcpt(String line) {
            var path = PATH.matcher(line);
            if (reversePath == null) {
                // No violation: a pipelining client has sent it before it knew that MAIL was refused.
                reply("503 5.5.1 MAIL first");
            } else if (!path.matches() || path.group(1).isEmpty()) {
                violation("501 5.5.4 syntax", line);
            } else if (!parameters.contains("SMTPUTF8") && !line.chars().allMatch(c -> c < 0x80)) {
                violation("553 5.6.7 SMTPUTF8 is needed", line);
            } else {
                forwardPaths.add(path.group(1));
                reply("250 2.1.5 ok");
            }
        }

        private String reversePathFor(String forwardPath) {
            var common = reversePath == null ? "" : reversePath;
            int host = common.lastIndexOf('@');
            return xverp ? common.substring(0, host) + "-" + forwardPath.replace('@', '=') + common.substring(host) : common;
        }

        private void reset() {
            reversePath = null;
            xverp = false;
            forwardPaths.clear();
        }

        private boolean data() throws IOException {
            int before = replies.size();
            if (!perform(Point.DATA, "", () -> reply(
                    reversePath == null
                            ? "503 5.5.1 MAIL first"
                            : forwardPaths.isEmpty() ? "554 5.5.1 no valid recipients" : "354 go ahead"))) {
                return false;
            }
            if (!replies.toString(StandardCharsets.ISO_8859_1).startsWith("354", before)) {
                return true;
            }
            if (at < end) {
                violations.add("something was sent ahead of the 354");
            }
            var content = new Content();
            if (!content.read()) {
                return false;
            }
            boolean goesOn = perform(Point.DOT, "", () -> {
                if (forwardPaths.isEmpty()) {
                    if (!content.isEmpty()) {
                        violations.add("a message for nobody");
                    }
                    reply("554 5.5.1 no valid recipients");
                } else if (content.stray) {
                    violation("554 5.6.0 a CR or LF of its own", "in a message");
                } else if (tooLarge(content.length)) {
                    violation("552 5.3.4 too large", "after DATA");
                } else {
                    take(this, content.messageId(), content.sha256(), content.octets());
                    reply("250 2.0.0 ok");
                }
            });
            reset();
            return goesOn;
        }

        private void violation(String reply, String what) {
            violations.add(reply + ": " + what);
            reply(reply);
        }

        private void reply(String reply) {
            replies.writeBytes(reply.getBytes(StandardCharsets.UTF_8));
            replies.write('\r');
            replies.write('\n');
        }

        private void flush() throws IOException {
            if (replies.size() > 0) {
                replies.writeTo(out);
                replies.reset();
            }
        }

        /// Answers leave when there is nothing more to read, so those to a group leave together (RFC 2920 §3.2).
        private boolean fill() throws IOException {
            flush();
            if (at > 0) {
                System.arraycopy(buffer, at, buffer, 0, end - at);
                end -= at;
                at = 0;
            }
            if (end == buffer.length) {
                throw new EOFException("a line of more than " + buffer.length + " octets");
            }
            int count = in.read(buffer, end, buffer.length - end);
            end += Math.max(count, 0);
            return count >= 0;
        }

        private @Nullable String line() throws IOException {
            int scan = at;
            while (true) {
                for (; scan < end; scan++) {
                    if (buffer[scan] == '\n') {
                        if (scan == at || buffer[scan - 1] != '\r') {
                            violations.add("a command that ends in LF");
                        }
                        var line = new String(buffer, at, scan - at, StandardCharsets.UTF_8).stripTrailing();
                        at = scan + 1;
                        return line;
                    }
                }
                scan -= at;
                if (!fill()) {
                    return null;
                }
            }
        }

        /// A message as it comes in, up to and with the final dot.
        private final class Content {
            private final @Nullable ByteArrayOutputStream all = recording == Recording.OCTETS || log != null
                    ? new ByteArrayOutputStream()
                    : null;
            private long length;
            private boolean stray;

            /// @return false when the script ended the session before the dot
            boolean read() throws IOException {
                if (!fill() || !perform(Point.CONTENT, "", () -> {
                })) {
                    return false;
                }
                boolean lineStart = true;
                while (true) {
                    int run = at;
                    int scan = at;
                    while (scan < end) {
                        byte octet = buffer[scan];
                        if (lineStart && octet == '.') {
                            if (end - scan < 3) {
                                break;
                            }
                            put(run, scan);
                            if (buffer[scan + 1] == '\r' && buffer[scan + 2] == '\n') {
                                at = scan + 3;
                                return true;
                            }
                            run = ++scan;
                            lineStart = false;
                        } else if (octet == '\r') {
                            if (end - scan < 2) {
                                break;
                            }
                            lineStart = buffer[scan + 1] == '\n';
                            stray |= !lineStart;
                            scan += lineStart ? 2 : 1;
                        } else {
                            stray |= octet == '\n';
                            lineStart = false;
                            scan++;
                        }
                    }
                    put(run, scan);
                    at = scan;
                    if (!fill()) {
                        return false;
                    }
                }
            }

            private void put(int from, int to) {
                length += to - from;
                if (all != null) {
                    all.write(buffer, from, to - from);
                }
            }

            boolean isEmpty() {
                return length == 0;
            }

            byte[] octets() {
                return all == null ? new byte[0] : all.toByteArray();
            }

            String sha256() {
                try {
                    return log == null ? "" : HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets()));
                } catch (NoSuchAlgorithmException e) {
                    throw new AssertionError(e);
                }
            }

            String messageId() {
                if (log == null) {
                    return "";
                }
                var found = MESSAGE_ID.matcher(new String(octets(), StandardCharsets.ISO_8859_1));
                return found.find() ? found.group(1) : "";
            }
        }
    }

    /// A sink as a process of its own, for tests that kill things: prints `listening on 127.0.0.1:PORT`, and writes a line for every copy before
    /// its 250: reverse-path, forward-path, message-id and SHA-256 of the octets, with tabs between them. Runs until it is ended.
    ///
    /// @param args `[--port N] [--log FILE] [--lacking KEYWORD]... [--refuse PATTERN REPLY]... [--wait-at-dot MILLISECONDS]`
    public static void main(String[] args) throws InterruptedException {
        var setup = setup().recording(Recording.COUNTS);
        Script script = event -> usual();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--port" -> setup = setup.port(Integer.parseInt(args[++i]));
                case "--log" -> setup = setup.log(Path.of(args[++i]));
                case "--lacking" -> setup = setup.lacking(args[++i]);
                case "--refuse" -> script = script.or(refusing(args[++i], args[++i]));
                case "--wait-at-dot" -> script = script.or(at(Point.DOT, new Action.Wait(Duration.ofMillis(Long.parseLong(args[++i])))));
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        try (var sink = setup.script(script).start()) {
            System.out.println("listening on " + sink.address());
            sink.closed.await();
        }
    }
}
