package org.listserv.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.listserv.web.Sample.DEV;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.listserv.mail.Corpora;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MboxReader;
import org.listserv.mail.MessageIds;
import org.listserv.web.page.Place;

/// Whatever a Message-ID is made of, its permalink leads through container and routes to that one post. `bench/attack` takes every one of
/// the corpora, and HAProxy in front.
class MessageIdTest {
    private static final String USUAL = "[A-Za-z0-9._@-]+";
    private static final int MOST = 150;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Sample sample;
    private static WebServer web;

    @BeforeAll
    static void start() {
        sample = new Sample();
        web = WebServer.start(new WebSettings(new InetSocketAddress("127.0.0.1", 0), URI.create("https://lists.example.org"), List.of()),
                sample.database(), new Searching(sample.database()), List.of(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    @AfterAll
    static void stop() {
        web.close();
        sample.close();
    }

    private static HttpResponse<String> get(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path)).build();
        return HTTP.sendAsync(request, BodyHandlers.ofString(UTF_8)).join();
    }

    private static void lead(Collection<String> ids) {
        for (var id : ids) {
            // The text says which it is, in characters that are no problem.
            var text = "This is " + MessageIds.hash(id) + ".";
            sample.post(DEV, Sample.message("x@example.org", "Mara <mara@harbour.example>", "x", "Thu, 28 Mar 2024 11:00:00 +0000", text)
                    .getBytes(UTF_8), id);
        }
        for (var id : ids) {
            var text = "This is " + MessageIds.hash(id) + ".";
            var page = new Place.Message(DEV, id).path();
            assertThat(Place.at(page)).as(page).contains(new Place.Message(DEV, id));
            assertThat(get(page).body()).as(id).contains(text);
            assertThat(get(new Place.Raw(DEV, id).path()).body()).as(id).contains(text);
            assertThat(get(encoded(page)).body()).as(id).contains(text);
        }
    }

    /// As a client writes it that trusts no character: everything but slashes encoded, in small digits.
    private static String encoded(String path) {
        var all = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            // What is encoded already stays; dots alone would be taken away.
            if (c == '%') {
                all.append(path.substring(i, i + 3).toLowerCase(Locale.ROOT));
                i += 2;
            } else if (c == '/' || c == '.' || Character.isLetterOrDigit(c)) {
                all.append(c);
            } else {
                all.append("%%%02x".formatted((int) c));
            }
        }
        return all.toString();
    }

    @Test
    void made_of_every_character_there_is() {
        var ids = new LinkedHashSet<String>();
        IntStream.rangeClosed('!', '~').filter(c -> c != '<' && c != '>').mapToObj(Character::toString)
                .forEach(c -> ids.add(c + "a" + c + c + "b@example.org" + c));
        for (var c : List.of("é", "ß", "漢字", "أهلا", "😀", "👩‍👩‍👧", "e\u0301", "\u00ad", "\u200b", "\u202e", "\ufeff", "\ufffd",
                "\uffff", "\ue000", "%E9", "%25", "%2F", "%2f", "%252F", "%00", "%0d%0a", "+%20", ";a=b", "?q=a#b", "//", "/../", "/./",
                "\\..\\", "&amp;", "'\"", "${7*7}", "a".repeat(900))) {
            ids.addAll(List.of(c, "a" + c + "b@" + c));
        }
        ids.addAll(List.of("search", "2024-03", "2024-03.mbox.gz", "9999-99", "12", "0", "012", "feed.atom", "chain", "m", "T", "t", "raw",
                "html", "t.mbox.gz", ".", "..", "...", "%2E", "%2E%2E", "%252E", "m/search", "a/T", "a/raw", "1/1.2/x", "a/t/feed.atom"));
        lead(ids);
    }

    @Test
    void as_strange_as_they_come_in_real_mail() {
        var ids = new LinkedHashSet<String>();
        for (var set : List.of("lists", "spam", "mime", "eai", "bounces", "auth")) {
            for (var file : Corpora.files(set)) {
                forEach(Corpora.octets(file), octets -> MessageIds.of(HeaderSection.parse(octets)).filter(id -> !id.matches(USUAL))
                        .ifPresent(ids::add));
            }
        }
        assertThat(ids).hasSizeGreaterThan(100);
        // The strangest: those with the rarest characters first.
        lead(ids.stream().sorted((a, b) -> Integer.compare(strange(b), strange(a))).limit(MOST).toList());
    }

    private static int strange(String id) {
        return (int) id.chars().filter(c -> Set.of('$', '=', '+').stream().noneMatch(usual -> usual == c))
                .filter(c -> !Character.toString(c).matches(USUAL)).count();
    }

    private static void forEach(byte[] file, Consumer<byte[]> action) {
        try (var mbox = new MboxReader(new ByteArrayInputStream(file), MboxReader.Quoting.MBOXRD, 10_000_000)) {
            int messages = 0;
            for (var entry = mbox.next(); entry.isPresent(); entry = mbox.next()) {
                if (entry.get() instanceof MboxReader.Message message) {
                    messages++;
                    action.accept(message.octets());
                }
            }
            if (messages == 0) {
                action.accept(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
