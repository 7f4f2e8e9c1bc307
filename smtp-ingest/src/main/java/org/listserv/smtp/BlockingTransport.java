package org.listserv.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLSession;

import org.apache.james.protocols.api.AbstractProtocolTransport;
import org.apache.james.protocols.api.ProtocolSession;
import org.apache.james.protocols.api.handler.LineHandler;

/// Where James writes its replies: an ordinary socket. Replies are gathered until the client is waited for, so that a pipelining client
/// gets them in one segment (RFC 2920 §3.2).
final class BlockingTransport extends AbstractProtocolTransport {

    private final Socket socket;
    private final String id;
    private final boolean startTlsSupported;

    private OutputStream out;
    private byte[] pending = new byte[512];
    private int length;
    private boolean tlsStarted;
    private boolean tlsAsked;
    private boolean ended;

    BlockingTransport(Socket socket, String id, boolean startTlsSupported) throws IOException {
        this.socket = socket;
        this.id = id;
        this.startTlsSupported = startTlsSupported;
        out = socket.getOutputStream();
    }

    void flush() throws IOException {
        if (length > 0) {
            out.write(pending, 0, length);
            out.flush();
            length = 0;
        }
    }

    /// Forgets the replies that have not been sent.
    void takeBack() {
        length = 0;
        tlsAsked = false;
    }

    /// By another thread, when there are no replies pending.
    void writeLast(String line) throws IOException {
        out.write(line.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /// Whether the last reply was the go-ahead for a TLS handshake.
    boolean isTlsAsked() {
        return tlsAsked;
    }

    void secured(OutputStream secured) {
        out = secured;
        tlsAsked = false;
        tlsStarted = true;
    }

    /// Whether a reply has ended the session.
    boolean isEnded() {
        return ended;
    }

    @Override
    protected void writeToClient(byte[] bytes, ProtocolSession session, boolean startTLS) {
        if (length + bytes.length > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(2 * pending.length, length + bytes.length));
        }
        System.arraycopy(bytes, 0, pending, length, bytes.length);
        length += bytes.length;
        tlsAsked |= startTLS;
    }

    @Override
    protected void writeToClient(InputStream in, ProtocolSession session, boolean startTLS) {
        try {
            writeToClient(in.readAllBytes(), session, startTLS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void close() {
        ended = true;
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return (InetSocketAddress) socket.getRemoteSocketAddress();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isTLSStarted() {
        return tlsStarted;
    }

    @Override
    public boolean isStartTLSSupported() {
        return startTlsSupported && !tlsStarted;
    }

    @Override
    public Optional<SSLSession> getSSLSession() {
        return Optional.empty();
    }

    @Override
    public boolean isProxyRequired() {
        return false;
    }

    /// James pushes one when a session has ended, to swallow what still comes. Here nobody reads any more.
    @Override
    public void pushLineHandler(LineHandler<? extends ProtocolSession> handler, ProtocolSession session) {}

    @Override
    public void popLineHandler() {}

    /// Reading is always on demand.
    @Override
    public void setReadable(boolean readable) {}

    @Override
    public boolean isReadable() {
        return true;
    }
}
