package org.listserv.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SettingTest {

    @ParameterizedTest(name = "{0}={1} is kept as {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            state          | closed                    | closed
            state          | ACTIVE                    | active
            description    |   Talk about Lucene       | Talk about Lucene
            description    | ``                        | ``
            language       | de-ch                     | de-CH
            prefix         | [dev]                     | [dev]
            reply-to       | list                      | list
            reply-to       | author                    | author
            reply-to       | talk@Example.ORG          | talk@example.org
            posting        | moderators-only           | moderators-only
            refused        | discard                   | discard
            subscribing    | confirm-and-approve       | confirm-and-approve
            unsubscribing  | open                      | open
            archive        | members                   | members
            max-size       | 25MB                      | 26214400
            max-size       | 500 k                     | 512000
            max-size       | 0                         | 0
            min-size       | 2                         | 2
            remove-headers | Sender, List-Post,,Sender | Sender,List-Post
            remove-headers | ``                        | ``
            reject-types   | Image/GIF,application     | image/gif,application
            remove-types   | text/html                 | text/html
            digest-count   | 1                         | 1
            digest-size    | 64KB                      | 65536
            digest-hours   | 24                        | 24
            hold-hours     | 240                       | 240
            verp           | on                        | on
            personal       | unsubscribe               | unsubscribe
            """)
    void a_value_is_understood(String key, String value, String kept) {
        assertThat(Setting.parse(Map.of(key, value))).containsEntry(Setting.of(key), kept);
    }

    @Test
    void backslash_n_is_a_new_line_where_there_can_be_several() {
        assertThat(Setting.FOOTER.checked("--\\nunsubscribe at the door\\n")).isEqualTo("--\nunsubscribe at the door");
        assertThat(Setting.ADD_HEADERS.checked("X-One: 1\\nX-Two:  two ")).isEqualTo("X-One: 1\nX-Two: two");
    }

    @ParameterizedTest(name = "{0}={1}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            colour         | blue           | there is no setting 'colour'; there are: state, description,
            posting        | everyone       | posting cannot be 'everyone': no such choice; allowed: anyone, members, members-or-hold,
            hold-hours     | 12             | hold-hours cannot be '12': out of range; allowed: hours from 24 to 240
            hold-hours     | 241            | out of range
            hold-hours     | soon           | not a whole number
            max-size       | -1             | not a size
            max-size       | 1GB            | not a size
            max-size       | 9999MB         | out of range
            digest-count   | 0              | out of range
            reply-to       | dev            | reply-to cannot be 'dev': address has no @
            language       | english please | not a language tag
            verp           | off            | allowed: on
            remove-headers | Sub ject       | not the name of a header field: Sub ject
            add-headers    | X-One          | not a header field: X-One
            reject-types   | image/*/gif    | not a media type: image/*/gif
            """)
    void a_value_that_cannot_be_is_refused_with_what_can(String key, String value, String reason) {
        assertThatThrownBy(() -> Setting.parse(Map.of(key, value))).isInstanceOf(SettingException.class).hasMessageContaining(reason);
    }

    @Test
    void a_line_end_does_not_get_into_a_header_field() {
        for (var key : new String[]{"description", "prefix"}) {
            assertThatThrownBy(() -> Setting.parse(Map.of(key, "one\r\nBcc: two"))).hasMessageContaining("line end");
        }
        assertThatThrownBy(() -> Setting.parse(Map.of("add-headers", "X: one\rBcc: two"))).hasMessageContaining("line end");
    }

    @Test
    void all_mistakes_are_reported_at_once() {
        assertThatThrownBy(() -> Setting.parse(Map.of("posting", "x", "colour", "x", "hold-hours", "x")))
                .hasMessageContaining("posting cannot be").hasMessageContaining("'colour'").hasMessageContaining("hold-hours cannot be");
    }

    @ParameterizedTest
    @EnumSource
    void every_setting_explains_itself_and_its_default_can_be_set(Setting setting) {
        assertThat(setting.meaning()).hasSizeGreaterThan(10);
        assertThat(setting.allowed()).isNotBlank();
        assertThat(setting.checked(setting.defaultText())).isEqualTo(setting.defaultText());
    }
}
