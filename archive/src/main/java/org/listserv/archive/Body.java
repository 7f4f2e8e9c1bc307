package org.listserv.archive;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// What a message says, as structure: no markup, nothing escaped. Text keeps its line ends (`\n`) and spaces, so it is shown
/// with `white-space: pre-wrap`.
///
/// @param blocks      in reading order
/// @param attachments all parts that are not read as text above, and HTML
/// @param truncated   the text is longer than [BodyReader#MAX_TEXT]; the rest is in the raw message
/// @param html        path of the HTML part that can be asked for ([BodyReader#html]), or null
public record Body(List<Block> blocks, List<Attachment> attachments, boolean truncated, @Nullable String html) {
    public Body {
        blocks = List.copyOf(blocks);
        attachments = List.copyOf(attachments);
    }

    public sealed interface Block {}

    /// Ordinary text, one or more lines.
    public record Paragraph(List<Inline> text) implements Block {
        public Paragraph {
            text = List.copyOf(text);
        }
    }

    /// What was quoted; the `>` are taken away. Quotes in quotes are blocks of their own.
    ///
    /// @param level 1 for a quote of the message answered
    /// @param lines how many lines it has, inner quotes included
    public record Quote(int level, int lines, List<Block> blocks) implements Block {
        public Quote {
            blocks = List.copyOf(blocks);
        }
    }

    /// Text between lines of three backquotes.
    public record Code(String text) implements Block {}

    /// A patch. Its lines keep their signs.
    public record Diff(List<DiffLine> lines) implements Block {
        public Diff {
            lines = List.copyOf(lines);
        }
    }

    public record DiffLine(Kind kind, String text) {
        public enum Kind {
            FILE,
            HUNK,
            ADDED,
            REMOVED,
            CONTEXT
        }
    }

    /// From the line `-- ` to the end.
    public record Signature(List<Inline> text) implements Block {
        public Signature {
            text = List.copyOf(text);
        }
    }

    /// A message inside the message, shown with its own heading.
    public record Enclosed(String from, String subject, String date, List<Block> blocks) implements Block {
        public Enclosed {
            blocks = List.copyOf(blocks);
        }
    }

    public sealed interface Inline {
        String text();
    }

    public record Text(String text) implements Inline {}

    /// @param target http, https or ftp; as safe to link to as a stranger's link can be
    public record Link(String text, String target) implements Inline {}

    /// A mailbox, or a Message-ID that looks like one.
    public record Mailbox(String text) implements Inline {}

    /// A part of the message, for download.
    ///
    /// @param path      its place in the MIME tree, "1.2"; for [BodyReader#download]
    /// @param mediaType as declared, lower case
    /// @param fileName  as declared, made safe; made up from the path where there is none
    /// @param size      in octets as encoded
    public record Attachment(String path, String mediaType, String fileName, int size) {}
}
