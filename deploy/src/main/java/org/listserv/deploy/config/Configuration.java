package org.listserv.deploy.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.listserv.archive.ArchiveSettings;
import org.listserv.delivery.RelaySettings;
import org.listserv.deploy.config.Key.Need;
import org.listserv.mail.EmailAddress;
import org.listserv.reception.Upstream;
import org.listserv.smtp.SmtpSettings;
import org.listserv.smtp.SmtpSettings.Dialect;
import org.listserv.smtp.SmtpSettings.Limits;
import org.listserv.smtp.SmtpSettings.Listener;
import org.listserv.smtp.SmtpSettings.TimeOuts;
import org.listserv.smtp.SmtpSettings.Tls;
import org.listserv.store.DatabaseSettings;
import org.listserv.web.WebSettings;

/// The configuration as understood: the environment before the file before the defaults, each value with where it came from.
public final class Configuration {

    static final Path USUAL_FILE = Path.of("/etc/listserv/listserv.yaml");

    /// A node that is told to end is gone within 10 seconds; this is the part of sessions under way.
    private static final Duration LAST_TRANSACTIONS = Duration.ofSeconds(5);

    private final Map<Key<?>, Value> values;

    /// What the configuration is read for. A command needs less than a node.
    public enum Purpose {
        COMMAND,
        SERVE
    }

    /// One line of `config show`.
    ///
    /// @param value as written; a secret only as dots
    /// @param source `FILE:LINE`, `$VARIABLE` or `default`
    public record Shown(String key, String value, String source, String expected, String meaning) {}

    private record Value(String text, @Nullable Object parsed, Origin origin) {}

    private Configuration(Map<Key<?>, Value> values) {
        this.values = values;
    }

    /// @param named the file of `--config`; null: `$LISTSERV_CONFIG`, else `/etc/listserv/listserv.yaml` if there is one
    /// @throws ConfigurationMistakes with all mistakes in all sources
    public static Configuration read(@Nullable Path named, Map<String, String> environment, Purpose purpose) throws ConfigurationMistakes {
        return new Reading(file(named, environment), environment, purpose).configuration();
    }

    /// All keys, for `config show`.
    public List<Shown> shown() {
        return values.entrySet().stream().map(entry -> {
            var key = entry.getKey();
            var value = entry.getValue();
            var text = key.secret() && !value.text().isEmpty() ? "********" : value.text().replaceAll("(?i)(password=)[^&]*", "$1********");
            return new Shown(key.name(), text, value.origin().toString(), key.kind().expected(), key.sentence());
        }).toList();
    }

    public String nodeName() {
        return get(Keys.NODE_NAME);
    }

    public DatabaseSettings database() {
        return new DatabaseSettings(get(Keys.DATABASE_URL), get(Keys.DATABASE_USER), get(Keys.DATABASE_PASSWORD));
    }

    /// Where [#database] was read from, for messages about a database that does not answer.
    public String databaseOrigin() {
        return value(Keys.DATABASE_URL).origin().toString();
    }

