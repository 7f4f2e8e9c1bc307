package org.listserv.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

/// The splitter imports are judged by.
class MboxTest {

    @Test
    void messages_are_what_stands_between_from_lines_that_a_field_follows() {
        assertThat(split("From a Mon\nSubject: 1\n\nFrom here on, text.\n\nFrom b Tue\nSubject: 2\n\ntext\n", false))
                .containsExactly("Subject: 1\n\nFrom here on, text.\n", "Subject: 2\n\ntext\n");
    }

    @Test
    void the_last_message_may_end_without_an_empty_line() {
        assertThat(split("From a Mon\nSubject: 1\n\ntext", false)).containsExactly("Subject: 1\n\ntext");
    }

    @Test
    void one_quoting_is_taken_off_where_asked_for() {
        assertThat(split("From a Mon\nSubject: 1\n\n>From me\n>>From you\n> From\n", true))
                .containsExactly("Subject: 1\n\nFrom me\n>From you\n> From\n");
        assertThat(split("From a Mon\nSubject: 1\n\n>From me\n", false)).containsExactly("Subject: 1\n\n>From me\n");
    }

    @Test
    void octets_that_are_no_mailbox_hold_no_message() {
        assertThat(split("Subject: 1\n\ntext\n", false)).isEmpty();
        assertThat(split("From a letter:\n\ntext\n", false)).isEmpty();
    }

    private static java.util.List<String> split(String file, boolean unquote) {
        return Mbox.split(file.getBytes(StandardCharsets.ISO_8859_1), unquote).stream()
                .map(octets -> new String(octets, StandardCharsets.ISO_8859_1)).toList();
    }
}
