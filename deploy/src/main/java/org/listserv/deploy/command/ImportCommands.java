package org.listserv.deploy.command;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxReader;
import org.listserv.mail.MboxReader.Quoting;
import org.listserv.posting.Import;

@Command(name = "import", synopsisSubcommandLabel = "COMMAND", description = "Bring old archives into a list. Nobody gets mail about it.")
final class ImportCommands {

    /// Larger messages than this are named and left out; they would have to fit into memory several times.
    private static final int MAX_OCTETS = 128 << 20;

    private final Listserv listserv;

    ImportCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    @Command(description = {"Bring the messages of mbox files into a list's archive.",
            "Messages the list has already, octet for octet, are left out: an import can be repeated, and goes on where it was interrupted."})
    int mbox(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "FILE", arity = "1..*", description = "mbox files, packed with gzip or not, in the order of their time; - is standard input.") List<String> files,
            @Option(names = "--quoting", paramLabel = "mboxrd|mboxo|none", defaultValue = "mboxrd", description = "What was done to lines that begin with `From `: mboxrd put one > more before any number of them (also right for most others), mboxo put one > before those without, none did nothing. Default: ${DEFAULT-VALUE}.") Quoting quoting)
            throws ConfigurationMistakes, IOException {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var importing = new Import(core.posting(), list, core.clock());
            var left = new LeftOut(listserv);
            var progress = new Progress(listserv.terminal(), "messages");
            long size = 0;
            for (var file : files) {
                size += file.equals("-") ? 0 : size(file);
            }
            long before = 0;
            for (var file : files) {
                try (var counting = new Counting(file.equals("-") ? listserv.terminal().in() : Files.newInputStream(Path.of(file)));
                        var mbox = new MboxReader(counting, quoting, MAX_OCTETS)) {
                    for (var entry = mbox.next(); entry.isPresent(); entry = mbox.next()) {
                        switch (entry.get()) {
                            case MboxReader.Message message ->
                                importing.add(message.octets(), message.date(), file + " at octet " + message.offset());
                            case MboxReader.TooLarge large ->
                                left.out(file, large.offset(), "a message of " + large.octets() + " octets, more than "
                                        + MAX_OCTETS);
                            case MboxReader.Stray stray -> left.out(file, stray.offset(), Texts.count(stray.octets(), "octet", "octets")
                                    + " before the first message: no mbox begins like that");
                        }
                        progress.at(importing.progress().read(), size == 0 ? 0 : Math.min(1, (double) (before + counting.read) / size));
                    }
                    before += counting.read;
                } catch (IOException e) {
                    importing.flush();
                    progress.end();
                    throw new CommandFailed(file + " cannot be read further (" + e.getMessage() + "); what came before is imported: "
                            + said(importing.progress()), e);
                }
            }
            importing.flush();
            progress.end();
            var done = importing.progress();
            done.refused().forEach(left::out);
            if (left.count > 0) {
                throw new CommandFailed(address + ": " + said(done) + "; " + left.count + " not, see above");
            }
            listserv.say((done.published() == 0 ? "unchanged: " : "") + address + ": " + said(done));
            return 0;
        }
    }

    private static String said(Import.Progress done) {
        return Texts.count(done.read(), "message", "messages") + " read, " + done.published() + " imported, " + done.unchanged()
                + " there already";
    }

    private static long size(String file) {
        try {
            return Files.size(Path.of(file));
        } catch (IOException e) {
            throw new CommandFailed("there is no file " + file + "; nothing was imported", e);
        }
    }

    /// What did not get in, told as soon as it is known.
    private static final class LeftOut {
        private final Listserv listserv;
        private int count;

        LeftOut(Listserv listserv) {
            this.listserv = listserv;
        }

        void out(String file, long offset, String why) {
            out(file + " at octet " + offset + ": " + why);
        }

        void out(String what) {
            count++;
            listserv.terminal().err().println(what);
        }
    }

    /// Octets of the file as it lies on disk, packed ones included.
    private static final class Counting extends FilterInputStream {
        private long read;

        Counting(InputStream file) {
            super(new BufferedInputStream(file));
        }

        @Override
        public int read() throws IOException {
            int octet = super.read();
            read += octet < 0 ? 0 : 1;
            return octet;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            read += Math.max(0, count);
            return count;
        }
    }
}