    public SmtpSettings smtp() {
        var listeners = Stream.of(
                listeners(Keys.SMTP_LISTEN, Dialect.SMTP, false), listeners(Keys.LMTP_LISTEN, Dialect.LMTP, false),
                listeners(Keys.SMTP_PROXY_LISTEN, Dialect.SMTP, true), listeners(Keys.LMTP_PROXY_LISTEN, Dialect.LMTP, true))
                .flatMap(all -> all)
                .toList();
        var usual = Limits.DEFAULT;
        var limits = new Limits(get(Keys.MAX_MESSAGE_SIZE), usual.maxRecipients(), usual.maxReceivedFields(), usual.maxUnknownCommands(),
                usual.maxCommandOctets(), usual.maxConnections(), usual.maxConnectionsPerClient(), usual.spillAboveOctets(),
                usual.memoryOctets());
        var timeOuts = new TimeOuts(TimeOuts.DEFAULT.opening(), TimeOuts.DEFAULT.command(), TimeOuts.DEFAULT.data(), LAST_TRANSACTIONS);
        var tls = isSet(Keys.TLS_CERTIFICATE) ? new Tls.Pem(get(Keys.TLS_CERTIFICATE), get(Keys.TLS_KEY)) : new Tls.Off();
        return new SmtpSettings(nodeName(), listeners, get(Keys.TRUSTED), get(Keys.PROXY_FROM), tls, limits, timeOuts,
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    public Upstream upstream() {
        return get(Keys.UPSTREAM);
    }

    /// @throws ConfigurationMistakes when it is not set; only a node must have it
    public EmailAddress postmaster() throws ConfigurationMistakes {
        if (!isSet(Keys.POSTMASTER)) {
            throw new ConfigurationMistakes(List.of(new Mistake(new Origin.Default(), Keys.POSTMASTER.name() + " is not set: write "
                    + Keys.POSTMASTER.kind().expected() + " into the configuration file or into $" + Keys.POSTMASTER.variable())));
        }
        return get(Keys.POSTMASTER);
    }

    /// Where readers find the web archive; stands in mail.
    public URI baseUrl() {
        return get(Keys.WEB_BASE_URL);
    }

    public WebSettings web() {
        return new WebSettings(get(Keys.WEB_LISTEN), get(Keys.WEB_BASE_URL), get(Keys.WEB_TRUSTED_PROXIES),
                get(Keys.WEB_SEARCHES), get(Keys.WEB_DOWNLOADS));
    }

    public ArchiveSettings archive() {
        return new ArchiveSettings(get(Keys.ARCHIVE_INDEX));
    }

    public RelaySettings relay() {
        return new RelaySettings(get(Keys.RELAY_HOSTS), get(Keys.RELAY_CONNECTIONS), get(Keys.RELAY_XVERP), get(Keys.RELAY_TLS), nodeName(),
                RelaySettings.Timeouts.RFC_5321, RelaySettings.DEFAULT_IDLE);
    }

    /// Texts of mail in place of the shipped ones.
    public Path texts() {
        return get(Keys.TEXTS);
    }

    /// W of P4: copies ahead of the last committed mark.
    public int deliveryWindow() {
        return get(Keys.DELIVERY_WINDOW);
    }

    private Stream<Listener> listeners(Key<List<InetSocketAddress>> key, Dialect dialect, boolean proxied) {
        return get(key).stream().map(address -> new Listener(address, dialect, proxied));
    }

    private boolean isSet(Key<?> key) {
        return !value(key).text().isEmpty();
    }

    @SuppressWarnings("unchecked") // the key's own parser made it
    private <T> T get(Key<T> key) {
        var parsed = (T) value(key).parsed();
        if (parsed == null) {
            throw new IllegalStateException(key.name() + " is not set, and was read for a purpose that does not need it");
        }
        return parsed;
    }

    private Value value(Key<?> key) {
        var value = values.get(key);
        if (value == null) {
            throw new IllegalStateException(key.name() + " stands in no table");
        }
        return value;
    }

    /// The file that was named, else the usual one; null when that one is not there: the environment may be enough.
    private static @Nullable Path file(@Nullable Path named, Map<String, String> environment) {
        if (named != null) {
            return named;
        }
        var fromEnvironment = environment.getOrDefault("LISTSERV_CONFIG", "");
        if (!fromEnvironment.isEmpty()) {
            return Path.of(fromEnvironment);
        }
        return Files.exists(USUAL_FILE) ? USUAL_FILE : null;
    }

    /// One reading: collects mistakes until the end.
    private static final class Reading {

        private final @Nullable Path file;
        private final Map<String, String> environment;
        private final Purpose purpose;
        private final List<Mistake> mistakes = new ArrayList<>();
        private boolean unreadable;
        private final Map<Key<?>, Value> values = new LinkedHashMap<>();

        Reading(@Nullable Path file, Map<String, String> environment, Purpose purpose) {
            this.file = file;
            this.environment = environment;
            this.purpose = purpose;
        }

        Configuration configuration() throws ConfigurationMistakes {
            var written = file == null ? Map.<String, YamlFile.Found>of() : written(file);
            for (var key : Keys.all()) {
                values.put(key, understood(key, written));
            }
            unknownVariables();
            together();
            if (!mistakes.isEmpty()) {
                throw new ConfigurationMistakes(mistakes.stream().sorted(Comparator.comparingInt(Reading::place)).toList());
            }
            return new Configuration(values);
        }

        private Map<String, YamlFile.Found> written(Path file) {
            var yaml = YamlFile.read(file);
            mistakes.addAll(yaml.mistakes());
            unreadable = yaml.mistakes().stream().anyMatch(mistake -> mistake.where() instanceof Origin.WholeFile);
            yaml.values().forEach((name, found) -> {
                if (Keys.all().stream().noneMatch(key -> key.name().equals(name))) {
                    var below = Keys.all().stream().map(Key::name).filter(key -> key.startsWith(name + ".")).toList();
                    if (below.isEmpty()) {
                        wrong(found.where(), "unknown key " + name + Nearest.to(name, Keys.all().stream().map(Key::name)));
                    } else if (!found.text().isEmpty()) { // a heading with all its keys commented out is no mistake
                        wrong(found.where(), name + " is a heading: keys stand below it, such as " + below.getFirst());
                    }
                }
            });
            return yaml.values();
        }

        private Value understood(Key<?> key, Map<String, YamlFile.Found> written) {
            var variable = environment.get(key.variable());
            var found = written.get(key.name());
            if (found != null && variable != null) {
                parsed(key, found.text(), found.where()); // hidden by the environment; a mistake all the same
            }
            if (variable != null) {
                return parsed(key, variable, new Origin.Variable(key.variable()));
            }
            if (found != null) {
                return parsed(key, found.text(), found.where());
            }
            return parsed(key, key.usual() == null ? "" : key.usual(), new Origin.Default());
        }

        private Value parsed(Key<?> key, String text, Origin origin) {
            if (text.isEmpty() && key.usual() == null) {
                if (key.need() == Need.EVERY_COMMAND || key.need() == Need.SERVE && purpose == Purpose.SERVE) {
                    missing(key, origin);
                }
                return new Value("", null, origin);
            }
            try {
                return new Value(text, key.kind().parse(text), origin);
            } catch (IllegalArgumentException e) {
                var said = e instanceof NumberFormatException ? null : e.getMessage();
                if (said != null && said.startsWith(key.name())) {
                    wrong(origin, said);
                } else {
                    var expected = "expected " + key.kind().expected();
                    wrong(origin, key.name() + ": " + (said != null
                            ? said + "; " + expected
                            : key.secret() ? expected : expected + ", found `" + text + "`"));
                }
                return new Value(text, null, origin);
            }
        }

        private void missing(Key<?> key, Origin origin) {
            if (unreadable) {
                return; // it may well stand in the file
            }
            var where = file == null
                    ? USUAL_FILE + " (there is none), into a file that you name with --config, or into $" + key.variable()
                    : file + " or into $" + key.variable();
            wrong(origin, key.name() + " is not set: write " + key.kind().expected() + " into " + where);
        }

        /// Only names that look like ours: `LISTSERV_SMTP_LISTN` is a slip, `LISTSERV_CORPORA` is somebody else's.
        private void unknownVariables() {
            var ours = Keys.all().stream().map(Key::variable).collect(Collectors.toSet());
            var beginnings = ours.stream().map(name -> name.replaceFirst("^(LISTSERV_[A-Z]+).*", "$1_")).collect(Collectors.toSet());
            new TreeMap<>(environment).keySet().stream()
                    .filter(name -> beginnings.stream().anyMatch(name::startsWith) && !ours.contains(name))
                    .forEach(name -> wrong(new Origin.Variable(name), "unknown key" + Nearest.to(name, ours.stream().sorted())));
        }

        /// What no key can see alone.
        private void together() {
            for (var pair : List.of(Map.entry(Keys.TLS_CERTIFICATE, Keys.TLS_KEY), Map.entry(Keys.TLS_KEY, Keys.TLS_CERTIFICATE))) {
                if (!text(pair.getKey()).isEmpty() && text(pair.getValue()).isEmpty()) {
                    wrong(origin(pair.getKey()),
                            pair.getKey().name() + " is set and " + pair.getValue().name() + " is not: STARTTLS needs both");
                }
            }
            for (var key : List.of(Keys.SMTP_PROXY_LISTEN, Keys.LMTP_PROXY_LISTEN)) {
                if (!text(key).isEmpty() && text(Keys.PROXY_FROM).isEmpty()) {
                    wrong(origin(key), key.name() + " is set and listserv.proxy-from is not: nobody could connect");
                }
            }
            if (purpose == Purpose.SERVE) {
                for (var key : List.of(Keys.TLS_CERTIFICATE, Keys.TLS_KEY)) {
                    if (values.get(key) instanceof Value(var text, Path path, var origin) && !text.isEmpty() && !Files.isReadable(path)) {
                        wrong(origin, key.name() + ": " + path + (Files.exists(path) ? " cannot be read by this user" : " does not exist"));
                    }
                }
                sameAddressTwice();
            }
        }

        private void sameAddressTwice() {
            var taken = new LinkedHashMap<InetSocketAddress, Key<?>>();
            for (var key : List.of(Keys.SMTP_LISTEN, Keys.LMTP_LISTEN, Keys.SMTP_PROXY_LISTEN, Keys.LMTP_PROXY_LISTEN, Keys.WEB_LISTEN)) {
                if (values.get(key) instanceof Value(var _, var parsed, var origin) && parsed != null) {
                    for (var address : parsed instanceof List<?> several ? several : List.of(parsed)) {
                        var earlier = address instanceof InetSocketAddress socket && socket.getPort() != 0
                                ? taken.putIfAbsent(socket, key)
                                : null;
                        if (earlier != null) {
                            wrong(origin, key.name() + ": " + address.toString().replaceFirst("^.*/", "") + " is taken by " + earlier.name()
                                    + " already");
                        }
                    }
                }
            }
        }

        private String text(Key<?> key) {
            return values.get(key) instanceof Value value ? value.text() : "";
        }

        private Origin origin(Key<?> key) {
            return values.get(key) instanceof Value value ? value.origin() : new Origin.Default();
        }

        private void wrong(Origin where, String what) {
            mistakes.add(new Mistake(where, what));
        }

        /// In the order in which somebody repairs them: the file from top to bottom, the environment, what is missing.
        private static int place(Mistake mistake) {
            return switch (mistake.where()) {
                case Origin.WholeFile _ -> 0;
                case Origin.Line(var _, var line) -> line;
                case Origin.Variable _ -> Integer.MAX_VALUE - 1;
                case Origin.Default _ -> Integer.MAX_VALUE;
            };
        }
    }
}
