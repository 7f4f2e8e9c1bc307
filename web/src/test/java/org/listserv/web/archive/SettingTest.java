package org.listserv.web.archive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettingTest {
    private static Setting of(String paragraph) {
        return Setting.of(paragraph.lines().toList());
    }

    @Test
    void what_a_mail_program_broke_into_lines_may_be_broken_elsewhere() {
        assertThat(of("""
                every reading of Lysekil, Hönö and Grebbestad is an hour ahead since
                Sunday night. All other stations are fine. I checked the clocks of the
                loggers themselves over the modem and they are right to the second, so
                whatever happens, it happens on our side.
                """)).isEqualTo(Setting.PROSE);
    }

    @Test
    void a_single_line_of_words_is_prose_of_any_length() {
        assertThat(of("Good morning,")).isEqualTo(Setting.PROSE);
        assertThat(of("Words and words ".repeat(40).strip())).isEqualTo(Setting.PROSE);
    }

    @Test
    void verse_and_addresses_keep_their_lines() {
        assertThat(of("""
                The tide comes in, the tide goes out,
                the gauge will tell you what about.
                """)).isEqualTo(Setting.LINES);
        assertThat(of("""
                Harbour Instruments
                Quay 3
                Lysekil
                """)).isEqualTo(Setting.LINES);
    }

    @Test
    void a_line_that_had_room_for_the_next_word_ended_on_purpose() {
        assertThat(of("""
                We need three things before the release can be made and announced:
                the zone,
                the modem series, and somebody with an old modem to try all of it on
                """)).isEqualTo(Setting.LINES);
    }

    @Test
    void columns_code_and_logs_stand_as_typed() {
        assertThat(of("station      logger says   we store\nLysekil      05:00:00Z     06:00:00Z")).isEqualTo(Setting.TYPED);
        assertThat(of("    if (!rec)\n        return -ENOENT;")).isEqualTo(Setting.TYPED);
        assertThat(of("a\tb")).isEqualTo(Setting.TYPED);
        assertThat(of("2024-03-25 05:00:00.123 [42] 0x7f3a: 17/23, 99.5%")).isEqualTo(Setting.TYPED);
    }

    @Test
    void two_spaces_behind_a_sentence_are_no_columns() {
        assertThat(of("It could not.  The raw frames carry seconds of UTC.")).isEqualTo(Setting.PROSE);
    }
}
