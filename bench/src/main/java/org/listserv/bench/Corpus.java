package org.listserv.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// Mail that nobody in the project wrote, read where it stands (`$LISTSERV_CORPORA`), never copied.
final class Corpus {

    private static final Pattern MAILBOX = Pattern.compile(".*(\\.mbox|\\.mbox\\.gz|\\.txt\\.gz|/rlug)");
    private static final Pattern NOTEBOOK = Pattern.compile(".*\\.LOG[0-9A-Z]+\\.gz");
    private static final Pattern NOTEBOOK_LINE = Pattern.compile("={73}\\r?\\n?");
    /// Expectations, licences, explanations: they are sent too, as octets like any others, but counted apart.
    private static final Pattern NO_MAIL = Pattern
            .compile(".*(\\.(json|xml|out|yml|md|dat|tsv|html)|_decoded.*|LICENSE.*|COPYING|README.*|/LICENSES/.*|/expected/.*)");

    private final Path folder;

    Corpus(Path folder) {
        this.folder = folder;
    }

    /// `$LISTSERV_CORPORA`, else beside the checkout.
    static Corpus usual() {
        var named = System.getenv("LISTSERV_CORPORA");
        var folder = named != null ? Path.of(named) : Program.checkout().resolve("../shared/corpora").normalize();
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("no corpora in " + folder + ": set LISTSERV_CORPORA");
        }
        return new Corpus(folder);
    }

    /// One message.
    ///
    /// @param set   the first folder
    /// @param name  file, and the message's place in it where it holds several
    /// @param isMail false for a file that is about mail and no mail
    record Item(String set, String name, boolean isMail, byte[] octets) {}

    /// One file at a time, so that a large set need not fit into memory twice.
    void forEach(Set<String> sets, Consumer<Item> action) {
        for (var file : files(sets)) {
            var name = folder.relativize(file).toString();
            var messages = messages(file);
            for (var i = 0; i < messages.size(); i++) {
                action.accept(new Item(name.substring(0, name.indexOf('/')), messages.size() == 1 ? name : name + ":" + (i + 1),
                        !NO_MAIL.matcher(name).matches(), messages.get(i)));
            }
        }
    }

    /// Mailbox files of `lists/`, with what `mbox-counts.tsv` says of each.
    record Mailbox(Path file, String name, long counted) {}

    List<Mailbox> mailboxes(String below) {
        try {
            return Files.readAllLines(folder.resolve("mbox-counts.tsv")).stream().skip(1).map(line -> line.split("\t"))
                    .filter(row -> row[0].startsWith(below) && MAILBOX.matcher("/" + row[0]).matches())
                    .map(row -> new Mailbox(folder.resolve(row[0]), row[0], Long.parseLong(row[1]))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> files(Set<String> sets) {
        var files = new ArrayList<Path>();
        for (var set : sets.stream().sorted().toList()) {
            try (var all = Files.walk(folder.resolve(set))) {
                all.filter(Files::isRegularFile).sorted().forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    private static List<byte[]> messages(Path file) {
        var name = file.toString();
        var octets = octets(file);
        if (MAILBOX.matcher(name).matches()) {
            var split = Mbox.split(octets, isQuoted(name));
            return split.isEmpty() ? List.of(octets) : split;
        }
        return NOTEBOOK.matcher(name).matches() ? notebook(octets) : List.of(octets);
    }

    /// The SpamAssassin sets are mboxrd; the others are pipermail and the like, unquoted.
    static boolean isQuoted(String name) {
        return name.contains("spamassassin");
    }

    private static List<byte[]> notebook(byte[] octets) {
        var messages = new ArrayList<byte[]>();
        var message = new ByteArrayOutputStream();
        for (var line : Mbox.lines(octets)) {
            if (NOTEBOOK_LINE.matcher(new String(line, StandardCharsets.ISO_8859_1)).matches()) {
                if (message.size() > 0) {
                    messages.add(message.toByteArray());
                }
                message.reset();
            } else {
                message.writeBytes(line);
            }
        }
        messages.add(message.toByteArray());
        return messages;
    }

    /// @return what is in the file, unpacked
    static byte[] octets(Path file) {
        try {
            var octets = Files.readAllBytes(file);
            if (!file.toString().endsWith(".gz")) {
                return octets;
            }
            try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(octets))) {
                return unpacked.readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As a client must send it: lines end in CRLF. A CR alone stays, and is the server's to refuse.
    static byte[] forTheWire(byte[] octets) {
        var wire = new ByteArrayOutputStream(octets.length + octets.length / 20 + 2);
        var last = 0;
        for (var octet : octets) {
            if (octet == '\n' && last != '\r') {
                wire.write('\r');
            }
            wire.write(octet);
            last = octet;
        }
        if (last != '\n' && octets.length > 0) {
            wire.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return wire.toByteArray();
    }
}
