package org.listserv.deploy.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// PostgreSQL refuses to run as root. An ordinary user runs it as himself; root lends it a user namespace in which it is nobody,
/// and where the machine allows none (many containers), the user `nobody`.
sealed interface UnprivilegedUser {

    /// We are no root: nothing to do.
    record Myself() implements UnprivilegedUser {}

    /// Root outside, nobody inside; files stay root's.
    record InNamespace() implements UnprivilegedUser {}

    /// The user nobody, who must be able to reach the folder.
    record Nobody() implements UnprivilegedUser {}

    /// @throws DemoTrouble when root has no way to run PostgreSQL in this folder
    static UnprivilegedUser forPostgres(Path folder) throws IOException, InterruptedException {
        if (((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).intValue() != 0) {
            return new Myself();
        }
        if (succeeds(List.of("unshare", "-U", "true"))) {
            return new InNamespace();
        }
        var nobody = new Nobody();
        if (!succeeds(nobody.as("test", "-x", folder.toString()))) {
            throw new DemoTrouble("PostgreSQL does not run as root, and the user nobody cannot reach " + folder
                    + ": start the demo as an ordinary user, or with --dir below a folder everybody may enter, such as --dir /var/tmp/listserv-demo");
        }
        return nobody;
    }

    default List<String> as(String... command) {
        var whole = new ArrayList<>(switch (this) {
            case Myself() -> List.<String>of();
            case InNamespace() -> List.of("unshare", "-U");
            case Nobody() -> List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        });
        whole.addAll(List.of(command));
        return whole;
    }

    /// Gives a file that root made to the user PostgreSQL runs as.
    default void owns(Path path) throws IOException {
        if (this instanceof Nobody) {
            Files.setAttribute(path, "unix:uid", 65534);
            Files.setAttribute(path, "unix:gid", 65534);
        }
    }

    private static boolean succeeds(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor() == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }
}
