package org.listserv.requests;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.listserv.lists.ListSettings;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.notices.Letter;
import org.listserv.posting.Intake.Act;

/// Posts by mail: `get`, `index`, `thread` with ezmlm's numbers and format letters. The answer goes to the address that may read, so asking in
/// somebody else's name brings nothing.
final class Retrieval {
    private static final Set<String> COMMANDS = Set.of("get", "index", "thread");
    private static final String FORMATS = "mrxvn";
    private static final Pattern NUMBERS = Pattern.compile("(?<from>\\d{1,9})(?:\\D(?<to>\\d{1,9})?.*)?");
    private static final int MOST_POSTS = 100;
    private static final int LAST_POSTS = 30;
    private static final int MOST_LINES = 2_000;
    /// A mail larger than this does not reach most people.
    private static final long MOST_OCTETS = 8_000_000;
    private static final int NEAR = 2_000;

    /// What a digest says of a message; the rest is for programs.
    private static final Set<String> SELECTED = Set.of("date", "to", "from", "reply-to", "cc", "subject", "mime-version", "content-type",
            "content-transfer-encoding", "message-id", "in-reply-to", "references", "keywords");

    private static final String LAST = "select last_number from list_head where list_id = ?";

    private static final String POSTS = """
            select number, octets, subject, author
              from (select p.number, m.octets, p.subject, coalesce(nullif(p.author_name, ''), p.author_address) as author,
                           sum(p.size) over (order by p.number) as octets_so_far, row_number() over (order by p.number) as row
                      from post p join message m on m.id = p.message
                     where p.list_id = ? and p.number between ? and ? and p.redacted_at is null and m.octets is not null) x
             where octets_so_far <= ? or row = 1
             order by number
             limit ?
            """;

    private static final String LINES = """
            select number, subject, filed_at, coalesce(nullif(author_name, ''), author_address)
              from post where list_id = ? and number between ? and ? and redacted_at is null order by number limit ?
            """;

    /// The thread by its references, and whoever kept the subject and lost the references.
    private static final String THREAD = """
            with plain as (
                select p.number, p.thread_id,
                       regexp_replace(regexp_replace(lower(p.subject), '^((re|aw|fwd?|antw|sv)(\\[\\d+\\])?:\\s*|\\[[^\\]]*\\]\\s*)+', ''), '\\s+', '', 'g') as subject
                  from post p where p.list_id = ? and p.number between ? and ? and p.redacted_at is null),
            one as (
                select o.subject, coalesce(t.merged_into, t.id) as root
                  from plain o join thread t on t.id = o.thread_id where o.number = ?)
            select p.number
              from plain p join thread t on t.id = p.thread_id, one
             where coalesce(t.merged_into, t.id) = one.root or p.subject = one.subject and one.subject <> ''
             order by p.number
             limit ?
            """;

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Retrieval() {}

    /// `get`, `index`, `thread`, or one of these with a format letter.
    static boolean isCommand(String word) {
        return COMMANDS.contains(word)
                || word.length() > 1 && COMMANDS.contains(word.substring(0, word.length() - 1))
                        && FORMATS.indexOf(word.charAt(word.length() - 1)) >= 0;
    }

    static Answered answer(Dialogue d, Words words) {
        var reader = reader(d);
        if (reader.isEmpty()) {
            var why = d.list.settings().archive() == ListSettings.Archive.OFF
                    ? d.phrase("no-archive")
                    : d.phrase(switch (d.list.settings().byMail().retrieval()) {
                        case MODERATORS -> "for-moderators";
                        case MEMBERS, READERS -> "for-subscribers";
                    });
            return d.says("refused: " + words.verb(), "Your request to " + d.spokenAddress(), "get-bad", Map.of("what", why));
        }
        var whole = COMMANDS.contains(words.verb());
        var command = whole ? words.verb() : words.verb().substring(0, words.verb().length() - 1);
        var format = whole ? 'm' : words.verb().charAt(words.verb().length() - 1);
        var asked = words.args().isEmpty() ? words.verb() : words.verb() + "." + words.args();
        var last = last(d);
        return switch (command) {
            case "index" -> index(d, reader.get(), asked, range(words.args(), last, MOST_LINES));
            case "thread" -> thread(d, reader.get(), asked, words.args(), last, format);
            default -> posts(d, reader.get(), asked, numbers(range(words.args(), last, MOST_POSTS)), format);
        };
    }

