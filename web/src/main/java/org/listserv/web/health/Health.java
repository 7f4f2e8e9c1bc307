package org.listserv.web.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.web.page.Pages;

/// `/health/live`, `/health/ready`, `/health/pages` and `/metrics`.
public final class Health {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Pages pages;
    private final List<HealthCheck> checks;
    private final HealthCheck readable;
    private final PrometheusMeterRegistry metrics;

    /// @param checks   what must be well to take mail
    /// @param readable what must be well to serve pages
    public Health(Pages pages, List<HealthCheck> checks, HealthCheck readable, PrometheusMeterRegistry metrics) {
        this.pages = pages;
        this.checks = List.copyOf(checks);
        this.readable = readable;
        this.metrics = metrics;
    }

    /// Whoever can answer is alive: a node without a database must not be restarted for it.
    public ServerResponse live() {
        return pages.text(HttpStatus.OK, "live\n");
    }

    public ServerResponse ready() {
        return ready(checks);
    }

    /// While there is no primary a node takes no mail, and goes on serving pages from a standby.
    public ServerResponse pages() {
        return ready(List.of(readable));
    }

    private ServerResponse ready(List<HealthCheck> all) {
        var problems = problems(all);
        return problems.isEmpty()
                ? pages.text(HttpStatus.OK, "ready\n")
                : pages.text(HttpStatus.SERVICE_UNAVAILABLE, String.join("\n", problems) + "\n");
    }

    /// Each check on a thread of its own, so that one that hangs is named and hides no other.
    private List<String> problems(List<HealthCheck> checks) {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            var answers = checks.stream().map(check -> threads.submit(check.probe()::problem)).toList();
            long end = System.nanoTime() + PATIENCE.toNanos();
            var problems = new ArrayList<String>();
            for (int i = 0; i < checks.size(); i++) {
                var name = checks.get(i).name();
                answer(answers.get(i), end - System.nanoTime()).ifPresent(problem -> problems.add(name + ": " + problem));
            }
            return problems;
        } finally {
            threads.shutdownNow(); // and no close(), which would wait for the one that hangs
        }
    }

    private static Optional<String> answer(Future<Optional<String>> answer, long nanos) {
        try {
            return answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Optional.of("no answer within " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException e) {
            return Optional.of("the check itself failed: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    public ServerResponse metrics() {
        return ServerResponse.ok().contentType(MediaType.parseMediaType("text/plain; version=0.0.4; charset=utf-8")).body(metrics.scrape());
    }
}
