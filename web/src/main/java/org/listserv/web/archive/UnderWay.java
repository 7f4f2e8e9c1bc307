package org.listserv.web.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.web.page.Pages;

/// The files that are being sent. Each has some megabytes in memory for as long as its reader likes, so there are only so many.
final class UnderWay {
    private static final int AT_ONCE = 32;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    private final Pages pages;
    private final AtomicInteger files = new AtomicInteger();

    UnderWay(Pages pages) {
        this.pages = pages;
    }

    interface Octets {
        void writeTo(OutputStream out) throws IOException;
    }

    /// 503 while there are enough, about.
    ServerResponse send(ServerResponse.BodyBuilder answer, Octets octets) {
        return files.get() >= AT_ONCE
                ? pages.downloadsBusy(RETRY_AFTER)
                : answer.build((asked, response) -> write(asked, response, octets));
    }

    private @Nullable ModelAndView write(HttpServletRequest asked,
            HttpServletResponse response, Octets octets) throws IOException {
        if (!asked.getMethod().equals("HEAD")) {
            files.incrementAndGet();
            try {
                octets.writeTo(response.getOutputStream());
            } finally {
                files.decrementAndGet();
            }
        }
        return null;
    }
}