    /// Whoever of those who may have written this may read.
    private static Optional<EmailAddress> reader(Dialogue d) {
        var settings = d.list.settings();
        if (settings.archive() == ListSettings.Archive.OFF) {
            return Optional.empty();
        }
        if (settings.byMail().retrieval() == ListSettings.Retrieval.MODERATORS) {
            return d.moderator();
        }
        if (settings.byMail().retrieval() == ListSettings.Retrieval.READERS && settings.archive() == ListSettings.Archive.PUBLIC) {
            return Optional.of(d.self());
        }
        return d.writers().stream().filter(writer -> {
            var standing = d.kit.members().standing(d.list.id(), List.of(writer));
            return standing.subscriber() || standing.allowed() || standing.moderator() || standing.owner();
        }).findFirst();
    }

    private record Range(long from, long to) {}

    /// `N_M` with at most so many; what is out of range is brought into it. A beginning behind the end means: the newest.
    private static Range range(String args, long last, int most) {
        var numbers = NUMBERS.matcher(args);
        if (!numbers.matches()) {
            return most == MOST_LINES
                    ? new Range(Math.max(1, (last / 100 - 1) * 100), last)
                    : new Range(Math.max(1, last - LAST_POSTS + 1), last);
        }
        var from = Math.max(1, Long.parseLong(numbers.group("from")));
        var to = numbers.group("to") == null ? from : Long.parseLong(numbers.group("to"));
        if (most == MOST_LINES) {
            // In sets of a hundred, as they always were.
            from = Math.max(1, from / 100 * 100);
            to = Math.max(to, from) / 100 * 100 + 99;
        } else if (from > last && numbers.group("to") != null) {
            from = Math.max(1, last - LAST_POSTS + 1);
            to = last;
        }
        return new Range(Math.min(from, Math.max(1, last)), Math.min(Math.min(to, from + most - 1), last));
    }

    private static List<Long> numbers(Range range) {
        var numbers = new ArrayList<Long>();
        for (var number = range.from(); number <= range.to(); number++) {
            numbers.add(number);
        }
        return numbers;
    }

    private static Answered thread(Dialogue d, EmailAddress reader, String asked, String args, long last, char format) {
        var of = NUMBERS.matcher(args);
        var number = of.matches() ? Long.parseLong(of.group("from")) : 0;
        List<Long> numbers = number == 0 ? List.of() : d.kit.database().read(connection -> {
            try (var ask = connection.prepareStatement(THREAD)) {
                ask.setLong(1, d.list.id());
                ask.setLong(2, number - NEAR);
                ask.setLong(3, number + NEAR);
                ask.setLong(4, number);
                ask.setInt(5, MOST_POSTS);
                try (var rows = ask.executeQuery()) {
                    var found = new ArrayList<Long>();
                    while (rows.next()) {
                        found.add(rows.getLong(1));
                    }
                    return found;
                }
            }
        });
        if (numbers.isEmpty()) {
            return d.says("thread: no such post", d.list.localPart() + " Result of: " + asked, "get-bad",
                    Map.of("what", d.phrase("no-such-post", Map.of("last", Long.toString(last)))));
        }
        return posts(d, reader, asked, numbers, format);
    }

    private record Post(long number, byte[] octets, String subject, String author) {}

    private static Answered posts(Dialogue d, EmailAddress reader, String asked, List<Long> numbers, char format) {
        var wanted = Set.copyOf(numbers);
        var posts = numbers.isEmpty() ? List.<Post>of() : read(d, numbers).stream().filter(post -> wanted.contains(post.number())).toList();
        if (posts.isEmpty()) {
            return d.says("get: no such post", d.list.localPart() + " Result of: " + asked, "get-bad",
                    Map.of("what", d.phrase("no-such-post", Map.of("last", Long.toString(last(d))))));
        }
        var tags = d.tags(reader);
        var topics = format == 'n'
                ? ""
                : posts.stream()
                        .map(post -> "    %d  %s\n            %s\n".formatted(post.number(), line(post.subject()), line(post.author())))
                        .collect(Collectors.joining());
        var left = posts.size() < numbers.size() && posts.getLast().number() < numbers.getLast()
                ? "\n" + d.phrase("go-on", Map.of("next", Long.toString(posts.getLast().number() + 1))) + "\n"
                : "";
        var text = topics.isEmpty() ? left : d.phrase("posts-to", tags) + "\n\n" + topics + left;
        var letter = new Letter(d.list, "-help", reader.toString(), d.list.localPart() + " Digest of: " + asked)
                .text(d.text("top", tags)).text(text).text(d.text("bottom", tags));
        switch (format) {
            case 'r' -> letter.text(rfc1153(posts));
            case 'x', 'v', 'n' -> posts.forEach(post -> letter.attach(post.octets()));
            default -> {
                var boundary = "=_" + UUID.randomUUID();     // longer than chance can hit in a post, and nobody can know it before
                letter.attach("multipart/digest; boundary=\"" + boundary + "\"", digest(posts, boundary));
            }
        }
        return d.answered("get", new Act.Nothing(), List.of(d.owed(letter, reader, "", Dialogue.answer(reader))));
    }

