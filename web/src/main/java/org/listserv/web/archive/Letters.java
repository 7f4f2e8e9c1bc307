package org.listserv.web.archive;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Body.Attachment;
import org.listserv.archive.BodyReader;
import org.listserv.archive.Messages;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.mail.HeaderSection;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Place;

/// One post in full, as a message page shows it alone and a thread page among others.
final class Letters {
    /// A Date field further off than this from when the list filed the message is worth showing.
    private static final Duration ODD_CLOCK = Duration.ofHours(12);

    private static final List<String> SHOWN_FIELDS = List.of("To", "Cc", "Reply-To", "Organization");

    private final Messages messages;

    Letters(Messages messages) {
        this.messages = messages;
    }

    static String anchor(Post post) {
        return "n" + post.number();
    }

    /// @param unfolded shows long quotes at once
    Letter read(Post post, String language, Reader reader, boolean unfolded) {
        var seen = Lines.seen(post, reader);
        var place = new Place.Message(post.list(), post.messageId());
        var octets = messages.octets(reader, post.list(), post.seq()).orElse(new byte[0]);
        var body = BodyReader.read(octets);
        var shown = reader.anonymous() ? AddressHiding.hide(body) : body;
        var htmlPart = body.html() == null ? null : new Place.Html(post.list(), post.messageId()).path();
        return new Letter(anchor(post), place.path(), new Place.Numbered(post.list(), post.number()).path(), post.number(),
                Lines.subject(post, reader),
                Lines.author(post, reader), seen.author().name().isBlank() || post.redacted() ? "" : seen.author().address(),
                Moment.full(post.filedAt()),
                post.redacted() ? List.of() : fields(post, octets, reader), BodyHtml.of(shown.blocks(), unfolded), language,
                body.truncated(),
                post.redacted(), htmlPart, body.attachments().stream().map(attachment -> file(post, attachment)).toList(),
                new Place.Raw(post.list(), post.messageId()).path(), reply(post));
    }

    private static List<Letter.Field> fields(Post post, byte[] octets, Reader reader) {
        var fields = new ArrayList<Letter.Field>();
        var header = HeaderSection.parse(octets);
        if (post.sentAt() != null && Duration.between(post.sentAt(), post.filedAt()).abs().compareTo(ODD_CLOCK) > 0) {
            fields.add(new Letter.Field("Date", Moment.full(post.sentAt()).text() + " (as the message says)"));
        }
        for (var name : SHOWN_FIELDS) {
            header.first(name).ifPresent(
                    field -> fields
                            .add(new Letter.Field(name, reader.anonymous() ? AddressHiding.hide(field.decoded()) : field.decoded())));
        }
        fields.add(new Letter.Field("Message-ID", post.messageId()));
        header.first("In-Reply-To")
                .ifPresent(field -> fields.add(new Letter.Field("In-Reply-To", field.decoded().replaceAll("[<>]", "").strip())));
        return fields;
    }

    private static Letter.File file(Post post, Attachment attachment) {
        return new Letter.File(new Place.Part(post.list(), post.messageId(), attachment.path(), attachment.fileName()).path(),
                attachment.fileName(),
                attachment.mediaType(), size(attachment.size()));
    }

    static String size(long octets) {
        if (octets < 1000) {
            return octets + " bytes";
        }
        return octets < 1_000_000 ? octets / 1000 + " kB" : String.format(Locale.ENGLISH, "%.1f MB", octets / 1e6);
    }

    /// RFC 6068: a mail program that knows how makes a proper answer of it.
    private static String reply(Post post) {
        var subject = post.subject().regionMatches(true, 0, "re:", 0, 3) ? post.subject() : "Re: " + post.subject();
        return "mailto:" + encode(post.list().toString()) + "?Subject=" + encode(subject) + "&In-Reply-To="
                + encode("<" + post.messageId() + ">");
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20").replace("%40", "@");
    }
}
