package org.listserv.web.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.listserv.archive.Body;

/// What all pages of this site have in common: its name, where it is, and the files that never change under their name.
public final class Site {

    /// One file of ours, served under a name that holds its hash.
    record File(String contentType, byte[] octets) {}

    private final String name;
    private final String base;
    private final Map<String, File> files = new LinkedHashMap<>();
    private final String style;
    private final String icon;
    private final String script;
    private final String shape;

    public Site(URI baseUrl) {
        var host = baseUrl.getHost();
        this.name = host.equals("localhost") || host.matches("[\\[0-9].*") ? "Mailing lists" : host;
        this.base = baseUrl.toString().replaceFirst("/$", "");
        this.style = add("style", "css", "text/css; charset=utf-8");
        this.icon = add("icon", "svg", "image/svg+xml");
        this.script = add("script", "js", "text/javascript; charset=utf-8");
        this.shape = style + script + program(Site.class) + program(Body.class);
    }

    private String add(String file, String extension, String contentType) {
        var octets = read("/org/listserv/web/page/" + file + "." + extension);
        var published = file + "-" + hash(octets).substring(0, 12) + "." + extension;
        files.put(published, new File(contentType, octets));
        return new Place.Asset(published).path();
    }

    /// What the jar of a class is made of. A reader who asks with the tag of another version gets a page again although the post has not
    /// changed. Classes that come from a folder belong to somebody who is programming, and whose browser can be told to forget.
    private static String program(Class<?> part) {
        var source = part.getProtectionDomain().getCodeSource();
        try {
            var jar = source == null ? Path.of("") : Path.of(source.getLocation().toURI());
            return Files.isRegularFile(jar) ? hash(Files.readAllBytes(jar)) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            return "";
        }
    }

    private static byte[] read(String resource) {
        try (var in = Site.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from the program");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    Optional<File> file(String published) {
        return Optional.ofNullable(files.get(published));
    }

    public String name() {
        return name;
    }

    /// Without a slash at the end; a path of a [Place] follows.
    public String base() {
        return base;
    }

    public String url(Place place) {
        return base + place.path();
    }

    public String style() {
        return style;
    }

    public String icon() {
        return icon;
    }

    public String script() {
        return script;
    }

    /// A strong entity tag (RFC 9110 §8.8.3) over what a page shows and how this version of the program shows it.
    ///
    /// @param parts what decides the octets of the page
    public String entityTag(Object... parts) {
        var all = new StringBuilder(shape);
        for (var part : parts) {
            all.append('\n').append(part instanceof byte[] octets ? HexFormat.of().formatHex(octets) : part);
        }
        return "\"" + hash(all.toString().getBytes(StandardCharsets.UTF_8)) + "\"";
    }

    private static String hash(byte[] octets) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(octets);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 18));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }
}