    private static List<Post> read(Dialogue d, List<Long> numbers) {
        return d.kit.database().read(connection -> {
            try (var ask = connection.prepareStatement(POSTS)) {
                ask.setLong(1, d.list.id());
                ask.setLong(2, numbers.getFirst());
                ask.setLong(3, numbers.getLast());
                ask.setLong(4, MOST_OCTETS);
                ask.setInt(5, 2 * NEAR);
                try (var rows = ask.executeQuery()) {
                    var posts = new ArrayList<Post>();
                    while (rows.next()) {
                        posts.add(new Post(rows.getLong(1), rows.getBytes(2), rows.getString(3), rows.getString(4)));
                    }
                    return posts;
                }
            }
        });
    }

    private static Answered index(Dialogue d, EmailAddress reader, String asked, Range range) {
        String lines = d.kit.database().read(connection -> {
            try (var ask = connection.prepareStatement(LINES)) {
                ask.setLong(1, d.list.id());
                ask.setLong(2, range.from());
                ask.setLong(3, range.to());
                ask.setInt(4, MOST_LINES);
                try (var rows = ask.executeQuery()) {
                    var text = new StringBuilder();
                    while (rows.next()) {
                        Instant filed = rows.getTimestamp(3).toInstant();
                        text.append(rows.getLong(1)).append(": ").append(line(rows.getString(2))).append("\n\t").append(DATE.format(filed))
                                .append("; ").append(line(rows.getString(4))).append('\n');
                    }
                    return text.toString();
                }
            }
        });
        var tags = d.tags(reader);
        var letter = d.letter(reader.toString(), d.list.localPart() + " Result of: " + asked,
                lines.isEmpty() ? d.phrase("no-posts-yet") + "\n" : lines,
                tags);
        return d.answered("index", new Act.Nothing(), List.of(d.owed(letter, reader, "", Dialogue.answer(reader))));
    }

    private static long last(Dialogue d) {
        return d.kit.database().read(connection -> {
            try (var ask = connection.prepareStatement(LAST)) {
                ask.setLong(1, d.list.id());
                try (var row = ask.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0L;
                }
            }
        });
    }

    /// RFC 2046 §5.1.5: parts are message/rfc822 where they do not say otherwise.
    private static byte[] digest(List<Post> posts, String boundary) {
        var out = new ByteArrayOutputStream();
        for (var post : posts) {
            out.writeBytes(("--" + boundary + "\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(selected(post.octets()));
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] selected(byte[] octets) {
        var header = HeaderSection.parse(octets);
        var out = new ByteArrayOutputStream();
        for (var field : header.fields()) {
            if (SELECTED.contains(field.name().toLowerCase(Locale.ROOT))) {
                out.write(octets, field.start(), field.end() - field.start());
            }
        }
        out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.write(octets, header.bodyOffset(), octets.length - header.bodyOffset());
        return out.toByteArray();
    }

    /// The plain form of before MIME: a line of dashes between messages, texts only.
    private static String rfc1153(List<Post> posts) {
        var text = new StringBuilder("-".repeat(70)).append("\n\n");
        for (var post : posts) {
            var header = HeaderSection.parse(post.octets());
            for (var name : List.of("Date", "From", "To", "Cc", "Subject", "Message-ID")) {
                header.first(name).ifPresent(field -> text.append(name).append(": ").append(line(field.decoded())).append('\n'));
            }
            text.append('\n').append(MimeView.of(post.octets()).bodyText().strip()).append("\n\n").append("-".repeat(30)).append("\n\n");
        }
        return text.append("End of Digest\n*************\n").toString();
    }

    private static String line(String text) {
        var one = text.replaceAll("[\\p{Cntrl}]", " ").strip();
        return one.isEmpty() ? "(none)" : one.length() <= 200 ? one : one.substring(0, 199) + "…";
    }
}
