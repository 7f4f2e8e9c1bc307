package org.listserv.web;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Cursor;
import org.listserv.archive.SearchIndex;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.web.page.Pages;

/// The boundary of the web part: what our machinery threw becomes an answer without a stack trace, and is logged once.
final class Failures implements HandlerExceptionResolver {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

    private final Pages pages;
    private final List<HttpMessageConverter<?>> converters;
    private final ClientAddress clients;

    Failures(Pages pages, List<HttpMessageConverter<?>> converters, ClientAddress clients) {
        this.pages = pages;
        this.converters = List.copyOf(converters);
        this.clients = clients;
    }

    @Override
    public @Nullable ModelAndView resolveException(HttpServletRequest request, HttpServletResponse response, @Nullable Object handler,
            Exception e) {
        if (response.isCommitted() || e instanceof IOException) {
            log.debug("{}: reader went away or answer cut off: {}", request.getRequestURI(), e.toString());
            return response.isCommitted() ? null : new ModelAndView();
        }
        try {
            answer(request, e).writeTo(request, response, () -> converters);
        } catch (ServletException | IOException failed) {
            log.debug("{}: {}", request.getRequestURI(), failed.toString());
        }
        return new ModelAndView();
    }

    private ServerResponse answer(HttpServletRequest request, Exception e) {
        return switch (e) {
            case DatabaseUnavailable _ -> {
                log.warn("{} for {}: {}", request.getRequestURI(), clients.of(request), e.toString());
                yield pages.databaseAway(RETRY_AFTER);
            }
            case SearchIndex.Busy _ -> pages.searchBusy(RETRY_AFTER);
            case Cursor.BadCursor bad -> pages.bad(String.valueOf(bad.getMessage()));
            case InvalidParameterException _ -> pages.bad("The query of this address cannot be read: it must be UTF-8, percent-encoded,"
                    + " with no more than " + WebWiring.MOST_PARAMETERS + " parameters.");
            default -> {
                var incident = UUID.randomUUID().toString().substring(0, 8);
                log.error("{}: {} for {}", incident, request.getRequestURI(), clients.of(request), e);
                yield pages.broken(incident);
            }
        };
    }
}
