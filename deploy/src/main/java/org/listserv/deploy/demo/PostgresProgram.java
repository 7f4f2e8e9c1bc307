package org.listserv.deploy.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;

import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL binaries the program brings along, unpacked once into a folder.
final class PostgresProgram {

    private final Path folder;

    private PostgresProgram(Path folder) {
        this.folder = folder;
    }

    /// @return the program below `folder`, unpacked if it is not there yet
    /// @throws DemoTrouble when there are no binaries for this kind of machine
    static PostgresProgram in(Path folder) throws IOException {
        if (!Files.isExecutable(folder.resolve("bin/postgres"))) {
            var half = folder.resolveSibling(folder.getFileName() + ".unpacking");
            delete(half);
            try (var packed = open()) {
                unpack(packed, half);
            }
            delete(folder);
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
        }
        return new PostgresProgram(folder);
    }

    String command(String name) {
        return folder.resolve("bin").resolve(name).toString();
    }

    private static InputStream open() {
        var machine = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> System.getProperty("os.arch");
        };
        var system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var found = PostgresProgram.class.getResourceAsStream("/postgres-" + system + "-" + machine + ".txz");
        if (found == null) {
            throw new DemoTrouble("this build brings no PostgreSQL for " + system + " on " + machine
                    + ": install PostgreSQL 15 or newer and use `listserv serve` with listserv.database.url");
        }
        return found;
    }

    private static void unpack(InputStream packed, Path into) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var path = into.resolve(entry.getName()).normalize();
                if (!path.startsWith(into)) {
                    throw new IOException("outside of the folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    if (entry.isSymbolicLink()) {
                        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                    } else if (entry.isLink()) {
                        Files.createLink(path, into.resolve(entry.getLinkName()));
                    } else {
                        Files.copy(tar, path);
                        Files.setPosixFilePermissions(path,
                                PosixFilePermissions.fromString((entry.getMode() & 0100) == 0 ? "rw-r--r--" : "rwxr-xr-x"));
                    }
                }
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var all = Files.walk(folder)) {
                for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
