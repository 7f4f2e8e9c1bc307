package org.listserv.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What HAProxy says first on a connection it passes on: whose it is. The PROXY protocol, versions 1 (text) and 2 (binary),
/// as its specification in HAProxy's `doc/proxy-protocol.txt` has it.
sealed interface ProxyHeader {

    /// The connection of somebody else.
    record Proxied(InetAddress client) implements ProxyHeader {}

    /// The proxy speaks for itself, to see whether we are alive (v2 LOCAL, v1 UNKNOWN).
    record Local() implements ProxyHeader {}

    byte[] SIGNATURE_2 = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    /// The longest version 1 header, with CRLF.
    int MAX_1 = 107;

    /// @throws IOException when what comes is no such header; nothing may be answered then
    static ProxyHeader read(ClientInput input) throws IOException {
        // The shortest header of version 1 is longer than the signature of version 2.
        var start = input.readOctets(SIGNATURE_2.length);
        return Arrays.equals(start, SIGNATURE_2) ? readBinary(input) : readText(start, input);
    }

    private static ProxyHeader readText(byte[] start, ClientInput input) throws IOException {
        var line = new StringBuilder(new String(start, StandardCharsets.ISO_8859_1));
        while (!line.substring(line.length() - 2).equals("\r\n")) {
            if (line.length() == MAX_1) {
                throw new IOException("no PROXY header");
            }
            line.append((char) (input.readOctets(1)[0] & 0xff));
        }
        var words = line.substring(0, line.length() - 2).split(" ");
        if (words.length >= 2 && words[0].equals("PROXY")) {
            if (words[1].equals("UNKNOWN")) {
                return new Local();
            }
            if (words.length == 6 && (words[1].equals("TCP4") || words[1].equals("TCP6"))) {
                return new Proxied(literal(words[2]));
            }
        }
        throw new IOException("no PROXY header");
    }

    private static ProxyHeader readBinary(ClientInput input) throws IOException {
        var fixed = input.readOctets(4);
        int length = (fixed[2] & 0xff) << 8 | fixed[3] & 0xff;
        var rest = input.readOctets(length);
        if ((fixed[0] & 0xf0) != 0x20) {
            throw new IOException("PROXY header of an unknown version");
        }
        return switch (fixed[0] & 0x0f) {
            case 0 -> new Local();
            case 1 -> switch (fixed[1] & 0xff) {
                case 0x11 -> new Proxied(address(rest, 4));
                case 0x21 -> new Proxied(address(rest, 16));
                case 0x00 -> new Local();
                default -> throw new IOException("PROXY header of something else than TCP");
            };
            default -> throw new IOException("PROXY header with an unknown command");
        };
    }

    private static InetAddress address(byte[] rest, int octets) throws IOException {
        // Two addresses and two ports; what follows them (TLVs) does not concern us.
        if (rest.length < 2 * octets + 4) {
            throw new IOException("PROXY header is too short for its addresses");
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOf(rest, octets));
        } catch (UnknownHostException e) {
            throw new IOException(e);
        }
    }

    private static InetAddress literal(String text) throws IOException {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("PROXY header with " + text + " for an address", e);
        }
    }
}
