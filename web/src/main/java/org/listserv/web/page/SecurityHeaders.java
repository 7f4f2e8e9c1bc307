package org.listserv.web.page;

import java.io.IOException;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

/// What every answer tells the browser: run nothing but our one script, load nothing from elsewhere, guess no types, tell nobody where the reader
/// came from. A page that needs another policy (a message's own HTML) sets the header again.
public final class SecurityHeaders implements Filter {
    public static final String POLICY = "Content-Security-Policy";

    /// For what strangers wrote: as above, and an origin of its own.
    public static final String SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
            + "base-uri 'none'; form-action 'none'";

    private static final String OURS = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException, ServletException {
        if (response instanceof HttpServletResponse http) {
            http.setHeader(POLICY, OURS);
            http.setHeader("X-Content-Type-Options", "nosniff");
            http.setHeader("Referrer-Policy", "same-origin");
            http.setHeader("Cross-Origin-Opener-Policy", "same-origin");
            http.setHeader("Cross-Origin-Resource-Policy", "same-origin");
            http.setHeader("X-Frame-Options", "DENY");
            http.setHeader("Permissions-Policy", "browsing-topics=()");
            chain.doFilter(request, new OnePolicy(http));
        } else {
            chain.doFilter(request, response);
        }
    }

    /// Two policies would both hold; the one a page adds is meant to take the place of ours.
    private static final class OnePolicy extends HttpServletResponseWrapper {
        OnePolicy(HttpServletResponse response) {
            super(response);
        }

        @Override
        public void addHeader(String name, String value) {
            if (name.equalsIgnoreCase(POLICY)) {
                setHeader(name, value);
            } else {
                super.addHeader(name, value);
            }
        }
    }
}
