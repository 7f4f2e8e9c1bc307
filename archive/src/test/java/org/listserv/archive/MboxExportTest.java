package org.listserv.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.listserv.archive.Shelf.DEV;
import static org.listserv.archive.Shelf.MEMBER;
import static org.listserv.archive.Shelf.PRIVATE;
import static org.listserv.archive.Shelf.message;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.archive.MboxExport.Mbox;
import org.listserv.mail.MboxReader;

class MboxExportTest {
    private static final Reader ANYONE = Reader.ANONYMOUS;
    private static final YearMonth MARCH = YearMonth.of(2024, 3);

    private final Shelf shelf = new Shelf();
    private final MboxExport export = new MboxExport(shelf.database);

    @AfterEach
    void close() {
        shelf.close();
    }

    @Test
    void what_is_exported_is_read_back_octet_by_octet() throws IOException {
        var messages = List.of(message("a@x", "Ann <ann@example.org>", "From lines", "From here\n>From there\nFrom"),
                "Subject: LF only\n\nFrom x\n\n\n",
                "Subject: 8-bit\r\n\r\n\u00ff\0\u0001\r\n", "Subject: no body\r\n");
        for (var message : messages) {
            shelf.post(DEV, Instant.parse("2024-03-01T00:00:00Z"), message.getBytes(ISO_8859_1));
        }
        var out = new ByteArrayOutputStream();
        assertThat(export.write(DEV, 1, Long.MAX_VALUE, out)).isEqualTo(4);
        assertThat(read(out.toByteArray())).containsExactlyElementsOf(messages);
        assertThat(octets(export.month(ANYONE, DEV, MARCH).orElseThrow())).isEqualTo(out.toByteArray());
    }

    private static byte[] octets(Mbox mbox) throws IOException {
        var out = new ByteArrayOutputStream();
        mbox.writeTo(out);
        return out.toByteArray();
    }

    private static List<String> read(byte[] mbox) throws IOException {
        var messages = new ArrayList<String>();
        try (var reader = new MboxReader(new ByteArrayInputStream(mbox), MboxReader.Quoting.MBOXRD, 100_000_000)) {
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                messages.add(new String(((MboxReader.Message) entry.get()).octets(), ISO_8859_1));
            }
        }
        return messages;
    }

    @Test
    void numbers_months_and_threads_choose() throws IOException {
        for (int i = 1; i <= 450; i++) {
            shelf.post(DEV, i <= 440 ? "2024-03-01T00:00:00Z" : "2024-04-01T00:00:00Z",
                    message(i + "@x", "Ann <ann@example.org>", "Number", "x", "root" + i % 2 + "@x"));
        }
        assertThat(read(octets(export.month(ANYONE, DEV, MARCH).orElseThrow()))).hasSize(440).doesNotHaveDuplicates();
        assertThat(read(octets(export.thread(ANYONE, DEV, "7@x").orElseThrow()))).hasSize(225).doesNotHaveDuplicates()
                .allMatch(message -> message.contains("root1@x"));
        var out = new ByteArrayOutputStream();
        assertThat(export.write(DEV, 10, 12, out)).isEqualTo(3);
        assertThat(read(out.toByteArray()).getFirst()).contains("<10@x>");
        assertThat(export.month(ANYONE, DEV, YearMonth.of(2024, 5))).isEmpty();
        assertThat(export.thread(ANYONE, DEV, "nowhere@x")).isEmpty();
    }

    @Test
    void a_tag_lasts_as_long_as_the_octets() {
        shelf.post(DEV, "2024-03-01T00:00:00Z", message("a@x", "Ann <ann@example.org>", "A", "x"));
        var month = export.month(ANYONE, DEV, MARCH).orElseThrow().tag();
        var thread = export.thread(ANYONE, DEV, "a@x").orElseThrow().tag();
        shelf.post(DEV, "2024-04-01T00:00:00Z", message("b@x", "Ann <ann@example.org>", "B", "x"));
        assertThat(export.month(ANYONE, DEV, MARCH).orElseThrow().tag()).isEqualTo(month);
        assertThat(export.thread(ANYONE, DEV, "a@x").orElseThrow().tag()).isEqualTo(thread);
        shelf.post(DEV, "2024-03-02T00:00:00Z", message("c@x", "Ann <ann@example.org>", "C", "x", "a@x"));
        assertThat(export.month(ANYONE, DEV, MARCH).orElseThrow().tag()).isNotEqualTo(month);
        assertThat(export.thread(ANYONE, DEV, "a@x").orElseThrow().tag()).isNotEqualTo(thread);
    }

    @Test
    void what_was_redacted_is_left_out() throws IOException {
        shelf.post(DEV, "2024-03-01T00:00:00Z", message("a@x", "Ann <ann@example.org>", "A", "x"));
        shelf.post(DEV, "2024-03-01T00:00:00Z", message("b@x", "Ann <ann@example.org>", "B", "x"));
        shelf.testDatabase.sql(
                "update post set redacted_at = now() where seq = 1; update message set octets = null where id = (select message from post where seq = 1)");
        assertThat(read(octets(export.month(ANYONE, DEV, MARCH).orElseThrow()))).singleElement().asString().contains("<b@x>");
    }

    @Test
    void access_is_asked_again_while_a_file_is_written() throws IOException {
        shelf.post(PRIVATE, "2024-03-01T00:00:00Z", message("a@x", "Ann <ann@example.org>", "A", "x"));
        assertThat(export.month(ANYONE, PRIVATE, MARCH)).isEmpty();
        assertThat(export.thread(ANYONE, PRIVATE, "a@x")).isEmpty();
        var file = export.month(Reader.of(MEMBER), PRIVATE, MARCH).orElseThrow();
        assertThat(read(octets(file))).hasSize(1);
        shelf.testDatabase.sql("delete from subscription");
        assertThat(octets(file)).isEmpty();
    }

    @Test
    void a_slow_reader_holds_no_connection() throws IOException {
        for (int i = 0; i < 5; i++) {
            shelf.post(DEV, Instant.parse("2024-03-01T00:00:00Z"),
                    ("Message-ID: <" + i + "@x>\r\n\r\n" + "x".repeat(2_000_000)).getBytes(UTF_8));
        }
        var pool = ((HikariDataSource) shelf.database.longPool()).getHikariPoolMXBean();
        var written = new AtomicLong();
        export.month(ANYONE, DEV, MARCH).orElseThrow().writeTo(new OutputStream() {
            @Override
            public void write(int octet) {
                written.incrementAndGet();
            }

            @Override
            public void write(byte[] octets, int from, int length) {
                written.addAndGet(length);
                assertThat(pool.getActiveConnections()).isZero();
            }
        });
        assertThat(written.get()).isGreaterThan(10_000_000);
    }
}
