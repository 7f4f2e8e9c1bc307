package org.listserv.mail;

import static java.util.Objects.requireNonNullElse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.Assumptions;

/// Real mail and conformance vectors for tests. They lie beside the project, never in it, are read in place and never quoted.
/// The folder is `$LISTSERV_CORPORA`, by default `../shared/corpora` beside the project. A test that misses a file is skipped and names it.
public final class Corpora {
    private Corpora() {}

    /// One file, such as `addresses/isemail/tests.xml`.
    public static Path file(String name) {
        var file = root().resolve(name);
        if (!Files.isReadable(file)) {
            Assumptions.abort("not found: corpora/" + name);
        }
        return file;
    }

    /// All files below a folder such as `mime`, in order of their names.
    public static List<Path> files(String folder) {
        try (Stream<Path> files = Files.walk(file(folder))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The octets of a file, unpacked where it is gzip.
    public static byte[] octets(Path file) {
        try {
            var octets = Files.readAllBytes(file);
            if (octets.length < 2 || (octets[0] & 0xff) != 0x1f || (octets[1] & 0xff) != 0x8b) {
                return octets;
            }
            try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(octets))) {
                return unpacked.readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The name to say in a failure: relative to the corpora.
    public static String name(Path file) {
        return root().relativize(file).toString();
    }

    private static Path root() {
        var named = System.getenv("LISTSERV_CORPORA");
        return named == null || named.isEmpty() ? projectRoot().resolve("../shared/corpora").normalize() : Path.of(named);
    }

    /// Tests run in their module's folder, from an IDE perhaps in the project's.
    private static Path projectRoot() {
        var here = Path.of("").toAbsolutePath();
        for (var folder = here; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve(".mvn"))) {
                return folder;
            }
        }
        return requireNonNullElse(here.getParent(), here);
    }
}
