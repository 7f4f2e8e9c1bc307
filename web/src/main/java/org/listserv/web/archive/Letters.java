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

    /// @param twin another post of the list has this Message-ID and its addresses; this one adds its number to them ([Twins])
    /// @param unfolded shows long quotes at once
    Letter read(Post post, boolean twin, String language, Reader reader, boolean unfolded) {
        return letter(post, messages.octets(reader, post.list(), post.seq()).orElse(new byte[0]), twin, language, reader, unfolded);
    }

    /// @param octets as received; none where the post was redacted
    static Letter letter(Post post, byte[] octets, boolean twin, String language, Reader reader, boolean unfolded) {
        var body = BodyReader.read(octets);
        var shown = reader.anonymous() ? AddressHiding.hide(body) : body;
        var fields = post.redacted() ? List.<Letter.Field>of() : fields(post, octets, reader);
        var files = body.attachments().stream().map(attachment -> file(post, twin, attachment)).toList();
        return letter(post, twin, reader, fields, BodyHtml.of(shown.blocks(), unfolded), language,
                body.truncated() ? Letter.Rest.RAW : Letter.Rest.NONE, body.html() != null, files);
    }

    /// The post without what it says, for a page that has enough already.
    static Letter heading(Post post, boolean twin, Reader reader) {
        return letter(post, twin, reader, List.of(), "", "", Letter.Rest.ALL, false, List.of());
    }

    private static Letter letter(Post post, boolean twin, Reader reader, List<Letter.Field> fields, String html, String language,
            Letter.Rest rest,
            boolean htmlPart, List<Letter.File> files) {
        var seen = Lines.seen(post, reader);
        var mailbox = seen.author().name().isBlank() || post.redacted() ? "" : seen.author().address();
        return new Letter(anchor(post), path(new Place.Message(post.list(), post.messageId()), post, twin),
                new Place.Numbered(post.list(), post.number()).path(), post.number(), Lines.subject(post, reader),
                Lines.author(post, reader), mailbox,
                Moment.full(post.filedAt()), fields, html, language, rest, post.redacted(),
                htmlPart ? path(new Place.Html(post.list(), post.messageId()), post, twin) : null, files,
                path(new Place.Raw(post.list(), post.messageId()), post, twin), reply(post));
    }

    private static String path(Place place, Post post, boolean twin) {
        return twin ? Asked.with(place, "number", Long.toString(post.number())) : place.path();
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

    private static Letter.File file(Post post, boolean twin, Attachment attachment) {
        var place = new Place.Part(post.list(), post.messageId(), attachment.path(), attachment.fileName());
        return new Letter.File(path(place, post, twin), attachment.fileName(), attachment.mediaType(), size(attachment.size()));
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
