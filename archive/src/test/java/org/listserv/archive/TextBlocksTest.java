package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.mail.Growth;

class TextBlocksTest {
    /// `\n` stands for a line end, `~` for a space.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
            Hello                                              | P[Hello]
            One\\nTwo\\n\\nThree                               | P[One\\nTwo\\n\\nThree]
            \\n\\nHello\\n\\n                                  | P[Hello]
            > a\\nYes.                                         | Q1/1[P[a]] P[Yes.]
            >a\\n>b                                            | Q1/2[P[a\\nb]]
            >> a\\n> b\\nc                                     | Q1/2[Q2/1[P[a]] P[b]] P[c]
            > > a\\n> b                                        | Q1/2[Q2/1[P[a]] P[b]]
            > a\\n>\\n> b                                      | Q1/3[P[a\\n\\nb]]
            >From here                                         | P[>From here]
            > ~ indented                                       | Q1/1[P[~ indented]]
            Hi\\n--~\\nAnn\\nexample.org                       | P[Hi] S[--~\\nAnn\\nexample.org]
            Hi\\n--\\nno signature                             | P[Hi\\n--\\nno signature]
            Top\\n--~\\nAnn\\n> quoted                         | P[Top] S[--~\\nAnn] Q1/1[P[quoted]]
            See\\n```\\nx = 1\\n```\\ndone                     | P[See] C[x = 1] P[done]
            ```\\nnever closed                                 | P[```\\nnever closed]
            """)
    void quotes_code_and_signatures_are_blocks(String text, String blocks) {
        assertThat(BodyText.of(TextBlocks.of(unescape(text)))).isEqualTo(blocks.replace('~', ' '));
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n").replace('~', ' ');
    }

    private static final String PATCH = """
            diff --git a/x b/x
            index 0123456..789abcd 100644
            --- a/x
            +++ b/x
            @@ -1,3 +1,4 @@ int main()
             one
            -two
            +zwei
            +drei
             -not a signature
            """;

    @Test
    void a_patch_keeps_its_signs_and_ends_where_its_head_says() {
        assertThat(BodyText.of(TextBlocks.of("Please apply.\n\n" + PATCH + "-- \nAnn\n"))).isEqualTo("P[Please apply.] "
                + "D[F:diff --git a/x b/x|F:index 0123456..789abcd 100644|F:--- a/x|F:+++ b/x|H:@@ -1,3 +1,4 @@ int main()|C: one|R:-two|A:+zwei|A:+drei|C: -not a signature] "
                + "S[-- \\nAnn]");
    }

    @Test
    void a_quoted_patch_is_a_patch_in_a_quote() {
        var quoted = PATCH.lines().map(line -> "> " + line + "\n").reduce("", String::concat);
        assertThat(BodyText.of(TextBlocks.of(quoted + "Why?"))).startsWith("Q1/10[D[F:diff --git").endsWith("]] P[Why?]");
    }

    @Test
    void a_rule_above_a_list_is_no_patch() {
        assertThat(BodyText.of(TextBlocks.of("--- a\n+++ b\nIndex: 3\ntext"))).isEqualTo("P[--- a\\n+++ b\\nIndex: 3\\ntext]");
    }

    @Test
    void a_subversion_patch_of_two_files_is_one_patch() {
        var patch = "Index: x\n===================\n--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n\nIndex: y\n===================\n--- y\n+++ y\n@@ -1 +1 @@\n-a\n+b\n";
        assertThat(TextBlocks.of(patch)).singleElement().isInstanceOf(Body.Diff.class);
    }

    @Test
    void every_line_of_the_text_is_in_some_block() {
        var text = ">".repeat(40) + " deep\n" + PATCH + "```\n" + PATCH + "-- \nx\n" + "> ".repeat(30) + "x";
        assertThat(BodyText.of(TextBlocks.of(text))).contains("deep", "zwei", "x]");
    }

    @Test
    void time_grows_with_the_text_and_not_with_its_square() {
        for (var piece : new String[]{"> a\n", "> a\nb\n", "```x\n", "-- \n", "--- a\n+++ b\n", "diff -\n", "@@ -1,9 +1,9 @@\n+\n",
                ">".repeat(80) + "\n", "\n"}) {
            Growth.assertLinear(2000, size -> piece.repeat(size), TextBlocks::of);
        }
    }
}
