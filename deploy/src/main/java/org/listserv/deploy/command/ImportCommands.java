package org.listserv.deploy.command;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.lists.FormerNames;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxReader;
import org.listserv.mail.MboxReader.Quoting;
import org.listserv.posting.Import;
import org.listserv.posting.LegacyId;
import org.listserv.posting.Permalinks;

@Command(name = "import", synopsisSubcommandLabel = "COMMAND", description = "Bring old archives into a list. Nobody gets mail about it.")
final class ImportCommands {

    /// Larger messages than this are named and left out; they would have to fit into memory several times.
    private static final int MAX_OCTETS = 128 << 20;
    /// Permalinks written in one transaction.
    private static final int LINKS_TOGETHER = 500;

    private final Listserv listserv;

    ImportCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    @Command(description = {"Bring the messages of mbox files into a list's archive.",
            "Messages the list has already, octet for octet, are left out: an import can be repeated, and goes on where it was interrupted.",
            "Links of Pony Mail to these messages work from then on, also under former names of the list (`list names`), if they are known before."})
    int mbox(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "FILE", arity = "1..*", description = "mbox files, packed with gzip or not, in the order of their time; - is standard input.") List<String> files,
            @Option(names = "--quoting", paramLabel = "mboxrd|mboxo|none", defaultValue = "mboxrd", description = "What was done to lines that begin with `From `: mboxrd put one > more before any number of them (also right for most others), mboxo put one > before those without, none did nothing. Default: ${DEFAULT-VALUE}.") Quoting quoting)
            throws ConfigurationMistakes, IOException {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var importing = core.importing(core.posting(), list);
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

    @Command(description = {"Names that other archives gave messages, so that links to those lead here.",
            "A line is OLD, a tab, LIST, a tab, MESSAGE: OLD is an id (of Pony Mail in any of its forms) or a whole address of the old archive; LIST is an address, "
                    + "a list id or a former name (`list names`); MESSAGE a post number or a Message-ID. Empty lines and such that begin with # are passed over.",
            "From an export of Pony Mail: jq -r '. as $m | .permalinks[] | [., $m.list_raw, $m.\"message-id\"] | @tsv'."})
    int permalinks(
            @Parameters(paramLabel = "FILE", arity = "1..*", description = "- is standard input.") List<String> files)
            throws ConfigurationMistakes, IOException {
        try (var core = listserv.core()) {
            var names = core.formerNames();
            var permalinks = core.permalinks();
            var left = new LeftOut(listserv);
            var progress = new Progress(listserv.terminal(), "lines");
            var lists = new HashMap<String, Optional<MailingList>>();
            var waiting = new ArrayList<Placed>();
            var count = new EnumMap<Permalinks.Result, Integer>(Permalinks.Result.class);
            long read = 0;
            for (var file : files) {
                try (var lines = new BufferedReader(new InputStreamReader(
                        file.equals("-") ? listserv.terminal().in() : Files.newInputStream(Path.of(file)), StandardCharsets.UTF_8))) {
                    int number = 0;
                    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                        number++;
                        if (line.isBlank() || line.startsWith("#")) {
                            continue;
                        }
                        progress.at(++read, 0);
                        var place = file + " line " + number;
                        var words = line.split("\t", -1);
                        if (words.length != 3 || words[0].isBlank() || words[2].isBlank()) {
                            left.out(place + ": not OLD, tab, LIST, tab, MESSAGE");
                            continue;
                        }
                        var list = lists.computeIfAbsent(FormerNames.normal(words[1]), names::find);
                        var id = LegacyId.of(words[0].strip());
                        if (list.isEmpty()) {
                            left.out(place + ": there is no list " + words[1] + "; `list names` tells under which names a list was known");
                        } else if (id.id().getBytes(StandardCharsets.UTF_8).length > LegacyId.LONGEST) {
                            left.out(place + ": longer than " + LegacyId.LONGEST + " octets");
                        } else {
                            waiting.add(new Placed(place, new Permalinks.Link(list.get(), id, words[2].strip())));
                        }
                        if (waiting.size() == LINKS_TOGETHER) {
                            write(permalinks, waiting, count, left);
                        }
                    }
                } catch (IOException e) {
                    write(permalinks, waiting, count, left);
                    progress.end();
                    throw new CommandFailed(file + " cannot be read (" + e.getMessage() + "); what came before is imported", e);
                }
            }
            write(permalinks, waiting, count, left);
            progress.end();
            int written = count.getOrDefault(Permalinks.Result.WRITTEN, 0);
            var said = Texts.count(read, "line", "lines") + " read, " + written + " imported, "
                    + count.getOrDefault(Permalinks.Result.UNCHANGED, 0) + " there already";
            if (left.count > 0) {
                throw new CommandFailed(said + "; " + left.count + " not, see above");
            }
            listserv.say((written == 0 ? "unchanged: " : "") + said);
            return 0;
        }
    }

    private record Placed(String place, Permalinks.Link link) {}

    private static void write(Permalinks permalinks, List<Placed> waiting, Map<Permalinks.Result, Integer> count, LeftOut left) {
        var results = permalinks.write(waiting.stream().map(Placed::link).toList());
        for (int i = 0; i < results.size(); i++) {
            count.merge(results.get(i), 1, Integer::sum);
            if (results.get(i) == Permalinks.Result.NO_SUCH_POST) {
                var link = waiting.get(i).link();
                left.out(waiting.get(i).place() + ": " + link.list().address() + " has no post " + link.message());
            }
        }
        waiting.clear();
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
