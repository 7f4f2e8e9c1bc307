package org.listserv.posting;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import org.listserv.lists.ListSettings;
import org.listserv.lists.ListSettings.Personal;
import org.listserv.lists.ListSettings.ReplyTo;
import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderField;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.HeaderText;

/// What a list changes in a post's header section: fields of the list put on top, fields that would contradict them cut, the prefix
/// put in front of the subject. Every other octet stays (docs/formats.md lists all of it).
final class OutgoingHeader {
    /// Cut from every copy: fields that say something about the list, which only the list itself may say, and fields that ask every
    /// subscriber's software for a receipt.
    private static final Set<String> CUT = Set.of("mailing-list", "list-id", "list-post", "list-help", "list-subscribe", "list-unsubscribe",
            "list-unsubscribe-post", "list-owner", "list-archive", "archived-at", "precedence", "return-path", "return-receipt-to",
            "content-length",
            "x-confirm-reading-to", "x-pmrqc", "disposition-notification-to");

    private final MailingList list;
    private final URI baseUrl;

    OutgoingHeader(MailingList list, URI baseUrl) {
        this.list = list;
        this.baseUrl = baseUrl;
    }

    /// @param messageId of the post; derived where the message has none
    /// @param trace     our Received field with its line end; may be empty
    List<Edit> edits(byte[] octets, HeaderSection header, String messageId, String trace) {
        var edits = new ArrayList<Edit>();
        var cut = new HashSet<>(CUT);
        list.settings().removeHeaders().forEach(name -> cut.add(name.toLowerCase(Locale.ROOT)));
        var replyTo = replyTo();
        if (!replyTo.isEmpty()) {
            cut.add("reply-to");
        }
        var replyTosKept = 0;
        for (var field : header.fields()) {
            var name = field.name().toLowerCase(Locale.ROOT);
            var second = name.equals("reply-to") && !cut.contains(name) && replyTosKept++ > 0;   // two are never sent
            if (cut.contains(name) || second) {
                edits.add(new Edit(field.start(), field.end() - field.start(), new byte[0]));
            }
        }
        prefix(octets, header, cut).ifPresent(edits::add);
        edits.add(top(octets, header, messageId, trace, replyTo));
        return edits;
    }

    private Edit top(byte[] octets, HeaderSection header, String messageId, String trace, String replyTo) {
        var lines = new StringBuilder(trace);
        for (var line : fields(messageId)) {
            lines.append(line).append("\r\n");
        }
        if (!replyTo.isEmpty()) {
            lines.append("Reply-To: <").append(replyTo).append(">\r\n");
        }
        if (header.first("Message-ID").isEmpty()) {
            lines.append("Message-ID: <").append(messageId).append(">\r\n");
        }
        if (header.first("Subject").isEmpty() && !list.settings().prefix().isEmpty()) {
            lines.append("Subject: ").append(prefixText()).append("\r\n");
        }
        var start = header.fields().isEmpty() ? 0 : header.fields().getFirst().start();
        if (header.fields().isEmpty() && !startsWithEmptyLine(octets)) {
            lines.append("\r\n");    // no header section at all: what follows is body
        }
        // What stands before the first field (an mbox "From " line) is no field; behind ours it would end the header section.
        return new Edit(0, start, lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private List<String> fields(String messageId) {
        var settings = list.settings();
        var address = list.address();
        var local = address.localPart();
        var host = address.domain();
        var fields = new ArrayList<String>();
        fields.add("Mailing-List: contact %s-help@%s; run by listserv".formatted(local, host));
        fields.add("Delivered-To: mailing list %s".formatted(address));
        fields.add("Precedence: bulk");
        fields.add("List-Id: %s<%s.%s>".formatted(description(settings), local, host));
        fields.add("List-Post: <mailto:%s>".formatted(mailto(local, host)));
        fields.add("List-Help: <mailto:%s>".formatted(mailto(local + "-help", host)));
        fields.add("List-Subscribe: <mailto:%s>".formatted(mailto(local + "-subscribe", host)));
        fields.add("List-Unsubscribe: <mailto:%s>".formatted(settings.personal() == Personal.OFF
                ? mailto(local + "-unsubscribe", host)
                : PersonalLine.mailboxMark(local + "-unsubscribe-") + "@" + host));
        fields.add("List-Owner: <mailto:%s>".formatted(mailto(local + "-owner", host)));
        if (settings.archive() != ListSettings.Archive.OFF) {
            fields.add("List-Archive: <%s>".formatted(ArchiveUrls.list(baseUrl, address)));
            fields.add("Archived-At: <%s>".formatted(ArchiveUrls.message(baseUrl, address, messageId)));
        }
        settings.addHeaders()
                .forEach(line -> fields.add(line.replace("<#l#>", local).replace("<#h#>", host).replace("<#n#>", Edit.NUMBER_MARK)));
        return fields;
    }

    private static String description(ListSettings settings) {
        var text = settings.description().strip();
        if (text.isEmpty()) {
            return "";
        }
        var encoded = HeaderText.of(text);
        return (encoded.equals(text) ? "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"" : encoded) + " ";
    }

    /// RFC 6068 §2: all but the plainest characters are percent-encoded.
    private static String mailto(String local, String host) {
        return URLEncoder.encode(local, StandardCharsets.UTF_8).replace("+", "%20") + "@" + host;
    }

    private String replyTo() {
        return switch (list.settings().replyTo()) {
            case ReplyTo.Author() -> "";
            case ReplyTo.List() -> list.address().toString();
            case ReplyTo.Address(var address) -> address.toString();
        };
    }

    private String prefixText() {
        var prefix = list.settings().prefix();
        var numbered = prefix.endsWith("#") ? prefix.substring(0, prefix.length() - 1) + Edit.NUMBER_MARK : prefix;
        var encoded = HeaderText.of(prefix);
        return encoded.equals(prefix) ? numbered : encoded;
    }

    /// In front of the subject unless the subject shows it already, also behind a "Re:" and inside encoded words.
    private Optional<Edit> prefix(byte[] octets, HeaderSection header, Set<String> cut) {
        var prefix = list.settings().prefix();
        var subject = header.first("Subject");
        if (prefix.isEmpty() || subject.isEmpty() || cut.contains("subject") || shows(subject.get(), prefix)) {
            return Optional.empty();
        }
        var at = subject.get().start() + subject.get().name().length();
        while (octets[at] != ':') {    // RFC 5322 §4.5.3: space may stand before the colon
            at++;
        }
        at++;
        while (at < subject.get().end() && (octets[at] == ' ' || octets[at] == '\t')) {
            at++;
        }
        var before = octets[at - 1] == ':' ? " " : "";
        return Optional.of(new Edit(at, 0, (before + prefixText() + " ").getBytes(StandardCharsets.UTF_8)));
    }

    private static boolean shows(HeaderField subject, String prefix) {
        var fixed = prefix.endsWith("#") ? prefix.substring(0, prefix.length() - 1) : prefix;
        return subject.decoded().contains(fixed);
    }

    private static boolean startsWithEmptyLine(byte[] octets) {
        return octets.length == 0 || octets[0] == '\n' || octets[0] == '\r';
    }
}
