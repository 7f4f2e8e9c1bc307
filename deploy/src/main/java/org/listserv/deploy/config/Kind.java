package org.listserv.deploy.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.listserv.delivery.HostPort;
import org.listserv.mail.EmailAddress;
import org.listserv.smtp.Networks;
import org.listserv.store.DatabaseSettings;

/// What a configuration value may be: said in words for people, and as a parser.
///
/// @param expected completes the sentence "expected ..."
/// @param parser throws [IllegalArgumentException] for whatever does not fit; its message, when it has one, says more than `expected`
record Kind<T>(String expected, Parser<T> parser) {

    interface Parser<T> {
        T parse(String text);
    }

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})\\s*(B|kB|KB|MB|GB)?");
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^\\s:\\[\\]/]+))(?::([0-9]{1,5}))?");
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final Map<String, Integer> SHIFTS = Map.of("B", 0, "kB", 10, "KB", 10, "MB", 20, "GB", 30);

    T parse(String text) {
        return parser.parse(text);
    }

    static Kind<String> word(String expected) {
        return new Kind<>(expected, text -> {
            require(text.chars().noneMatch(Character::isISOControl));
            return text;
        });
    }

    static Kind<String> hostName() {
        return new Kind<>("a host name", text -> {
            require(HOST_NAME.matcher(text).matches());
            return text;
        });
    }

    static Kind<String> databaseUrl() {
        return new Kind<>("a JDBC URL such as jdbc:postgresql://db1.example.org/listserv",
                text -> new DatabaseSettings(text, "", "").url());
    }

    static Kind<EmailAddress> mailbox() {
        return new Kind<>("a mailbox such as postmaster@example.org", EmailAddress::parse);
    }

    /// `192.0.2.0/24,2001:db8::/32,127.0.0.1`
    static Kind<Networks> networks() {
        return new Kind<>("networks such as 192.0.2.0/24,2001:db8::/32", Networks::parse);
    }

    /// As [#networks], for those who read them themselves.
    static Kind<List<String>> networkTexts() {
        return new Kind<>("networks such as 192.0.2.0/24,2001:db8::/32", text -> {
            Networks.parse(text);
            return parts(text).toList();
        });
    }

    static Kind<Integer> wholeNumber(int least, int most) {
        return new Kind<>("a whole number from " + least + " to " + most, text -> {
            int number = Integer.parseInt(text);
            require(number >= least && number <= most);
            return number;
        });
    }

    /// `25MB`: 1 MB is 1,048,576 octets, as mail software counts. A bare number is octets.
    static Kind<Long> octets(long least, long most) {
        return new Kind<>("a size such as 25MB, 512kB or 1000000 (octets)", text -> {
            var size = SIZE.matcher(text);
            require(size.matches());
            var unit = size.group(2) == null ? "B" : size.group(2);
            long octets = Long.parseLong(size.group(1)) << SHIFTS.getOrDefault(unit, 0);
            if (octets < least || octets > most) {
                throw new IllegalArgumentException("must be " + least + " to " + most + " octets");
            }
            return octets;
        });
    }

    static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
        Map<String, E> words = Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toMap(e -> e.name().toLowerCase(Locale.ROOT), e -> e, (a, b) -> a, LinkedHashMap::new));
        return new Kind<>(String.join(", ", words.keySet()).replaceFirst(", ([^,]*)$", " or $1"), text -> {
            var found = words.get(text);
            if (found == null) {
                throw new IllegalArgumentException();
            }
            return found;
        });
    }

    /// Where to listen: `127.0.0.1:2525,[::1]:2525`, `localhost:2525`, `*:25` for every address of this machine; empty: nowhere.
    static Kind<List<InetSocketAddress>> listeners() {
        return new Kind<>("addresses such as 127.0.0.1:2525,[::1]:2525, or nothing at all",
                text -> parts(text).map(Kind::address).toList());
    }

    static Kind<InetSocketAddress> listener() {
        return new Kind<>("an address such as 127.0.0.1:8080 or *:8080", Kind::address);
    }

    /// Other machines, looked up whenever they are used.
    static Kind<List<HostPort>> relays() {
        return new Kind<>("hosts such as relay1.example.org,192.0.2.7:587", text -> {
            var hosts = parts(text).map(HostPort::parse).toList();
            require(!hosts.isEmpty());
            return hosts;
        });
    }

    static Kind<Path> path(String expected) {
        return new Kind<>(expected, text -> {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(null, e);
            }
        });
    }

    static Kind<URI> webAddress() {
        return new Kind<>("an address such as https://lists.example.org, without a path behind it", text -> {
            try {
                var uri = new URI(text);
                require("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
                require(uri.getHost() != null && uri.getQuery() == null && uri.getFragment() == null && uri.getUserInfo() == null);
                require(uri.getPath().isEmpty() || uri.getPath().equals("/"));
                return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException(null, e);
            }
        });
    }

    /// The parts of a comma list, trimmed, empty ones left out.
    static Stream<String> parts(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(part -> !part.isEmpty());
    }

    private static InetSocketAddress address(String text) {
        var form = ADDRESS.matcher(text);
        require(form.matches());
        if (form.group(3) == null) {
            throw new IllegalArgumentException("`" + text + "` names no port");
        }
        int port = Integer.parseInt(form.group(3));
        if (port > 65_535) {
            throw new IllegalArgumentException("there is no port " + port);
        }
        var host = form.group(1) == null ? form.group(2) : form.group(1);
        var address = host.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("`" + host + "` is no address of this machine");
        }
        return address;
    }

    private static void require(boolean fits) {
        if (!fits) {
            throw new IllegalArgumentException();
        }
    }
}
