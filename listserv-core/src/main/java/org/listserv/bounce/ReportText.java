package org.listserv.bounce;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.listserv.bounce.Wordings.Meaning;
import org.listserv.mail.EmailAddress;

/// What an MTA writes for people: whom it names, and what stands beside each name, up to where the returned message begins.
final class ReportText {
    private static final int MAX_LINES = 2_000;
    private static final int MAX_LINE = 1_000;
    /// How far a reason may stand behind the sentence that names the recipient.
    private static final int MENTIONED_LINES = 30;
    private static final int MAX_PARAGRAPH = 2_000;
    /// No transaction of ours has more than 50.
    static final int MAX_RECIPIENTS = 200;
    /// An address at the beginning of a line, perhaps behind a bullet, a reply code or a label. The code is a group: what it belongs to stands above.
    private static final Pattern HEADED = Pattern.compile(
            "(?:in: +)?(?:[>*•·\"'<(\\[-]|->|\\s){0,12}((?:[245]\\d\\d[ -]{1,3})?)"
                    + "(?:(?:(?:final |failed |target )?(?:recipient|address|rcpt to|mail address|e-?mail|user)(?: address)?) ?: ?)?[<\"']{0,2}("
                    + Addresses.IN_TEXT + ")",
            Pattern.CASE_INSENSITIVE);
    /// Header fields of the message that was not delivered, and of the session about it; no recipient stands there.
    private static final List<String> NOT_RECIPIENTS = List.of("from:", "sender:", "return-path:", "reply-to:", "errors-to:", "message-id:",
            "subject:", "date:", "cc:", "to:", ">>> mail from", "mail from", "in: mail from", "x-", "original sender:", "helo",
            "received:");
    private static final Set<String> ABOUT_DELIVERY = Set.of("deliver", "recipient", "reach", "failed", "reject", "unknown", "address",
            "mailbox", "user", "rcpt", "return", "full", "zustell", "zugestellt", "remis", "entrega", "consegn");
    private static final Set<String> ABOUT_HELP = Set.of("contact", "assistance", "support", "question", "help", "envelope-from",
            "please send");
    private static final Set<Meaning> COMMANDS = EnumSet.of(Meaning.CONNECT, Meaning.MAIL, Meaning.RCPT, Meaning.DATA);
    private static final Pattern REPLY = Pattern.compile("<<< ?[45]\\d\\d");
    private static final Pattern COMMAND = Pattern.compile(">>> ?(mail|rcpt|data|helo|ehlo|starttls|\\.|bdat)|<<< ?[45]\\d\\d");

    private final Wordings wordings;
    private final List<String> lines;
    private final String text;
    private final String returned;
    private final List<Said> headed;

    ReportText(String text, Wordings wordings) {
        this.wordings = wordings;
        var all = text.lines().limit(MAX_LINES).map(line -> line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line).toList();
        int end = 0;
        while (end < all.size() && !isReturned(all, end)) {
            end++;
        }
        this.lines = all.subList(0, end).stream().filter(line -> !isQuoted(line)).toList();
        this.text = String.join("\n", lines);
        this.returned = String.join("\n", all.subList(end, all.size()));
        this.headed = headed();
    }

    /// What was said about one recipient.
    record Said(EmailAddress address, String paragraph) {}

    /// All that stands in front of the returned message.
    String text() {
        return text;
    }

    /// The line that announces the returned message, and the message so far as it is there.
    String returned() {
        return returned;
    }

    /// Header fields may begin without an announcement.
    private boolean isReturned(List<String> all, int at) {
        var line = all.get(at);
        var lower = line.strip().toLowerCase(Locale.ROOT);
        return wordings.begin(Meaning.RETURNED, lower) || line.startsWith("Received:") || line.startsWith("Return-Path:")
                || line.startsWith("Return-path:");
    }

    /// `> what somebody else wrote`; transcripts of sendmail and others have three.
    private static boolean isQuoted(String line) {
        return line.startsWith(">") && !line.startsWith(">>> ");
    }

    /// The recipients with what stands beside them, in the order of the text.
    ///
    /// @param notRecipients addresses of the report itself: who wrote it, whom it went to
    List<Said> recipients(Set<EmailAddress> notRecipients) {
        if (!headed.isEmpty()) {
            return headed;
        }
        var mentioned = mentioned(notRecipients, true);
        return mentioned.isEmpty() ? mentioned(notRecipients, false) : mentioned;
    }

    /// What stands beside an address that is known from elsewhere; nothing when it is not in the text.
    Optional<String> beside(EmailAddress address) {
        return headed.stream().filter(said -> said.address.normal().equals(address.normal())).map(Said::paragraph).findFirst();
    }

