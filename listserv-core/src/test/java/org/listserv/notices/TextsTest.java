package org.listserv.notices;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.notices.Texts.From;
import org.listserv.reception.Site;

class TextsTest {
    private static Site site;

    @BeforeAll
    static void start() {
        site = new Site();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "de"})
    void every_text_is_shipped_in_every_language(String language) {
        assertThat(Texts.NAMES).allSatisfy(name -> assertThat(Texts.shipped(language, name)).as(name).isPresent());
    }

    @Test
    void every_phrase_is_there_in_every_language() {
        assertThat(names("de")).containsAll(names("en"));
    }

    @Test
    void the_german_texts_say_which_addresses_the_english_ones_say() {
        assertThat(Texts.NAMES).allSatisfy(name -> assertThat(tags("de", name)).as(name).isEqualTo(tags("en", name)));
    }

    @Test
    void a_file_takes_the_place_of_a_shipped_text_and_makes_a_language(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("fr"));
        Files.writeString(folder.resolve("fr/sub-ok.txt"), "Bienvenue !\n");
        Files.createDirectories(folder.resolve("en"));
        Files.writeString(folder.resolve("en/faq.txt"), "Ask Ann.\n");
        var texts = new Texts(site.database, folder);
        var list = site.list("fr", "language", "fr-CH");
        assertThat(texts.all(list.id(), "fr-CH")).containsEntry("sub-ok", new Texts.Text("Bienvenue !\n", From.FILE))
                .containsEntry("faq", new Texts.Text("Ask Ann.\n", From.FILE));
        assertThat(texts.all(list.id(), "fr").get("help")).extracting(Texts.Text::from).isEqualTo(From.SHIPPED);
        texts.set(list.id(), "fr-CH", "sub-ok", "Salut.\n", "test");
        assertThat(texts.of(list)).containsEntry("sub-ok", "Salut.\n");
        assertThat(new Texts(site.database, folder.resolve("nothing")).of(list).get("help")).isEqualTo(texts.of(list).get("help"));
    }

    @Test
    void what_is_filled_in_is_not_read_again_and_what_is_not_known_stays() {
        assertThat(Texts.fill("# a comment\n<#A#> <#x#>\n", Map.of("A", "<#h#>", "h", "host"))).isEqualTo("<#h#> <#x#>\n");
    }

    private static List<String> names(String language) {
        return Texts.shipped(language, "phrases").orElseThrow().lines().filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf(": "))).toList();
    }

    private static Set<String> tags(String language, String name) {
        return Pattern.compile("<#[A-Za-z-]+#>(-[a-z]+)*").matcher(Texts.shipped(language, name).orElseThrow())
                .results()
                .map(MatchResult::group).collect(Collectors.toSet());
    }
}
