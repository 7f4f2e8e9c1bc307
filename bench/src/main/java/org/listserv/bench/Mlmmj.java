package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A list of Debian's mlmmj in a folder of its own: nothing of it runs between posts.
record Mlmmj(Path folder, String address) {

    static final List<String> PROGRAMS = List.of("mlmmj-receive", "mlmmj-send");

    /// @param port  where it hands its copies over
    /// @param xverp in transactions of many recipients that a Postfix expands; otherwise mlmmj's own VERP, a transaction each
    static Mlmmj create(Workplace place, String name, List<String> members, int port, boolean xverp) {
        try {
            var list = new Mlmmj(place.path("mlmmj-" + name), name + "@lists.test");
            for (var folder : List.of("incoming", "queue/discarded", "archive", "text", "subconf", "unsubconf", "bounce", "control",
                    "moderation", "subscribers.d", "digesters.d", "nomailsubs.d", "requeue")) {
                Files.createDirectories(list.folder.resolve(folder));
            }
            Files.createFile(list.folder.resolve("index"));
            try (var texts = Files.newDirectoryStream(Path.of("/usr/share/mlmmj/text.skel/en"))) {
                for (var text : texts) {
                    Files.copy(text, list.folder.resolve("text").resolve(text.getFileName()));
                }
            }
            list.control("listaddress", list.address);
            list.control("owner", "postmaster@lists.test");
            list.control("relayhost", "127.0.0.1");
            list.control("smtpport", "" + port);
            list.control("smtphelo", "bench.test");
            if (xverp) {
                list.control("verp", "postfix");
                list.control("maxverprecips", "100");
            }
            Files.write(list.folder.resolve("subscribers.d/u"), members);
            return list;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void control(String name, String value) throws IOException {
        Files.writeString(folder.resolve("control").resolve(name), value + "\n");
    }

    /// Returns when mlmmj has sent everything.
    ///
    /// @param inside where its time is counted
    void post(Letter letter, Group inside) {
        var text = "Return-Path: <ann@letters.example>\n" + new String(letter.octets(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        // mlmmj finds its other programs beside the path it was called by
        var words = inside.inside(List.of("/usr/bin/mlmmj-receive", "-F", "-L", folder.toString()));
        Shell.run(text.getBytes(StandardCharsets.UTF_8), words.toArray(String[]::new));
    }
}
