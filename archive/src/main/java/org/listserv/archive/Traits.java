package org.listserv.archive;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.regex.Pattern;

import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Code;
import org.listserv.archive.Body.Diff;
import org.listserv.archive.Body.DiffLine;
import org.listserv.archive.Body.Enclosed;
import org.listserv.archive.Body.Inline;
import org.listserv.archive.Body.Paragraph;
import org.listserv.archive.Body.Quote;
import org.listserv.archive.Body.Signature;
import org.listserv.archive.Body.Text;
import org.listserv.mail.HeaderField;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MessageIds;
import org.listserv.mail.MimeView;
import org.listserv.mail.Part;

/// What search knows of a message from its octets, beside subject, author and date.
///
/// @param whole      all that is read as text, for snippets
/// @param own        what the author wrote: all text that is no quote
/// @param quoted     what was quoted
/// @param references ancestors, oldest first; the last is the parent
/// @param fileNames  of attachments
/// @param types      media types of parts and the classes they belong to: `application/pdf`, `pdf`
/// @param has        of `has:`
/// @param is         of `is:`, as far as one message tells
/// @param votes      `+1`, `0`, `-1`, where the subject calls for votes
/// @param issues     `hadoop-1234`, `#123`, `cve-2024-1234`, `r123456`, hashes of commits, in lower case
/// @param header     other fields that can be asked for, by name in lower case
record Traits(String whole, String own, String quoted, String to, String cc, List<String> references, List<String> fileNames,
        Set<String> types, Patch patch, Set<String> has, Set<String> is, Set<String> votes, Set<String> issues, Set<String> charsets,
        Map<String, String> header) {
    static final Traits NONE = new Traits("", "", "", "", "", List.of(), List.of(), Set.of(), new Patch("", "", "", "", Set.of(), Set.of()),
            Set.of(),
            Set.of(), Set.of(), Set.of(), Set.of(), Map.of());

    /// Fields `header.NAME:` knows. Not more: every name is a field of the index, and senders choose names.
    static final Set<String> HEADER = Set.of("user-agent", "x-mailer", "organization", "reply-to", "sender", "keywords", "comments",
            "list-id", "content-type", "auto-submitted", "precedence", "importance", "x-priority");

    /// Values of `has:`.
    static final Set<String> HAS = Set.of("attachment", "patch", "diff", "html", "link", "signature", "quote", "table");

    private static final int MOST = 200;
    private static final int LONGEST_FIELD = 2_000;
    private static final int ISSUES_LOOKED_AT = 200_000;
    private static final List<String> SCHEMES = List.of("http", "https", "ftp");
    private static final Pattern TABLE = Pattern.compile("(?m)^\\s?[|+][^\\n]{1,500}[|+]\\s*\\n\\s?[|+][^\\n]{1,500}[|+]\\s*$");
    private static final Pattern VOTE = Pattern.compile("(?m)^\\s{0,4}\\*{0,2}([+-]?[01])(?:\\.0)?(?![\\w.-])");
    private static final Pattern TAG = Pattern.compile("\\[([A-Za-z]{2,20})[^\\]]{0,40}\\]");
    private static final Pattern ISSUE = Pattern.compile(
            "\\b(?:CVE-\\d{4}-\\d{4,7}|[A-Z][A-Z0-9]{1,15}-\\d{1,7}|r\\d{4,8}|[0-9a-f]{7,40})\\b|(?<![\\w&])#\\d{1,7}\\b");
    private static final Pattern ANSWER = Pattern.compile("(?i)(re|aw|sv|antw|ref)(\\[\\d+\\])?:.*", Pattern.DOTALL);
    private static final Pattern PATCH_TAG = Pattern.compile("(?i)\\[[^\\]]{0,40}\\bpatch\\b[^\\]]{0,40}\\].*", Pattern.DOTALL);
    private static final Pattern ROBOT = Pattern.compile(
            "(?i)(jira|git|svn|noreply|no-reply|donotreply|buildbot|jenkins|hudson|bugzilla|github|gitbox|notifications?|builds?|root|cron|mailer-daemon)(\\+[^@]*)?@.*");
    private static final Map<String, String> CLASSES = Map.ofEntries(Map.entry("application/pdf", "pdf"),
            Map.entry("application/zip", "archive"),
            Map.entry("application/gzip", "archive"), Map.entry("application/x-gzip", "archive"), Map.entry("application/x-tar", "archive"),
            Map.entry("application/x-bzip2", "archive"), Map.entry("application/x-xz", "archive"),
            Map.entry("application/x-7z-compressed", "archive"),
            Map.entry("application/java-archive", "archive"), Map.entry("text/x-patch", "patch"), Map.entry("text/x-diff", "patch"),
            Map.entry("application/msword", "document"), Map.entry("application/vnd.oasis.opendocument.text", "document"),
            Map.entry("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"));
    private static final Map<String, String> EXTENSIONS = Map.of("pdf", "pdf", "zip", "archive", "gz", "archive", "tgz", "archive", "bz2",
            "archive",
            "xz", "archive", "jar", "archive", "patch", "patch", "diff", "patch");

    /// Patches in the text, by what their lines are.
    ///
    /// @param blobs hashes that git names, both sides
    /// @param ids   see [PatchId]
    record Patch(String files, String added, String removed, String hunks, Set<String> blobs, Set<String> ids) {}

    /// @param subject decoded
    /// @param author  the author's mailbox
    static Traits of(byte[] message, String subject, String author) {
        var header = HeaderSection.parse(message);
        var view = MimeView.of(message);
        var reading = new Reading();
        var whole = new StringBuilder();
        for (var part : view.readable()) {
            if (whole.length() < BodyReader.MAX_TEXT) {
                var text = BodyReader.text(view, part);
                whole.append(text).append('\n');
                reading.blocks(TextBlocks.of(text, words -> List.of(new Text(words))), false);
            }
        }
        var own = reading.own.toString();
        var parts = view.parts();
        var attached = parts.stream().filter(Part::isAttachment).toList();
        var names = parts.stream().map(Part::fileName).filter(name -> !name.isEmpty()).limit(MOST)
                .map(name -> name.length() > 1000 ? name.substring(0, 1000) : name).toList();
        names.forEach(name -> whole.append(name).append('\n'));
        var types = types(parts);
        var references = MessageIds.references(header);
        return new Traits(whole.length() > BodyReader.MAX_TEXT ? whole.substring(0, BodyReader.MAX_TEXT) : whole.toString(), own,
                reading.quoted.toString(), addresses(header, "To"), addresses(header, "Cc"), references, names, types, reading.patch(),
                has(reading, own, attached, parts, types), is(header, subject, author, references, reading, types), votes(subject, own),
                issues(subject, own), charsets(parts), fields(header));
    }

    /// Walks the blocks of a text once.
    private static final class Reading {
        private final StringBuilder own = new StringBuilder();
        private final StringBuilder quoted = new StringBuilder();
        private final StringBuilder files = new StringBuilder();
        private final StringBuilder added = new StringBuilder();
        private final StringBuilder removed = new StringBuilder();
        private final StringBuilder hunks = new StringBuilder();
        private final SequencedSet<String> blobs = new LinkedHashSet<>();
        private final SequencedSet<String> ids = new LinkedHashSet<>();
        private boolean signature;

        void blocks(List<Block> blocks, boolean inQuote) {
            var text = inQuote ? quoted : own;
            for (var block : blocks) {
                switch (block) {
                    case Paragraph(var inlines) -> inlines(inlines, text);
                    case Signature(var inlines) -> {
                        signature |= !inQuote;
                        inlines(inlines, text);
                    }
                    case Code(var code) -> text.append(code).append('\n');
                    case Quote(var _, var _, var inside) -> blocks(inside, true);
                    case Enclosed(var _, var _, var _, var inside) -> blocks(inside, inQuote);
                    case Diff(var lines) -> {
                        if (!inQuote && ids.size() < MOST) {
                            PatchId.of(lines).ifPresent(ids::add);
                        }
                        for (var line : lines) {
                            text.append(line.text()).append('\n');
                            if (!inQuote) {
                                diff(line);
                            }
                        }
                    }
                }
            }
        }

        private static void inlines(List<Inline> inlines, StringBuilder text) {
            inlines.forEach(inline -> text.append(inline.text()));
            text.append('\n');
        }

        private void diff(DiffLine line) {
            var text = line.text();
            switch (line.kind()) {
                case ADDED -> added.append(text, 1, text.length()).append('\n');
                case REMOVED -> removed.append(text, 1, text.length()).append('\n');
                case HUNK -> {
                    int context = text.indexOf("@@", 2);
                    hunks.append(text, Math.min(text.length(), Math.max(0, context) + 2), text.length()).append('\n');
                }
                case CONTEXT -> {}
                case FILE -> {
                    if (text.startsWith("index ")) {
                        for (var blob : text.substring(6).split(" ", 2)[0].split("\\.\\.")) {
                            if (blobs.size() < MOST && blob.matches("[0-9a-f]{4,64}") && !blob.matches("0+")) {
                                blobs.add(blob);
                            }
                        }
                    } else if (text.startsWith("--- ") || text.startsWith("+++ ") || text.startsWith("Index: ")
                            || text.startsWith("rename ")) {
                        files.append(text.substring(text.indexOf(' ') + 1).replaceFirst("^(?:a|b|from|to)[/ ]|^/dev/null$", "")
                                .replaceFirst("\t.*", "")).append('\n');
                    }
                }
            }
        }

        Patch patch() {
            return new Patch(files.toString(), added.toString(), removed.toString(), hunks.toString(), blobs, ids);
        }
    }

    /// The domain of each mailbox stands once more by itself, for `to:@example.org`.
    private static String addresses(HeaderSection header, String name) {
        var text = new StringBuilder();
        for (var field : header.all(name)) {
            if (text.length() > 100_000) {
                break;
            }
            text.append(field.decoded()).append('\n');
        }
        return text.toString().replaceAll("(@[\\p{L}\\p{N}.-]+)", "$1 $1");
    }

    private static Set<String> types(List<Part> parts) {
        var types = new LinkedHashSet<String>();
        for (var part : parts) {
            var type = part.mediaType();
            if (type.length() > 100 || types.size() > MOST) {
                continue;
            }
            types.add(type);
            var kind = type.substring(0, Math.max(0, type.indexOf('/')));
            if (kind.equals("image") || kind.equals("audio") || kind.equals("video")) {
                types.add(kind);
            }
            int dot = part.fileName().lastIndexOf('.');
            Optional.ofNullable(CLASSES.get(type)).ifPresent(types::add);
            Optional.ofNullable(dot < 0 ? null : EXTENSIONS.get(part.fileName().substring(dot + 1).toLowerCase(Locale.ROOT)))
                    .ifPresent(types::add);
        }
        return types;
    }

    private static Set<String> has(Reading reading, String own, List<Part> attached, List<Part> parts, Set<String> types) {
        var has = new LinkedHashSet<String>();
        if (!attached.isEmpty()) {
            has.add("attachment");
        }
        if (types.contains("patch") || !reading.files.isEmpty()) {
            has.add("patch");
        }
        if (!reading.files.isEmpty() || !reading.added.isEmpty() || !reading.removed.isEmpty()) {
            has.add("diff");
        }
        if (parts.stream().anyMatch(part -> part.mediaType().equals("text/html"))) {
            has.add("html");
        }
        if (hasLink(own)) {
            has.add("link");
        }
        if (reading.signature) {
            has.add("signature");
        }
        if (!reading.quoted.isEmpty()) {
            has.add("quote");
        }
        if (own.indexOf('|') >= 0 && TABLE.matcher(own).find()) {
            has.add("table");
        }
        return has;
    }

    private static boolean hasLink(String text) {
        for (int colon = text.indexOf("://"); colon >= 0; colon = text.indexOf("://", colon + 3)) {
            for (var scheme : SCHEMES) {
                int start = colon - scheme.length();
                if (text.regionMatches(true, start, scheme, 0, scheme.length()) && (start == 0 || !isWord(text.charAt(start - 1)))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Set<String> is(HeaderSection header, String subject, String author, List<String> references, Reading reading,
            Set<String> types) {
        var is = new LinkedHashSet<String>();
        is.add(references.isEmpty() && !ANSWER.matcher(subject).matches() ? "root" : "reply");
        if (PATCH_TAG.matcher(subject).matches() || types.contains("patch") || !reading.files.isEmpty()) {
            is.add("patch");
        }
        var tags = tags(subject);
        if (tags.contains("announce") || tags.contains("announcement") || tags.contains("ann")) {
            is.add("announce");
        }
        if (tags.contains("vote")) {
            is.add(tags.contains("result") || subject.toLowerCase(Locale.ROOT).contains("result") ? "result" : "vote");
        } else if (tags.contains("result")) {
            is.add("result");
        }
        boolean automatic = header.first("Auto-Submitted").filter(field -> !field.value().toLowerCase(Locale.ROOT).startsWith("no"))
                .isPresent();
        if (automatic || ROBOT.matcher(author).matches()) {
            is.add("bot");
        }
        return is;
    }

    private static Set<String> tags(String subject) {
        var tags = new LinkedHashSet<String>();
        var matcher = TAG.matcher(subject);
        while (matcher.find() && tags.size() < 10) {
            tags.add(matcher.group(1).toLowerCase(Locale.ROOT));
        }
        return tags;
    }

    private static Set<String> votes(String subject, String own) {
        if (!tags(subject).contains("vote")) {
            return Set.of();
        }
        var votes = new LinkedHashSet<String>();
        var matcher = VOTE.matcher(own);
        while (matcher.find() && votes.size() < 3) {
            var vote = matcher.group(1);
            if (vote.endsWith("0")) {
                votes.add("0");
            } else if (vote.startsWith("+") || vote.startsWith("-")) {
                votes.add(vote);
            }
        }
        return votes;
    }

    /// A regular expression tried at every character would cost more than all else that is read here, so it is tried only where its
    /// beginning stands.
    private static Set<String> issues(String subject, String own) {
        var issues = new LinkedHashSet<String>();
        for (var text : List.of(subject, own.length() > ISSUES_LOOKED_AT ? own.substring(0, ISSUES_LOOKED_AT) : own)) {
            var matcher = ISSUE.matcher(text).useTransparentBounds(true).useAnchoringBounds(false);
            int at = 0;
            while (at < text.length() && issues.size() < MOST) {
                if (mayBeIssue(text, at) && matcher.region(at, text.length()).lookingAt()) {
                    var found = matcher.group();
                    // Letters and digits both, or it is a word or a number.
                    if (found.chars().anyMatch(Traits::isDigit) && !found.chars().allMatch(Traits::isDigit)) {
                        issues.add(found.toLowerCase(Locale.ROOT));
                    }
                    at = matcher.end();
                } else {
                    at++;
                }
            }
        }
        return issues;
    }

    private static boolean mayBeIssue(String text, int at) {
        char first = text.charAt(at);
        if (at + 1 >= text.length() || first >= 128 || !isWord(first) && first != '#' || at > 0 && isWord(text.charAt(at - 1))) {
            return false;
        }
        char second = text.charAt(at + 1);
        if (first == '#' || first == 'r') {
            return isDigit(second);
        }
        return first >= 'A' && first <= 'Z' ? second >= 'A' && second <= 'Z' || isDigit(second) : isHex(first) && isHex(second);
    }

    private static boolean isWord(char c) {
        return c < 128 ? c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_' : Character.isLetterOrDigit(c);
    }

    private static boolean isHex(char c) {
        return isDigit(c) || c >= 'a' && c <= 'f';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static Set<String> charsets(List<Part> parts) {
        var charsets = new LinkedHashSet<String>();
        parts.stream().map(Part::charset).filter(charset -> !charset.isEmpty() && charset.length() <= 40).limit(MOST)
                .forEach(charsets::add);
        return charsets;
    }

    private static Map<String, String> fields(HeaderSection header) {
        var fields = new LinkedHashMap<String, String>();
        for (HeaderField field : new ArrayList<>(header.fields().subList(0, Math.min(header.fields().size(), 500)))) {
            var name = field.name().toLowerCase(Locale.ROOT);
            if (HEADER.contains(name)) {
                var value = field.decoded();
                fields.merge(name, value.length() > LONGEST_FIELD ? value.substring(0, LONGEST_FIELD) : value,
                        (one, other) -> one + "\n" + other);
            }
        }
        return fields;
    }
}
