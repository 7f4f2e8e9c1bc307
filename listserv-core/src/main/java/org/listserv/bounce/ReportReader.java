package org.listserv.bounce;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.listserv.bounce.Recipient.Action;
import org.listserv.bounce.Wordings.Meaning;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderField;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.mail.Part;
import org.listserv.mail.ReversePath;

/// Reads what comes back. Evidence is asked in this order: parts that are made for programs (RFC 5965, RFC 3464, RFC 6533), header fields that say
/// an automaton wrote it (RFC 3834), the fields of a delivery report in plain text, header fields that name failed recipients, and last the words
/// in which MTAs tell people. Words count only in mail of an MTA: with a null reverse-path or a sender such as MAILER-DAEMON, and not from a list.
///
/// Any octets can be read, in a few milliseconds: of a message the first megabyte, of its text the first 64,000 octets.
public final class ReportReader {
    private static final int MAX_OCTETS = 1_000_000;
    private static final int MAX_TEXT_OCTETS = 64_000;
    /// Behind it, no report says for the first time that it is one.
    private static final int MAX_OPENING = 4_000;
    private static final int MAX_DIAGNOSTIC = 500;
    private static final Set<String> STATUS_TYPES = Set.of("message/delivery-status", "message/global-delivery-status");
    private static final Set<String> RETURNED_TYPES = Set.of("message/rfc822", "message/global", "text/rfc822-headers",
            "message/global-headers", "message/rfc822-headers");
    private static final List<String> LIST_FIELDS = List.of("List-Id", "List-Post", "Mailing-List", "X-Mailing-List", "X-BeenThere");
    private static final List<String> ANSWER_FIELDS = List.of("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From",
            "X-Mail-Autoreply", "Auto-Reply", "X-AutoReply-From");
    /// RFC 7489 §7.2.1.1.
    private static final Pattern AGGREGATE = Pattern.compile("report domain: ?\\S{1,255} submitter: ?\\S{1,255} report-id:.*");
    /// Amazon SNS, where a site lets it write to its reverse-paths.
    private static final Pattern NOTIFICATION = Pattern.compile("\"notificationType\" ?: ?\"(Complaint|Delivery)\"");
    private static final Pattern NOTIFIED = Pattern.compile("\"(?:emailAddress\" ?: ?|destination\" ?: ?\\[ ?)\"([^\"]{3,320})\"");
    private static final Pattern TAG = Pattern.compile("<[^<>]{1,2000}>");

    private final Wordings wordings;

    public ReportReader() {
        this(Wordings.shippedOnes());
    }

    ReportReader(Wordings wordings) {
        this.wordings = wordings;
    }

    /// As [#read(ReversePath, byte[])], for a message as it lies in a mailbox: its reverse-path is the topmost Return-Path (RFC 5321 §4.4).
    public Report read(byte[] message) {
        // Some mailboxes have a name in place of the null reverse-path.
        var isNull = HeaderSection.parse(message).first("Return-Path").map(field -> field.value().strip().toLowerCase(Locale.ROOT))
                .filter(path -> path.equals("<>") || path.isEmpty() || path.equals("<mailer-daemon>")).isPresent();
        return new Reading(message, isNull).report();
    }

    /// @param reversePath of the report itself
    public Report read(ReversePath reversePath, byte[] message) {
        return new Reading(message, reversePath instanceof ReversePath.Null).report();
    }

    /// A text that may say why, read once.
    private record Statement(String text, String plain) {
        Statement(String text) {
            this(text, Diagnosis.plain(text));
        }

        String status() {
            return Diagnosis.status(text);
        }

        int code() {
            return Diagnosis.code(text);
        }
    }

    /// One message while it is read.
    private final class Reading {
        private final MimeView view;
        private final HeaderSection header;
        /// Without those of embedded messages, which tell about other mail.
        private final List<Part> parts = new ArrayList<>();
        private final boolean isNull;
        private final boolean isDaemon;

        Reading(byte[] message, boolean isNull) {
            var octets = message.length > MAX_OCTETS ? Arrays.copyOf(message, MAX_OCTETS) : message;
            this.view = MimeView.of(octets);
            this.header = HeaderSection.parse(octets);
            this.isNull = isNull;
            var from = value("From");
            this.isDaemon = from.contains("<>") || has("From") && from.isBlank() || wordings.contains(Meaning.DAEMON, from);
            collect(view.root());
        }