    private List<Said> headed() {
        Map<String, Said> found = new LinkedHashMap<>();
        var above = new StringBuilder();
        var paragraph = new StringBuilder();
        Optional<EmailAddress> current = Optional.empty();
        for (var line : lines) {
            // From here on sendmail tells of the session, and at the end of it of each recipient again.
            if (line.contains("Transcript of session")) {
                current.ifPresent(earlier -> add(found, earlier, paragraph));
                current = Optional.empty();
                above.setLength(0);
            } else if (line.startsWith(">>> ")) {
                above.setLength(0);
            }
            var head = isHeaded(line) ? HEADED.matcher(line) : null;
            var address = head != null && head.lookingAt() ? Addresses.parse(head.group(2)) : Optional.<EmailAddress>empty();
            if (head == null || address.isEmpty()) {
                append(paragraph, line);
                append(above, line);
                continue;
            }
            current.ifPresent(earlier -> add(found, earlier, paragraph));
            paragraph.setLength(0);
            // `554 <jane@example.org>... Host unknown` ends what sendmail has to say of her, all else begins it.
            if (!head.group(1).isEmpty()) {
                append(above, line);
                add(found, address.get(), above);
                current = Optional.empty();
            } else {
                current = address;
                append(paragraph, line);
            }
            above.setLength(0);
        }
        current.ifPresent(last -> add(found, last, paragraph));
        return List.copyOf(found.values());
    }

    /// What the remote MTA said, where a text tells it apart: sendmail adds a line of its own for every refusal, and it is always "User unknown".
    static String replies(String text) {
        var reasons = text.lines().map(String::strip).filter(line -> line.startsWith("(reason:")).toList();
        return String.join("\n", reasons.isEmpty() ? text.lines().filter(line -> REPLY.matcher(line).lookingAt()).toList() : reasons);
    }

    private static boolean isHeaded(String line) {
        return line.indexOf('@') >= 0 && !line.startsWith("<<<") && !isAbout(NOT_RECIPIENTS, line);
    }

    private static boolean isAbout(List<String> beginnings, String line) {
        var lower = line.strip().toLowerCase(Locale.ROOT);
        return beginnings.stream().anyMatch(lower::startsWith);
    }

    private static void add(Map<String, Said> found, EmailAddress address, CharSequence paragraph) {
        if (found.size() == MAX_RECIPIENTS) {
            return;
        }
        found.merge(address.normal(), new Said(address, paragraph.toString()),
                (earlier, later) -> new Said(earlier.address, cut(earlier.paragraph + "\n" + later.paragraph)));
    }

    private static String cut(String text) {
        return text.length() > MAX_PARAGRAPH ? text.substring(0, MAX_PARAGRAPH) : text;
    }

    private static void append(StringBuilder paragraph, String line) {
        if (paragraph.length() < MAX_PARAGRAPH) {
            paragraph.append(line).append('\n');
        }
    }

    /// Named in a sentence: `Unable to deliver message to: <jane@example.org>`.
    private List<Said> mentioned(Set<EmailAddress> notRecipients, boolean onlyAboutDelivery) {
        Map<String, Said> found = new LinkedHashMap<>();
        var before = "";
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i).toLowerCase(Locale.ROOT);
            var about = ABOUT_DELIVERY.stream().anyMatch((before + line)::contains);
            if (line.indexOf('@') >= 0 && (about || !onlyAboutDelivery) && ABOUT_HELP.stream().noneMatch(line::contains)
                    && (!isAbout(NOT_RECIPIENTS, line) || !onlyAboutDelivery && line.startsWith("to:"))) {
                var paragraph = cut(String.join("\n", lines.subList(i, Math.min(lines.size(), i + MENTIONED_LINES))));
                Addresses.in(lines.get(i)).stream().filter(Predicate.not(notRecipients::contains))
                        .forEach(address -> add(found, address, paragraph));
            }
            before = line;
        }
        return List.copyOf(found.values());
    }

    /// Which command was refused, told from words such as `in reply to RCPT TO`, else from the transcript of a session.
    ///
    /// @param plain as [Diagnosis#plain] makes it
    static Phase phase(String plain, Wordings wordings) {
        var named = wordings.longest(COMMANDS, plain);
        if (named.isPresent()) {
            return Phase.valueOf(named.get().meaning().name());
        }
        var last = Phase.UNKNOWN;
        for (var command = COMMAND.matcher(plain); command.find();) {
            if (command.group().startsWith("<")) {
                return last;
            }
            last = switch (command.group(1)) {
                case "mail" -> Phase.MAIL;
                case "rcpt" -> Phase.RCPT;
                case "data", "bdat", "." -> Phase.DATA;
                default -> Phase.CONNECT;
            };
        }
        return Phase.UNKNOWN;
    }
}
