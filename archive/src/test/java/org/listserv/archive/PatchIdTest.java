package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import org.listserv.archive.Body.Diff;

/// What git 2.39 says of the same patches.
class PatchIdTest {
    private static final String TWO_TEXTS_AND_A_PICTURE = """
            diff --git a/pier.txt b/pier.txt
            new file mode 100644
            index 0000000..9daeafb
            --- /dev/null
            +++ b/pier.txt
            @@ -0,0 +1,2 @@
            +naïve pier
            +\ttabbed
            \\ No newline at end of file
            diff --git a/a/tide.c b/tide.c
            similarity index 90%
            rename from a/tide.c
            rename to tide.c
            index 1111111..2222222 100644
            --- a/a/tide.c
            +++ b/tide.c
            @@ -10,3 +10,3 @@ int tide(void)
             \tint a;
            -\ta = 1;
            +\ta = 2;
             \treturn a;
            @@ -40,2 +40,3 @@
             \tb();
            +\tc();
             \td();
            diff --git a/tern.png b/tern.png
            index 3333333..4444444 100644
            Binary files a/tern.png and b/tern.png differ
            diff --git a/end b/end
            index 5555555..6666666 100644
            --- a/end
            +++ b/end
            @@ -1 +1 @@
            -x
            +y
            """;

    @Test
    void a_patch_has_the_id_that_git_gives_it() {
        assertThat(ids(TWO_TEXTS_AND_A_PICTURE)).containsExactly("af97c4f5eafca74da99be5be8c34a063ab16c94f");
    }

    @Test
    void lines_that_moved_and_other_white_space_are_the_same_patch() {
        var rebased = TWO_TEXTS_AND_A_PICTURE.replace("@@ -10,3 +10,3 @@ int tide(void)", "@@ -110,3 +112,3 @@ int other(void)")
                .replace("\n \tint a;", "\n      int a;");
        assertThat(rebased).isNotEqualTo(TWO_TEXTS_AND_A_PICTURE);
        assertThat(ids(rebased)).containsExactly("af97c4f5eafca74da99be5be8c34a063ab16c94f");
    }

    @Test
    void the_order_of_files_does_not_matter() {
        var files = TWO_TEXTS_AND_A_PICTURE.split("(?m)^(?=diff )");
        assertThat(ids(files[0] + files[1] + files[3])).containsExactly("bb56b87ea97d64ec525db4d2f0b199d3b358b1d9");
        assertThat(ids(files[3] + files[1] + files[0])).containsExactly("bb56b87ea97d64ec525db4d2f0b199d3b358b1d9");
        assertThat(ids(files[3] + files[1])).isNotEmpty().doesNotContain("bb56b87ea97d64ec525db4d2f0b199d3b358b1d9");
    }

    @Test
    void what_git_did_not_make_has_none() {
        assertThat(ids("Index: pier.txt\n--- pier.txt\n+++ pier.txt\n@@ -1 +1 @@\n-a\n+b\n")).isEmpty();
    }

    private static List<String> ids(String text) {
        var ids = new ArrayList<String>();
        for (var block : TextBlocks.of(text)) {
            if (block instanceof Diff(var lines)) {
                PatchId.of(lines).ifPresent(ids::add);
            }
        }
        return ids;
    }
}