        private void collect(Part part) {
            parts.add(part);
            if (!RETURNED_TYPES.contains(part.mediaType())) {
                part.children().forEach(this::collect);
            }
        }

        Report report() {
            return forPrograms().or(this::automatic).or(this::inText).orElseGet(Report.Other::new);
        }

        private Optional<Report> forPrograms() {
            var feedback = part(type -> type.equals("message/feedback-report"));
            if (feedback.isPresent()) {
                return Optional.of(feedback(view.text(feedback.get(), MAX_TEXT_OCTETS)));
            }
            if (part(type -> type.equals("message/disposition-notification")).isPresent()) {
                return Optional.of(new Report.AutoReply());
            }
            var isReport = isMultipartReport();
            if (isReport || isDaemon || isNull) {
                var groups = parts.stream().filter(part -> STATUS_TYPES.contains(part.mediaType()))
                        .flatMap(part -> DeliveryStatus.read(view.text(part, MAX_TEXT_OCTETS)).stream()).toList();
                if (!groups.isEmpty() || isReport && part(STATUS_TYPES::contains).isPresent()) {
                    return Optional.of(delivery(groups));
                }
            }
            return Optional.empty();
        }

        /// RFC 5965 §3.1; RFC 6591 §3.1 and what came before it for DMARC.
        private Report feedback(String fields) {
            var recipients = new ArrayList<EmailAddress>();
            for (var line : fields.lines().toList()) {
                var lower = line.toLowerCase(Locale.ROOT);
                if (lower.startsWith("feedback-type:") && (lower.contains("auth-failure") || lower.contains("dmarc"))) {
                    return new Report.Authentication();
                }
                if (lower.startsWith("original-rcpt-to:")) {
                    Addresses.ofField(line.substring(line.indexOf(':') + 1)).ifPresent(recipients::add);
                }
            }
            return new Report.Complaint(recipients);
        }

        private Optional<Report> automatic() {
            var subject = value("Subject");
            // What is a report (RFC 6522) for programs we do not know, and speaks of DMARC, is not about a delivery.
            if (AGGREGATE.matcher(subject).matches() || subject.contains("dmarc") && !isDaemon && isMultipartReport()) {
                return Optional.of(new Report.Authentication());
            }
            if (wordings.contains(Meaning.COMPLAINT, subject) && part("message/rfc822"::equals).isPresent()) {
                return Optional.of(new Report.Complaint(List.of()));
            }
            // Exim, Postfix and others mark their reports so too, and are told by their names.
            var isAnswer = value("Auto-Submitted").startsWith("auto-replied") || ANSWER_FIELDS.stream().anyMatch(this::has)
                    || value("Precedence").contains("auto_reply") || !isFromList() && wordings.contains(Meaning.AWAY, subject);
            return isAnswer && !isDaemon ? Optional.of(new Report.AutoReply()) : Optional.empty();
        }

        private boolean isFromList() {
            return LIST_FIELDS.stream().anyMatch(this::has);
        }

        private boolean isMultipartReport() {
            return view.root().mediaType().equals("multipart/report");
        }

        private Optional<Report> inText() {
            var all = text();
            var notification = NOTIFICATION.matcher(all);
            if (notification.find()) {
                return Optional.of(notified(notification.group(1), all));
            }
            var text = new ReportText(all, wordings);
            var failed = failedRecipients();
            if (isFromList() || !isDaemon && !isNull && failed.isEmpty() && !isTitled(text)) {
                return Optional.empty();
            }
            var opening = opening(text);
            if (failed.isEmpty() && !wordings.contains(Meaning.DELAY, opening) && !wordings.contains(Meaning.OPENING, opening)) {
                return Optional.empty();
            }
            var groups = DeliveryStatus.read(text.text()).stream().filter(DeliveryStatus::isRecipient).toList();
            if (groups.isEmpty() && failed.isEmpty() && text.recipients(ownAddresses()).isEmpty()) {
                groups = DeliveryStatus.read(all).stream().filter(DeliveryStatus::isRecipient).toList();
            }
            var recipients = recipients(groups, text, unsaid(text));
            // Whom it is about may stand in our reverse-path alone.
            return !recipients.isEmpty() || isDaemon || isEvident(text)
                    ? Optional.of(delivery(recipients, groups, text))
                    : Optional.empty();
        }

        /// Without a null reverse-path and an MTA's name, as mailboxes that do not keep the former have it: the subject begins as theirs do.
        private boolean isTitled(ReportText text) {
            return wordings.begin(Meaning.OPENING, value("Subject")) && isEvident(text);
        }

