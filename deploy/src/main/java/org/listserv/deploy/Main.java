package org.listserv.deploy;

import java.util.Arrays;
import java.util.Set;

import org.listserv.deploy.command.Listserv;
import org.listserv.deploy.command.Terminal;
import org.listserv.deploy.log.Logging;

/// What the launcher starts.
public final class Main {

    private static final Set<String> LONG_RUNNING = Set.of("serve", "demo");

    private Main() {}

    public static void main(String[] words) {
        System.setProperty(Logging.LEVEL, Arrays.stream(words).anyMatch(LONG_RUNNING::contains) ? "INFO" : "WARN");
        Logging.takeOver();
        System.exit(Listserv.run(Terminal.ofThisProcess(), words));
    }
}
