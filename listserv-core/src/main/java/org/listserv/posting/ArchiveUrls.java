package org.listserv.posting;

import java.net.URI;
import java.nio.charset.StandardCharsets;

import org.listserv.mail.EmailAddress;

/// Where lists and posts stand on the web (CONTRACT, Web). The same forms go into mail and into pages.
public final class ArchiveUrls {
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@";

    private ArchiveUrls() {}

    public static String list(URI baseUrl, EmailAddress list) {
        return base(baseUrl) + "/" + segment(list.toString()) + "/";
    }

    /// @param messageId without angle brackets
    public static String message(URI baseUrl, EmailAddress list, String messageId) {
        return list(baseUrl, list) + segment(messageId) + "/";
    }

    /// One path segment (RFC 3986 §3.3): all octets that are not plain there are percent-encoded, `/` too.
    public static String segment(String text) {
        var segment = new StringBuilder(text.length() + 16);
        for (var octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > 0 && PLAIN.indexOf(octet) >= 0) {
                segment.append((char) octet);
            } else {
                segment.append('%').append("%02X".formatted(octet & 0xff));
            }
        }
        return segment.toString();
    }

    private static String base(URI baseUrl) {
        var text = baseUrl.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
