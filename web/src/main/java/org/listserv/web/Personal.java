package org.listserv.web;

import java.io.IOException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.util.MultiValueMap;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.ServerResponse;

/// An answer to somebody we know: caches that several people share may not keep it (RFC 9111 §5.2.2.7), whatever kind of answer it is. Without
/// a word about caching even a redirect may be kept (RFC 9111 §4.2.2), and its target is the name of a message.
record Personal(ServerResponse answer) implements ServerResponse {
    private static final String PRIVATE = "private, no-cache";

    @Override
    public HttpStatusCode statusCode() {
        return answer.statusCode();
    }

    @Override
    public HttpHeaders headers() {
        return answer.headers();
    }

    @Override
    public MultiValueMap<String, Cookie> cookies() {
        return answer.cookies();
    }

    @Override
    public @Nullable ModelAndView writeTo(HttpServletRequest request, HttpServletResponse response, Context context)
            throws ServletException, IOException {
        response.setHeader(HttpHeaders.CACHE_CONTROL, PRIVATE);
        return answer.writeTo(request, new PrivateResponse(response), context);
    }

    private static final class PrivateResponse extends HttpServletResponseWrapper {
        PrivateResponse(HttpServletResponse response) {
            super(response);
        }

        @Override
        public void addHeader(String name, String value) {
            if (name.equalsIgnoreCase(HttpHeaders.CACHE_CONTROL)) {
                setHeader(name, value);
            } else {
                super.addHeader(name, value);
            }
        }

        @Override
        public void setHeader(String name, String value) {
            boolean loosens = name.equalsIgnoreCase(HttpHeaders.CACHE_CONTROL) && !value.contains("no-store");
            super.setHeader(name, loosens ? PRIVATE : value);
        }
    }
}
