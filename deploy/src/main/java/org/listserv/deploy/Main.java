package org.listserv.deploy;

import java.util.Optional;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// The command line. Exit codes: 0 done, 1 failed (one line on stderr says why and what to do), 2 wrong usage.
@Command(name = "listserv", description = "Mailing lists: receives, archives and delivers what people write to them.", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    /// Without a command there is nothing to do but to say which there are.
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{
                    "listserv " + Optional.ofNullable(Main.class.getPackage().getImplementationVersion()).orElse("(unpackaged)")};
        }
    }
}
