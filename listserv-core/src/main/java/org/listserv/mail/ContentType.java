package org.listserv.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.apache.james.mime4j.stream.ParserCursor;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.util.ContentUtil;

/// A value with parameters, as Content-Type (RFC 2045 §5.1) and Content-Disposition (RFC 2183) have it. Anything can be read.
///
/// @param value lower case, up to the first semicolon
/// @param parameters by lower-case name, each decoded: continuations joined, charsets applied (RFC 2231)
record ContentType(String value, Map<String, String> parameters) {
    static final int MAX_READ = 16_000;
    private static final int MAX_PARAMETERS = 100;
    private static final Pattern MEDIA_TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}");
    /// `name*`, `name*0`, `name*0*` (RFC 2231 §3 and §4).
    private static final Pattern EXTENDED = Pattern.compile("([^*]+)\\*(?:(\\d{1,3})(\\*)?)?");

    /// `text/plain charset=utf-8`: a forgotten semicolon.
    private static final Pattern NO_SEMICOLON = Pattern.compile("^([^\\s;=\"(]+)\\s+(?=[^\\s;=\"(]+\\s*=)");

    /// Octets of one continuation, still percent-encoded or as they are.
    private record Piece(String text, boolean encoded) {}

    static ContentType parse(String text) {
        var octets = ContentUtil.encode(StandardCharsets.UTF_8, NO_SEMICOLON.matcher(Text.cut(text, MAX_READ)).replaceFirst("$1; "));
        var body = RawFieldParser.DEFAULT.parseRawBody(octets, new ParserCursor(0, octets.length()));
        var plain = new HashMap<String, String>();
        var pieces = new HashMap<String, Map<Integer, Piece>>();
        for (var parameter : body.getParams().subList(0, Math.min(MAX_PARAMETERS, body.getParams().size()))) {
            var name = parameter.getName().toLowerCase(Locale.ROOT);
            var value = parameter.getValue() == null ? "" : parameter.getValue();
            var extended = EXTENDED.matcher(name);
            if (extended.matches()) {
                int number = extended.group(2) == null ? 0 : Integer.parseInt(extended.group(2));
                boolean encoded = extended.group(2) == null || extended.group(3) != null;
                pieces.computeIfAbsent(extended.group(1), n -> new TreeMap<>()).putIfAbsent(number, new Piece(value, encoded));
            } else {
                plain.putIfAbsent(name, value);
            }
        }
        pieces.forEach((name, parts) -> plain.put(name, joined(parts)));
        return new ContentType(body.getValue().strip().toLowerCase(Locale.ROOT), Map.copyOf(plain));
    }

    /// The media type, `text/plain` where there is none (RFC 2045 §5.2).
    ///
    /// @param otherwise what to take for a field that says nothing legible
    String mediaType(String otherwise) {
        int space = value.indexOf(' ');
        var type = space < 0 ? value : value.substring(0, space);
        return MEDIA_TYPE.matcher(type).matches() ? type : otherwise;
    }

    /// Empty when the parameter is missing.
    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static String joined(Map<Integer, Piece> pieces) {
        var octets = new ByteArrayOutputStream();
        var charset = StandardCharsets.UTF_8;
        boolean first = true;
        for (var piece : pieces.values()) {
            var text = piece.text;
            int label = text.indexOf('\'');
            int language = label < 0 ? -1 : text.indexOf('\'', label + 1);
            if (first && piece.encoded && language >= 0) {
                charset = Charsets.find(text.substring(0, label)).orElse(charset);
                text = text.substring(language + 1);
            }
            first = false;
            octets.writeBytes(piece.encoded ? percentDecoded(text) : text.getBytes(charset.canEncode() ? charset : StandardCharsets.UTF_8));
        }
        return new String(octets.toByteArray(), charset);
    }

    private static byte[] percentDecoded(String text) {
        var octets = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int octet = c == '%' && i + 2 < text.length() ? hex(text.charAt(i + 1), text.charAt(i + 2)) : -1;
            if (octet >= 0) {
                octets.write(octet);
                i += 2;
            } else {
                octets.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return octets.toByteArray();
    }

    /// The octet that two hexadecimal digits stand for, or -1.
    static int hex(char high, char low) {
        return high < 0x80 && low < 0x80 ? Character.digit(high, 16) << 4 | Character.digit(low, 16) : -1;
    }
}
