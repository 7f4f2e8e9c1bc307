package org.listserv.bench;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.listserv.bench.Corpus.Item;

/// Bad input the issue names, made here: each must be taken, held, refused or set aside, in bounded time and memory.
final class Monsters {

    private static final String FROM = "From: a@x.example\r\nSubject: monster\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\n";
    /// Below the server's limit of 25 MB, with room for our own fields.
    private static final int LARGE = 24 << 20;

    private Monsters() {}

    static void forEach(Consumer<Item> action) {
        give(action, "NULs", id(1) + FROM + "X-Nul: a\0b\r\n\r\nbody \0\0\0 with NULs\r\n");
        give(action, "8-bit header", id(2) + FROM.replace("monster", "m\u00f6nster \u00ff\u00fe") + "\r\ntext\r\n");
        give(action, "no Message-ID", FROM + "\r\nno id\r\n");
        give(action, "no Date", "From: a@x.example\r\nSubject: no date\r\n" + id(4) + "\r\ntext\r\n");
        give(action, "no header section", "only text, no field\r\nand another line\r\n");
        give(action, "nothing", "\r\n");
        give(action, "header only", id(7) + FROM);
        give(action, "date in 1904", id(8) + FROM.replace("Mon, 05 Jan 2026", "Fri, 01 Jan 1904") + "\r\ntext\r\n");
        give(action, "date in 2099", id(9) + FROM.replace("Mon, 05 Jan 2026", "Thu, 01 Jan 2099") + "\r\ntext\r\n");
        give(action, "10,000 recipients in To",
                id(10) + FROM + "To: " + many(10_000, "someone%d@somewhere.example", ",\r\n ") + "\r\n\r\ntext\r\n");
        give(action, "24 MB attachment", id(11) + FROM + mixed("b", attachment(LARGE)));
        give(action, "1,000 nested parts", id(12) + FROM + nested(1_000));
        give(action, "20,000 nested parts", id(13) + FROM + nested(20_000));
        give(action, "200,000 empty parts",
                id(14) + FROM + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\n".repeat(200_000)
                        + "--b--\r\n");
        give(action, "boundary of one dash, a million dashes",
                id(15) + FROM + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"-\"\r\n\r\n"
                        + (("-".repeat(70) + "\r\n").repeat(20_000)));
        give(action, "message/rfc822 in itself 5,000 times",
                id(16) + FROM + "MIME-Version: 1.0\r\n" + "Content-Type: message/rfc822\r\n\r\n".repeat(5_000) + "text\r\n");
        give(action, "10 MB header field", id(17) + FROM + "X-Long: " + "x".repeat(10 << 20) + "\r\n\r\ntext\r\n");
        give(action, "10 MB folded header field",
                id(18) + FROM + "X-Long: x\r\n" + (" " + "x".repeat(70) + "\r\n").repeat(140_000) + "\r\ntext\r\n");
        give(action, "500,000 header fields", id(19) + FROM + "X: y\r\n".repeat(500_000) + "\r\ntext\r\n");
        give(action, "100,000 references", id(20) + FROM + "References: " + many(100_000, "<r%d@x.example>", "\r\n ") + "\r\n\r\ntext\r\n");
        give(action, "Message-ID of 100,000 octets", "Message-ID: <" + "i".repeat(100_000) + "@x.example>\r\n" + FROM + "\r\ntext\r\n");
        give(action, "subject of 1 MB in encoded-words",
                id(22) + FROM.replace("monster", many(20_000, "=?utf-8?q?w=C3=B6rd%d?=", "\r\n ")) + "\r\ntext\r\n");
        give(action, "half an encoded-word a million times",
                id(23) + FROM.replace("monster", "=?utf-8?q?".repeat(100_000)) + "\r\ntext\r\n");
        give(action, "comments nested 100,000 deep in From",
                id(24) + "From: " + "(".repeat(100_000) + ")".repeat(100_000) + " a@x.example\r\n\r\ntext\r\n");
        give(action, "one line of 20 MB", id(25) + FROM + "\r\n" + "y".repeat(20 << 20) + "\r\n");
        give(action, "10 million empty lines", id(26) + FROM + "\r\n" + "\r\n".repeat(10_000_000));
        give(action, "base64 that is none",
                id(27) + FROM + "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n" + "!=?".repeat(1_000_000) + "\r\n");
        give(action, "a dot on every line", id(28) + FROM + "\r\n" + ".\r\n..\r\n".repeat(100_000));
        give(action, "unknown charset and encoding",
                id(29) + FROM + "Content-Type: text/plain; charset=x-klingon\r\nContent-Transfer-Encoding: x-thought\r\n\r\ntext\r\n");
        give(action, "UTF-7, UTF-16 and NUL subject",
                id(30) + FROM.replace("monster", "=?utf-7?q?+AGE-?= =?utf-16?b?//5hAGIA?= =?us-ascii?q?=00=00?=") + "\r\ntext\r\n");
        var random = new Random(1);
        for (var i = 0; i < 50; i++) {
            var noise = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(noise);
            action.accept(new Item("monsters", "noise " + i, true, withoutLoneLineEnds(noise)));
        }
    }

    private static void give(Consumer<Item> action, String name, String message) {
        action.accept(new Item("monsters", name, true, message.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static String id(int number) {
        return "Message-ID: <monster-%d@x.example>\r\n".formatted(number);
    }

    private static String many(int count, String each, String between) {
        return IntStream.range(0, count).mapToObj(each::formatted).collect(Collectors.joining(between));
    }

    private static String mixed(String boundary, List<String> parts) {
        return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n".formatted(boundary)
                + parts.stream().map(part -> "--" + boundary + "\r\n" + part + "\r\n").collect(Collectors.joining()) + "--" + boundary
                + "--\r\n";
    }

    private static List<String> attachment(int size) {
        var octets = new byte[size * 3 / 4 - size / 50];
        new Random(2).nextBytes(octets);
        return List.of("\r\nsee attachment", "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Base64.getMimeEncoder().encodeToString(octets));
    }

    private static String nested(int depth) {
        var text = new StringBuilder("MIME-Version: 1.0\r\n");
        for (var i = 0; i < depth; i++) {
            text.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\r\n\r\n--b").append(i).append("\r\n");
        }
        text.append("\r\ndeep\r\n");
        for (var i = depth - 1; i >= 0; i--) {
            text.append("--b").append(i).append("--\r\n");
        }
        return text.toString();
    }

    /// Octets that a server may take.
    private static byte[] withoutLoneLineEnds(byte[] noise) {
        return new String(noise, StandardCharsets.ISO_8859_1).replace('\r', 'r').replace("\n", "\r\n").concat("\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
