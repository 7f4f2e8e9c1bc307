package org.listserv.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.YearMonth;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.mail.EmailAddress;

class PlaceTest {
    private static final EmailAddress DEV = EmailAddress.parse("dev@lists.example.org");

    @ParameterizedTest
    @ValueSource(strings = {"plain@example.org", "a/b@example.org", "100%25@example.org", "a+b=c@example.org", "$1#2?3&4;5@example.org",
            "a b@example.org",
            "søren@example.org", "\uD83D\uDCEE@example.org", "\"quoted\"@[192.0.2.1]", "<nested>@example.org", "back\\slash@example.org",
            "{|}^`~@example.org",
            "search", "chain", "m", "feed.atom", "2024-03", "2024-03.mbox.gz", "2024-03.mbox.gz.sha256", "manifest.json", "12",
            "no-at-sign", "../../etc/passwd", ".", "..", "%2e%2e",
            "T", "raw", "'x'@example.org"})
    void a_message_id_survives_its_address_whatever_is_in_it(String messageId) {
        for (var place : List.of(new Place.Message(DEV, messageId), new Place.Raw(DEV, messageId), new Place.Html(DEV, messageId),
                new Place.FlatThread(DEV, messageId), new Place.NestedThread(DEV, messageId), new Place.ThreadMbox(DEV, messageId),
                new Place.ThreadFeed(DEV, messageId),
                new Place.Part(DEV, messageId, "1.2", "a/b %.txt"))) {
            assertThat(Place.at(place.path())).as(place.path()).contains(place);
            assertThat(place.path()).matches("[\\x21-\\x7e]+").doesNotContain("//", ";", "?", "#", "\\", "<", "'", "\"");
        }
    }

    @Test
    void every_other_place_is_found_at_its_own_path() {
        for (var place : List.of(new Place.Front(), new Place.Overview(DEV), new Place.Month(DEV, YearMonth.of(2024, 3)),
                new Place.MonthMbox(DEV, YearMonth.of(999, 12)), new Place.MonthSum(DEV, YearMonth.of(2024, 3)), new Place.Manifest(DEV),
                new Place.Numbered(DEV, 1), new Place.Chain(DEV), new Place.Feed(DEV),
                new Place.Search(),
                new Place.ListSearch(DEV),
                new Place.Resolver(), new Place.Old("/thread/%3Ca@b%3E"), new Place.Old("/mod_mbox/httpd-dev/"),
                new Place.PonyMail("/api/mbox.lua"), new Place.Live(), new Place.Ready(), new Place.PagesReady(), new Place.Metrics(),
                new Place.Robots(),
                new Place.Asset("style-1.css"),
                new Place.Overview(EmailAddress.parse("\"odd/list\"@lists.example.org")),
                new Place.Overview(EmailAddress.parse("liste@exämple.org")))) {
            assertThat(Place.at(place.path())).as(place.path()).contains(place);
        }
    }

    @ParameterizedTest
    @CsvSource({"/dev@lists.example.org, /dev@lists.example.org/", "/dev@lists.example.org/2024-03, /dev@lists.example.org/2024-03/",
            "/dev@lists.example.org/a%2Fb@c, /dev@lists.example.org/a%2Fb@c/",
            "/dev@lists.example.org/a@b/T, /dev@lists.example.org/a@b/T/",
            "/dev@lists.example.org/a@b/raw/, /dev@lists.example.org/a@b/raw", "/search/, /search",
            "/dev@lists.example.org/12/, /dev@lists.example.org/12"})
    void a_slash_too_few_or_too_many_at_the_end_leads_on(String asked, String canonical) {
        assertThat(Place.at(asked)).hasValueSatisfying(place -> {
            assertThat(place).isInstanceOf(Place.Elsewhere.class);
            assertThat(place.path()).isEqualTo(canonical);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "//", "/nothing", "/dev@lists.example.org//", "/dev@lists.example.org//raw",
            "/dev@lists.example.org/../", "/dev@lists.example.org/%2e%2e/",
            "/dev@lists.example.org/a%", "/dev@lists.example.org/a%2", "/dev@lists.example.org/a%2g@b/", "/dev@lists.example.org/%ff@b/",
            "/dev@lists.example.org/%c0%af@b/", "/dev@lists.example.org/a%00@b/", "/dev@lists.example.org/a%0d%0aSet-Cookie:x@b/",
            "/dev@lists.example.org/2024-13/",
            "/dev@lists.example.org/2024-13.mbox.gz", "/dev@lists.example.org/a@b/x", "/dev@lists.example.org/a@b/1.2/",
            "/dev@lists.example.org/a@b/1..2/name", "/dev@lists.example.org/a@b/1/name/more", "/dev@lists.example.org/search/more",
            "/@lists.example.org/",
            "/dev@@lists.example.org/", "/dev@/", "/health", "/health/alive", "/assets/"})
    void there_is_nothing_elsewhere(String path) {
        assertThat(Place.at(path)).isEmpty();
    }

    @Test
    void a_percent_sign_is_decoded_once() {
        assertThat(Place.at("/dev@lists.example.org/a%252Fb@c/")).contains(new Place.Message(DEV, "a%2Fb@c"));
    }

    @Test
    void an_endless_path_is_refused_before_it_costs_anything() {
        assertThat(Place.at("/dev@lists.example.org/" + "%41".repeat(3_000) + "/")).isEmpty();
    }
}