        /// A message is given back, or a reply to one is quoted.
        private static boolean isEvident(ReportText text) {
            return !text.returned().isEmpty() || Diagnosis.code(text.text()) != 0 || !Diagnosis.status(text.text()).isEmpty();
        }

        private Report notified(String what, String text) {
            var recipients = new ArrayList<EmailAddress>();
            for (var named = NOTIFIED.matcher(text); named.find();) {
                Addresses.parse(named.group(1)).filter(Predicate.not(recipients::contains)).ifPresent(recipients::add);
            }
            if (what.equals("Complaint")) {
                return new Report.Complaint(recipients);
            }
            var status = Diagnosis.status(text);
            return recipients.isEmpty()
                    ? new Report.Other()
                    : new Report.Delivery(recipients.stream()
                            .map(address -> new Recipient(address, null, Action.DELIVERED, status, Recipient.Kind.NONE, "")).toList());
        }

        private Report delivery(List<DeliveryStatus> groups) {
            var text = new ReportText(text(), wordings);
            return delivery(recipients(groups, text, unsaid(text)), groups, text);
        }

        private Report delivery(List<Recipient> recipients, List<DeliveryStatus> groups, ReportText text) {
            return new Report.Delivery(recipients.isEmpty() ? List.of(nobody(groups, text)) : recipients);
        }

        /// Where a report says of itself what it is.
        private String opening(ReportText text) {
            return Diagnosis.plain(value("Subject") + "\n" + cut(text.text(), MAX_OPENING));
        }

        /// The action where no field has it.
        private Action unsaid(ReportText text) {
            return wordings.contains(Meaning.DELAY, opening(text)) ? Action.DELAYED : Action.FAILED;
        }

        /// @param unsaid the action where no field has it
        private List<Recipient> recipients(List<DeliveryStatus> groups, ReportText text, Action unsaid) {
            var named = groups.stream().filter(DeliveryStatus::isRecipient).toList();
            if (!named.isEmpty()) {
                return named.stream().map(group -> recipient(group, text, named.size() == 1, unsaid)).toList();
            }
            var inWords = inWords(text);
            var group = groups.isEmpty() ? new DeliveryStatus(Map.of()) : groups.getFirst();
            return inWords.stream().map(said -> recipient(said.address(), group, said.paragraph(), text, inWords.size() == 1, unsaid))
                    .toList();
        }

        private List<ReportText.Said> inWords(ReportText text) {
            var failed = failedRecipients();
            if (!failed.isEmpty()) {
                return failed.stream().map(address -> new ReportText.Said(address, text.beside(address).orElse(""))).toList();
            }
            var recipients = text.recipients(ownAddresses());
            return recipients.isEmpty() ? returnedTo(text).map(address -> new ReportText.Said(address, "")).stream().toList() : recipients;
        }

        private Recipient recipient(DeliveryStatus group, ReportText text, boolean alone, Action unsaid) {
            // A file or a pipe is nobody's address: the words, or the field of Exim, name who wanted it there.
            var address = group.address()
                    .or(() -> alone ? inWords(text).stream().map(ReportText.Said::address).findFirst() : Optional.empty());
            var beside = address.flatMap(text::beside).or(() -> group.original().flatMap(text::beside)).orElse("");
            return recipient(address.orElse(null), group, beside, text, alone, unsaid);
        }

        /// @param alone no other recipient is told about: all that is said is said of this one
        private Recipient recipient(@Nullable EmailAddress address, DeliveryStatus group, String beside, ReportText text, boolean alone,
                Action unsaid) {
            var diagnostic = group.diagnostic();
            var said = Stream.of(diagnostic, ReportText.replies(beside), beside, alone ? text.text() : "").filter(one -> !one.isBlank())
                    .map(Statement::new).toList();
            var diagnosis = new Diagnosis(status(group, diagnostic, said),
                    said.stream().mapToInt(Statement::code).filter(code -> code != 0).findFirst().orElse(0),
                    said.stream().map(one -> ReportText.phase(one.plain, wordings)).filter(phase -> phase != Phase.UNKNOWN).findFirst()
                            .orElse(Phase.UNKNOWN),
                    words(said));
            var action = group.action().orElse(unsaid);
            return new Recipient(address, group.original().orElse(null), action, diagnosis.status(), diagnosis.kind(action, wordings),
                    line(said.stream().map(Statement::text).findFirst().orElse("")));
        }

