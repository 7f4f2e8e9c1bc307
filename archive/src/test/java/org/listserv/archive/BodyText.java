package org.listserv.archive;

import java.util.List;
import java.util.stream.Collectors;

import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Inline;

/// Blocks written on few lines, so that tests can show what they expect.
final class BodyText {
    private BodyText() {}

    static String of(List<Block> blocks) {
        return blocks.stream().map(BodyText::of).collect(Collectors.joining(" "));
    }

    private static String of(Block block) {
        return switch (block) {
            case Body.Paragraph(var text) -> "P[" + inlines(text) + "]";
            case Body.Quote(var level, var lines, var inside) -> "Q" + level + "/" + lines + "[" + of(inside) + "]";
            case Body.Code(var text) -> "C[" + escaped(text) + "]";
            case Body.Signature(var text) -> "S[" + inlines(text) + "]";
            case Body.Enclosed(var from, var subject, _, var inside) -> "E(" + from + "|" + subject + ")[" + of(inside) + "]";
            case Body.Diff(var lines) ->
                "D[" + lines.stream().map(line -> line.kind().name().charAt(0) + ":" + line.text()).collect(Collectors.joining("|"))
                        + "]";
        };
    }

    static String inlines(List<Inline> text) {
        return text.stream().map(inline -> switch (inline) {
            case Body.Text(var plain) -> escaped(plain);
            case Body.Link(var shown, var target) -> "{" + target + "}";
            case Body.Mailbox(var mailbox) -> "<" + mailbox + ">";
        }).collect(Collectors.joining());
    }

    private static String escaped(String text) {
        return text.replace("\n", "\\n");
    }
}
