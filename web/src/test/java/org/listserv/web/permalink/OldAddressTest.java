package org.listserv.web.permalink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.posting.LegacyId;
import org.listserv.web.permalink.OldAddress.AllLists;
import org.listserv.web.permalink.OldAddress.Feed;
import org.listserv.web.permalink.OldAddress.Form;
import org.listserv.web.permalink.OldAddress.MonthMbox;
import org.listserv.web.permalink.OldAddress.Named;
import org.listserv.web.permalink.OldAddress.Numbered;
import org.listserv.web.permalink.OldAddress.OfList;
import org.listserv.web.permalink.OldAddress.OfMonth;
import org.listserv.web.permalink.OldAddress.Order;
import org.listserv.web.permalink.OldAddress.Searched;
import org.listserv.web.permalink.OldAddress.WithId;

/// Every form of address that archives before this one had, with one example of what it means.
class OldAddressTest {
    private static final LocalDate TODAY = LocalDate.of(2024, 7, 15);
    private static final String LONG = "aadbecf2e6bd0e1aee0e93d6e0a1b3bfb4ea4d7e8c86a8d0a2e96ff8";
    private static final YearMonth MARCH = YearMonth.of(2004, 3);

    static Stream<Arguments> forms() {
        var current = named("n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", "", Form.PAGE);
        return Stream.of(
                // Pony Mail
                form("https://lists.apache.org/thread/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", current),
                form("/thread.html/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", current),
                form("/thread/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl).", current),
                form("/thread/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl?find_parent=true",
                        named("n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", "", Form.THREAD)),
                form("/thread.html/r" + LONG + "@%3Cdev.pulsar.apache.org%3E", named("r" + LONG, "dev.pulsar.apache.org", Form.PAGE)),
                form("/x/thread.html/r" + LONG + "@%3Cdev.pulsar.apache.org%3E", named("r" + LONG, "dev.pulsar.apache.org", Form.PAGE)),
                form("/thread.html/" + LONG + "@<dev.taverna.apache.org>", named(LONG, "dev.taverna.apache.org", Form.PAGE)),
                form("/thread.html/" + LONG + "@&lt;dev.taverna.apache.org&gt;", named(LONG, "dev.taverna.apache.org", Form.PAGE)),
                form("/thread.html/" + LONG + "@%3Cdev.taverna.apache.org", named(LONG, "dev.taverna.apache.org", Form.PAGE)),
                form("/thread.html/" + LONG + "@1417295024@%3Cdev.jmeter.apache.org%3E",
                        named(LONG + "@1417295024", "dev.jmeter.apache.org", Form.PAGE)),
                form("/thread.html/Z7qd2pd84pll5sl", named("3eb3d31ec2633f8995", "", Form.PAGE)),
                form("/thread/aadbecf2e6bd0e1aee", named("aadbecf2e6bd0e1aee", "", Form.PAGE)),
                form("/thread/%3Cabc@host%3E?%3Cdev.x.apache.org%3E", new WithId("abc@host", "dev.x.apache.org", Form.PAGE)),
                form("/list.html?dev@kafka.apache.org", new OfList("dev@kafka.apache.org")),
                form("/x/list.html?dev@kafka.apache.org:2024-3", new OfMonth("dev@kafka.apache.org", YearMonth.of(2024, 3), Order.THREAD)),
                form("/list?dev@kafka.apache.org:2024-3:VOTE",
                        new Searched("dev@kafka.apache.org", "VOTE after:2024-03 before:2024-04")),
                form("/list.html?dev@kafka.apache.org:lte=1M:VOTE", new Searched("dev@kafka.apache.org", "VOTE after:2024-06-15")),
                form("/list.html?dev@kafka.apache.org:gte=1y:", new Searched("dev@kafka.apache.org", "before:2023-07-15")),
                form("/list.html?dev@kafka.apache.org:dfr=2024-01-15|dto=2024-02-28",
                        new Searched("dev@kafka.apache.org", "after:2024-01-15 before:2024-02-29")),
                form("/list.html?kafka.apache.org:lte=1w:release", new Searched("", "list:*@kafka.apache.org release after:2024-07-08")),
                form("/list?dev@*::x", new Searched("", "list:dev@* x")),
                form("/list?a@b.org,c@d.org::x", new Searched("", "(list:a@b.org OR list:c@d.org) x")),
                form("/list?*@*:lte=1d:&header_from=Jane%20Doe&header_subject=vote",
                        new Searched("", "from:\"Jane Doe\" subject:vote after:2024-07-14")),
                form("/list.html", new AllLists()),
                form("/api/mbox.lua?list=dev&domain=kafka.apache.org&date=2025-01",
                        new MonthMbox("dev@kafka.apache.org", YearMonth.of(2025, 1))),
                form("/api/mbox.lua?list=dev@kafka.apache.org&d=2025-1", new MonthMbox("dev@kafka.apache.org", YearMonth.of(2025, 1))),
                form("/api/stats.lua?list=dev&domain=kafka.apache.org&d=2025-1",
                        new OfMonth("dev@kafka.apache.org", YearMonth.of(2025, 1), Order.THREAD)),
                form("/api/source.lua?id=n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", named("n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", "", Form.RAW)),
                form("/api/source.lua/n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", named("n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", "", Form.RAW)),
                form("/api/email.json?id=%3Cabc@host%3E", new WithId("abc@host", "", Form.PAGE)),
                form("/api/thread.lua?id=n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", named("n47hcfdt6z70tqxvnhgn3zrdwqgg36yl", "", Form.THREAD)),
                form("/api/atom.lua?list=dev@kafka.apache.org", new Feed("dev@kafka.apache.org")),
                // mod_mbox
                form("https://mail-archives.apache.org/mod_mbox/", new AllLists()),
                form("/mod_mbox/httpd-dev/", new OfList("httpd-dev")),
                form("/mod_mbox/httpd-dev/?format=atom", new Feed("httpd-dev")),
                form("/mod_mbox/httpd-dev/200403.mbox", new MonthMbox("httpd-dev", MARCH)),
                form("/mod_mbox/httpd-dev/200403.mbox/thread?1", new OfMonth("httpd-dev", MARCH, Order.THREAD)),
                form("/mod_mbox/httpd-dev/200403.mbox/date", new OfMonth("httpd-dev", MARCH, Order.DATE)),
                form("/mod_mbox/httpd-dev/200403.mbox/author", new OfMonth("httpd-dev", MARCH, Order.AUTHOR)),
                form("/mod_mbox/httpd-dev/200403.mbox/browser", new OfMonth("httpd-dev", MARCH, Order.THREAD)),
                form("/mod_mbox/httpd-dev/200403.mbox/ajax/boxlist", new OfMonth("httpd-dev", MARCH, Order.THREAD)),
                form("http://mail-archives.us.apache.org/mod_mbox/httpd-dev/200403.mbox/%3cabc=1$x+y@host%3e",
                        new WithId("abc=1$x+y@host", "httpd-dev", Form.PAGE)),
                form("/mod_mbox/httpd-dev/200403.mbox/%3Ca%2Fb@host%3E?skip_chrome=1", new WithId("a/b@host", "httpd-dev", Form.PAGE)),
                form("/mod_mbox/httpd-dev/200403.mbox/ajax/%3Cabc@host%3E", new WithId("abc@host", "httpd-dev", Form.PAGE)),
                form("/mod_mbox/httpd-dev/200403.mbox/raw/%3Cabc@host%3E", new WithId("abc@host", "httpd-dev", Form.RAW)),
                form("/mod_mbox/httpd-dev/200403.mbox/raw/%3Cabc@host%3E/2/1", new WithId("abc@host", "httpd-dev", Form.PAGE)),
                form("/members/private-arch/infra-private/200403.mbox/%3Cabc@host%3E", new WithId("abc@host", "infra-private", Form.PAGE)),
                // ezmlm-cgi
                form("/cgi-bin/ezmlm-cgi/3/1234", new Numbered("ezmlm-cgi/3", 1234)),
                form("/cgi-bin/ezmlm-cgi?3:mss:1234:200403:abcdefghijklmnopqrst", new Numbered("ezmlm-cgi/3", 1234)),
                form("/ezmlm-cgi?3:1234", new Numbered("ezmlm-cgi/3", 1234)),
                form("/ezmlm-cgi?3:iis::200403", new OfMonth("ezmlm-cgi/3", MARCH, Order.THREAD)),
                form("/ezmlm-cgi/3/index", new OfList("ezmlm-cgi/3")),
                form("/ezmlm-cgi/3/index/2", new OfList("ezmlm-cgi/3")),
                // Eyebrowse
                form("http://nagoya.apache.org/eyebrowse/ReadMsg?listName=fop-dev@xml.apache.org&msgNo=10342",
                        new Numbered("fop-dev@xml.apache.org", 10342)),
                form("/eyebrowse/SummarizeList?listName=fop-dev@xml.apache.org", new OfList("fop-dev@xml.apache.org")));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void is_understood(String written, OldAddress meant) {
        assertThat(OldAddress.parse(written, TODAY)).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "/", "https://example.org", "//evil.example/", "/dev@lists.example.org/", "/thread/",
            "/api/preferences.lua",
            "/api/email.lua", "/eyebrowse/ReadMsg?listId=140&msgId=749837", "javascript:alert(1)"})
    void is_none_of_them(String written) {
        assertThat(OldAddress.parse(written, TODAY)).isEmpty();
    }

    private static Arguments form(String written, OldAddress meant) {
        return Arguments.of(written, meant);
    }

    private static Named named(String id, String list, Form form) {
        return new Named(new LegacyId(LegacyId.PONY_MAIL, id), list, form);
    }
}
