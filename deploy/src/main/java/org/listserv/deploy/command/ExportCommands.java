package org.listserv.deploy.command;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxWriter;
import org.listserv.mail.ReversePath;
import org.listserv.store.Database;

@Command(name = "export", synopsisSubcommandLabel = "COMMAND", description = "Give out what a list holds, in forms that others understand.")
final class ExportCommands {

    /// The next posts, as many as fit into some 8 MB, at least one. An own short statement each time: a snapshot held for hours would keep
    /// the database from tidying up.
    private static final String POSTS = """
            select p.seq, p.number, m.octets, p.filed_at, m.reverse_path, p.author_address
              from (select seq, number, message, filed_at, author_address, sum(size) over (order by seq) - size as before
                      from (select * from post where list_id = ? and seq > ? order by seq limit 200) next) p
              join message m on m.id = p.message
             where p.before < 8000000 and p.number between ? and ?
             order by p.seq
            """;

    private static final String UP_TO = """
            select max(seq) from (select seq, sum(size) over (order by seq) - size as before
              from (select seq, size from post where list_id = ? and seq > ? order by seq limit 200) next) p
             where before < 8000000
            """;

    private final Listserv listserv;

    ExportCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    private record Exported(long number, byte @Nullable [] octets, Instant filedAt, ReversePath reversePath) {}

    @Command(description = {"Write posts to standard output as mboxrd, octet for octet as they were received.",
            "Redacted posts are left out, and named on standard error."})
    int mbox(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Option(names = "--from", paramLabel = "N", defaultValue = "1", description = "First post number.") long from,
            @Option(names = "--to", paramLabel = "N", description = "Last post number.") @Nullable Long to)
            throws ConfigurationMistakes, IOException {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var out = listserv.terminal().out();
            var mbox = new MboxWriter(out);
            long last = to == null ? Long.MAX_VALUE : to;
            long after = 0;
            for (long upTo = upTo(core.database(), list.id(), after); upTo > after; upTo = upTo(core.database(), list.id(), after)) {
                for (var post : posts(core.database(), list.id(), after, from, last)) {
                    if (post.octets() == null) {
                        listserv.terminal().err().println("post " + post.number() + " was redacted");
                    } else {
                        mbox.write(post.reversePath(), post.filedAt(), post.octets());
                    }
                }
                if (out.checkError()) {
                    throw new CommandFailed("standard output takes no more: the export is not complete");
                }
                after = upTo;
            }
            return 0;
        }
    }

    private static long upTo(Database database, long list, long after) {
        return database.readLong(connection -> {
            try (var ask = connection.prepareStatement(UP_TO)) {
                ask.setLong(1, list);
                ask.setLong(2, after);
                try (var row = ask.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0;
                }
            }
        });
    }

    private static List<Exported> posts(Database database, long list, long after, long from, long to) {
        return database.readLong(connection -> {
            try (var ask = connection.prepareStatement(POSTS)) {
                ask.setLong(1, list);
                ask.setLong(2, after);
                ask.setLong(3, from);
                ask.setLong(4, to);
                var posts = new ArrayList<Exported>();
                try (var rows = ask.executeQuery()) {
                    while (rows.next()) {
                        posts.add(new Exported(rows.getLong(2), rows.getBytes(3), rows.getTimestamp(4).toInstant(),
                                reversePath(rows.getString(5), rows.getString(6))));
                    }
                }
                return posts;
            }
        });
    }

    /// Imported posts have no envelope: their author stands for it, where that is an address at all.
    private static ReversePath reversePath(@Nullable String envelope, String author) {
        try {
            return envelope == null ? new ReversePath.Mailbox(EmailAddress.parse(author)) : ReversePath.parse(envelope);
        } catch (AddressSyntaxException e) {
            return new ReversePath.Null();
        }
    }
}
