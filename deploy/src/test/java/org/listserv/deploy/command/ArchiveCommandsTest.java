package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.listserv.store.TestDatabase;

class ArchiveCommandsTest {

    private static final String LIST = "dev@lists.example.org";

    @TempDir
    private Path folder;
    private CommandLineFixture listserv;
    private Path sample;

    @BeforeEach
    void oneList() throws IOException {
        listserv = new CommandLineFixture(TestDatabase.fresh());
        listserv.done("domain create lists.example.org");
        listserv.done("list create " + LIST);
        sample = folder.resolve("dev.mbox");
        try (var mbox = getClass().getResourceAsStream("/demo/dev.mbox")) {
            Files.copy(mbox, sample);
        }
    }

    @AfterEach
    void close() {
        listserv.close();
    }

    @Test
    void an_import_goes_in_once_and_comes_out_as_it_was() throws IOException {
        assertThat(listserv.done("import mbox " + LIST + " " + sample))
                .isEqualTo(LIST + ": 17 messages read, 17 imported, 0 there already");
        assertThat(listserv.done("import mbox " + LIST + " " + sample))
                .isEqualTo("unchanged: " + LIST + ": 17 messages read, 0 imported, 17 there already");
        assertThat(withoutSenders(listserv.run("", "export", "mbox", LIST).out())).isEqualTo(withoutSenders(Files.readString(sample)));
        assertThat(listserv.run("", "export", "mbox", LIST, "--from", "16", "--to", "20").out().lines()
                .filter(line -> line.startsWith("From "))).hasSize(2);
    }

