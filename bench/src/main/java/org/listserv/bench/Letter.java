package org.listserv.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/// A message we made for a run: its id and its octets are its own.
///
/// @param lists  the addresses it is sent to
/// @param octets lines end in CRLF
record Letter(String messageId, List<String> lists, byte[] octets) {

    private static final List<String> WORDS = List.of(("the of and to in is that for list on with patch this be are as not it from have "
            + "review build test thread mail server queue index commit fix think would could please version error module change driver "
            + "memory reply branch release document user problem system after before question config install package network").split(" "));

    Letter {
        lists = List.copyOf(lists);
    }

    /// @param number tells the letters of a run apart
    /// @param size   octets, about
    static Letter write(String run, long number, List<String> lists, int size) {
        var random = new Random(number);
        var id = "%d.%s@letters.example".formatted(number, run);
        var text = new StringBuilder(size + 200);
        text.append("""
                From: Ann Author <ann@letters.example>
                To: %s
                Subject: letter %d
                Date: Mon, 05 Jan 2026 10:00:00 +0000
                Message-ID: <%s>
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8

                This is letter %d.
                """.formatted(String.join(", ", lists), number, id, number));
        var column = 0;
        while (text.length() < size) {
            var word = WORDS.get(random.nextInt(WORDS.size()));
            text.append(word).append(column > 65 ? '\n' : ' ');
            column = column > 65 ? 0 : column + word.length() + 1;
        }
        return new Letter(id, lists, (text + "\n").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /// What follows the empty line; every copy must carry just this.
    byte[] body() {
        return body(octets);
    }

    static byte[] body(byte[] octets) {
        for (var i = 0; i + 3 < octets.length; i++) {
            if (octets[i] == '\r' && octets[i + 1] == '\n' && octets[i + 2] == '\r' && octets[i + 3] == '\n') {
                return java.util.Arrays.copyOfRange(octets, i + 4, octets.length);
            }
        }
        return new byte[0];
    }

    /// The value of a header field we wrote, in one line.
    static String field(byte[] octets, String name) {
        var text = new String(octets, 0, Math.min(octets.length, 8192), StandardCharsets.ISO_8859_1);
        var header = text.substring(0, text.indexOf("\r\n\r\n") < 0 ? text.length() : text.indexOf("\r\n\r\n") + 2);
        return header.lines().filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1)).findFirst()
                .map(line -> line.substring(name.length() + 1).strip()).orElse("");
    }
}
