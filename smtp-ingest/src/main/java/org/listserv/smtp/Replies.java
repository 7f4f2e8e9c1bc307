package org.listserv.smtp;

import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.smtp.SMTPResponse;

import org.listserv.mail.Reply;

/// Replies as James writes them. Each has an enhanced status (RFC 2034) whose class is the first digit of the code, except the greeting,
/// the answers to HELO, EHLO and LHLO, and 354.
final class Replies {

    /// A reply line is at most 512 octets (RFC 5321 §4.5.3.1.5).
    private static final int MAX_TEXT = 400;

    private Replies() {}

    static Response of(Reply reply) {
        var enhanced = reply.enhanced().isEmpty() ? reply.code() / 100 + ".0.0" : reply.enhanced();
        return of(reply.code(), enhanced, reply.text());
    }

    static Response of(int code, String enhanced, String text) {
        return new SMTPResponse(Integer.toString(code), enhanced + " " + printable(text));
    }

    /// The session ends with this reply.
    static Response last(int code, String enhanced, String text) {
        var response = new SMTPResponse(Integer.toString(code), enhanced + " " + printable(text));
        response.setEndSession(true);
        return response;
    }

    static SMTPResponse plain(int code, String text) {
        return new SMTPResponse(Integer.toString(code), text);
    }

    /// One line of ASCII, whatever a database or a client has put into the text.
    private static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~' || i == MAX_TEXT) {
                var line = new StringBuilder(text.length());
                text.codePoints().limit(MAX_TEXT).forEach(c -> line.append(c < ' ' || c > '~' ? '?' : (char) c));
                return line.toString();
            }
        }
        return text;
    }
}
