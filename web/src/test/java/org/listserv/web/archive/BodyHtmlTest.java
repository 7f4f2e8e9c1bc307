package org.listserv.web.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Code;
import org.listserv.archive.Body.Diff;
import org.listserv.archive.Body.DiffLine;
import org.listserv.archive.Body.DiffLine.Kind;
import org.listserv.archive.Body.Enclosed;
import org.listserv.archive.Body.Link;
import org.listserv.archive.Body.Mailbox;
import org.listserv.archive.Body.Paragraph;
import org.listserv.archive.Body.Quote;
import org.listserv.archive.Body.Signature;
import org.listserv.archive.Body.Text;

class BodyHtmlTest {
    private static final String EVIL = "</pre><script>alert('1')</script><img src=x onerror=\"alert(2)\">&lt;\u0000\u001b[31m\ud800";

    private static String html(Block... blocks) {
        return BodyHtml.of(List.of(blocks), false);
    }

    private static Paragraph text(String text) {
        return new Paragraph(List.of(new Text(text)));
    }

    private static Quote quote(int level, int lines) {
        return new Quote(level, lines, List.of(text("quoted\n".repeat(lines).strip())));
    }

    @Test
    void nothing_a_stranger_wrote_is_markup_in_any_kind_of_block() {
        var link = new Link(EVIL, "https://example.org/\"onmouseover=\"alert(3)");
        var html = html(text(EVIL), new Paragraph(List.of(link, new Mailbox(EVIL))), new Quote(1, 1, List.of(text(EVIL))), new Code(EVIL),
                new Diff(List.of(new DiffLine(Kind.ADDED, "+" + EVIL))), new Signature(List.of(new Text("-- \n" + EVIL))),
                new Enclosed(EVIL, EVIL, EVIL, List.of(text(EVIL))));
        assertThat(html).doesNotContain("<script", "<img", "onerror=\"", "onmouseover=\"", "\u0000", "\u001b", "\ud800")
                .contains("&lt;script&gt;", "&amp;lt;", "\uFFFD");
    }

    @Test
    void lines_are_kept_one_by_one() {
        assertThat(html(text("one\n  two\n\nthree"))).isEqualTo("""
                <pre class="typed">one
                  two
                </pre>
                <pre class="prose">three
                </pre>
                """);
    }

    @Test
    void quotes_keep_their_marks_at_every_depth() {
        var html = html(text("before"), new Quote(1, 2, List.of(new Quote(2, 1, List.of(text("older"))), text("newer"))));
        assertThat(html).contains("<span class=\"mark\">&gt; &gt; </span>older", "<span class=\"mark\">&gt; </span>newer")
                .containsSubsequence("<blockquote>", "<blockquote>",
                        "</blockquote>", "</blockquote>");
    }

    @Test
    void a_quote_of_more_than_six_lines_is_folded_and_says_how_long_it_is() {
        assertThat(html(text("before"), quote(1, 6))).doesNotContain("<details>");
        assertThat(html(text("before"), quote(1, 7))).contains("<details><summary>7 quoted lines</summary>");
        assertThat(BodyHtml.of(List.of(text("before"), quote(1, 7)), true)).doesNotContain("<details>");
    }

    @Test
    void a_message_that_is_all_quote_is_not_folded_to_nothing() {
        assertThat(html(quote(1, 40))).doesNotContain("<details>");
    }

    @Test
    void a_patch_keeps_its_signs() {
        var html = html(new Diff(
                List.of(new DiffLine(Kind.FILE, "--- a"), new DiffLine(Kind.HUNK, "@@ -1 +1 @@"), new DiffLine(Kind.REMOVED, "-old"),
                        new DiffLine(Kind.ADDED, "+new"), new DiffLine(Kind.CONTEXT, " same"))));
        assertThat(html).contains("<span class=\"removed\">-old</span>\n<span class=\"added\">+new</span>\n same\n");
    }

    @Test
    void links_lead_where_they_say_and_vouch_for_nothing() {
        assertThat(html(new Paragraph(
                List.of(new Text("see "), new Link("https://example.org/?a=1&b=2", "https://example.org/?a=1&b=2"), new Text(".")))))
                .contains(
                        "see <a rel=\"nofollow ugc noreferrer\" href=\"https://example.org/?a=1&amp;b=2\">https://example.org/?a=1&amp;b=2</a>.");
    }

    @Test
    void a_million_lines_take_a_moment() {
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < 1000; i++) {
            blocks.add(text("x\n".repeat(1000)));
        }
        long start = System.nanoTime();
        assertThat(BodyHtml.of(blocks, false)).hasSizeGreaterThan(2_000_000);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
}