    @Test
    void a_packed_file_and_standard_input_do_as_well() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            Files.copy(sample, gzip);
        }
        assertThat(listserv.run(Files.readString(sample), "import", "mbox", LIST, "-").out()).contains("17 imported");
        var file = Files.write(folder.resolve("dev.mbox.gz"), packed.toByteArray());
        assertThat(listserv.done("import mbox " + LIST + " " + file)).contains("17 there already");
    }

    @Test
    void what_is_no_mbox_is_named() throws IOException {
        var file = Files.writeString(folder.resolve("letter.txt"), "Dear list,\n\nhello\n");
        var ran = listserv.run("", "import", "mbox", LIST, file.toString());
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).isEqualTo(file + " at octet 0: 18 octets before the first message: no mbox begins like that\n"
                + "listserv: " + LIST + ": 0 messages read, 0 imported, 0 there already; 1 not, see above\n");
        assertThat(listserv.run("", "import", "mbox", LIST, "/none").err())
                .isEqualTo("listserv: there is no file /none; nothing was imported\n");
    }

    @Test
    void verify_finds_what_was_changed_behind_its_back() {
        listserv.done("import mbox " + LIST + " " + sample);
        assertThat(listserv.done("archive verify")).contains(LIST, " 17 ", "  whole");
        listserv.database().sql("update message set octets = octets || 'x' where id = (select message from post where number = 3)");
        var ran = listserv.run("", "archive", "verify", LIST, "--format", "json");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("seq 3 (number 3): its octets are not those that were received");
        assertThat(ran.err()).isEqualTo(
                "listserv: not as it was received: " + LIST + "; compare with a standby or a backup before anything else changes\n");
    }

    @Test
    void a_message_and_its_author_are_found() {
        listserv.done("import mbox " + LIST + " " + sample);
        assertThat(listserv.done("find <20250908071422.GA2291@example.org>")).contains("by import from " + sample + " at octet 0",
                LIST + ": imported, number 1");
        assertThat(listserv.done("find ines@example.org"))
                .contains("4 posts, the latest:\n    " + LIST + " 17, 2026-02-17 10:30 UTC: Re: Moving 40 lists");
        assertThat(listserv.run("", "find", "nobody@example.org").err()).contains("is neither the Message-ID");
    }

    @Test
    void links_of_other_archives_are_kept() throws IOException {
        assertThat(listserv.done("list names " + LIST)).isEqualTo("no former name");
        assertThat(listserv.done("list names " + LIST + " dev@old.example.org httpd-dev <Dev.Older.example.org>"))
                .isEqualTo("changed " + LIST);
        assertThat(listserv.done("list names " + LIST + " httpd-dev")).isEqualTo("unchanged: " + LIST + " has these former names already");
        assertThat(listserv.done("list names " + LIST)).isEqualTo("dev.older.example.org\ndev@old.example.org\nhttpd-dev");
        listserv.done("list create users@lists.example.org");
        assertThat(listserv.run("", "list", "names", "users@lists.example.org", "HTTPD-dev").err())
                .contains("stands for another list already");
        listserv.done("import mbox " + LIST + " " + sample);
        assertThat(number("select count(*) from legacy_id where kind = 'ponymail'")).as("present and former ids of the list")
                .isEqualTo(3 * 17);
        listserv.database().sql("delete from legacy_id");
        assertThat(listserv.done("import mbox " + LIST + " " + sample)).as("what an import lacked, the next one adds")
                .startsWith("unchanged");
        assertThat(number("select count(*) from legacy_id")).isEqualTo(3 * 17);
        var file = Files.writeString(folder.resolve("links.tsv"), """
                # from the old archive
                aadbecf2e6bd0e1aee0e93d6e0a1b3bfb4ea4d7e8c86a8d0a2e96ff8@<dev.old.example.org>\t<dev.old.example.org>\t<20250908071422.GA2291@example.org>
                https://old.example.org/read?n=7\thttpd-dev\t7
                https://old.example.org/read?n=8\tdev@lists.example.org\t7
                """);
        assertThat(listserv.done("import permalinks " + file)).isEqualTo("3 lines read, 3 imported, 0 there already");
        assertThat(listserv.done("import permalinks " + file)).isEqualTo("unchanged: 3 lines read, 0 imported, 3 there already");
        var ran = listserv.run("x\ty\tz\nx\thttpd-dev\t99\nx y z\n", "import", "permalinks", "-");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("- line 1: there is no list y", "- line 2: " + LIST + " has no post 99",
                "- line 3: not OLD, tab, LIST, tab, MESSAGE", "3 lines read, 0 imported, 0 there already; 3 not, see above");
        assertThat(listserv.done("list names " + LIST + " httpd-dev --remove")).isEqualTo("changed " + LIST);
    }

    @Test
    void a_removed_post_leaves_a_tombstone_and_a_whole_chain() throws IOException {
        listserv.done("import mbox " + LIST + " " + sample);
        assertThat(listserv.run("", "archive", "redact", LIST, "3", "--reason", "a telephone number").out())
                .isEqualTo("removed " + LIST + " 3\n");
        assertThat(listserv.run("", "archive", "redact", LIST, "3", "--reason", "again").out())
                .isEqualTo("unchanged: " + LIST + " 3 was removed before\n");
        assertThat(listserv.run("", "archive", "redact", LIST, "99", "--reason", "x").err())
                .isEqualTo("listserv: " + LIST + " has no post 99\n");
        assertThat(listserv.done("archive verify")).contains("  whole");
        assertThat(number(
                "select count(*) from post p join message m on m.id = p.message where m.octets is null and p.subject = '' and p.author_name = ''"))
                .isEqualTo(1);
        assertThat(number("select count(*) from audit where action = 'archive.redact' and after->>'reason' = 'a telephone number'"))
                .isEqualTo(1);
        assertThat(listserv.run("", "export", "mbox", LIST).out().lines().filter(line -> line.startsWith("From "))).hasSize(16);
        assertThat(listserv.done("import mbox " + LIST + " " + sample)).as("what was removed does not come back").contains("0 imported");
    }

    @Test
    void threads_are_split_and_joined_and_the_chain_stays_whole() {
        listserv.done("import mbox " + LIST + " " + sample);
        assertThat(listserv.done("archive split " + LIST + " 3 --reason off-topic"))
                .isEqualTo("split " + LIST + " 3 from the thread of 1: 5 posts in a thread of their own");
        assertThat(listserv.done("archive split " + LIST + " 3"))
                .isEqualTo("unchanged: " + LIST + " 3 and what is below it are a thread already");
        assertThat(listserv.done("import mbox " + LIST + " " + sample)).contains("0 imported");
        assertThat(number("select count(distinct thread_id) from post where number in (1, 6)")).isEqualTo(2);
        assertThat(listserv.done("archive join " + LIST + " 3 7"))
                .isEqualTo("joined the thread of " + LIST + " 3 to 7: 5 posts moved");
        assertThat(listserv.done("archive join " + LIST + " 3 7"))
                .isEqualTo("unchanged: " + LIST + " 3 and 7 are in one thread already");
        assertThat(listserv.run("", "archive", "split", LIST, "99").err())
                .isEqualTo("listserv: " + LIST + " has no post 99; its page shows its number\n");
        assertThat(listserv.run("", "archive", "join", LIST, "1", "99").code()).isEqualTo(1);
        assertThat(listserv.run("", "archive", "split", "none@lists.example.org", "1").code()).isEqualTo(1);
        assertThat(listserv.done("archive verify")).contains("  whole");
        assertThat(number("select count(*) from audit where action in ('archive.split', 'archive.join') and list_id is not null"))
                .isEqualTo(2);
        listserv.done("list delete " + LIST + " --with-archive --yes-delete " + LIST);
        assertThat(number("select count(*) from thread")).isZero();
    }

    private long number(String sql) {
        return listserv.database().database().read(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    /// Who sent an imported message is not known for certain; when it was filed is.
    private static String withoutSenders(String mbox) {
        return mbox.replaceAll("(?m)^From \\S+ ", "From ");
    }
}
