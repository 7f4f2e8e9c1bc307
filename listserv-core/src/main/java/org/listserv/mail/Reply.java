package org.listserv.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// An SMTP reply (RFC 5321 §4.2): ours to a client, or a relay's to us.
///
/// @param code 200 to 599
/// @param enhanced enhanced status such as `5.1.1` (RFC 3463), or empty
/// @param text without control characters; a reply read from several lines keeps `\n` between them
public record Reply(int code, String enhanced, String text) {
    private static final Pattern ENHANCED = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3}");
    private static final Pattern LINE = Pattern.compile("(?s)([2-5]\\d\\d)([ -](.*))?");
    /// A relay may say as much as it likes; nobody reads more than this.
    private static final int MAX_TEXT_READ = 2_000;

    public Reply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("reply code " + code + " is not between 200 and 599");
        }
        if (!enhanced.isEmpty() && !ENHANCED.matcher(enhanced).matches()) {
            throw new IllegalArgumentException("enhanced status is not of the form 5.1.1 (RFC 3463 §2)");
        }
        if (text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n')) {
            throw new IllegalArgumentException("reply text has a control character");
        }
    }

    /// 250 2.0.0.
    public static Reply ok(String text) {
        return new Reply(250, "2.0.0", text);
    }

    /// 250 with a status of its own, such as 2.1.5 for a good recipient.
    public static Reply ok(String enhanced, String text) {
        return new Reply(250, enhanced, text);
    }

    /// 451: local trouble; the client keeps the message and tries again.
    public static Reply tryAgain(String enhanced, String text) {
        return new Reply(451, enhanced, text);
    }

    /// 550: no, and trying again will not help.
    public static Reply refused(String enhanced, String text) {
        return new Reply(550, enhanced, text);
    }

    /// Reads what a server sent. Control characters become U+FFFD; long texts are cut.
    ///
    /// @param lines without line ends: `250-...` any number of times, then `250 ...`; the first decides the code
    /// @throws IllegalArgumentException when the first line is no reply line
    public static Reply parse(List<String> lines) {
        var first = lines.isEmpty() ? null : LINE.matcher(lines.getFirst());
        if (first == null || !first.matches()) {
            throw new IllegalArgumentException("not an SMTP reply line");
        }
        int code = Integer.parseInt(first.group(1));
        String enhanced = "";
        var texts = new ArrayList<String>();
        for (var line : lines) {
            var text = line.length() > 4 ? line.substring(4) : "";
            int space = text.indexOf(' ');
            var word = space < 0 ? text : text.substring(0, space);
            if (ENHANCED.matcher(word).matches() && (enhanced.isEmpty() || enhanced.equals(word))) {
                enhanced = word;
                text = space < 0 ? "" : text.substring(space + 1);
            }
            texts.add(Text.visible(text));
        }
        return new Reply(code, enhanced, Text.cut(String.join("\n", texts), MAX_TEXT_READ));
    }

    /// 2yz: done.
    public boolean isPositive() {
        return code < 300;
    }

    /// 3yz: go on (354 after DATA).
    public boolean isIntermediate() {
        return code >= 300 && code < 400;
    }

    /// 4yz: try again later.
    public boolean isTransient() {
        return code >= 400 && code < 500;
    }

    /// 5yz: do not try again.
    public boolean isPermanent() {
        return code >= 500;
    }

    /// The lines to send, without line ends: all but the last are `250-...` (RFC 5321 §4.2.1), each carries the enhanced status (RFC 2034 §4).
    public List<String> lines() {
        var texts = text.split("\n", -1);
        var lines = new ArrayList<String>();
        for (int i = 0; i < texts.length; i++) {
            var status = enhanced.isEmpty() ? "" : enhanced + " ";
            lines.add((code + (i < texts.length - 1 ? "-" : " ") + status + texts[i]).stripTrailing());
        }
        return List.copyOf(lines);
    }

    /// One line for logs and pages: `550 5.1.1 no such mailbox`.
    @Override
    public String toString() {
        return (code + " " + (enhanced.isEmpty() ? "" : enhanced + " ") + text.replace('\n', ' ')).strip();
    }
}
