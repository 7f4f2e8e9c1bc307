package org.listserv.archive;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.jsoup.Jsoup;
import org.jsoup.nodes.TextNode;
import org.jspecify.annotations.Nullable;
import org.owasp.html.HtmlPolicyBuilder;
import org.owasp.html.PolicyFactory;

import org.listserv.archive.Body.Attachment;
import org.listserv.archive.Body.Block;
import org.listserv.archive.Body.Enclosed;
import org.listserv.mail.Author;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MimeView;
import org.listserv.mail.Part;

/// What a message says, for readers. Any octets give a body: nothing here throws for bad input, and time and memory are bounded.
public final class BodyReader {
    /// Characters of text read of one message.
    public static final int MAX_TEXT = 1_000_000;
    /// Characters of one HTML part.
    private static final int MAX_HTML = 500_000;
    private static final int MAX_FILE_NAME = 100;

    /// What may keep its name; everything else is just octets. No text that a browser runs, and no picture that can hold a script.
    private static final Set<String> HARMLESS = Set.of("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf",
            "application/zip",
            "application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz", "application/zstd",
            "application/pgp-signature",
            "application/pgp-keys", "audio/mpeg", "audio/ogg", "video/mp4", "video/webm");

    private static final Pattern UNWANTED_IN_NAMES = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}/\\\\:*?\"<>|\uFFFD]+");

    /// A relative link in a mail would be one of ours.
    private static final Pattern ABSOLUTE = Pattern.compile("(?i)(https?://|mailto:).*");

    /// Nothing that loads, runs, submits or covers the page; links do not tell where they were followed from.
    private static final PolicyFactory SAFE = new HtmlPolicyBuilder()
            .allowCommonBlockElements()
            .allowCommonInlineFormattingElements()
            .allowElements("a", "pre", "hr", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "kbd",
                    "samp", "var")
            .allowUrlProtocols("http", "https", "mailto")
            .allowAttributes("href").matching(ABSOLUTE).onElements("a")
            .allowAttributes("colspan", "rowspan").matching(Pattern.compile("\\d{1,3}")).onElements("td", "th")
            .requireRelsOnLinks("nofollow", "noopener", "noreferrer")
            .toFactory();

    private BodyReader() {}

    /// The texts of a message as blocks. HTML is read as text where nothing better stands beside it.
    public static Body read(byte[] message) {
        var view = MimeView.of(message);
        var enclosing = enclosing(view.root());
        var blocks = new ArrayList<Block>();
        var inside = new ArrayList<Block>();
        @Nullable
        Part around = null;
        int length = 0;
        boolean truncated = false;
        for (var part : view.readable()) {
            var text = length < MAX_TEXT ? text(view, part) : "";
            truncated |= length + text.length() >= MAX_TEXT;
            length += text.length();
            var now = enclosing.get(part.path());
            if (!Objects.equals(path(now), path(around))) {
                close(message, around, inside, blocks);
                around = now;
            }
            (around == null ? blocks : inside).addAll(TextBlocks.of(text));
        }
        close(message, around, inside, blocks);
        return new Body(blocks, attachments(view), truncated, html(view).map(Part::path).orElse(null));
    }

    /// An HTML part, made safe to show in a page of ours: no scripts, no forms, nothing loaded from anywhere. For anonymous readers addresses
    /// are hidden.
    ///
    /// @param path from [Body#html] or an attachment
    /// @return empty where there is no such part or it is no HTML
    public static Optional<String> html(byte[] message, String path, Reader reader) {
        var view = MimeView.of(message);
        return view.part(path).filter(BodyReader::isHtml).map(part -> {
            var safe = SAFE.sanitize(cut(view.text(part), MAX_HTML));
            return reader.anonymous() ? withHiddenAddresses(safe) : safe;
        });
    }

    /// A part as a file; of an enclosed message, the message.
    ///
    /// @param path from an attachment
    public static Optional<Download> download(byte[] message, String path) {
        var view = MimeView.of(message);
        return view.part(path).filter(part -> !part.isMultipart())
                .map(part -> new Download(fileName(part), harmless(part), view.content(part)));
    }

    /// All that is read as text, one part behind the other; HTML as its text.
    ///
    /// @return at most [#MAX_TEXT] characters
    public static String plain(byte[] message) {
        var view = MimeView.of(message);
        var text = new StringBuilder();
        for (var part : view.readable()) {
            if (text.length() < MAX_TEXT) {
                text.append(text(view, part)).append('\n');
            }
        }
        return cut(text.toString(), MAX_TEXT);
    }

    private static @Nullable String path(@Nullable Part part) {
        return part == null ? null : part.path();
    }

    static String text(MimeView view, Part part) {
        return isHtml(part) ? HtmlText.of(cut(view.text(part), MAX_HTML)) : view.text(part);
    }

    private static boolean isHtml(Part part) {
        return part.mediaType().equals("text/html") || part.mediaType().equals("application/xhtml+xml");
    }

    private static Optional<Part> html(MimeView view) {
        return view.parts().stream().filter(part -> isHtml(part) && !part.isAttachment()).findFirst();
    }

    /// By path of a part, the message inside this message that it belongs to, the innermost one.
    private static Map<String, Part> enclosing(Part root) {
        var enclosing = new HashMap<String, Part>();
        enclose(root, null, enclosing);
        return enclosing;
    }

    private static void enclose(Part part, @Nullable Part message, Map<String, Part> enclosing) {
        if (message != null) {
            enclosing.put(part.path(), message);
        }
        for (var child : part.children()) {
            enclose(child, part.isMultipart() ? message : child, enclosing);
        }
    }

    private static void close(byte[] message, @Nullable Part around, List<Block> inside, List<Block> blocks) {
        if (around != null) {
            var header = HeaderSection.parse(Arrays.copyOfRange(message, around.start(), around.bodyOffset()));
            var author = Author.of(header);
            var from = author.address().isEmpty() ? author.name() : (author.name() + " <" + author.address() + ">").strip();
            blocks.add(new Enclosed(from, decoded(header, "Subject"), decoded(header, "Date"), inside));
            inside.clear();
        }
    }

    private static String decoded(HeaderSection header, String name) {
        return header.first(name).map(field -> field.decoded().strip()).orElse("");
    }

    private static List<Attachment> attachments(MimeView view) {
        var read = new ArrayList<String>();
        view.readable().stream().filter(part -> !isHtml(part)).forEach(part -> read.add(part.path()));
        var texts = Set.copyOf(read);
        return view.parts().stream()
                .filter(part -> !part.isMultipart() && (part.children().isEmpty() || part.isAttachment()) && !texts.contains(part.path()))
                .map(part -> new Attachment(part.path(), part.mediaType(), fileName(part), part.sizeOctets()))
                .toList();
    }

    private static String harmless(Part part) {
        if (HARMLESS.contains(part.mediaType())) {
            return part.mediaType();
        }
        return part.mediaType().equals("text/plain") ? "text/plain; charset=" + charset(part.charset()) : "application/octet-stream";
    }

    /// A name this Java knows, so nothing can hide in it.
    private static String charset(String declared) {
        try {
            return !declared.isEmpty() && Charset.isSupported(declared) ? Charset.forName(declared).name() : "utf-8";
        } catch (IllegalCharsetNameException e) {
            return "utf-8";
        }
    }

    private static String fileName(Part part) {
        var name = UNWANTED_IN_NAMES.matcher(part.fileName()).replaceAll("_").strip();
        while (name.startsWith(".")) {
            name = name.substring(1).strip();
        }
        if (name.isEmpty()) {
            return "part-" + part.path() + "." + extension(part.mediaType());
        }
        if (name.length() <= MAX_FILE_NAME) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        var extension = dot > name.length() - 12 ? name.substring(dot) : "";
        return cut(name, MAX_FILE_NAME - extension.length()) + extension;
    }

    private static String extension(String mediaType) {
        return switch (mediaType) {
            case "text/plain" -> "txt";
            case "text/html" -> "html";
            case "message/rfc822" -> "eml";
            case "image/png" -> "png";
            case "image/jpeg" -> "jpg";
            case "image/gif" -> "gif";
            case "application/pdf" -> "pdf";
            case "application/pgp-signature" -> "asc";
            case "text/calendar" -> "ics";
            default -> "bin";
        };
    }

    /// Sanitised HTML stays so: only its texts change, and links to mailboxes become text.
    private static String withHiddenAddresses(String safe) {
        var document = Jsoup.parseBodyFragment(safe);
        document.outputSettings().prettyPrint(false);
        document.select("a[href~=(?i)^\\s*mailto:]").forEach(link -> link.unwrap());
        document.body().traverse((node, depth) -> {
            if (node instanceof TextNode text) {
                text.text(AddressHiding.hide(text.getWholeText()));
            }
        });
        return document.body().html();
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
