package org.listserv.web;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;

/// How the web part of a node is reached.
///
/// @param listen address and port; port 0 takes any free one
/// @param baseUrl how readers reach this site, in links that leave it; without a path
/// @param trustedProxies networks (`10.0.0.0/8`, `::1`) whose `X-Forwarded-For` is believed
/// @param searches       that one client may make in a minute; 0: any number
/// @param downloads      mbox files and messages as received, likewise
public record WebSettings(InetSocketAddress listen, URI baseUrl, List<String> trustedProxies, int searches, int downloads) {
    private static final int USUAL = 120;

    /// With the usual limits.
    public WebSettings(InetSocketAddress listen, URI baseUrl, List<String> trustedProxies) {
        this(listen, baseUrl, trustedProxies, USUAL, USUAL);
    }

    public WebSettings {
        trustedProxies = List.copyOf(trustedProxies);
        if (baseUrl.getHost() == null || baseUrl.getScheme() == null || !baseUrl.getScheme().matches("https?")) {
            throw new IllegalArgumentException("base-url: " + baseUrl + " is no http or https address with a host");
        }
        if (baseUrl.getRawPath() != null && !baseUrl.getRawPath().matches("/?") || baseUrl.getRawQuery() != null) {
            throw new IllegalArgumentException("base-url: " + baseUrl + " has a path; the archive's addresses start at the root of a host");
        }
    }
}
