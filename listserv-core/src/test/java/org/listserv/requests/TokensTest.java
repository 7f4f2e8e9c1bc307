package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:30:00Z");
    private static final byte[] OLD = "an old secret of thirty-two octets".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final byte[] NEW = "a newer secret of thirty-two octet".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Tokens tokens = new Tokens(() -> List.of(OLD));

    private String token() {
        return tokens.make("sc main", 7, "u@example.org", NOW, Tokens.CONFIRMATION);
    }

    @Test
    void a_token_is_26_letters_of_base_32_and_never_looks_like_a_cookie_of_ezmlm() {
        assertThat(token()).matches("[a-z2-7]{26}").doesNotMatch("[a-p]{20}");
    }

    @ParameterizedTest(name = "{0}, list {1}, {2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            sc main   | 7 | u@example.org | true
            uc main   | 7 | u@example.org | false
            sc digest | 7 | u@example.org | false
            sc main   | 8 | u@example.org | false
            sc main   | 7 | v@example.org | false
            """)
    void it_is_bound_to_purpose_list_and_subject(String purpose, long list, String subject, boolean valid) {
        assertThat(tokens.isValid(token(), purpose, list, subject, NOW)).isEqualTo(valid);
    }

    @Test
    void one_letter_altered_in_any_place_is_refused_and_another_case_is_not() {
        var token = token();
        for (var i = 0; i < token.length(); i++) {
            for (var c : "abcdefghijklmnopqrstuvwxyz234567".toCharArray()) {
                var altered = token.substring(0, i) + c + token.substring(i + 1);
                assertThat(tokens.isValid(altered, "sc main", 7, "u@example.org", NOW)).isEqualTo(altered.equals(token));
            }
        }
        assertThat(tokens.isValid(token.toUpperCase(Locale.ROOT), "sc main", 7, "u@example.org", NOW)).isTrue();
        assertThat(tokens.isValid(token + "a", "sc main", 7, "u@example.org", NOW)).isFalse();
        assertThat(tokens.isValid("", "sc main", 7, "u@example.org", NOW)).isFalse();
    }

    @Test
    void it_expires() {
        assertThat(tokens.isValid(token(), "sc main", 7, "u@example.org", NOW.plus(Duration.ofSeconds(1_000_000)))).isTrue();
        assertThat(tokens.isValid(token(), "sc main", 7, "u@example.org", NOW.plus(Duration.ofHours(280)))).isFalse();
    }

    @Test
    void after_a_rotation_old_tokens_stay_valid_until_their_secret_retires() {
        var rotated = new Tokens(() -> List.of(NEW, OLD));
        assertThat(rotated.isValid(token(), "sc main", 7, "u@example.org", NOW)).isTrue();
        assertThat(new Tokens(() -> List.of(NEW)).isValid(token(), "sc main", 7, "u@example.org", NOW)).isFalse();
    }
}
