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
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// 107 messages that another parser has read before us, many with odd charsets and broken structure: what it found in their fields and texts is
/// what we find. Where not, the file is named with the reason.
class ParsedMailTest {
    private static final String FOLDER = "mime/stalwart-mail-parser/";
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}&&[^\n\t]]");

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
                // ISO-8859-1 without being declared: U+FFFD there
                "legacy/010.eml subject", "legacy/020.eml subject", "legacy/022.eml subject", "legacy/027.eml subject",
                "legacy/052.eml subject");
    }

    /// Texts are compared as readers see them: line ends as LF, control characters as U+FFFD, white space at the end left out. Where lines flow
    /// ([Part#flow]) white space does not matter: they are joined here.
    @Test
    void texts_are_what_another_parser_decoded() throws Exception {
        var differ = new TreeSet<String>();
        int bodies = 0;
        int attachments = 0;
        for (var file : messages()) {
            var view = MimeView.of(Corpora.octets(file));
            var ours = new ArrayList<>(view.parts().stream().filter(Part::isText).toList());
            var missing = new ArrayList<String>();
            for (var theirs : texts(expected(file), "")) {
                var same = ours.stream().filter(part -> isSame(theirs.text(), part, view.text(part))).findFirst();
                same.ifPresent(ours::remove);
                if (same.isEmpty()) {
                    missing.add(name(file) + " " + theirs.place());
                } else if (theirs.isBody()) {
                    bodies++;
                } else {
                    attachments++;
                }
            }
            assertThat(missing.isEmpty() && ours.stream().anyMatch(part -> !view.text(part).isBlank())).as("%s has more text here", file)
                    .isFalse();
            differ.addAll(missing);
        }
        assertThat(bodies).as("bodies that are the same").isEqualTo(152);
        assertThat(attachments).as("other texts that are the same").isEqualTo(16);
        assertThat(differ).containsExactlyInAnyOrder(
                // ISO-8859-1 without being declared: U+FFFD there
                "legacy/026.eml 2", "legacy/052.eml 0",
                // a multipart in which no part begins is text for us, and nothing there
                "malformed/001.eml 3", "malformed/004.eml 2", "malformed/007.eml 1", "malformed/007.eml 2",
                // an inner multipart left open ends at the outer delimiter for us (RFC 2046 §5.1.2), never there
                "malformed/009.eml 3", "malformed/011.eml 3", "malformed/012.eml 3.0",
                // delimiters of inner multiparts behind an outer one are text for us, parts there
                "malformed/016.eml 4", "malformed/016.eml 5", "malformed/016.eml 6",
                // a header section that breaks off in the middle of a word: what follows is its text for us, nothing there
                "malformed/019.eml 4", "malformed/019.eml 8", "malformed/019.eml 9",
                // a part with two Content-Types: the first decides for us, and says multipart; its text is a preamble then, the HTML is read
                "malformed/020.eml 1", "malformed/021.eml 1",
                // prose declared to be base64 sound and image: as it stands there
                "rfc/000.eml 4", "rfc/000.eml 5",
                // an embedded message in base64, against RFC 2046 §5.2.1: a file for us
                "rfc/008.eml 2.1", "rfc/008.eml 2.2",
                // base64 that ends and goes on: over at its end for us, noise there; base64 that is none: noise for us, as it stands there
                "thirdparty/002.eml 2", "thirdparty/002.eml 3",
                // a delimiter in the middle of a line is text for us
                "thirdparty/005.eml 5",
                // lines that are no fields, the last before the empty line: body for us
                "thirdparty/015.eml 2.0.0");
    }

    private static List<Path> messages() {
        var files = Corpora.files(FOLDER).stream().filter(file -> file.toString().endsWith(".eml")).toList();
        assertThat(files).hasSize(107);
        return files;
    }

    private static String name(Path file) {
        return Corpora.name(file).substring(FOLDER.length());
    }

    private static boolean isSame(String theirs, Part part, String ours) {
        var seen = CONTROLS.matcher(theirs.replace("\r\n", "\n").replace('\r', '\n').replace('\f', ' ')).replaceAll("\uFFFD");
        return part.flow() == Part.Flow.FIXED
                ? seen.stripTrailing().equals(ours.stripTrailing())
                : seen.replaceAll("\\s+", " ").strip().equals(ours.replaceAll("\\s+", " ").strip());
    }

    /// @param place  index of the part, behind that of the message it is in
    /// @param isBody the other parser shows it as the message's text
    private record DecodedText(String place, boolean isBody, String text) {}

    private static List<DecodedText> texts(Map<?, ?> message, String place) {
        var texts = new ArrayList<DecodedText>();
        var bodies = Stream.of("text_body", "html_body").flatMap(kind -> ((List<?>) message.get(kind)).stream()).toList();
        var parts = (List<?>) message.get("parts");
        for (int i = 0; i < parts.size(); i++) {
            if (((Map<?, ?>) parts.get(i)).get("body") instanceof Map<?, ?> body) {
                for (var kind : List.of("Text", "Html")) {
                    if (body.get(kind) instanceof String text) {
                        texts.add(new DecodedText(place + i, bodies.contains(Integer.toString(i)), text));
                    }
                }
                if (body.get("Message") instanceof Map<?, ?> within) {
                    texts.addAll(texts(within, place + i + "."));
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
