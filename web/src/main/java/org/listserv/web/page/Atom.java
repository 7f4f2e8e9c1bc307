package org.listserv.web.page;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

import org.jspecify.annotations.Nullable;

/// An Atom feed (RFC 4287), from its head through its entries to [#octets].
public final class Atom {
    private static final String NAMESPACE = "http://www.w3.org/2005/Atom";
    /// What XML 1.0 cannot say at all (§2.2), halves of surrogate pairs among it.
    private static final Pattern UNSPEAKABLE = Pattern.compile("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");
    /// A feed without entries must say when it changed, too.
    private static final Instant NEVER = Instant.EPOCH;

    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private final XMLStreamWriter xml;

    /// One entry.
    ///
    /// @param id      the address of the post; stays the same
    /// @param mailbox of the author; empty where it is not told
    /// @param html    the text, or null where it has to be read at `id`
    public record Entry(String id, String title, String author, String mailbox, Instant at, @Nullable String html) {}

    /// @param self where this feed is; also its identity
    /// @param page the same for people
    /// @param updated null where there are no entries
    public Atom(String title, String self, String page, @Nullable Instant updated) {
        try {
            xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(octets, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("feed");
            xml.writeDefaultNamespace(NAMESPACE);
            text("title", title);
            text("id", self);
            link("self", self);
            link("alternate", page);
            text("updated", time(updated == null ? NEVER : updated));
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);    // into memory
        }
    }

    public void add(Entry entry) {
        try {
            xml.writeStartElement("entry");
            text("title", entry.title());
            text("id", entry.id());
            link("alternate", entry.id());
            text("published", time(entry.at()));
            text("updated", time(entry.at()));
            xml.writeStartElement("author");
            text("name", entry.author());
            if (!entry.mailbox().isEmpty()) {
                text("email", entry.mailbox());
            }
            xml.writeEndElement();
            if (entry.html() != null) {
                xml.writeStartElement("content");
                xml.writeAttribute("type", "html");
                xml.writeCharacters(speakable(entry.html()));
                xml.writeEndElement();
            }
            xml.writeEndElement();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The whole document.
    public byte[] octets() {
        try {
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return octets.toByteArray();
    }

    private void text(String name, String value) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(speakable(value));
        xml.writeEndElement();
    }

    private void link(String relation, String href) throws XMLStreamException {
        xml.writeEmptyElement("link");
        xml.writeAttribute("rel", relation);
        xml.writeAttribute("href", href);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String speakable(String value) {
        return UNSPEAKABLE.matcher(value).replaceAll("\uFFFD");
    }
}
