package org.listserv.mail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.Part.Flow;

/// Finds the parts of a message (RFC 2046 §5.1) as offsets into its octets, in one pass over its lines: each line that starts with two hyphens
/// is looked up among the boundaries that are open, so that neither depth nor number of parts makes a line cost more.
final class MimeScan {
    static final int MAX_PARTS = 1_000;
    static final int MAX_DEPTH = 50;
    private static final int MAX_FILE_NAME = 255;
    private static final Set<String> MESSAGES = Set.of("message/rfc822", "message/global", "message/news");
    /// A multipart or message in any other encoding is against RFC 2045 §6.4; there are no lines to be found in it.
    private static final Set<String> IDENTITY = Set.of("7bit", "8bit", "binary");

    private final Lines lines;
    private final int length;
    /// From the message down to the entity that the current line belongs to.
    private final List<Entity> open = new ArrayList<>();
    private final Map<String, Entity> boundaries = new HashMap<>();
    private int parts;

    private MimeScan(byte[] octets) {
        this.lines = new Lines(octets);
        this.length = octets.length;
    }

    /// An entity while its end is not known yet.
    private static final class Entity {
        final String path;
        final int start;
        final HeaderSection header;
        final ContentType type;
        final String mediaType;
        final String encoding;
        final int depth;
        final List<Part> children = new ArrayList<>();
        @Nullable
        String boundary;
        @Nullable
        Entity shadowed;
        int begun;

        Entity(String path, int start, HeaderSection header, String defaultType, int depth) {
            this.path = path;
            this.start = start;
            this.header = header;
            this.depth = depth;
            type = ContentType.parse(value(header, "Content-Type"));
            mediaType = type.mediaType(defaultType);
            encoding = transferEncoding(header);
        }

        String childType() {
            return mediaType.equals("multipart/digest") ? "message/rfc822" : "text/plain";
        }

        Part part(int end) {
            var disposition = ContentType.parse(value(header, "Content-Disposition"));
            var name = disposition.parameter("filename").isEmpty() ? type.parameter("name") : disposition.parameter("filename");
            var id = value(header, "Content-ID").strip();
            return new Part(path, mediaType, type.parameter("charset").strip().toLowerCase(Locale.ROOT), fileName(name),
                    disposition.value(), encoding,
                    id.startsWith("<") && id.endsWith(">") && id.length() > 1 ? id.substring(1, id.length() - 1) : id, flow(type), start,
                    header.bodyOffset(), Math.max(header.bodyOffset(), end), children);
        }
    }

    static Part scan(byte[] octets) {
        return new MimeScan(octets).scan();
    }

    private Part scan() {
        int line = begin(0, "1", "text/plain", 0);
        while (line < length) {
            int next = lines.next(line);
            var dashed = lines.dashed(line);
            if (dashed != null) {
                next = delimiter(dashed, line, next);
            }
            line = next;
        }
        return closeTo(0, length);
    }

    /// @return offset of the first line behind the entity's header section, or behind that of the messages it holds
    private int begin(int start, String path, String defaultType, int depth) {
        parts++;
        var header = HeaderSection.parse(lines, start, headerLimit(start));
        var entity = new Entity(path, start, header, defaultType, depth);
        open.add(entity);
        if (depth < MAX_DEPTH && IDENTITY.contains(entity.encoding)) {
            if (entity.mediaType.startsWith("multipart/")) {
                openBoundary(entity);
            } else if (MESSAGES.contains(entity.mediaType) && header.bodyOffset() < length && parts < MAX_PARTS) {
                return begin(header.bodyOffset(), path + ".1", "text/plain", depth + 1);
            }
        }
        return header.bodyOffset();
    }

    /// A header section ends at its empty line, and also where a delimiter shows that the empty line was forgotten.
    private int headerLimit(int start) {
        int line = start;
        while (line < length && !lines.isEmpty(line)) {
            var dashed = boundaries.isEmpty() ? null : lines.dashed(line);
            if (dashed != null && (opened(dashed) != null || closed(dashed) != null)) {
                return line;
            }
            line = lines.next(line);
        }
        return line < length ? lines.next(line) : length;
    }

