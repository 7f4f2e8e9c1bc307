package org.listserv.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Whether a copy differs from what was sent only where a list may change it. Written from what the reference says a list does, and apart
/// from the code that makes copies: it knows no offsets and no parsed header section, only lines.
///
/// A copy may begin with our trace field and the list's fields; it may lack fields that say something about a list or ask for receipts,
/// a second Reply-To, and lines before the first field; where the list has a prefix or a footer it may show them. Everything else must be
/// there octet by octet.
final class CopyCheck {

    private static final Set<String> MAY_GO = Set.of("mailing-list", "list-id", "list-post", "list-help", "list-subscribe",
            "list-unsubscribe",
            "list-unsubscribe-post", "list-owner", "list-archive", "archived-at", "precedence", "return-path", "return-receipt-to",
            "content-length",
            "x-confirm-reading-to", "x-pmrqc", "disposition-notification-to");

    private static final Pattern FIELD = Pattern.compile("([!-9;-~]+)[ \\t]*:.*", Pattern.DOTALL);
    private static final int LONGEST_FOOTER_PART = 600;

    private final String list;
    private final String prefix;
    private final String footer;

    /// @param prefix empty: none; likewise `footer`, whose lines end in CRLF
    CopyCheck(String list, String prefix, String footer) {
        this.list = list;
        this.prefix = prefix;
        this.footer = footer;
    }

    /// A line with its end, and where it stands.
    private record Line(byte[] octets, int offset) {
        String text() {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }

        boolean isEmpty() {
            return octets.length == 2 && octets[0] == '\r' && octets[1] == '\n';
        }

        boolean continues() {
            return octets.length > 0 && (octets[0] == ' ' || octets[0] == '\t');
        }

        String name() {
            var field = FIELD.matcher(text());
            return field.matches() ? field.group(1).toLowerCase(Locale.ROOT) : "";
        }
    }

    /// @param sent   after DATA, lines ending in CRLF
    /// @param copy   as the relay got it
    /// @return what differs and where; empty when nothing does that may not
    Optional<String> difference(byte[] sent, byte[] copy) {
        var there = lines(sent);
        var here = lines(copy);
        var hasHeader = headerEnd(there) > 0;
        var top = top(here, there, hasHeader);
        if (top.wrong() != null) {
            return Optional.of(top.wrong());
        }
        return rest(there, here, top.lines(), sent, copy);
    }

    // --- the fields on top -------------------------------------------------------------------------------------------

    /// @param lines how many lines of the copy are ours
    private record Top(int lines, @Nullable String wrong) {}

    private Top top(List<Line> copy, List<Line> sent, boolean hasHeader) {
        var local = list.substring(0, list.indexOf('@'));
        var host = list.substring(list.indexOf('@') + 1);
        var at = 0;
        var expected = new ArrayList<>(List.of("Received: .*", "Mailing-List: contact %s-help@%s; run by listserv".formatted(local, host),
                "Delivered-To: mailing list " + Pattern.quote(list), "Precedence: bulk",
                "List-Id: (\"[^\"]*\" )?<%s\\.%s>".formatted(local, host)));
        for (var field : List.of("Post", "Help", "Subscribe", "Unsubscribe", "Owner")) {
            var command = field.equals("Post") ? "" : "-" + field.toLowerCase(Locale.ROOT);
            expected.add("List-%s: <mailto:%s%s@%s>".formatted(field, local, command, host));
        }
        expected.add("List-Archive: <https?://\\S+/%s/>".formatted(Pattern.quote(list)));
        expected.add("Archived-At: <https?://\\S+/%s/\\S+/>".formatted(Pattern.quote(list)));
        if (!has(sent, "message-id")) {
            expected.add("Message-ID: <\\S+@\\S+>");
        }
        if (!prefix.isEmpty() && !has(sent, "subject")) {
            expected.add("Subject: " + Pattern.quote(prefix));
        }
        for (var pattern : expected) {
            if (at == copy.size()) {
                return new Top(at, "the copy ends where " + pattern + " should stand");
            }
            var field = new StringBuilder(copy.get(at).text());
            at++;
            while (at < copy.size() && copy.get(at).continues() && pattern.startsWith("Received")) {
                field.append(copy.get(at++).text());
            }
            if (!Pattern.compile(pattern, Pattern.DOTALL).matcher(field.toString().stripTrailing()).matches()) {
                return new Top(at, "field %d of the copy is `%s`, not %s".formatted(at, shown(field.toString()), pattern));
            }
        }
        if (!hasHeader && at < copy.size() && copy.get(at).isEmpty() && !(!sent.isEmpty() && sent.getFirst().isEmpty())) {
            at++;    // what came without a header section got an empty line behind ours
        }
        return new Top(at, null);
    }

    private static boolean has(List<Line> sent, String name) {
        return sent.subList(0, headerEnd(sent)).stream().anyMatch(line -> line.name().equals(name));
    }

    /// Lines before the first empty one; 0 where none of them is a field, or where they end in lines that are none and can be body as well.
    private static int headerEnd(List<Line> lines) {
        var end = 0;
        while (end < lines.size() && !lines.get(end).isEmpty()) {
            end++;
        }
        return lines.subList(0, end).stream().anyMatch(line -> !line.name().isEmpty()) ? end : 0;
    }

