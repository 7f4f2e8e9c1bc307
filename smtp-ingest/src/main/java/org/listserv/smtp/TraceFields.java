package org.listserv.smtp;

/// How often a message has been received before: its Received fields (RFC 5321 §6.3).
final class TraceFields {

    private static final byte[] NAME = {'r', 'e', 'c', 'e', 'i', 'v', 'e', 'd'};

    private TraceFields() {}

    /// @param message with CRLF line ends; only its header section is read
    static int count(byte[] message) {
        int count = 0;
        int line = 0;
        while (line < message.length && message[line] != '\r') {
            if (isReceived(message, line)) {
                count++;
            }
            line = nextLine(message, line);
        }
        return count;
    }

    private static boolean isReceived(byte[] message, int line) {
        if (line + NAME.length >= message.length) {
            return false;
        }
        for (int i = 0; i < NAME.length; i++) {
            if ((message[line + i] | 0x20) != NAME[i]) {
                return false;
            }
        }
        // RFC 5322 §4.5 lets old mail have white space before the colon.
        int at = line + NAME.length;
        while (at < message.length && (message[at] == ' ' || message[at] == '\t')) {
            at++;
        }
        return at < message.length && message[at] == ':';
    }

    private static int nextLine(byte[] message, int from) {
        int at = from;
        while (at < message.length && message[at] != '\n') {
            at++;
        }
        return at + 1;
    }
}
