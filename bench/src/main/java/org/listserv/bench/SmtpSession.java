package org.listserv.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// A client's side of SMTP, as plain as can be.
final class SmtpSession implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Reply greeting;
    private String capabilities = "";

    /// What the server said; several lines joined.
    record Reply(int code, String text) {
        @Override
        public String toString() {
            return code + " " + text;
        }
    }

    private SmtpSession(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
        this.greeting = reply();
    }

    /// @param patience for the connection and for each reply
    static SmtpSession open(InetSocketAddress server, Duration patience) throws IOException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(server, (int) Math.min(patience.toMillis(), 5_000));
            socket.setSoTimeout((int) patience.toMillis());
            return new SmtpSession(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    Reply greeting() {
        return greeting;
    }

    Reply ehlo() throws IOException {
        var reply = command("EHLO client.example");
        capabilities = reply.text();
        return reply;
    }

    boolean offers(String keyword) {
        return capabilities.contains(keyword);
    }

    Reply command(String line) throws IOException {
        send((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        return reply();
    }

    /// MAIL, all RCPT and DATA in turn.
    ///
    /// @return 354, or the first reply that ends this
    Reply begin(String mail, List<String> recipients) throws IOException {
        var reply = command(mail);
        for (var recipient : recipients) {
            if (reply.code() != 250) {
                return reply;
            }
            reply = command("RCPT TO:<" + recipient + ">");
        }
        return reply.code() == 250 ? command("DATA") : reply;
    }

    /// @param octets lines end in CRLF; dots are doubled here
    void content(byte[] octets) throws IOException {
        send(stuffed(octets));
    }

    /// Whether everything sent so far was taken by the server's kernel is unknown; the reply tells.
    Reply end() throws IOException {
        send(".\r\n".getBytes(StandardCharsets.US_ASCII));
        return reply();
    }

    void send(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
    }

    static byte[] stuffed(byte[] octets) {
        var stuffed = new ByteArrayOutputStream(octets.length + 64);
        var lineStart = true;
        var last = 0;
        for (var octet : octets) {
            if (lineStart && octet == '.') {
                stuffed.write('.');
            }
            stuffed.write(octet);
            lineStart = octet == '\n' && last == '\r';
            last = octet;
        }
        if (!lineStart) {
            stuffed.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return stuffed.toByteArray();
    }

    Reply reply() throws IOException {
        var text = new StringBuilder();
        while (true) {
            var line = line();
            if (line.length() < 3 || !line.substring(0, 3).chars().allMatch(Character::isDigit)) {
                throw new IOException("no SMTP reply: " + line);
            }
            text.append(text.isEmpty() ? "" : " / ").append(line.length() > 4 ? line.substring(4) : "");
            if (line.length() == 3 || line.charAt(3) != '-') {
                return new Reply(Integer.parseInt(line.substring(0, 3)), text.toString());
            }
        }
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            var octet = in.read();
            if (octet < 0) {
                throw new EOFException("connection closed by the server");
            }
            if (octet == '\n') {
                return line.toString(StandardCharsets.UTF_8).stripTrailing();
            }
            line.write(octet);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }
}
