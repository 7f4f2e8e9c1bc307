package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A client made of a bare socket, for saying exactly what the test says.
///
/// ```
/// conversation.script("""
///         S: 220
///         C: EHLO client.example
///         S: 250
///         """);
/// ```
final class Conversation implements AutoCloseable {

    private Socket socket;
    private InputStream in;

    Conversation(InetSocketAddress address) throws IOException {
        socket = new Socket();
        socket.connect(address, 10_000);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// Connected, greeted, and past EHLO or LHLO.
    static Conversation greeted(InetSocketAddress address, String greeting) throws IOException {
        var conversation = new Conversation(address);
        conversation.expect("220");
        return conversation.say(greeting + " client.example").expect("250");
    }

    /// For a server that has much to do.
    Conversation patient() throws IOException {
        socket.setSoTimeout(150_000);
        return this;
    }

    /// Lines that begin with `C: ` are said, lines that begin with `S: ` are how the last line of a reply must begin.
    Conversation script(String script) throws IOException {
        for (var line : script.lines().toList()) {
            if (line.startsWith("C: ")) {
                say(line.substring(3));
            } else {
                assertThat(line).startsWith("S: ");
                expect(line.substring(3));
            }
        }
        return this;
    }

    /// One line; CRLF is added.
    Conversation say(String line) throws IOException {
        return send(line + "\r\n");
    }

    /// Exactly these octets, in one write.
    Conversation send(String octets) throws IOException {
        return send(octets.getBytes(StandardCharsets.UTF_8));
    }

    Conversation send(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        socket.getOutputStream().flush();
        return this;
    }

    Conversation expect(String beginning) throws IOException {
        assertThat(reply().getLast()).startsWith(beginning);
        return this;
    }

    /// @return all lines of one reply
    List<String> reply() throws IOException {
        var lines = new ArrayList<String>();
        do {
            lines.add(line());
        } while (lines.getLast().length() > 3 && lines.getLast().charAt(3) == '-');
        return lines;
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            assertThat(octet).as("connection closed after <%s>", line).isNotNegative();
            line.append((char) octet);
        }
        assertThat(line).endsWith("\r");
        return line.substring(0, line.length() - 1);
    }

    /// Whatever still comes until the connection is closed.
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /// Nothing more comes, and the connection is closed.
    void expectClosed() throws IOException {
        try {
            assertThat(in.read()).as("octets before the end").isNegative();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /// The handshake that follows 220 to STARTTLS.
    SSLSocket handshake(SSLContext trust) throws IOException {
        var secured = (SSLSocket) trust.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
        secured.startHandshake();
        socket = secured;
        in = new BufferedInputStream(secured.getInputStream());
        return secured;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
