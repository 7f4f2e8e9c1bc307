package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

class TableTest {

    private record Nested(String nameOfIt, List<Integer> numbers, Optional<String> maybe, Map<String, Boolean> flags) {}

    @Test
    void numbers_stand_to_the_right_and_words_to_the_left() {
        assertThat(new Table("LIST", "POSTS", "ABOUT").row("dev", 1234567L, "Entwürfe").row("announce", 8L, "").toString()).isEqualTo("""
                LIST          POSTS  ABOUT
                dev       1,234,567  Entwürfe
                announce          8""");
    }

    @Test
    void what_came_from_mail_cannot_command_the_terminal() {
        assertThat(new Table("FROM").row("a\u001b[2Jb\u202ec\u0007").toString()).isEqualTo("FROM\na [2Jb c");
    }

    @Test
    void json_holds_any_text() {
        assertThat(Json.of(List.of("\"\\\n\u0001\ud800x\ud83d\ude00ü\u2028")))
                .isEqualTo("[\n  \"\\\"\\\\\\n\\u0001\\ud800x\ud83d\ude00ü\u2028\"\n]");
    }

    @Test
    void json_of_a_record_has_its_components_as_keys() {
        assertThat(Json.of(new Nested("x", List.of(1, 2), Optional.empty(), Map.of("y", true)))).isEqualTo("""
                {
                  "nameOfIt": "x",
                  "numbers": [
                    1,
                    2
                  ],
                  "maybe": null,
                  "flags": {
                    "y": true
                  }
                }""");
        assertThat(Json.of(Arrays.asList((Object) null))).isEqualTo("[\n  null\n]");
        assertThat(Json.of(List.of())).isEqualTo("[]");
    }
}