    // --- everything else ---------------------------------------------------------------------------------------------

    private Optional<String> rest(List<Line> sent, List<Line> copy, int from, byte[] sentOctets, byte[] copyOctets) {
        var end = headerEnd(sent);
        var firstField = 0;
        while (firstField < end && sent.get(firstField).name().isEmpty()) {
            firstField++;
        }
        var i = 0;
        var j = from;
        var replyTos = 0;
        while (i < end) {
            var line = sent.get(i);
            replyTos += line.name().equals("reply-to") ? 1 : 0;
            var mayGo = i < firstField || MAY_GO.contains(line.name()) || line.name().equals("reply-to") && replyTos > 1;
            var same = j < copy.size() && Arrays.equals(line.octets(), copy.get(j).octets());
            if (mayGo && !(same && i < firstField)) {
                i++;
                while (i >= firstField && i < end && (sent.get(i).continues() || sent.get(i).name().isEmpty())
                        && !matches(sent, i, copy, j)) {
                    i++;
                }
            } else if (same || j < copy.size() && line.name().equals("subject") && prefixed(line, copy.get(j))) {
                i++;
                j++;
            } else {
                return Optional
                        .of("header differs at octet %d of what was sent: `%s` became `%s`".formatted(line.offset(), shown(line.text()),
                                j < copy.size() ? shown(copy.get(j).text()) : "(the end)"));
            }
        }
        var sentFrom = i < sent.size() ? sent.get(i).offset() : sentOctets.length;
        var copyFrom = j < copy.size() ? copy.get(j).offset() : copyOctets.length;
        return body(Arrays.copyOfRange(sentOctets, sentFrom, sentOctets.length),
                Arrays.copyOfRange(copyOctets, copyFrom, copyOctets.length))
                .map(what -> what + " (body begins at octet %d of what was sent)".formatted(sentFrom));
    }

    private static boolean matches(List<Line> sent, int i, List<Line> copy, int j) {
        return j < copy.size() && Arrays.equals(sent.get(i).octets(), copy.get(j).octets());
    }

    private boolean prefixed(Line sent, Line copy) {
        if (prefix.isEmpty()) {
            return false;
        }
        var before = sent.text().replaceFirst("(?s)^([^:]*:[ \\t]*).*", "$1");
        var behind = sent.text().substring(before.length());
        return copy.text().equals(before + prefix + " " + behind) || copy.text().equals(before + " " + prefix + " " + behind);
    }

    private Optional<String> body(byte[] sent, byte[] copy) {
        if (Arrays.equals(sent, copy)) {
            return Optional.empty();
        }
        var same = Arrays.mismatch(sent, copy);
        if (!footer.isEmpty() && footed(sent, copy, same)) {
            return Optional.empty();
        }
        return Optional.of("body differs at its octet %d: `%s` became `%s`".formatted(same, around(sent, same), around(copy, same)));
    }

    /// Inserted in one place, as a part or as text, plain or quoted-printable; or inside base64, where the decoded text tells.
    private boolean footed(byte[] sent, byte[] copy, int same) {
        if (same < 0) {
            return false;
        }
        var behind = 0;
        while (behind < sent.length - same && sent[sent.length - 1 - behind] == copy[copy.length - 1 - behind]) {
            behind++;
        }
        if (same + behind == sent.length && copy.length - sent.length <= LONGEST_FOOTER_PART) {
            var inserted = new String(copy, same, copy.length - sent.length, StandardCharsets.ISO_8859_1);
            // Equal octets at both ends let the insertion slide; the footer's text is in it wherever it is cut.
            var whole = new String(copy, Math.max(0, same - 80),
                    Math.min(copy.length, same + copy.length - sent.length + 80) - Math.max(0, same - 80),
                    StandardCharsets.ISO_8859_1);
            if (inserted.length() >= footer.length()
                    && footer.lines().allMatch(whole.replace("=\r\n", "").replace("=20", " ")::contains)) {
                return true;
            }
        }
        try {
            var before = Base64.getMimeDecoder().decode(afterHeader(sent));
            var after = Base64.getMimeDecoder().decode(afterHeader(copy));
            var text = new String(after, Math.min(before.length, after.length), Math.max(0, after.length - before.length),
                    StandardCharsets.ISO_8859_1);
            return Arrays.equals(before, Arrays.copyOf(after, before.length)) && (text.equals(footer) || text.equals("\r\n" + footer));
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static byte[] afterHeader(byte[] body) {
        return body.length >= 2 && body[0] == '\r' ? Arrays.copyOfRange(body, 2, body.length) : body;
    }

    private static List<Line> lines(byte[] octets) {
        var lines = new ArrayList<Line>();
        var offset = 0;
        for (var line : Mbox.lines(octets)) {
            lines.add(new Line(line, offset));
            offset += line.length;
        }
        return lines;
    }

    private static String around(byte[] octets, int at) {
        var from = Math.max(0, Math.min(at, octets.length) - 10);
        return shown(new String(octets, from, Math.min(octets.length, from + 60) - from, StandardCharsets.ISO_8859_1));
    }

    private static String shown(String text) {
        var cut = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return cut.replace("\r", "\\r").replace("\n", "\\n").replaceAll("[^ -~]", "?");
    }
}
