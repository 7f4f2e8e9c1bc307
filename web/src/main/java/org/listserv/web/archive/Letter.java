package org.listserv.web.archive;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.listserv.web.page.Moment;

/// One post in full, as a template shows it.
///
/// @param mailbox empty where the author's name is one
/// @param html the body
/// @param language of the text, as far as the list's settings tell
/// @param rest what of the body has to be read elsewhere
/// @param htmlPart where the message's own HTML can be seen, or null
public record Letter(String anchor, String href, String byNumber, long number, String subject, String author, String mailbox, Moment at,
        List<Field> fields, String html, String language, Rest rest, boolean redacted, @Nullable String htmlPart, List<File> files,
        String raw,
        String reply) {

    public enum Rest {
        NONE,
        /// The text is too long for any page.
        RAW,
        /// The page is too long for this text.
        ALL
    }

    public record Field(String name, String value) {}

    public record File(String href, String name, String type, String size) {}
}
