package org.listserv.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.config.Configuration.Shown;

class ConfigurationTest {

    private static final String ENOUGH = """
            listserv:
              database.url: jdbc:postgresql://db1,db2/listserv
              postmaster: postmaster@example.org
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
            "listserv:\n  smtp:\n    listen: 127.0.0.1:26\n",
            "listserv: {smtp: {listen: '127.0.0.1:26'}}",
            "listserv.smtp:\n  listen: 127.0.0.1:26",
            "listserv.smtp.listen: 127.0.0.1:26",
            "listserv.smtp.listen: [127.0.0.1:26]",
            "listserv.smtp.listen: 127.0.0.1:26   # with a remark"})
    void nested_and_dotted_keys_mean_the_same(String yaml) throws Exception {
        var shown = shown(read(yaml, Map.of("LISTSERV_DATABASE_URL", "jdbc:postgresql:x"), Purpose.COMMAND));
        assertThat(shown.get("listserv.smtp.listen").value()).isEqualTo("127.0.0.1:26");
    }

    @Test
    void every_value_says_where_it_comes_from() throws Exception {
        var shown = shown(read(ENOUGH, Map.of("LISTSERV_RELAY_CONNECTIONS", "7"), Purpose.SERVE));
        assertThat(shown.get("listserv.postmaster").source()).isEqualTo(file() + ":3");
        assertThat(shown.get("listserv.relay.connections")).extracting(Shown::value, Shown::source)
                .containsExactly("7", "$LISTSERV_RELAY_CONNECTIONS");
        assertThat(shown.get("listserv.smtp.max-message-size")).extracting(Shown::value, Shown::source).containsExactly("25MB", "default");
    }

    @Test
    void every_key_can_stand_in_the_environment() throws Exception {
        var everything = Keys.all().stream().collect(Collectors.toMap(Key::variable, ConfigurationTest::example));
        var shown = shown(Configuration.read(write(""), everything, Purpose.COMMAND));
        assertThat(shown.values()).allSatisfy(line -> assertThat(line.source()).startsWith("$LISTSERV_"));
    }

    @Test
    void passwords_are_never_shown() throws Exception {
        var configuration = read("listserv.database: {url: 'jdbc:postgresql://db/x?password=geheim&ssl=true', password: geheim}", Map.of(),
                Purpose.COMMAND);
        assertThat(configuration.shown().toString()).doesNotContain("geheim").contains("ssl=true");
        assertThat(configuration.database().password()).isEqualTo("geheim");
    }

    @Test
    void a_heading_whose_keys_are_all_commented_out_is_no_mistake() throws Exception {
        read(ENOUGH + "  smtp:\n  #  listen: 127.0.0.1:26\n", Map.of(), Purpose.SERVE);
    }

    @Test
    void a_command_needs_no_postmaster_and_a_node_does() throws Exception {
        var yaml = "listserv.database.url: jdbc:postgresql://db/listserv";
        read(yaml, Map.of(), Purpose.COMMAND);
        assertThat(mistakes(yaml, Map.of(), Purpose.SERVE)).containsExactly(
                "listserv.postmaster is not set: write a mailbox such as postmaster@example.org into " + file()
                        + " or into $LISTSERV_POSTMASTER");
    }

    @Test
    void all_mistakes_are_told_at_once_from_top_to_bottom() throws Exception {
        assertThat(mistakes("""
                listserv:
                  node: {name: a}
                  smtp:
                    lissten: 1
                    listen: 127.0.0.1
                  smtp.upstream: maybe
                  relay.connections: 0
                listserv.node.name: b
                smtp: {tls: {key: k}}
                """, Map.of("LISTSERV_SMTP_LISTN", "x", "LISTSERV_CORPORA", "/corpora", "LISTSERV_SMTP_MAX_MESSAGE_SIZE", "2TB"),
                Purpose.SERVE))
                .containsExactly(
                        file() + ":4: unknown key listserv.smtp.lissten; did you mean listserv.smtp.listen?",
                        file() + ":5: listserv.smtp.listen: `127.0.0.1` names no port; expected addresses such as"
                                + " 127.0.0.1:2525,[::1]:2525, or nothing at all",
                        file() + ":6: listserv.smtp.upstream: expected queued or inline, found `maybe`",
                        file() + ":7: listserv.relay.connections: expected a whole number from 1 to 1000, found `0`",
                        file() + ":8: listserv.node.name stands already in line 2",
                        file() + ":9: unknown key smtp.tls.key; did you mean listserv.smtp.tls.key?",
                        "$LISTSERV_SMTP_MAX_MESSAGE_SIZE: listserv.smtp.max-message-size: expected a size such as 25MB, 512kB or 1000000"
                                + " (octets), found `2TB`",
                        "$LISTSERV_SMTP_LISTN: unknown key; did you mean LISTSERV_SMTP_LISTEN?",
                        "listserv.database.url is not set: write a JDBC URL such as jdbc:postgresql://db1.example.org/listserv into "
                                + file()
                                + " or into $LISTSERV_DATABASE_URL",
                        "listserv.postmaster is not set: write a mailbox such as postmaster@example.org into " + file()
                                + " or into $LISTSERV_POSTMASTER");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            listserv.database.url          | postgresql://db/x                           | is not a PostgreSQL JDBC URL
            listserv.database.url          | jdbc:postgresql://db/x?targetServerType=any | must not set targetServerType
            listserv.smtp.listen           | 127.0.0.1:99999                             | there is no port 99999
            listserv.smtp.listen           | a host:25                                   | expected addresses
            listserv.smtp.listen           | nowhere.invalid:25                          | `nowhere.invalid` is no address of this machine
            listserv.smtp.trusted-networks | 10.0.0.0/33                                 | has more bits
            listserv.smtp.trusted-networks | relay.example.org                           | is no network
            listserv.smtp.max-message-size | 25 Mio                                      | expected a size
            listserv.smtp.max-message-size | 1kB                                         | must be 65536 to 1073741824 octets
            listserv.smtp.max-message-size | 99999999999GB                               | must be 65536 to 1073741824 octets
            listserv.relay.hosts           | ,                                           | expected hosts
            listserv.relay.hosts           | relay.example.org:smtp                      | "smtp" in "relay.example.org:smtp" is no port
            listserv.relay.tls             | yes                                         | expected opportunistic, required or off
            listserv.node.name             | a_b                                         | expected a host name
            listserv.web.listen            | 127.0.0.1:80,[::1]:80                       | expected an address
            listserv.web.trusted-proxies   | 10.0.0.0/8,haproxy                          | haproxy is no network
            listserv.relay.connections     | 2.5                                         | expected a whole number
            listserv.web.base-url          | lists.example.org                           | expected an address
            listserv.web.base-url          | https://example.org/lists                   | without a path
            listserv.postmaster            | nobody                                      | expected a mailbox
            listserv.smtp                  | x                                           | is a heading: keys stand below it, such as listserv.smtp.listen
            """)
    void a_value_that_cannot_be_is_refused_with_its_place(String key, String value, String why) throws Exception {
        var others = ENOUGH.lines().filter(line -> !line.contains(key.replace("listserv.", "") + ":")).collect(Collectors.joining("\n"));
        assertThat(mistakes(others + "\n" + key + ": '" + value + "'", Map.of(), Purpose.SERVE))
                .singleElement().asString().contains(key, why).startsWith(file() + ":");
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(delimiter = '|', textBlock = """
            listserv.smtp.tls.certificate  | /etc/ssl/none.pem | listserv.smtp.tls.certificate is set and listserv.smtp.tls.key is not
            listserv.smtp.tls.certificate  | /etc/ssl/none.pem | /etc/ssl/none.pem does not exist
            listserv.smtp.proxy-listen     | 127.0.0.1:2526    | listserv.proxy-from is not: nobody could connect
            listserv.web.listen            | 127.0.0.1:2525    | 127.0.0.1:2525 is taken by listserv.smtp.listen already
            """)
    void keys_that_do_not_fit_together_are_refused(String key, String value, String why) throws Exception {
        assertThat(mistakes(ENOUGH + "\n" + key + ": " + value, Map.of(), Purpose.SERVE))
                .anySatisfy(line -> assertThat(line).contains(why));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'listserv: [a, b]'                     | listserv is a heading
            'just words'                           | expected `key: value`
            'listserv: {smtp: {listen: [[a]]}}'    | listserv.smtp.listen must hold keys and values
            'listserv: {smtp: '                    | is not YAML
            'listserv: &a {node: *a}'              | is nested too deeply
            'a: !!javax.script.ScriptEngineManager [x]' | Global tag is not allowed
            '? [x] : y'                            | a key must be a word
            """)
    void a_file_that_is_no_configuration_is_refused(String yaml, String why) throws Exception {
        assertThat(mistakes(yaml, Map.of("LISTSERV_DATABASE_URL", "jdbc:postgresql:x"), Purpose.COMMAND))
                .anySatisfy(line -> assertThat(line).contains(why));
    }

    @Test
    void a_file_that_cannot_be_read_is_the_only_mistake() throws Exception {
        var missing = folder.resolve("missing.yaml");
        assertThat(told(() -> Configuration.read(missing, Map.of(), Purpose.SERVE))).containsExactly(missing + ": there is no such file");
        Files.write(file(), new byte[]{'a', ':', ' ', (byte) 0xff});
        assertThat(told(() -> Configuration.read(file(), Map.of(), Purpose.SERVE))).containsExactly(file() + ": is not UTF-8 text");
    }

    @Test
    void the_file_may_be_named_in_the_environment() throws Exception {
        write(ENOUGH);
        var shown = shown(Configuration.read(null, Map.of("LISTSERV_CONFIG", file().toString()), Purpose.SERVE));
        assertThat(shown.get("listserv.postmaster").value()).isEqualTo("postmaster@example.org");
    }

    @Test
    void a_size_counts_as_mail_software_counts() throws Exception {
        var smtp = read(ENOUGH + "  smtp.max-message-size: 10MB", Map.of(), Purpose.SERVE).smtp();
        assertThat(smtp.limits().maxMessageOctets()).isEqualTo(10_485_760);
        assertThatThrownBy(() -> Kind.octets(0, 10).parse("-1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listeners_know_their_protocol_and_whether_a_proxy_speaks_first() throws Exception {
        var smtp = read(ENOUGH + """
                  smtp.listen: '127.0.0.1:25,[::1]:25'
                  lmtp.listen: '127.0.0.1:24'
                  smtp.proxy-listen: '*:2526'
                  proxy-from: 192.0.2.0/24
                """, Map.of(), Purpose.SERVE).smtp();
        assertThat(smtp.listeners())
                .map(l -> l.dialect() + " " + l.address().getHostString() + " " + l.address().getPort() + " " + l.proxied())
                .containsExactly("SMTP 127.0.0.1 25 false", "SMTP 0:0:0:0:0:0:0:1 25 false", "LMTP 127.0.0.1 24 false",
                        "SMTP 0.0.0.0 2526 true");
    }

    @Test
    void the_guide_lists_every_key_with_its_default_and_meaning() throws Exception {
        var guide = Files.readString(Path.of("../docs/guide-admin.md"));
        for (var key : Keys.all()) {
            var usual = key.equals(Keys.NODE_NAME)
                    ? "host name"
                    : key.usual() == null ? "none, must be set" : key.usual().isEmpty() ? "empty" : "`" + key.usual() + "`";
            assertThat(guide).contains("| `" + key.name() + "` | " + usual + " | " + key.sentence() + " |\n");
        }
    }

    private static String example(Key<?> key) {
        return switch (key.name()) {
            case "listserv.database.url" -> "jdbc:postgresql:x";
            case "listserv.postmaster" -> "postmaster@example.org";
            case "listserv.proxy-from" -> "192.0.2.0/24";
            case "listserv.smtp.tls.certificate", "listserv.smtp.tls.key" -> "/dev/null";
            default -> String.valueOf(key.usual());
        };
    }

    private Path file() {
        return folder.resolve("listserv.yaml");
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(file(), yaml);
    }

    private Configuration read(String yaml, Map<String, String> environment, Purpose purpose) throws Exception {
        return Configuration.read(write(yaml), environment, purpose);
    }

    private List<String> mistakes(String yaml, Map<String, String> environment, Purpose purpose) throws IOException {
        write(yaml);
        return told(() -> Configuration.read(file(), environment, purpose));
    }

    private static List<String> told(org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
        return catchThrowableOfType(ConfigurationMistakes.class, reading).mistakes().stream().map(Mistake::toString).toList();
    }

    private static Map<String, Shown> shown(Configuration configuration) {
        return configuration.shown().stream().collect(Collectors.toMap(Shown::key, line -> line, (a, b) -> a, TreeMap::new));
    }
}
