package org.listserv.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Corpus.Mailbox;

/// Old archives in, twice, and out again; and whether `archive verify` sees what was changed behind its back.
@Command(name = "bench/imports", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Imports all mailboxes of the corpora's lists/ twice, exports them and compares octets with the files, split by our own splitter; then",
        "changes one octet, one number and one row in the database, and each time `archive verify` must fail.",
        "Reads $LISTSERV_CORPORA (or ../shared/corpora)."})
final class ImportReplay implements Callable<Integer> {

    private static final int MAY_DIFFER = 20;
    private static final Pattern SAID = Pattern.compile("([\\d,]+) messages? read, ([\\d,]+) imported, ([\\d,]+) there already");

    @Option(names = "--sets", split = ",", paramLabel = "SET", description = "Only these folders of lists/, such as bigbang (all).")
    private List<String> sets = List.of();

    private long differing;

    public static void main(String... words) {
        System.exit(new CommandLine(new ImportReplay()).execute(words));
    }

    /// Files that go into one list.
    private record Group(String name, String quoting, List<Mailbox> files) {}

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("imports")) {
            var tally = new Tally(place);
            var site = Site.create(place, 9);
            var groups = groups();
            for (var group : groups) {
                importAndExport(place, tally, site, group);
            }
            tally.check(differing <= MAY_DIFFER, "%d messages differ from what mbox-counts.tsv and our own splitter say, each named above",
                    differing);
            tamper(tally, site, groups.getFirst().name());
            return tally.summary();
        }
    }

    private List<Group> groups() {
        var groups = new LinkedHashMap<String, List<Mailbox>>();
        for (var file : Corpus.usual().mailboxes("lists/")) {
            var parts = file.name().split("/");
            if (!sets.isEmpty() && !sets.contains(parts[1])) {
                continue;
            }
            var name = parts.length > 3 ? parts[1] + "-" + parts[2] : parts[1];
            groups.computeIfAbsent(name, _ -> new ArrayList<>()).add(file);
        }
        return groups.entrySet().stream()
                .map(entry -> new Group(entry.getKey(), Corpus.isQuoted(entry.getValue().getFirst().name()) ? "mboxrd" : "none",
                        List.copyOf(entry.getValue())))
                .toList();
    }

    private void importAndExport(Workplace place, Tally tally, Site site, Group group) throws IOException, SQLException {
        var list = site.list(group.name(), 0, "posting=anyone");
        var counted = group.files().stream().mapToLong(Mailbox::counted).sum();
        var expected = new HashMap<String, String>();    // hash of a message's octets -> where it stands
        var quoted = 0L;
        for (var file : group.files()) {
            var split = Mbox.split(Corpus.octets(file.file()), group.quoting().equals("mboxrd"));
            if (split.size() != file.counted()) {
                place.say("  %s: our splitter finds %d messages, mbox-counts.tsv says %d", file.name(), split.size(), file.counted());
            }
            for (var i = 0; i < split.size(); i++) {
                expected.putIfAbsent(Digest.hex(ended(split.get(i))), file.name() + ":" + (i + 1));
                quoted += Mbox.lines(split.get(i)).stream().filter(ImportReplay::isQuotedFrom).count();
            }
        }
        var words = new ArrayList<>(List.of("import", "mbox", list, "--quoting", group.quoting()));
        group.files().forEach(file -> words.add(file.file().toString()));
        var first = Program.run(site.configuration(), new byte[0], words);
        var second = Program.run(site.configuration(), new byte[0], words);
        var once = numbers(first);
        var twice = numbers(second);
        first.err().lines().limit(30).forEach(line -> place.say("  %s", line.replaceAll("^.*/corpora/", "")));
        place.say("%s: %d files, %d messages by mbox-counts.tsv; read %d, imported %d, there already %d", group.name(),
                group.files().size(), counted, once[0],
                once[1], once[2]);
        tally.check(Math.abs(once[0] - counted) <= MAY_DIFFER, "%s: %d messages read, %d counted", group.name(), once[0], counted);
        tally.check(twice[1] == 0 && twice[0] == once[0] && twice[2] == once[0] && twice[0] > 0,
                "%s: the second import changes nothing: %d imported, %d there already",
                group.name(), twice[1], twice[2]);

        var stored = new ArrayList<String>();
        try (var connection = site.postgres().connect(Site.DATABASE)) {
            Books.of(connection, list).posts().forEach(post -> stored.add(post.octets()));
        }
        var archived = Set.copyOf(stored);
        expected.forEach((hash, where) -> {
            if (!archived.contains(hash)) {
                differing++;
                place.say("  not archived as it stands in the file: %s", where);
            }
        });
        var unknown = archived.stream().filter(hash -> !expected.containsKey(hash)).count();
        differing += unknown;
        tally.check(archived.size() == stored.size() && stored.size() == once[1],
                "%s: %d posts, all different; %d of them no file holds like that", group.name(),
                stored.size(), unknown);

        var out = place.path(group.name() + ".export");
        var export = Program.runInto(out, site.configuration(), "export", "mbox", list);
        var exported = Mbox.splitQuoted(Files.readAllBytes(out)).stream().map(Digest::hex).toList();
        tally.check(export.exit() == 0 && exported.equals(stored),
                "%s: export gives all %d back octet by octet, in order (%d lines `>From ` in files that never "
                        + "said what that means)",
                group.name(), exported.size(), group.quoting().equals("mboxrd") ? 0 : quoted);
        if (!exported.equals(stored)) {
            var missing = new HashSet<>(stored);
            exported.forEach(missing::remove);
            place.say("  %d exported, %d stored ones are not among them; %s", exported.size(), missing.size(), export.err());
        }
        Files.delete(out);
        tally.check(Program.run(site.configuration(), "archive", "verify", list).exit() == 0, "%s: archive verify passes", group.name());
    }

    private static boolean isQuotedFrom(byte[] line) {
        return line.length > 6 && line[0] == '>' && Arrays.equals(line, 1, 6, "From ".getBytes(StandardCharsets.US_ASCII), 0, 5);
    }

    /// A message ends with a line end; where a file was cut off, the reader adds it.
    private static byte[] ended(byte[] octets) {
        if (octets.length > 0 && octets[octets.length - 1] == '\n') {
            return octets;
        }
        var ended = Arrays.copyOf(octets, octets.length + 1);
        ended[octets.length] = '\n';
        return ended;
    }

    /// Read, imported, there already.
    private static long[] numbers(Program.Result result) {
        var said = SAID.matcher(result.out() + result.err());
        return said.find()
                ? IntStream.rangeClosed(1, 3).mapToLong(group -> Long.parseLong(said.group(group).replace(",", ""))).toArray()
                : new long[]{-1, -1, -1};
    }

    // --- behind its back -----------------------------------------------------------------------------------------------

    private static void tamper(Tally tally, Site site, String group) {
        var list = group + "@" + Site.DOMAIN;
        var id = "(select id from list where local_part = '%s')".formatted(group);
        var changes = new LinkedHashMap<String, List<String>>();
        changes.put("one octet", List.of(
                "update message set octets = set_byte(octets, 10, get_byte(octets, 10) # 1) where id = (select message from post where list_id = "
                        + id + " and seq = 5)"));
        changes.put("one octet and its hash in both rows", List.of(
                "update message set octets = set_byte(octets, 10, get_byte(octets, 10) # 1) where id = (select message from post where list_id = "
                        + id + " and seq = 5)",
                "update message set sha256 = sha256(octets) where id = (select message from post where list_id = " + id + " and seq = 5)",
                "update post set sha256 = (select sha256 from message m where m.id = post.message) where list_id = " + id
                        + " and seq = 5"));
        changes.put("one number", List.of("update post set number = 1000000 where list_id = " + id + " and seq = 5"));
        changes.put("one row less", List.of("delete from post where list_id = " + id + " and seq = 5"));
        changes.put("the last row less",
                List.of("delete from post where list_id = " + id + " and seq = (select max(seq) from post where list_id = " + id + ")"));
        changes.put("two posts swapped", List.of(
                "update post p set message = o.message, sha256 = o.sha256 from post o where o.list_id = p.list_id and p.list_id = " + id
                        + " and (p.seq, o.seq) in ((5, 6), (6, 5))"));
        changes.put("one message less",
                List.of("delete from message where id = (select message from post where list_id = " + id + " and seq = 5)"));
        changes.put("an octet of the head's chain",
                List.of("update list_head set chain = set_byte(chain, 0, get_byte(chain, 0) # 1) where list_id = " + id));
        var tables = List.of("post", "message", "list_head");
        tables.forEach(table -> site.postgres().execute(Site.DATABASE, "create table kept_%1$s as table %1$s".formatted(table)));
        changes.forEach((what, statements) -> {
            unseen(site, statements);
            var found = Program.run(site.configuration(), "archive", "verify", list);
            tally.check(found.exit() == 1 && !found.err().isBlank(), "%s: archive verify fails: %s", what,
                    found.err().lines().findFirst().orElse("(nothing said)"));
            for (var table : tables) {
                unseen(site, List.of("delete from " + table, "insert into %1$s select * from kept_%1$s".formatted(table)));
            }
        });
        tally.check(Program.run(site.configuration(), "archive", "verify", list).exit() == 0, "put back, archive verify passes again");
    }

    /** Runs statements as a broken disk would change rows: no foreign key notices. */
    private static void unseen(Site site, List<String> statements) {
        var all = new ArrayList<>(List.of("set session_replication_role = replica"));
        all.addAll(statements);
        site.postgres().execute(Site.DATABASE, all.toArray(String[]::new));
    }
}
