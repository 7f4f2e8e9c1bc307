package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// 107 messages that another parser has read before us, many with odd charsets and broken structure: what it found in their fields and texts is
/// what we find. Where not, the file is named with the reason.
class ParsedMailTest {
    private static final String FOLDER = "mime/stalwart-mail-parser/";

    @Test
    void subject_author_date_and_identifier_are_what_another_parser_found() throws Exception {
        var differ = new TreeSet<String>();
        for (var file : messages()) {
            var root = part(expected(file), 0);
            var header = HeaderSection.parse(Corpora.octets(file));
            var subject = text(field(root, "subject"));
            if (!subject.equals(header.first("Subject").map(HeaderField::decoded).orElse(""))) {
                differ.add(name(file) + " subject");
            }
            if (!text(field(root, "message_id")).equals(MessageIds.of(header).orElse(""))) {
                differ.add(name(file) + " message-id");
            }
            var author = author(field(root, "from"));
            if (author != null && !author.equals(Author.of(header))) {
                differ.add(name(file) + " from");
            }
            var date = date(field(root, "date"));
            if (date != null && !date.equals(MailDates.sent(header).orElse(Instant.EPOCH))) {
                differ.add(name(file) + " date");
            }
        }
        assertThat(differ).containsExactlyInAnyOrder(
                // UTF-7, which Java does not know
                "legacy/001.eml subject", "legacy/005.eml subject",
                // ISO-8859-1 without being declared: U+FFFD there
                "legacy/010.eml subject", "legacy/020.eml subject", "legacy/022.eml subject", "legacy/027.eml subject",
                "legacy/052.eml subject");
    }

    @Test
    void texts_are_what_another_parser_decoded() throws Exception {
        var differ = new TreeSet<String>();
        for (var file : messages()) {
            var view = MimeView.of(Corpora.octets(file));
            var ours = view.parts().stream().filter(Part::isText).map(view::text).map(ParsedMailTest::plain).filter(text -> !text.isEmpty())
                    .sorted().toList();
            if (!ours.equals(texts(expected(file)).stream().map(ParsedMailTest::plain).filter(text -> !text.isEmpty()).sorted().toList())) {
                differ.add(name(file));
            }
        }
        assertThat(differ).containsExactlyInAnyOrder(
                // UTF-7, which Java does not know
                "legacy/001.eml", "legacy/005.eml", "legacy/034.eml",
                // ISO-8859-1 without being declared: U+FFFD there
                "legacy/026.eml", "legacy/052.eml",
                // a multipart in which no part begins is text for us, and nothing there
                "malformed/001.eml", "malformed/004.eml", "malformed/007.eml",
                // an inner multipart left open ends at the outer delimiter for us, never there
                "malformed/009.eml", "malformed/011.eml", "malformed/012.eml",
                // boundaries that are beginnings of each other: the whole line decides for us
                "malformed/016.eml",
                // a header section that breaks off in the middle of a word, boundaries in upper and lower case
                "malformed/019.eml",
                // a boundary in a part's first of two Content-Types: the first decides for us
                "malformed/020.eml", "malformed/021.eml",
                // prose declared to be base64 sound; an embedded message in base64, against RFC 2046 §5.2.1
                "rfc/000.eml", "rfc/008.eml",
                // NUL, shown as U+FFFD here
                "thirdparty/000.eml",
                // base64 that is none: nothing for us
                "thirdparty/002.eml",
                // a delimiter in the middle of a line is text for us
                "thirdparty/005.eml",
                // lines that are no fields, the last before the empty line: body for us
                "thirdparty/015.eml");
    }

    private static List<Path> messages() {
        var files = Corpora.files(FOLDER).stream().filter(file -> file.toString().endsWith(".eml")).toList();
        assertThat(files).hasSize(107);
        return files;
    }

    private static String name(Path file) {
        return Corpora.name(file).substring(FOLDER.length());
    }

    /// White space does not matter to a reader; neither does the mark for what could not be decoded.
    private static String plain(String text) {
        return text.replace("\uFFFD", "").replaceAll("\\s+", " ").strip();
    }

    private static List<String> texts(Map<?, ?> message) {
        var texts = new ArrayList<String>();
        for (var part : (List<?>) message.get("parts")) {
            if (((Map<?, ?>) part).get("body") instanceof Map<?, ?> body) {
                for (var kind : List.of("Text", "Html")) {
                    if (body.get(kind) instanceof String text) {
                        texts.add(text);
                    }
                }
                if (body.get("Message") instanceof Map<?, ?> within) {
                    texts.addAll(texts(within));
                }
            }
        }
        return texts;
    }

    private static Map<?, ?> part(Map<?, ?> message, int index) {
        return (Map<?, ?>) ((List<?>) message.get("parts")).get(index);
    }

    private static Object field(Map<?, ?> part, String name) {
        return ((List<?>) part.get("headers")).stream().map(field -> (Map<?, ?>) field).filter(field -> name.equals(field.get("name")))
                .findFirst()
                .<Object>map(field -> field.get("value")).orElse("");
    }

    private static String text(Object value) {
        return value instanceof Map<?, ?> map && map.get("Text") instanceof String text ? text : "";
    }

    private static Author author(Object value) {
        if (!(value instanceof Map<?, ?> map) || !(map.get("Address") instanceof Map<?, ?> address)) {
            return null;
        }
        var list = address.get("List") instanceof List<?> mailboxes
                ? mailboxes
                : ((List<?>) address.get("Group")).stream().flatMap(group -> ((List<?>) ((Map<?, ?>) group).get("addresses")).stream())
                        .toList();
        if (list.isEmpty()) {
            return null;
        }
        var mailbox = (Map<?, ?>) list.getFirst();
        return new Author(mailbox.get("name") instanceof String name ? name : "",
                mailbox.get("address") instanceof String text ? text : "");
    }

    private static Instant date(Object value) {
        if (!(value instanceof Map<?, ?> map) || !(map.get("DateTime") instanceof Map<?, ?> date)) {
            return null;
        }
        int offset = number(date, "tz_hour") * 3600 + number(date, "tz_minute") * 60;
        return LocalDateTime
                .of(number(date, "year"), number(date, "month"), number(date, "day"), number(date, "hour"), number(date, "minute"),
                        number(date, "second"))
                .toInstant(ZoneOffset.ofTotalSeconds(Boolean.TRUE.equals(date.get("tz_before_gmt")) ? -offset : offset));
    }

    private static int number(Map<?, ?> date, String name) {
        return Integer.parseInt((String) date.get(name));
    }

    private static Map<?, ?> expected(Path message) throws Exception {
        var json = Path.of(message.toString().replaceFirst("eml$", "json"));
        try (var parser = JsonFactory.builder().build().createParser(ObjectReadContext.empty(), Files.readAllBytes(json))) {
            parser.nextToken();
            return (Map<?, ?>) value(parser);
        }
    }

    /// Objects as maps, arrays as lists, numbers as their text.
    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var map = new LinkedHashMap<String, Object>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    var name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(parser));
                }
                yield map;
            }
            case START_ARRAY -> {
                var list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
            case VALUE_NULL -> null;
            default -> parser.getString();
        };
    }
}
