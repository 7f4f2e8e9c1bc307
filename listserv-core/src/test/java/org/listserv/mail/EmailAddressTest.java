package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

import org.listserv.mail.AddressSyntaxException.Part;

class EmailAddressTest {
    @ParameterizedTest(name = "{0} is {1} at {2}, written {3}, compared as {4}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            jane@example.org                 | jane          | example.org        | jane@example.org                | jane@example.org
            Jane.Doe@Example.ORG             | Jane.Doe      | example.org        | Jane.Doe@example.org            | jane.doe@example.org
            dev-return-1-u=d.org@example.org | dev-return-1-u=d.org | example.org | dev-return-1-u=d.org@example.org | dev-return-1-u=d.org@example.org
            "jane"@example.org               | jane          | example.org        | jane@example.org                | jane@example.org
            "a b"@example.org                | a b           | example.org        | "a b"@example.org               | "a b"@example.org
            "a\\"b\\\\"@example.org          | a"b\\         | example.org        | "a\\"b\\\\"@example.org         | "a\\"b\\\\"@example.org
            "a@b"@example.org                | a@b           | example.org        | "a@b"@example.org               | "a@b"@example.org
            "."@example.org                  | .             | example.org        | "."@example.org                 | "."@example.org
            a@[192.0.2.1]                    | a             | [192.0.2.1]        | a@[192.0.2.1]                   | a@[192.0.2.1]
            a@[IPv6:2001:DB8::1]             | a             | [ipv6:2001:db8::1] | a@[ipv6:2001:db8::1]            | a@[ipv6:2001:db8::1]
            Jürgen@Bücher.Example            | Jürgen        | bücher.example     | Jürgen@bücher.example           | jürgen@xn--bcher-kva.example
            jürgen@xn--bcher-kva.example     | jürgen        | xn--bcher-kva.example | jürgen@xn--bcher-kva.example | jürgen@xn--bcher-kva.example
            "ü ö"@example.org                | ü ö           | example.org        | "ü ö"@example.org               | "ü ö"@example.org
            用户@例子.广告                      | 用户           | 例子.广告            | 用户@例子.广告                     | 用户@xn--fsqu00a.xn--4rr70v
            root@localhost                   | root          | localhost          | root@localhost                  | root@localhost
            """)
    void a_mailbox_has_a_local_part_and_a_domain(String text, String local, String domain, String written, String normal) {
        var address = EmailAddress.parse(text);
        assertThat(address.localPart()).isEqualTo(local);
        assertThat(address.domain()).isEqualTo(domain);
        assertThat(address).hasToString(written);
        assertThat(address.normal()).isEqualTo(normal);
        assertThat(EmailAddress.parse(written)).isEqualTo(address);
        assertThat(EmailAddress.parse(normal).normal()).isEqualTo(normal);
    }

    @ParameterizedTest(name = "{0} is refused for its {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                     | ADDRESS
            jane                   | ADDRESS
            @example.org           | LOCAL_PART
            .jane@example.org      | LOCAL_PART
            jane.@example.org      | LOCAL_PART
            ja..ne@example.org     | LOCAL_PART
            ja ne@example.org      | LOCAL_PART
            <jane@example.org>     | LOCAL_PART
            jane(x)@example.org    | LOCAL_PART
            "jane@example.org      | LOCAL_PART
            "jane"x@example.org    | LOCAL_PART
            "ja"."ne"@example.org  | LOCAL_PART
            "a\\ü"@example.org     | LOCAL_PART
            jane@                  | DOMAIN
            jane@example.org.      | DOMAIN
            jane@.example.org      | DOMAIN
            jane@exa mple.org      | DOMAIN
            jane@a@b               | DOMAIN
            jane@-a.org            | DOMAIN
            jane@a-.org            | DOMAIN
            jane@my_host.org       | DOMAIN
            jane@[192.0.2.256]     | DOMAIN
            jane@[192.0.2]         | DOMAIN
            jane@[]                | DOMAIN
            jane@[IPv6:1:2]        | DOMAIN
            jane@[x400:c=de]       | DOMAIN
            jane@example.org,j@x.y | DOMAIN
            jane@ex＠mple.org       | DOMAIN
            """)
    void what_is_wrong_is_named(String text, Part part) {
        assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> EmailAddress.parse(text))
                .satisfies(e -> assertThat(e.part()).isEqualTo(part)).withMessageStartingWith(part.toString());
    }

    @ParameterizedTest(name = "no control character gets into an envelope: U+{0}")
    @ValueSource(strings = {"0000", "0009", "000a", "000d", "007f", "0085", "d800"})
    void control_characters_are_refused_everywhere(String hex) {
        var c = String.valueOf((char) Integer.parseInt(hex, 16));
        for (var text : new String[]{"a" + c + "b@example.org", "\"a" + c + "b\"@example.org", "a@exam" + c + "ple.org", c + "a@b.org",
                "a@b.org" + c}) {
            assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> EmailAddress.parse(text));
        }
        assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> new EmailAddress("a" + c, "example.org"));
    }

    @Test
    void a_local_part_has_64_octets_unless_more_are_asked_for() {
        var at64 = "ü".repeat(32) + "@example.org";
        var at200 = "x".repeat(200) + "@example.org";
        assertThat(EmailAddress.parse(at64).localPart()).hasSize(32);
        assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> EmailAddress.parse("x" + at64))
                .withMessage("local part is longer than 64 octets");
        assertThat(EmailAddress.parse(at200, 200).localPart()).hasSize(200);
        assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> EmailAddress.parse("x" + at200, 200));
        assertThatExceptionOfType(AddressSyntaxException.class).isThrownBy(() -> EmailAddress.parse("x".repeat(1_000_000), 2_000_000));
    }

    @Test
    void one_person_in_two_spellings_has_one_normal_form() {
        assertThat(Set.of("Zoë@example.org", "zoe\u0308@EXAMPLE.org", "\"ZOË\"@example.org"))
                .extracting(text -> EmailAddress.parse(text).normal())
                .containsOnly("zoë@example.org");
    }

    /// ERR is never an address; VALID, DNSWARN and RFC5321 always are. Of what RFC 5322 and its obsolete forms allow beyond an envelope, only
    /// what is listed is taken.
    @Test
    void the_isemail_vectors_are_judged_by_what_an_envelope_allows() throws Exception {
        var accepted = new TreeMap<String, Set<String>>();
        var refused = new TreeMap<String, Set<String>>();
        for (var vector : isemail().entrySet()) {
            var category = vector.getValue();
            try {
                EmailAddress.parse(vector.getKey());
                accepted.computeIfAbsent(category, c -> new TreeSet<>()).add(vector.getKey());
            } catch (AddressSyntaxException e) {
                refused.computeIfAbsent(category, c -> new TreeSet<>()).add(vector.getKey());
            }
        }
        assertThat(accepted.keySet()).containsExactlyInAnyOrder("VALID_CATEGORY", "DNSWARN", "RFC5321", "RFC5322", "DEPREC");
        assertThat(refused.keySet()).containsExactlyInAnyOrder("ERR", "CFWS", "DEPREC", "RFC5322");
        // "::" for a single group: RFC 5321 wants it to stand for two, RFC 4291 §2.2 does not.
        assertThat(accepted.get("DEPREC")).containsExactly("test@[IPv6:1111:2222:3333:4444:5555:6666::8888]");
        // Local part and domain are within their limits, only the sum exceeds the 254 of a path; our own addresses need more than that.
        assertThat(accepted.get("RFC5322")).hasSize(2).allSatisfy(address -> assertThat(address).hasSizeGreaterThan(254));
    }

    private static Map<String, String> isemail() throws IOException, ParserConfigurationException, SAXException {
        var xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Corpora.file("addresses/isemail/tests.xml").toFile());
        var tests = xml.getElementsByTagName("test");
        var vectors = new LinkedHashMap<String, String>();
        for (int i = 0; i < tests.getLength(); i++) {
            var test = (Element) tests.item(i);
            vectors.put(withControls(text(test, "address")), text(test, "category").replace("ISEMAIL_", ""));
        }
        return vectors;
    }

    private static String text(Element test, String name) {
        return test.getElementsByTagName(name).item(0).getTextContent();
    }

    /// The vectors write control characters as their pictures, U+2400 and following.
    private static String withControls(String text) {
        return text.codePoints().mapToObj(c -> Character.toString(c >= 0x2400 && c <= 0x241f ? c - 0x2400 : c))
                .collect(Collectors.joining());
    }

    @Test
    void any_text_gives_an_address_that_can_be_written_and_read_again_or_the_exception() {
        for (var seed : new String[]{"jane.doe@example.org", "\"a\\\" b\"@example.org", "a@[IPv6:1::2:192.0.2.1]",
                "jürgen@bücher.example"}) {
            new Mutations(1).forEach(seed.getBytes(StandardCharsets.UTF_8), 10_000, octets -> {
                try {
                    var address = EmailAddress.parse(new String(octets, StandardCharsets.UTF_8), EmailAddress.LONGEST_LOCAL_OCTETS);
                    assertThat(EmailAddress.parse(address.toString(), EmailAddress.LONGEST_LOCAL_OCTETS)).isEqualTo(address);
                    assertThat(address.normal()).isNotEmpty();
                } catch (AddressSyntaxException expected) {
                    assertThat(expected).hasMessageNotContaining("\n");
                }
            });
        }
    }
}
