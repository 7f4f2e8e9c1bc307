package org.listserv.notices;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.HeaderText;
import org.listserv.mail.ReversePath;

/// A mail of a list to one person: the fields ezmlm's answers have, in that order, marked so that no robot answers it (RFC 3834 §5).
///
/// Made step by step, then asked for its octets once.
public final class Letter {
    /// RFC 5322 §2.1.1 allows 998; a header section that is quoted may have more.
    private static final int LONGEST_LINE = 900;
    private static final int QUOTED_OCTETS = 12_000;

    private final MailingList list;
    private final String from;
    private final String to;
    private final String subject;
    private final List<String> more = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final List<Attached> attached = new ArrayList<>();
    private String automatic = "auto-replied";

    private record Attached(String mediaType, byte[] octets) {}

    /// @param from what stands behind the list's name, as `-help`
    /// @param to   as to be shown; who gets it is the envelope's business
    public Letter(MailingList list, String from, String to, String subject) {
        this.list = list;
        this.from = list.localPart() + from + "@" + list.domain();
        this.to = to;
        this.subject = subject;
    }

    /// @param address which confirms, accepts, ...: whoever replies does what the letter asks for
    public Letter replyTo(String address) {
        more.add("Reply-To: <" + address + ">");
        return this;
    }

    public Letter copyTo(String address) {
        more.add("Cc: <" + address + ">");
        return this;
    }

    /// @param local percent-encoded here (RFC 6068 §2), but for the `=` of `u=d`
    public Letter unsubscribe(String local) {
        more.add("List-Unsubscribe: <mailto:"
                + URLEncoder.encode(local, StandardCharsets.UTF_8).replace("+", "%20").replace("%3D", "=") + "@" + list.domain() + ">");
        return this;
    }

    /// Nobody asked for it.
    public Letter unasked() {
        automatic = "auto-generated";
        return this;
    }

    /// @param words lines ending in `\n`
    public Letter text(String words) {
        if (!text.isEmpty() && !words.isBlank()) {
            text.append('\n');
        }
        text.append(words.strip().isEmpty() ? "" : words.stripTrailing() + "\n");
        return this;
    }

    /// Shows who asked, by the header section alone: the body may be what a forger wants to have sent.
    ///
    /// @param words that say so
    public Letter quoting(String words, ReversePath reversePath, HeaderSection header, byte[] octets) {
        var quoted = new String(octets, 0, Math.min(header.end(), QUOTED_OCTETS), StandardCharsets.UTF_8);
        return text("""

                --- %s

                Return-Path: %s
                %s""".formatted(words, reversePath instanceof ReversePath.Mailbox(var sender) ? "<" + sender + ">" : "<>",
                quoted.replace("\r\n", "\n").replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", " ")));
    }

    /// The moderator who did it stays unknown.
    public Letter suppressing(String words) {
        return text("\n--- " + words + "\n\n<suppressed>\n");
    }

    /// @param octets of a whole message, as received
    public Letter attach(byte[] octets) {
        return attach("message/rfc822", octets);
    }

    public Letter attach(String mediaType, byte[] octets) {
        attached.add(new Attached(mediaType, octets));
        return this;
    }

    /// @return the octets, with CRLF
    public byte[] octets(Instant now) {
        var host = list.domain();
        var local = list.localPart();
        var head = new StringBuilder();
        line(head, "Mailing-List: contact %s-help@%s; run by listserv".formatted(local, host));
        line(head, "List-Id: <%s.%s>".formatted(local, host));
        line(head, "List-Help: <mailto:%s-help@%s>".formatted(local, host));
        line(head, "List-Post: <mailto:%s>".formatted(list.address()));
        line(head, "List-Subscribe: <mailto:%s-subscribe@%s>".formatted(local, host));
        line(head, "Date: " + Notice.date(now));
        line(head, "Message-ID: <%s@%s>".formatted(Notice.id(), host));
        line(head, "From: " + from);
        line(head, "To: " + to);
        line(head, "Delivered-To: responder for " + list.address());
        line(head, "Auto-Submitted: " + automatic);
        line(head, "MIME-Version: 1.0");
        more.forEach(field -> line(head, field));
        line(head, "Subject: " + HeaderText.of(subject));
        return attached.isEmpty() ? single(head) : multipart(head);
    }

    private byte[] single(StringBuilder head) {
        var body = wrapped();
        contentType(head, body);
        return (head + "\r\n" + body).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] multipart(StringBuilder head) {
        var boundary = "=_" + Notice.id();     // longer than chance can hit in what is attached
        line(head, "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"");
        line(head, "Content-Transfer-Encoding: 8bit");
        var out = new ByteArrayOutputStream();
        var body = wrapped();
        var part = new StringBuilder("\r\n--" + boundary + "\r\n");
        contentType(part, body);
        out.writeBytes((head + part.toString() + "\r\n" + body).getBytes(StandardCharsets.UTF_8));
        for (var one : attached) {
            out.writeBytes(("\r\n--" + boundary + "\r\nContent-Type: " + one.mediaType() + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.writeBytes(one.octets());
        }
        out.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private static void contentType(StringBuilder head, String body) {
        var ascii = body.chars().allMatch(c -> c < 0x80);
        line(head, "Content-Type: text/plain; charset=" + (ascii ? "us-ascii" : "utf-8"));
        line(head, "Content-Transfer-Encoding: " + (ascii ? "7bit" : "8bit"));
    }

    private String wrapped() {
        var body = new StringBuilder();
        text.toString().lines().forEach(line -> {
            var rest = line;
            while (rest.length() > LONGEST_LINE) {
                var cut = Character.isHighSurrogate(rest.charAt(LONGEST_LINE - 1)) ? LONGEST_LINE - 1 : LONGEST_LINE;
                body.append(rest, 0, cut).append("\r\n");
                rest = rest.substring(cut);
            }
            body.append(rest).append("\r\n");
        });
        return body.toString();
    }

    private static void line(StringBuilder to, String field) {
        to.append(field).append("\r\n");
    }
}
