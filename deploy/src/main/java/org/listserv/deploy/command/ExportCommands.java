package org.listserv.deploy.command;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.archive.MboxExport;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.mail.EmailAddress;

@Command(name = "export", synopsisSubcommandLabel = "COMMAND", description = "Give out what a list holds, in forms that others understand.")
final class ExportCommands {

    private final Listserv listserv;

    ExportCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    @Command(description = {"Write posts to standard output as mboxrd, octet for octet as they were received.",
            "In the order of their numbers; redacted posts are left out."})
    int mbox(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--from", paramLabel = "N", defaultValue = "1", description = "First post number.") long from,
            @Option(names = "--to", paramLabel = "N", description = "Last post number.") @Nullable Long to)
            throws ConfigurationMistakes, IOException {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address).address();
            try (var out = new BufferedOutputStream(new Honest(listserv.terminal().out()), 1 << 16)) {
                new MboxExport(core.database()).write(list, from, to == null ? Long.MAX_VALUE : to, out);
            } catch (OutputBroken e) {
                throw new CommandFailed("standard output takes no more: the export is not complete", e);
            }
            return 0;
        }
    }

    private static final class OutputBroken extends IOException {
        private static final long serialVersionUID = 1;
    }

    /// A [PrintStream] keeps failures to itself; a full disk or a reader that left must end the export.
    private static final class Honest extends OutputStream {
        private final PrintStream out;

        Honest(PrintStream out) {
            this.out = out;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[]{(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            out.write(octets, offset, length);
            if (out.checkError()) {
                throw new OutputBroken();
            }
        }
    }
}