        /// The first that says why in words we know. What others make of a refusal does not count where it came with a status of its own.
        private String words(List<Statement> said) {
            var own = said.isEmpty() ? "" : said.getFirst().status();
            var asked = own.isEmpty() || own.endsWith(".0.0") ? said : said.subList(0, 1);
            return asked.stream().map(Statement::plain).filter(plain -> Diagnosis.isReason(plain, wordings)).findFirst().orElse("");
        }

        /// What the remote MTA said goes before what the reporting one made of it; a Status that only says "failed" goes last.
        private static String status(DeliveryStatus group, String diagnostic, List<Statement> said) {
            var own = group.status();
            var stated = said.stream().map(Statement::status);
            var all = own.endsWith(".0.0")
                    ? Stream.concat(stated, Stream.of(own))
                    : Stream.concat(Stream.of(Diagnosis.status(diagnostic), own), stated);
            return all.filter(status -> !status.isEmpty()).findFirst().orElse("");
        }

        /// A report that names nobody.
        private Recipient nobody(List<DeliveryStatus> groups, ReportText text) {
            return recipient(null, groups.isEmpty() ? new DeliveryStatus(Map.of()) : groups.getFirst(), "", text, true, unsaid(text));
        }

        /// Exim, Gmail.
        private List<EmailAddress> failedRecipients() {
            return header.first("X-Failed-Recipients")
                    .map(field -> Addresses.in(cut(field.value(), MAX_OPENING)).stream().limit(ReportText.MAX_RECIPIENTS).toList())
                    .orElse(List.of());
        }

        /// The one recipient of the returned message, unless it went over a list: then To is the list.
        private Optional<EmailAddress> returnedTo(ReportText text) {
            var returned = part(RETURNED_TYPES::contains)
                    .map(part -> view.content(part)).or(() -> {
                        var below = text.returned();
                        int start = below.startsWith("Received:") || below.startsWith("Return-") ? 0 : below.indexOf('\n') + 1;
                        return Optional.of(below.substring(start).stripLeading().getBytes(StandardCharsets.UTF_8));
                    });
            var fields = HeaderSection.parse(returned.get());
            if (LIST_FIELDS.stream().anyMatch(name -> fields.first(name).isPresent())) {
                return Optional.empty();
            }
            var to = Addresses.in(cut(fields.first("To").map(HeaderField::value).orElse(""), MAX_OPENING));
            return to.size() == 1 ? Optional.of(to.getFirst()) : Optional.empty();
        }

        private Set<EmailAddress> ownAddresses() {
            var own = new HashSet<EmailAddress>();
            Addresses.parse(Author.of(header).address()).ifPresent(own::add);
            for (var name : List.of("To", "Reply-To", "Delivered-To", "Return-Path", "Sender")) {
                header.all(name).forEach(field -> own.addAll(Addresses.in(cut(field.value(), MAX_OPENING))));
            }
            return own;
        }

        /// What is written for people, plain where there is any.
        private String text() {
            var plain = join(part -> part.isText() && !part.mediaType().equals("text/html") && !RETURNED_TYPES.contains(part.mediaType()));
            return plain.isBlank() ? withoutTags(join(part -> part.mediaType().equals("text/html"))) : plain;
        }

        private String join(Predicate<Part> wanted) {
            var text = new StringBuilder();
            for (var part : parts) {
                if (part.children().isEmpty() && wanted.test(part) && text.length() < MAX_TEXT_OCTETS) {
                    text.append(view.text(part, MAX_TEXT_OCTETS)).append("\n\n");
                }
            }
            return cut(text.toString(), MAX_TEXT_OCTETS);
        }

        private static String withoutTags(String html) {
            return TAG.matcher(html).replaceAll("\n").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;",
                    "&");
        }

        private Optional<Part> part(Predicate<String> type) {
            return parts.stream().filter(part -> type.test(part.mediaType())).findFirst();
        }

        private boolean has(String name) {
            return header.first(name).isPresent();
        }

        /// In lower case.
        private String value(String name) {
            return header.first(name).map(field -> field.decoded().toLowerCase(Locale.ROOT)).orElse("");
        }

        private static String line(String text) {
            return cut(cut(text, 2 * MAX_OPENING).replaceAll("[\\s\\p{Cntrl}]+", " ").strip(), MAX_DIAGNOSTIC);
        }

        private static String cut(String text, int maxChars) {
            return text.length() > maxChars ? text.substring(0, maxChars) : text;
        }
    }
}