    private void openBoundary(Entity entity) {
        var boundary = boundaryOctets(entity.type);
        if (!boundary.isEmpty()) {
            entity.boundary = boundary;
            entity.shadowed = boundaries.put(boundary, entity);
        }
    }

    /// @return offset of the next line to look at
    private int delimiter(String dashed, int line, int next) {
        var multipart = opened(dashed);
        if (multipart != null) {
            closeAbove(multipart, line);
            multipart.begun++;
            if (parts < MAX_PARTS) {
                return begin(next, multipart.path + "." + multipart.begun, multipart.childType(), multipart.depth + 1);
            }
        } else {
            var closed = closed(dashed);
            // Before any part has begun, it is only a line of the preamble.
            if (closed != null && closed.begun > 0) {
                closeAbove(closed, line);
                forget(closed);
            }
        }
        return next;
    }

    private @Nullable Entity opened(String dashed) {
        var exact = boundaries.get(dashed);
        return exact != null ? exact : boundaries.get(firstWord(dashed));
    }

    private @Nullable Entity closed(String dashed) {
        var exact = dashed.endsWith("--") ? boundaries.get(dashed.substring(0, dashed.length() - 2)) : null;
        var word = firstWord(dashed);
        return exact != null || !word.endsWith("--") ? exact : boundaries.get(word.substring(0, word.length() - 2));
    }

    /// A delimiter line may go on behind its boundary (RFC 2046 §5.1.1); behind a space only, or `--b` would be found in `--bc`.
    private static String firstWord(String dashed) {
        int space = dashed.indexOf(' ');
        return space < 0 ? dashed : dashed.substring(0, space);
    }

    /// Is it the delimiter line made of this, a boundary with or without the hyphens that close it?
    static boolean isDelimiter(String dashed, String boundary) {
        return dashed.equals(boundary) || firstWord(dashed).equals(boundary);
    }

    private void closeAbove(Entity multipart, int line) {
        if (multipart.depth + 1 < open.size()) {
            closeTo(multipart.depth + 1, lines.before(line, open.getLast().header.bodyOffset()));
        }
    }

    /// Ends the entity at this depth and all within it.
    private Part closeTo(int depth, int end) {
        while (true) {
            var entity = open.removeLast();
            forget(entity);
            var part = entity.part(end);
            if (open.size() == depth) {
                if (depth > 0) {
                    open.getLast().children.add(part);
                }
                return part;
            }
            open.getLast().children.add(part);
        }
    }

    private void forget(Entity entity) {
        if (entity.boundary == null) {
            return;
        }
        if (entity.shadowed == null) {
            boundaries.remove(entity.boundary);
        } else {
            boundaries.put(entity.boundary, entity.shadowed);
        }
        entity.boundary = null;
    }

    /// The boundary as its octets look in a line; empty when there is none that could ever be found (RFC 2046 §5.1.1: it does not end with a space).
    static String boundaryOctets(ContentType type) {
        return new String(type.parameter("boundary").stripTrailing().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static String transferEncoding(HeaderSection header) {
        var encoding = ContentType.parse(value(header, "Content-Transfer-Encoding")).value();
        return encoding.isEmpty() ? "7bit" : encoding;
    }

    static String value(HeaderSection header, String name) {
        return header.first(name).map(HeaderField::value).orElse("");
    }

    private static Flow flow(ContentType type) {
        if (!type.parameter("format").strip().equalsIgnoreCase("flowed")) {
            return Flow.FIXED;
        }
        return type.parameter("delsp").strip().equalsIgnoreCase("yes") ? Flow.FLOWED_DELSP : Flow.FLOWED;
    }

    /// A name to save under, never a place to save at. Encoded-words are not allowed in parameters and everywhere used. Characters of format
    /// (RIGHT-TO-LEFT OVERRIDE among them) can make a name look like another one.
    private static String fileName(String name) {
        var plain = Text.visible(EncodedWords.decode(name)).replaceAll("\\p{Cf}", "").strip();
        plain = plain.substring(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1);
        return plain.equals(".") || plain.equals("..") ? "" : Text.cut(plain, MAX_FILE_NAME);
    }
}
