package org.listserv.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

class VerpTest {
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final String PATTERN = "dev-return-17-{u}@lists.example.org";

    private final Verp verp = new Verp(() -> List.of(SECRET));

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            spoken                      | jane@example.org                                                | dev-return-17-jane=example.org@lists.example.org
            plus and dots               | j.r+lists@example.org                                           | dev-return-17-j.r+lists=example.org@lists.example.org
            an = of its own             | a=b@example.org                                                 | dev-return-17-a=b=example.org@lists.example.org
            """)
    void the_subscriber_stands_in_the_reverse_path(String what, String subscriber, String reversePath) {
        assertThat(verp.reversePath(PATTERN, 5, EmailAddress.parse(subscriber))).hasToString(reversePath);
        assertThat(verp.read(behind(reversePath)).address()).hasToString(subscriber);
        assertThat(verp.read(behind(reversePath)).number()).isEqualTo(17);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            too long     | somebody.with.a.long.name@mail.department.example.org
            a slash      | a/b@example.org
            quoted       | "a b"@example.org
            not ASCII    | jürgen@example.org
            """)
    void what_does_not_fit_becomes_id_and_tag(String why, String subscriber) {
        var reversePath = verp.reversePath(PATTERN, 4711, EmailAddress.parse(subscriber)).toString();
        assertThat(reversePath).matches("dev-return-17-~4711\\.[a-z2-7]{8}@lists\\.example\\.org");
        assertThat(verp.read(behind(reversePath)).subscription()).isEqualTo(4711);
    }

    @Test
    void a_wrong_tag_names_nobody() {
        assertThat(verp.read("17-~4711.aaaaaaaa").subscription()).isNull();
        assertThat(verp.read("17-~4711.aaaaaaaa").number()).isEqualTo(17);
    }

    @Test
    void a_tag_of_an_older_secret_is_still_understood() {
        var old = verp.reversePath(PATTERN, 9, EmailAddress.parse("a/b@example.org")).toString();
        var rotated = new Verp(
                () -> List.of("another secret of 32 octets.....".getBytes(java.nio.charset.StandardCharsets.US_ASCII), SECRET));
        assertThat(rotated.read(behind(old)).subscription()).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"''", "-", "warn-1700000000.abc-u=d", "17-nobody", "99999999999999999999-u=d", "17-="})
    void anything_else_is_read_without_complaint(String behind) {
        assertThat(verp.read(behind).subscription()).isNull();
    }

    @Test
    void a_pattern_without_a_place_is_an_address_and_an_empty_one_is_null() {
        assertThat(verp.reversePath("dev-return-@lists.example.org", 0, EmailAddress.parse("a@b.example")))
                .hasToString("dev-return-@lists.example.org");
        assertThat(verp.reversePath("", 0, EmailAddress.parse("a@b.example"))).isEqualTo(new ReversePath.Null());
    }

    private static String behind(String reversePath) {
        return reversePath.substring("dev-return-".length(), reversePath.lastIndexOf('@'));
    }
}
