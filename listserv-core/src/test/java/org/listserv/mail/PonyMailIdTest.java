package org.listserv.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;

import org.junit.jupiter.api.Test;

/// Against the vector that Pony Mail publishes, and the same mail in a month's mbox.
class PonyMailIdTest {
    private static final String LIST_ID = "users.ponymail.apache.org";
    private static final String ID = "n47hcfdt6z70tqxvnhgn3zrdwqgg36yl";

    @Test
    void the_published_vector() throws IOException {
        assertThat(PonyMailId.of(Files.readAllBytes(Corpora.file("lists/ponymail-foal/" + ID + ".mbox")), LIST_ID)).isEqualTo(ID);
    }

    @Test
    void the_same_mail_from_an_mbox_of_its_month() throws IOException {
        var ids = new ArrayList<String>();
        try (InputStream file = Files.newInputStream(Corpora.file("lists/ponymail-foal/users_ponymail_apache_org_2022-01.mbox"));
                var mbox = new MboxReader(file, MboxReader.Quoting.MBOXRD, 10_000_000)) {
            for (var entry = mbox.next(); entry.isPresent(); entry = mbox.next()) {
                if (entry.get() instanceof MboxReader.Message message) {
                    ids.add(PonyMailId.of(message.octets(), LIST_ID));
                }
            }
        }
        assertThat(ids).contains(ID).doesNotHaveDuplicates();
    }

    @Test
    void line_ends_and_empty_lines_at_the_end_do_not_count() {
        var id = id("From: a\nX-Not-Signed: 1\nSubject:  two\t words \n\nText.\n");
        assertThat(id("From: a\r\nSubject: two\r\n words\r\n\r\nText.\r\n\r\n\r\n")).isEqualTo(id);
        assertThat(id("FROM : a\rsubject:two words\r\rText.\r")).isEqualTo(id);
        assertThat(id("From: a\nSubject: two words\n\nText.")).isNotEqualTo(id);
        assertThat(id("Subject: two words\nFrom: a\n\nText.\n")).isNotEqualTo(id);
    }

    @Test
    void another_list_gives_another_id() {
        assertThat(PonyMailId.of("From: a\n\nx\n".getBytes(UTF_8), "dev.example.org"))
                .isNotEqualTo(PonyMailId.of("From: a\n\nx\n".getBytes(UTF_8), "users.example.org"));
    }

    @Test
    void anything_has_an_id() {
        for (var message : new String[]{"", "\n", "\n\n", "From", "From:", "From: a", " folded first\n", "no colon\n\n"}) {
            assertThat(id(message)).as(message).matches("[0-9b-df-hj-tv-z]{32}");
        }
        assertThat(id("From: a")).isEqualTo(id("From: a\n\n"));
    }

    private static String id(String message) {
        return PonyMailId.of(message.getBytes(UTF_8), LIST_ID);
    }
}
