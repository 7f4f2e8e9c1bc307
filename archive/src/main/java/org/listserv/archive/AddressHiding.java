package org.listserv.archive;

import java.util.List;

import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Code;
import org.listserv.archive.Body.Diff;
import org.listserv.archive.Body.Enclosed;
import org.listserv.archive.Body.Inline;
import org.listserv.archive.Body.Link;
import org.listserv.archive.Body.Mailbox;
import org.listserv.archive.Body.Paragraph;
import org.listserv.archive.Body.Quote;
import org.listserv.archive.Body.Signature;
import org.listserv.archive.Body.Text;
import org.listserv.mail.Author;

/// Makes `j...@example.org` of an address in what anonymous readers see. It is against harvesters and no secret: `raw` and mbox files are
/// exact. Code and patches are left alone, since there an `@` is rarely an address and always wanted. Hiding twice changes nothing.
public final class AddressHiding {
    private AddressHiding() {}

    public static String hide(String text) {
        if (text.indexOf('@') < 0) {
            return text;
        }
        var hidden = new StringBuilder(text.length());
        for (var inline : Inlines.of(text)) {
            hidden.append(inline instanceof Mailbox ? hideMailbox(inline.text()) : inline.text());
        }
        return hidden.toString();
    }

    public static Author hide(Author author) {
        return new Author(hide(author.name()), author.address().indexOf('@') > 0 ? hideMailbox(author.address()) : author.address());
    }

    public static Post hide(Post post) {
        return new Post(post.list(), post.seq(), post.number(), post.messageId(), hide(post.author()), hide(post.subject()), post.filedAt(),
                post.sentAt(), post.size(), post.revision(), post.redacted(), post.chain());
    }

    public static Body hide(Body body) {
        return new Body(blocks(body.blocks()), body.attachments(), body.truncated(), body.html());
    }

    private static List<Block> blocks(List<Block> blocks) {
        return blocks.stream().map(AddressHiding::block).toList();
    }

    private static Block block(Block block) {
        return switch (block) {
            case Paragraph(var text) -> new Paragraph(inlines(text));
            case Quote(var level, var lines, var inside) -> new Quote(level, lines, blocks(inside));
            case Signature(var text) -> new Signature(inlines(text));
            case Enclosed(var from, var subject, var date, var inside) -> new Enclosed(hide(from), hide(subject), date, blocks(inside));
            case Code code -> code;
            case Diff diff -> diff;
        };
    }

    private static List<Inline> inlines(List<Inline> text) {
        return text.stream().map(AddressHiding::inline).toList();
    }

    private static Inline inline(Inline inline) {
        return switch (inline) {
            case Mailbox(var mailbox) -> new Mailbox(hideMailbox(mailbox));
            case Link link -> link;
            case Text plain -> plain;
        };
    }

    private static String hideMailbox(String mailbox) {
        int at = mailbox.lastIndexOf('@');
        return mailbox.substring(0, Math.min(at, Character.charCount(mailbox.codePointAt(0)))) + "..." + mailbox.substring(at);
    }
}
